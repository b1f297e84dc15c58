package reconcile

import (
	"context"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/journal"
)

// called is what people call an account in a contest.
type called struct {
	account string
	crm     string // its name in the CRM, as it was last seen there
	desk    string // what its organization goes by in the helpdesk; empty: there is none
	retired bool   // it is not wanted any more, and its organization is marked or deleted for that
	gone    bool   // the CRM does not show it any more, and its organization still holds what it claims
}

// name is that of the CRM; an account without one is called by its id.
func (c called) name() string {
	if c.crm == "" {
		return c.account
	}
	return c.crm
}

// among is the name as it tells the account from others: with the id where it has to be
// there. Where the name itself is claimed, the one that the helpdesk knows says more.
func (c called) among(kind journal.ClaimKind, ambiguous bool) string {
	name := c.name()
	if kind == journal.ClaimName && c.desk != "" {
		name = c.desk
	}
	if (kind == journal.ClaimName || ambiguous) && name != c.account {
		name += " (" + c.account + ")"
	}
	if c.gone {
		name += ", which is gone from the CRM"
	}
	return name
}

// names is what people call an account.
func (s *sink) names(account string) called {
	if c, ok := s.display[account]; ok {
		return c
	}
	return called{account: account}
}

// nameDesk notes what the organizations of some accounts go by in the helpdesk.
func (p *pass) nameDesk(ctx context.Context, accounts []string) error {
	objects, err := p.journal.ObjectsOf(ctx, p.TargetName, accounts, nil)
	if err != nil {
		return err
	}
	for _, account := range accounts {
		if o := objects.Organization(account); o.There() {
			c := p.display[account]
			name, _ := o.Have.Get(helpdesk.Name)
			c.account, c.desk = account, name.Text()
			p.display[account] = c
		}
	}
	return nil
}
