package reconcile_test

import (
	"encoding/json"
	"testing"

	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

// ending are the accounts whose contract is noted to end by a day.
func (w *world) ending(until string) map[string]journal.Standing {
	w.Helper()
	list, err := w.journal.Ending(w.Context(), w.pipelineID(), day.MustParse("2026-11-21"), day.MustParse(until))
	if err != nil {
		w.Fatal(err)
	}
	out := map[string]journal.Standing{}
	for _, s := range list {
		out[s.Account] = s
	}
	return out
}

// bare are the accounts whose new organization is noted to have no contact.
func (w *world) bare() (out []string) {
	w.Helper()
	list, err := w.journal.Bare(w.Context(), w.pipelineID())
	if err != nil {
		w.Fatal(err)
	}
	for _, s := range list {
		out = append(out, s.Account)
	}
	return out
}

func TestContractsThatEndAreNoted(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", charges: "Gold 2026-01-01 2026-12-01, Starter 2026-01-01 2026-11-30"})
		w.run()
		got := w.ending("2026-12-31")
		if len(got) != 1 || got["A1"].Ends != day.MustParse("2026-12-01") || got["A1"].ARR != 2000 {
			w.Errorf("ending are %v, want A1 on the last of its days, with the ARR of both charges", got)
		}
		w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", charges: "Gold 2026-01-01 2026-12-01, Gold2 2026-12-02 2027-12-01"})
		w.run()
		if got := w.ending("2026-12-31"); len(got) != 0 {
			w.Errorf("ending are %v, want none: it is renewed", got)
		}
	})
}

func TestANewOrganizationWithoutAContactIsNoted(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.crm.put(account{id: "B1", name: "Bolt", owner: "Kim", charges: "Starter", contacts: []string{"c1 kim@bolt.example"}})
		w.run(reconcile.Trigger{Mode: reconcile.Diff})
		w.same("bare after a preview", w.bare(), nil)
		w.run()
		w.same("bare", w.bare(), []string{"A1"})
		w.crm.put(account{id: "A1", name: "Acme Inc", owner: "Lee", domains: "acme.example", charges: "Gold"})
		w.run()
		w.same("bare, after it was compared once more", w.bare(), []string{"A1"})
		w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", domains: "acme.example", charges: "Gold", contacts: []string{"c2 lee@acme.example"}})
		w.run()
		w.same("bare, with a contact", w.bare(), nil)
		w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", domains: "acme.example", charges: "Gold"})
		w.run()
		w.same("bare, without one again: it is not new", w.bare(), nil)
	})
}

func TestWhatShrankIsRecorded(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.run()
		w.crm.empty()
		rep := w.quiet()
		run, err := w.journal.RunByID(w.Context(), rep.Run)
		if err != nil {
			w.Fatal(err)
		}
		var totals struct {
			Shrunk []struct {
				Role        string
				Before, Now int
			}
		}
		if err := json.Unmarshal(run.Totals, &totals); err != nil {
			w.Fatal(err)
		}
		if len(totals.Shrunk) == 0 || totals.Shrunk[0].Role != "account" || totals.Shrunk[0].Before != 2 || totals.Shrunk[0].Now != 0 {
			w.Errorf("recorded is %+v", totals.Shrunk)
		}
	})
}
