package reconcile_test

import (
	"strings"
	"testing"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

// An organization that keeps its name, for whatever reason, keeps it from others: they are
// not sent only to be refused, and have it once it is free.
func TestANameThatIsKeptIsGivenToNobodyElse(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		keep, free func(w *world)
	}{
		"by a guard": {
			func(w *world) { w.pipe.Guards.Updates = changeset.Limit{Count: -1} },
			func(w *world) { w.pipe.Guards.Updates = changeset.Limit{} },
		},
		"by the scope": {
			func(w *world) { w.pipe.Scope.Only = map[string]bool{"C1": true} },
			func(w *world) { w.pipe.Scope.Only = nil },
		},
		"by a decision": {
			func(w *world) { w.pin("Bolt & Sons") },
			func(w *world) { w.unpin() },
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, ready.SQLite(t))
			w.run()
			tt.keep(w)
			w.crm.set(crm.Account, "B1", "Name", "Bolt & Sons")
			w.crm.put(account{id: "C1", name: " BOLT", owner: "Kim", charges: "Gold", contacts: []string{"cyd cyd@bolt.example"}})
			for range 2 {
				rep, written := w.fresh()
				w.same("written", written, nil)
				if rep.Summary.Writes() > 0 || rep.Failed > 0 || len(rep.Impact.Moves()) > 0 {
					t.Errorf("%d to do, %d failed, %s", rep.Summary.Writes(), rep.Failed, rep.Impact.String())
				}
				w.same("names in use", w.itemsOf(reconcile.CodeInUse), []string{"C1"})
			}
			tt.free(w)
			w.run()
			w.holds("B1", helpdesk.Name, "Bolt & Sons")
			w.holds("C1", helpdesk.Name, "BOLT")
			w.same("names in use", w.itemsOf(reconcile.CodeInUse), nil)
			w.quiet()
		})
	}
}

// Only the name waits; who waits for one that waits does so too.
func TestNamesThatWaitForEachOther(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.crm.put(account{id: "D1", name: "Crate"})
		w.run()
		w.pin("Dyno")
		w.crm.set(crm.Account, "B1", "Name", "Dyno") // kept: Bolt
		w.crm.set(crm.Account, "A1", "Name", "Bolt") // waits for B1
		w.crm.set(crm.Account, "D1", "Name", "Acme") // waits for A1
		w.crm.set(crm.Account, "A1", "Owner", "Max") // goes out
		w.crm.put(account{id: "E1", name: "Crate"})  // waits for D1
		w.writes("update organization/A1 field:account_owner=Max")
		w.same("names in use", w.itemsOf(reconcile.CodeInUse), []string{"A1", "D1", "E1"})
		w.quiet()
		w.unpin()
		w.run()
		for id, name := range map[string]string{"A1": "Bolt", "B1": "Dyno", "D1": "Acme", "E1": "Crate"} {
			w.holds(id, helpdesk.Name, name)
		}
		w.same("items", w.items(), nil)
		w.quiet()
	})
}

// What somebody renames in the helpdesk keeps the name that they gave it where the
// pipeline lets it.
func TestANameThatSomebodyGaveInTheHelpdeskIsInUse(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.rules.policies.OnDrift = helpdesk.Hold
		w.run()
		w.edit("B1", helpdesk.Name, text("Crate"))
		w.quiet()
		w.crm.put(account{id: "C1", name: "Crate"})
		w.quiet()
		w.same("names in use", w.itemsOf(reconcile.CodeInUse), []string{"C1"})
		w.edit("B1", helpdesk.Name, text("Bolt"))
		w.run()
		w.holds("C1", helpdesk.Name, "Crate")
		w.same("items", w.items(), nil)
	})
}

// Who was to join as a user whom the account makes waits with it.
func TestWhoJoinsAsAUserOfAnAccountThatWaits(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.run()
		w.pin("Bolt & Sons")
		w.crm.set(crm.Account, "B1", "Name", "Bolt & Sons")
		w.crm.put(account{id: "C1", name: "Bolt", contacts: []string{ann + " ann@bolt.example"}})
		w.relates(ann, "A1")
		w.quiet()
		w.unpin()
		w.run()
		w.quiet()
		w.same("members", w.members(), []string{"A1/" + ann, "C1/" + ann})
	})
}

func (w *world) itemsOf(code string) []string {
	var out []string
	for _, i := range w.items() {
		if f := strings.Fields(strings.Replace(i, code, "x", 1)); f[1] == "x" {
			out = append(out, f[2])
		}
	}
	return out
}

// pin has somebody reject a new name of B1.
func (w *world) pin(name string) {
	w.decide(journal.Decision{Account: "B1", Field: helpdesk.Name, Action: string(changeset.Reject), Want: text(name), Reason: "not yet"})
}

// unpin ends what pin did.
func (w *world) unpin() {
	w.Helper()
	for d, err := range w.journal.EachDecision(w.Context(), journal.DecisionFilter{Pipeline: w.pipelineID()}) {
		if err != nil {
			w.Fatal(err)
		}
		if err := w.journal.Release(w.Context(), d.ID, "ops", "now it may"); err != nil {
			w.Fatal(err)
		}
	}
}
