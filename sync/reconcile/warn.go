package reconcile

import (
	"context"
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/journal"
)

// codeWarning is the finding about what the target asks someone to acknowledge.
const codeWarning = "to acknowledge"

// sealAll seals, and keeps what waits to be acknowledged.
func (p *pass) sealAll(ctx context.Context) error {
	if err := p.rewarn(ctx); err != nil {
		return err
	}
	return p.seal(ctx)
}

// warned asks the target what of the domains just written someone must acknowledge. A
// new organization is not asked about: nothing stood there that could be seen.
func (p *pass) warned(ctx context.Context, settled []journal.Settled, x *parcel) ([]journal.Item, error) {
	warner, ok := p.Target.(helpdesk.Warner)
	if !ok {
		return nil, nil
	}
	accounts := map[string]string{} // by target id
	for i := range settled {
		if in := &x.list[i]; settled[i].State == helpdesk.Applied && in.addsDomain() {
			accounts[in.TargetID] = in.Account
		}
	}
	return warnings(ctx, warner, accounts)
}

func (in *instruction) addsDomain() bool {
	if in.Op != helpdesk.Update || in.Ref.Kind != helpdesk.Organization {
		return false
	}
	for d := range in.Writes() {
		if strings.HasPrefix(d.Field, helpdesk.DomPrefix) && d.Want.True() {
			return true
		}
	}
	return false
}

// rewarn keeps open what still waits to be acknowledged, and closes the rest; sealing
// would close all of an account that was compared.
func (p *pass) rewarn(ctx context.Context) error {
	warner, ok := p.Target.(helpdesk.Warner)
	if !ok {
		return nil
	}
	open, err := p.openWarnings(ctx)
	if err != nil {
		return err
	}
	for chunk := range slices.Chunk(open, p.opt.Page) {
		if err := p.rewarnPage(ctx, warner, chunk); err != nil {
			return err
		}
	}
	return nil
}

func (p *pass) openWarnings(ctx context.Context) (open []journal.Item, err error) {
	filter := journal.ItemFilter{Pipeline: p.pipe.ID, Class: journal.ItemFinding, Code: codeWarning}
	for item, err := range p.journal.EachItem(ctx, filter) {
		if err != nil {
			return nil, err
		}
		open = append(open, item)
	}
	return open, nil
}

func (p *pass) rewarnPage(ctx context.Context, warner helpdesk.Warner, open []journal.Item) error {
	accounts := map[string]string{}
	for i := range open {
		accounts[open[i].Value] = open[i].Account
	}
	still, err := warnings(ctx, warner, accounts)
	if err != nil {
		return err
	}
	for i := range open {
		if slices.ContainsFunc(still, func(s journal.Item) bool { return s.Key == open[i].Key && s.Field == open[i].Field }) {
			continue
		}
		if err := p.journal.CloseItem(ctx, p.run, open[i].ID); err != nil {
			return err
		}
	}
	p.rep.Findings += len(still)
	return p.keepFindings(ctx, still)
}

// warnings are the findings about some organizations: their accounts by target id.
func warnings(ctx context.Context, warner helpdesk.Warner, accounts map[string]string) ([]journal.Item, error) {
	if len(accounts) == 0 {
		return nil, nil
	}
	ids := make([]string, 0, len(accounts))
	for id := range accounts {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	found, err := warner.Warnings(ctx, ids)
	if err != nil {
		return nil, err
	}
	var out []journal.Item
	for _, id := range ids {
		for _, w := range found[id] {
			out = append(out, journal.Item{
				Class: journal.ItemFinding, Code: codeWarning, Account: accounts[id], Kind: helpdesk.Organization, Key: accounts[id],
				Field: w.Field, Value: id, Text: w.Text,
			})
		}
	}
	return out, nil
}
