package reconcile

import (
	"context"
	"fmt"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sync/journal"
)

// Subject is everything the journal has recorded of one account: what was read,
// what was last written and held, and what waits for a person.
type Subject struct {
	Account  string
	Staged   *mapping.Group // nil: the CRM never showed the account
	Lost     bool           // missing from the last complete read
	Deleted  bool           // lost, because the CRM deleted it
	ReadRuns map[string]int64
	Org      *journal.Object // nil: there is no organization
	Members  []journal.Object
	Items    []journal.Item

	rules *mapping.Mapper // with the rates of the last run
}

// Subject reads what is recorded of an account. It asks neither the source nor the
// target.
func (r *Reconciler) Subject(ctx context.Context, account string) (*Subject, error) {
	p, err := r.look(ctx)
	if err != nil {
		return nil, err
	}
	s := &Subject{Account: account, ReadRuns: map[string]int64{}, rules: p.Mapper}
	if err := p.staged(ctx, s); err != nil {
		return nil, err
	}
	objects, err := r.journal.ObjectsOf(ctx, r.TargetName, []string{account}, nil)
	if err != nil {
		return nil, err
	}
	s.Org, s.Members = objects.Organization(account), objects.MembersOf(account)
	s.Items, err = r.journal.Items(ctx, journal.ItemFilter{Pipeline: p.pipe.ID, Accounts: []string{account}}, journal.MaxPage)
	return s, err
}

func (p *pass) staged(ctx context.Context, s *Subject) error {
	groups, err := p.journal.Groups(ctx, p.pipe.ID, []string{s.Account})
	if err != nil || len(groups) == 0 || groups[0].Account == nil {
		return err
	}
	if err := p.loadKin(ctx, groups); err != nil {
		return err
	}
	g := &groups[0]
	s.Lost, s.Deleted = g.Lost, g.Deleted
	for _, rows := range [][]journal.Row{{*g.Account}, g.Contacts, g.Subscriptions, g.Relations, g.Team} {
		for i := range rows {
			s.ReadRuns[rows[i].ID] = rows[i].ReadRun
		}
	}
	group, err := p.groupOf(g)
	if err != nil {
		return &fault.Error{Op: "reconcile.subject", Kind: fault.Invalid, Ref: s.Account, Err: fmt.Errorf("%w; run desksync diff once, so that it is read under the present ones", err)}
	}
	s.Staged = &group
	return nil
}

// Holds returns what the helpdesk held of a field when it was last looked at.
func (s *Subject) Holds(field string) (helpdesk.Value, bool) {
	if !s.Org.There() {
		return helpdesk.Value{}, false
	}
	v, _ := s.Org.Have.Get(field)
	return v, true
}
