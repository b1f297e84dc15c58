package helpdesktest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
)

var _ helpdesk.Merger = (*Fake)(nil)

// PreviewMerge implements helpdesk.Merger. Tickets are those that SetOpenTickets told of.
func (f *Fake) PreviewMerge(ctx context.Context, loser, winner string) (helpdesk.MergeEffect, error) {
	if err := f.ask(ctx, Request{Op: "preview merge", Keys: []string{loser, winner}}); err != nil {
		return helpdesk.MergeEffect{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	from, to := f.objects[helpdesk.Organization][loser], f.objects[helpdesk.Organization][winner]
	if from == nil || to == nil {
		return helpdesk.MergeEffect{}, fault.New("fake.preview", fault.NotFound, fmt.Errorf("organization %s or %s is not there", loser, winner))
	}
	e := helpdesk.MergeEffect{Tickets: f.tickets[loser], Open: f.tickets[loser], Domains: newDomains(from, to)}
	for _, m := range f.membersOf(loser) {
		e.Users++
		if twin := f.memberOf(m.owner, winner); m.isManager() && (twin == nil || !twin.isManager()) {
			e.Managers++
		}
	}
	return e, nil
}

// newDomains are the domains of one organization that another has not.
func newDomains(from, to *held) []string {
	return slices.DeleteFunc(from.Fields.Family(helpdesk.DomPrefix), func(d string) bool {
		v, _ := to.Fields.Get(helpdesk.DomPrefix + d)
		return v.True()
	})
}

// merge makes one merge. What it moves is not left out of incremental listings.
func (f *Fake) merge(c helpdesk.Change) (string, error) {
	from, to := f.byKey(helpdesk.Organization, c.Ref.Key), f.byKey(helpdesk.Organization, c.Into)
	switch {
	case c.Into == c.Ref.Key:
		return "", refuse(fault.Invalid, c.Ref, errors.New("an organization is not merged into itself"))
	case from == nil:
		return c.IntoID, nil
	case to == nil:
		return "", refuse(fault.NotFound, c.Ref, fmt.Errorf("%s, which was to take it in, is not there", c.Into))
	case c.TargetID != "" && c.TargetID != from.ID, c.IntoID != "" && c.IntoID != to.ID:
		return "", refuse(fault.Raced, c.Ref, fmt.Errorf("they are number %s and %s now, not %s and %s", from.ID, to.ID, c.TargetID, c.IntoID))
	}
	for _, m := range f.membersOf(from.ID) {
		f.moveMember(m, to)
	}
	for _, d := range newDomains(from, to) {
		to.set(helpdesk.DomPrefix+d, helpdesk.BoolOf(true))
	}
	f.touch(to)
	f.tickets[to.ID] += f.tickets[from.ID]
	delete(f.tickets, from.ID)
	f.drop(helpdesk.Organization, from.ID)
	return to.ID, nil
}

// moveMember gives a membership to another organization; one whose user is there
// already goes, and leaves the default to that one.
func (f *Fake) moveMember(m *held, to *held) {
	twin := f.memberOf(m.owner, to.ID)
	if twin == nil {
		old := m.Ref
		_, contact := helpdesk.SplitMember(m.Ref.Key)
		m.Ref.Key, m.group = helpdesk.MemberKey(to.Ref.Key, contact), to.ID
		f.index(m, old)
		f.touch(m)
		return
	}
	if m.isDefault() {
		m.set(helpdesk.Default, helpdesk.BoolOf(false))
		twin.set(helpdesk.Default, helpdesk.BoolOf(true))
		f.touch(twin)
	}
	f.drop(helpdesk.Membership, m.ID)
}

func (f *Fake) membersOf(organization string) []*held {
	return slices.DeleteFunc(f.sorted(helpdesk.Membership), func(m *held) bool { return m.group != organization })
}

func (f *Fake) memberOf(user, organization string) *held {
	for _, m := range f.membersOf(organization) {
		if m.owner == user {
			return m
		}
	}
	return nil
}

func (h *held) isManager() bool {
	v, _ := h.Fields.Get(helpdesk.Manager)
	return v.True()
}
