package reconcile_test

import (
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/reconcile"
)

const marked = "field:mark_for_deletion"

// ways are the ways in which an account goes.
var ways = map[string]func(w *world){
	"lost":                func(w *world) { w.crm.remove("B1") },
	"left":                func(w *world) { w.crm.set(crm.Account, "B1", "Status", "left") },
	"not this pipeline's": func(w *world) { w.crm.set(crm.Account, "B1", "Status", "another's") },
	"deleted": func(w *world) {
		w.crm.remove("B1")
		w.crm.tombstones = []string{"B1", "nobody"}
		w.crm.incomplete[crm.Account] = true // a tombstone is proof by itself
	},
}

func TestWhatIsGoneIsHeldMarkedOrDeletedByPolicy(t *testing.T) {
	t.Parallel()
	for way, leave := range ways {
		for _, policy := range []string{"hold", "mark", "delete"} {
			t.Run(way+", "+policy, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, ready.SQLite(t))
				w.rules.gone = reconcile.GonePolicies{Lost: "hold", Left: "hold", Deleted: "hold"}
				switch way {
				case "lost":
					w.rules.gone.Lost = policy
				case "left", "not this pipeline's":
					w.rules.gone.Left = policy
				default:
					w.rules.gone.Deleted = policy
				}
				w.run()
				leave(w)
				if policy == "hold" {
					w.quiet()
					w.quiet()
					w.same("items", w.items(), []string{"held gone B1"})
					return
				}
				w.writes("retire organization/B1 " + marked + "=true")
				w.quiet()
				w.clock.Move(29 * oneDay)
				w.quiet()
				w.clock.Move(oneDay)
				w.writes("delete organization/B1 " + marked + "=true")
				w.quiet()
			})
		}
	}
}

func TestWhatComesBackIsNoLongerMarked(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.run()
		w.crm.remove("B1")
		w.run()
		w.holds("B1", marked, "true")
		w.crm.put(account{id: "B1", name: "Bolt", owner: "Kim", charges: "Starter"})
		w.writes("update organization/B1 " + marked + "=")
		w.clock.Move(40 * oneDay)
		w.quiet()
	})
}

func TestTheProtectedAreNeitherMarkedNorDeleted(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.rules.mark.Protect = map[string]bool{"B1": true}
		w.run()
		w.crm.remove("B1")
		w.quiet()
	})
}

func TestOpenTicketsExemptFromDeletion(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.run()
		w.desk.SetOpenTickets(w.org("B1").ID, 1)
		w.crm.remove("B1")
		w.run()
		w.clock.Move(31 * oneDay)
		w.writes("retire organization/B1 field:ignore_deletion=true")
		w.desk.SetOpenTickets(w.org("B1").ID, 0)
		w.clock.Move(oneDay)
		w.quiet()
		w.edit("B1", "field:ignore_deletion", helpdesk.Value{})
		w.writes("delete organization/B1 " + marked + "=true")
	})
}

// TestTicketsAreCountedOnlyWhenTheWaitIsOver: where that takes a call each, hundreds that
// wait would make every run a long one.
func TestTicketsAreCountedOnlyWhenTheWaitIsOver(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.run()
		w.crm.remove("B1")
		w.run()
		w.quiet()
		w.clock.Move(29 * oneDay)
		w.quiet()
		for _, r := range w.desk.Log() {
			if r.Op == "tickets" {
				t.Errorf("the tickets of %v are counted", r.Keys)
			}
		}
	})
}

func TestNothingIsDeletedWhereDeletionIsNotAllowed(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.rules.mark = changeset.Mark{Field: marked, Never: true}
		w.run()
		w.crm.remove("B1")
		w.run()
		w.clock.Move(400 * oneDay)
		w.quiet()
	})
}

func TestAnAccountThatAnotherPipelineWantsPassesOver(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.run()
		w.crm.set(crm.Account, "B1", "Status", "left")
		other := &world{reporter: w.reporter, crm: newMemory(), desk: w.desk, journal: w.journal, clock: w.clock, rules: w.rules, pipe: w.pipe, opt: w.opt}
		other.pipe.Name, other.pipe.SourceName = "partners", "prm"
		other.crm.put(account{id: "B1", name: "Bolt", owner: "Zoe", charges: "Starter"})
		other.quiet() // the first one still has it
		w.quiet()
		w.holds("B1", marked, "")
		_, written := other.fresh()
		w.same("written by the other", written, []string{"update organization/B1 field:account_owner=Zoe"})
		w.quiet()
		w.crm.set(crm.Account, "B1", "Status", "")
		w.quiet() // the other has it now
		w.clock.Move(time.Hour)
		other.quiet()
	})
}

func TestAnAccountThatNeverWasIsNobodysBusiness(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.crm.tombstones = []string{"Z9"}
		w.desk.Put(helpdesk.Object{Ref: helpdesk.Ref{Kind: helpdesk.Organization, Key: "Z9"}, Fields: helpdesk.Fields{{Name: helpdesk.Name, Value: text("Zed")}}})
		w.run()
		w.holds("Z9", marked, "")
		w.quiet()
	})
}
