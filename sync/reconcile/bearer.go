package reconcile

import (
	"context"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fold"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// CodeInUse is the item about a name that is not written because another organization goes
// by it, and keeps it for now.
const CodeInUse = changeset.HoldInUse

// borneBy is the folded name that an organization goes by.
func borneBy(o *journal.Object) string {
	name, _ := o.Have.Get(helpdesk.Name)
	return fold.Name(name.Text())
}

// bearer is an account in a queue for names: what its organization goes by, and what this
// run makes of that.
type bearer struct {
	org  *journal.Object
	row  *journal.ChangeRow // the change of its organization that goes out; nil: there is none
	in   instruction
	held string // why its new name waits; empty: it does not
}

// takes is the folded name that the account's organization gets in this run.
func (b *bearer) takes() string {
	if b.row == nil || b.held != "" {
		return ""
	}
	for d := range b.in.Writes() {
		if d.Field == helpdesk.Name {
			return fold.Name(d.Want.Text())
		}
	}
	return ""
}

// keeps reports whether the account's organization goes by a name when the run is over.
func (b *bearer) keeps(name string) bool {
	if b.row != nil && (b.in.Op == helpdesk.Delete || b.in.Op == helpdesk.Merge) {
		return false
	}
	next := b.takes()
	return b.org.There() && borneBy(b.org) == name && (next == "" || next == name)
}

// keepNames holds the names that are not free: another organization goes by one, and its own
// new name waits for a guard, a policy or a decision. What waits for one that waits does so
// too. It comes when all else is decided.
func (p *pass) keepNames(ctx context.Context) error {
	if !p.caps.UniqueNames || p.rep.Summary.Writes() == 0 {
		return nil
	}
	bear, want, err := p.journal.Bearers(ctx, p.TargetName)
	if err != nil || len(bear) == 0 {
		return err
	}
	line, err := p.inLine(ctx, bear, want)
	if err != nil {
		return err
	}
	for settled := false; !settled; {
		settled = true
		for name, holders := range want {
			for _, h := range holders {
				if by := line.keeper(name, h.Account, bear[name]); by != nil && line[h.Account].takes() == name {
					line[h.Account].held, settled = p.inUse(by), false
				}
			}
		}
	}
	for _, account := range sortedUnique(line.waiting()) {
		if err := p.wait(ctx, line[account]); err != nil {
			return err
		}
	}
	return nil
}

// line is who waits for names, and who goes by them, by account.
type line map[string]*bearer

// keeper is who keeps a name that an account wants; nil: nobody.
func (l line) keeper(name, account string, by []journal.Holder) *bearer {
	for _, h := range by {
		if h.Account != account && l[h.Account].keeps(name) {
			return l[h.Account]
		}
	}
	return nil
}

func (l line) waiting() (out []string) {
	for account, b := range l {
		if b.held != "" {
			out = append(out, account)
		}
	}
	return out
}

// inLine loads the organizations of accounts and what this run makes of them.
func (p *pass) inLine(ctx context.Context, sides ...map[string][]journal.Holder) (line, error) {
	var accounts []string
	for _, side := range sides {
		for _, holders := range side {
			for _, h := range holders {
				accounts = append(accounts, h.Account)
			}
		}
	}
	accounts = sortedUnique(accounts)
	objects, err := p.journal.OrganizationsOf(ctx, p.TargetName, accounts)
	if err != nil {
		return nil, err
	}
	out := line{}
	for _, account := range accounts {
		if out[account], err = p.bearerOf(ctx, account, objects.Organization(account)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (p *pass) bearerOf(ctx context.Context, account string, org *journal.Object) (*bearer, error) {
	b, open := &bearer{org: org}, false
	rows, err := p.journal.Changes(ctx, p.run.ID, journal.ChangeFilter{Held: &open, Account: account, Kind: helpdesk.Organization}, journal.Pos{}, journal.MaxPage)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		in, err := unpackInstruction(string(rows[i].Body))
		if err != nil {
			return nil, err
		}
		if in.writes() {
			b.row, b.in = &rows[i], in
		}
	}
	return b, nil
}
