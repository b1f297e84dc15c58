package reconcile

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// ActionAssign is the decision that gives a contested name, domain or e-mail to
// one account, or an account whose id several organizations carry to the one that its
// Value names; its Field is what contestField returns.
const ActionAssign = "assign"

// UntilDecided ends the text of a conflict.
const UntilDecided = "; nothing of it is written until you decide"

type claimKey struct {
	kind  journal.ClaimKind
	value string
}

// resolve finds what more than one account claims. Contests are exceptions and are
// kept in memory; the accounts in them are compared in this run.
func (p *pass) resolve(ctx context.Context) error {
	p.contests = map[claimKey]*journal.Contest{}
	open, err := p.journal.CountItems(ctx, p.pipe.ID)
	if err != nil {
		return err
	}
	unsettled, err := p.unsettled(ctx)
	if err != nil {
		return err
	}
	news := p.claims || unsettled || open[journal.ItemConflict] > 0
	if dirty, err := p.journal.DirtyCount(ctx, p.pipe.ID); err != nil || dirty == 0 && !news {
		return err
	}
	if p.assigned, err = p.assignments(ctx); err != nil {
		return err
	}
	accounts, err := p.gatherContests(ctx)
	if err != nil {
		return err
	}
	if err := p.nameAll(ctx, sortedUnique(accounts)); err != nil {
		return err
	}
	if err := errors.Join(p.settleTies(ctx), p.settleNames(ctx)); err != nil || !news {
		return err
	}
	return p.journal.MarkDirty(ctx, p.pipe.ID, accounts)
}

// gatherContests keeps the contests in memory, and returns the accounts of ours in them.
func (p *pass) gatherContests(ctx context.Context) (accounts []string, err error) {
	var page []journal.Contest
	keep := func() error {
		if err := p.leaveOwn(ctx, page); err != nil {
			return err
		}
		for _, c := range page {
			if c.Contested() {
				p.contests[claimKey{c.Kind, c.Value}] = &c
				accounts = append(accounts, p.ours(&c)...)
			}
		}
		page = page[:0]
		return nil
	}
	for c, err := range p.journal.Contests(ctx, p.TargetName) {
		if err != nil {
			return nil, err
		}
		if page = append(page, c); len(page) == p.opt.Page {
			if err := keep(); err != nil {
				return nil, err
			}
		}
	}
	return accounts, keep()
}

// unsettled reports whether an earlier run may have noted claims without acting on
// them: a diff, or one that was cut off or failed before it was sealed.
func (p *pass) unsettled(ctx context.Context) (bool, error) {
	before, err := p.journal.Runs(ctx, journal.RunFilter{Pipeline: p.pipe.ID, Before: p.run.ID}, 1)
	return len(before) == 0 || before[0].Sealed.IsZero() || before[0].Mode == journal.Adopt, err
}

// nameAll looks up what people call the accounts in contests.
func (p *pass) nameAll(ctx context.Context, accounts []string) error {
	p.display = map[string]called{}
	w := p.Mapper.NewWorker()
	for page := range slices.Chunk(accounts, p.opt.Page) {
		groups, err := p.journal.Groups(ctx, p.pipe.ID, page)
		if err != nil {
			return err
		}
		if err := p.loadKin(ctx, groups); err != nil {
			return err
		}
		for i := range groups {
			if groups[i].Account == nil {
				continue
			}
			if g, err := p.groupOf(&groups[i]); err == nil {
				c, _ := w.Claims(&g, p.day) // an account without a name is called by its id
				p.display[groups[i].ID] = called{account: groups[i].ID, crm: c.DisplayName, gone: p.gone(&groups[i]), retired: p.retires(&groups[i], c.Left)}
			}
		}
		if err := p.nameDesk(ctx, page); err != nil {
			return err
		}
	}
	return nil
}

func (p *pass) ours(c *journal.Contest) []string {
	var out []string
	for _, h := range c.Holders {
		if h.Pipeline == p.pipe.ID && !h.Stranger() {
			out = append(out, h.Account)
		}
	}
	return out
}

// assignments are what people gave to whom, by contestField: an account, or of one id the
// organization that Value names.
func (p *pass) assignments(ctx context.Context) (map[string]string, error) {
	out := map[string]string{}
	filter := journal.DecisionFilter{Pipeline: p.pipe.ID, Action: ActionAssign}
	for d, err := range p.journal.EachDecision(ctx, filter) {
		if err != nil {
			return nil, err
		}
		out[d.Field] = cmp.Or(d.Value.Text(), d.Account)
	}
	return out, nil
}

