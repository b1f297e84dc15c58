package reconcile_test

import (
	"testing"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

// TestARenamingThatWasCutOffIsFinished: the name that an organization has for a moment is
// no edit of anybody's, whatever the policies, and the next run writes the wanted one,
// even where the CRM wants the old one back.
func TestARenamingThatWasCutOffIsFinished(t *testing.T) {
	t.Parallel()
	for what, wanted := range map[string]string{"a new name": "Bolt & Sons", "the old name": "Acme"} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			each(t, func(w *world) {
				w.rules.policies.OnDrift, w.rules.policies.OnClash = helpdesk.Hold, helpdesk.Hold
				w.run()
				w.edit("A1", helpdesk.Name, text(helpdesk.AsideName("A1")))
				w.crm.put(account{id: "A1", name: wanted, owner: "Lee", domains: "acme.example", charges: "Gold"})
				diff := w.run(reconcile.Trigger{Mode: reconcile.Diff})
				if diff.Summary.Held != 0 || diff.Summary.Writes() != 1 {
					t.Errorf("the diff holds %d and writes %d, want the name written", diff.Summary.Held, diff.Summary.Writes())
				}
				rep := w.writes("update organization/A1 name=" + wanted)
				if rep.State != journal.Applied || rep.Summary.Held != 0 {
					t.Errorf("the run ends as %s with %d held", rep.State, rep.Summary.Held)
				}
				w.quiet(reconcile.Trigger{Full: true})
			})
		})
	}
}

// TestTheMomentsNameOfAnotherAccountIsAnEdit: only its own stands for a renaming.
func TestTheMomentsNameOfAnotherAccountIsAnEdit(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.rules.policies.OnDrift = helpdesk.Hold
		w.run()
		w.edit("A1", helpdesk.Name, text(helpdesk.AsideName("B1")))
		if rep := w.quiet(); rep.Summary.Held != 1 {
			t.Errorf("%d held, want the name", rep.Summary.Held)
		}
	})
}
