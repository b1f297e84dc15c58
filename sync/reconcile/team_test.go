package reconcile_test

import (
	"testing"

	"github.com/desksync/desksync/crm"
)

// joins puts somebody into the team of an account.
func (m *memory) joins(account, id, role, name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rows[crm.Team][id] = row{account, "", map[string]string{"Role": role, "User.Name": name}}
}

func (m *memory) leaves(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.rows[crm.Team], id)
}

// source identifies what an account is made of.
func (w *world) source(account string) string {
	w.Helper()
	groups, err := w.reconciler().Groups(w.Context(), []string{account})
	if err != nil || len(groups) != 1 {
		w.Fatalf("groups %v: %v", groups, err)
	}
	return groups[0].Source
}

func TestAMemberOfTheTeamWhoGoesTakesTheFieldAlong(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.rules.owner = `find(team, .Role == "CSM")?.User.Name`
		w.crm.joins("A1", "m1", "CSM", "Ann")
		w.crm.joins("A1", "m2", "TAM", "Bob")
		w.crm.joins("B1", "m3", "TAM", "Bob")
		w.run()
		before := w.source("A1")
		w.crm.joins("A1", "m1", "CSM", "Anne")
		if rep := w.writes("update organization/A1 field:account_owner=Anne"); rep.Dirty != 1 {
			w.Errorf("%d accounts are dirty, want the one whose team changed", rep.Dirty)
		}
		if w.source("A1") == before {
			w.Errorf("the account is made of another team, and looks as if the source had not moved")
		}
		w.crm.joins("A1", "m2", "CSM", "Bob")
		w.crm.leaves("m1")
		w.writes("update organization/A1 field:account_owner=Bob")
		w.crm.leaves("m2")
		w.writes("update organization/A1 field:account_owner=")
		w.quiet()
	})
}

func TestATeamThatNoRuleNamesIsNotRead(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.crm.joins("A1", "m1", "CSM", "Ann")
		rep := w.run()
		for _, r := range rep.Reads {
			if r.Role == crm.Team {
				w.Errorf("the team was read: %+v", r)
			}
		}
		w.crm.joins("A1", "m1", "CSM", "Anne")
		if rep := w.quiet(); rep.Dirty != 0 {
			w.Errorf("%d accounts are dirty", rep.Dirty)
		}
	})
}
