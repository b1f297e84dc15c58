package reconcile

import (
	"cmp"
	"context"
	"slices"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/domains"
	"github.com/desksync/desksync/internal/fold"
	"github.com/desksync/desksync/sync/journal"
)

// claimant is an organization that claims a contested domain.
type claimant struct {
	account string
	id      string // of the target; empty: not created yet
	name    string // of its organization
	wanted  string // by the CRM; empty: another pipeline's
}

// claim is what a tie is decided by: the name is what the organization is to have, as far
// as this pipeline knows.
func (c claimant) claim() domains.Claim {
	return domains.Claim{ID: c.id, Name: cmp.Or(c.wanted, c.name), Key: c.account}
}

// settleTies finds who keeps each contested domain where the pipeline's tie rule
// lets one keep it: the organization with the lowest id, or the first by name.
func (p *pass) settleTies(ctx context.Context) error {
	p.tie = map[string]string{}
	if p.Tie == "" || p.Tie == domains.Nobody {
		return nil
	}
	for key, c := range p.contests {
		if key.kind != journal.ClaimDomain || hasStranger(c) {
			continue
		}
		list, err := p.claimants(ctx, c)
		if err != nil {
			return err
		}
		if winner, ok := domains.Winner(p.Tie, p.living(list), claimant.claim); ok {
			p.tie[key.value] = winner.account
		}
	}
	return nil
}

// living leaves out the claimants whose organizations are retired, unless all are: nobody
// keeps a domain from one who is there.
func (p *pass) living(list []claimant) []claimant {
	out := slices.DeleteFunc(slices.Clone(list), func(c claimant) bool { return p.display[c.account].retired })
	if len(out) == 0 {
		return list
	}
	return out
}

// settleNames finds who keeps a contested name as it is, where suffixes tell the others
// apart, and which names that were given to one account another organization still goes
// by: they are not free until it is called otherwise.
func (p *pass) settleNames(ctx context.Context) error {
	p.taken, p.keeps = map[string]string{}, map[string]string{}
	for key, c := range p.contests {
		winner, decided := p.assigned[contestField(key.kind, key.value)]
		suffix := p.OnNameClash == SuffixNames && mayTellApart(c)
		if key.kind != journal.ClaimName || !decided && !suffix {
			continue
		}
		list, err := p.claimants(ctx, c)
		if err != nil {
			return err
		}
		if !decided {
			p.keeps[key.value] = keeper(list, key.value)
			continue
		}
		for _, x := range list {
			if suffix && slices.Contains(p.ours(c), x.account) {
				continue // it gets a suffix in this run
			}
			if x.account != winner && x.id != "" && fold.Name(x.name) == key.value {
				p.taken[key.value] = "organization " + x.id + " (" + x.account + ") goes by it in " + p.TargetName + ": rename it there, or its account in the CRM"
			}
		}
	}
	return nil
}

func hasStranger(c *journal.Contest) bool {
	return slices.ContainsFunc(c.Holders, journal.Holder.Stranger)
}

func (p *pass) claimants(ctx context.Context, c *journal.Contest) ([]claimant, error) {
	var accounts []string
	for _, h := range c.Holders {
		accounts = append(accounts, h.Account)
	}
	slices.Sort(accounts)
	accounts = slices.Compact(accounts)
	objects, err := p.journal.ObjectsOf(ctx, p.TargetName, accounts, nil)
	if err != nil {
		return nil, err
	}
	out := make([]claimant, len(accounts))
	for i, a := range accounts {
		out[i] = claimant{account: a, wanted: p.display[a].crm}
		if o := objects.Organization(a); o.There() {
			name, _ := o.Have.Get(helpdesk.Name)
			out[i].id, out[i].name = o.TargetID, name.Text()
		}
	}
	return out, nil
}
