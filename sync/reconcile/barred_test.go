package reconcile_test

import (
	"strings"
	"testing"

	"github.com/desksync/desksync/sync/journal"
)

// TestANameThatTheHelpdeskTakesFromNobodyIsFoundBeforeItIsSent: nothing of it is sent, a
// run is not spoiled by it, and what else moved is written.
func TestANameThatTheHelpdeskTakesFromNobodyIsFoundBeforeItIsSent(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ name, says string }{
		"a bar":     {"Acme | Labs", "has a | in it"},
		"very long": {strings.Repeat("Acme ", 60), "the field holds 255"},
	}
	for what, tt := range tests {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			alone(t, func(w *world) {
				w.crm.put(account{id: "C1", name: tt.name, owner: "Kim", charges: "Gold"})
				rep := w.run()
				if rep.Failed != 0 || rep.State != journal.Applied {
					t.Errorf("the run ends as %s with %d failed, want it applied", rep.State, rep.Failed)
				}
				w.says(tt.says, "no organization is created")
				w.crm.put(account{id: "A1", name: tt.name, owner: "New", domains: "acme.example", charges: "Gold"})
				w.writes("update organization/A1 field:account_owner=New")
				w.holds("A1", "name", "Acme")
				w.says(tt.says, "keeps its name")
				w.crm.put(account{id: "C1", name: "Acme Labs", owner: "Kim", charges: "Gold"})
				w.run()
				w.holds("C1", "name", "Acme Labs")
			})
		})
	}
}

// says checks that a finding which is open says all of this.
func (w *world) says(words ...string) {
	w.Helper()
	list, err := w.journal.Items(w.Context(), journal.ItemFilter{Class: journal.ItemFinding}, journal.MaxPage)
	if err != nil {
		w.Fatal(err)
	}
	for i := range list {
		all := true
		for _, word := range words {
			all = all && strings.Contains(list[i].Text, word)
		}
		if all {
			return
		}
	}
	w.Errorf("no finding says %q: %v", words, list)
}