// contestField is how a contested value is named in decisions and items.
func contestField(kind journal.ClaimKind, value string) string {
	return map[journal.ClaimKind]string{
		journal.ClaimName: helpdesk.Name + ":", journal.ClaimDomain: helpdesk.DomPrefix, journal.ClaimEmail: helpdesk.Email + ":", journal.ClaimID: "id:",
	}[kind] + value
}

// lost reports whether a contested value is withheld from an account, and the
// conflict a person has to decide, if there is one.
func (p *pass) withheldFrom(account, contact string, kind journal.ClaimKind, value string) (*conflict, bool) {
	c := p.contests[claimKey{kind, value}]
	if c == nil || !contested(c, account) {
		return nil, false
	}
	if winner, decided := p.assigned[contestField(kind, value)]; decided {
		return nil, winner != account
	}
	if keeper := p.keeps[value]; keeper != "" && kind == journal.ClaimName {
		return nil, keeper != account
	}
	if kind == journal.ClaimDomain {
		if winner := p.tieWinner(c); winner != "" {
			return nil, winner != account
		}
	}
	return &conflict{contest: c, account: account, contact: contact}, true
}

// contested reports whether a contest is one for this account. An e-mail that only
// a user without CRM id has besides is a user to link, and no contest; a name that
// only an organization without CRM id has is one to link where names may match.
func contested(c *journal.Contest, account string) bool {
	others := 0
	for _, h := range c.Holders {
		if h.Stranger() && c.Kind == journal.ClaimEmail {
			continue
		}
		if h.Account != account || h.Stranger() {
			others++
		}
	}
	return others > 0
}

// tieWinner returns the account that keeps a domain under the pipeline's tie rule.
func (p *pass) tieWinner(c *journal.Contest) string {
	return p.tie[c.Value]
}

// conflict is a contest as one account sees it.
type conflict struct {
	contest *journal.Contest
	account string
	contact string
	taken   string // it was given to the account, and this is who still has it
}

var conflictCodes = map[journal.ClaimKind]string{
	journal.ClaimName: "name claimed twice", journal.ClaimDomain: "domain claimed twice", journal.ClaimEmail: "e-mail in two accounts",
}

func (c *conflict) item(names func(string) called) journal.Item {
	return journal.Item{
		Class: journal.ItemConflict, Code: conflictCodes[c.contest.Kind], Account: c.account, Kind: helpdesk.Organization, Key: c.account,
		Field: contestField(c.contest.Kind, c.contest.Value), Value: c.contest.Value, Text: c.text(names),
	}
}

func (c *conflict) text(names func(string) called) string {
	if c.taken != "" {
		return c.contest.Value + " was given to this account, and " + c.taken
	}
	value := c.contest.Value
	if name := names(c.account).crm; c.contest.Kind == journal.ClaimName && name != "" {
		value = name // as it is written, not as names are compared
	}
	return value + " is " + c.claimed(names) + UntilDecided
}

// claimed names who claims it; accounts of one name by their ids as well.
func (c *conflict) claimed(names func(string) called) string {
	alike := map[string]map[string]bool{}
	for _, h := range c.contest.Holders {
		name := names(h.Account).name()
		if alike[name] == nil {
			alike[name] = map[string]bool{}
		}
		alike[name][h.Account] = true
	}
	var who []string
	for _, h := range c.contest.Holders {
		if h.Stranger() {
			who = append(who, "the "+strangerKind(c.contest.Kind)+" "+h.TargetID+" without a CRM id")
			continue
		}
		x := names(h.Account)
		who = append(who, x.among(c.contest.Kind, len(alike[x.name()]) > 1))
	}
	return "claimed by " + strings.Join(slices.Compact(who), " and ")
}

func strangerKind(k journal.ClaimKind) string {
	if k == journal.ClaimEmail {
		return "user"
	}
	return "organization"
}

// hold is the reason on a withheld delta, beside which its value stands.
func (c *conflict) hold(names func(string) called) string {
	if c.taken != "" {
		return changeset.Hold(changeset.HoldConflict, "it was given to this account, and "+c.taken)
	}
	return changeset.Hold(changeset.HoldConflict, c.claimed(names)+": decide with `desksync conflicts`")
}
