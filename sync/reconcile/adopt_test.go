package reconcile_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/helpdesktest"
	"github.com/desksync/desksync/sync/adopt"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

// oldWorld is a helpdesk that people kept: organizations and a user without our ids.
func oldWorld(t *testing.T, opt helpdesktest.FakeOptions) *world {
	t.Helper()
	w := newWorld(t, ready.SQLite(t))
	opt.PageSize = 3
	w.desk = helpdesktest.NewFake(opt)
	w.opt.Shard = 2
	w.rules.match = reconcile.Match{IDField: "account_owner"}
	w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", charges: "Gold", contacts: []string{"ann ann@acme.example"}})
	w.crm.put(account{id: "C1", name: "Crate", owner: "Kim", charges: "Starter"})
	for id, name := range map[string]string{"11": "Acme", "12": "Bolt", "13": "Crate", "14": "Dread"} {
		w.stranger(helpdesk.Organization, id, helpdesk.Name, name)
	}
	w.stranger(helpdesk.User, "51", helpdesk.Email, "ann@acme.example")
	return w
}

func (w *world) stranger(kind helpdesk.Kind, id, field, value string) {
	w.desk.Put(helpdesk.Object{Ref: helpdesk.Ref{Kind: kind}, ID: id, Fields: helpdesk.Fields{{Name: field, Value: text(value)}}})
}

// yes is the file in which somebody said yes to all that has a candidate.
func (w *world) yes() []adopt.Row {
	w.Helper()
	found, err := w.reconciler().Propose(w.Context(), "test", false)
	if err != nil {
		w.Fatal(err)
	}
	rows := make([]adopt.Row, 0, len(found.Proposals))
	for i := range found.Proposals {
		row := adopt.RowOf(&found.Proposals[i])
		if row.Line = i + 2; row.TargetID != "" {
			row.Link = adopt.Yes
		}
		rows = append(rows, row)
	}
	return rows
}

func (w *world) adopt(ctx context.Context, rows []adopt.Row) (*reconcile.Adoption, error) {
	return w.reconciler().Adopt(ctx, reconcile.AdoptFile{By: "test", Name: "file.csv", Rows: rows})
}

// links lists what is tied: "organization/A1 11".
func (w *world) links() string {
	var out []string
	for _, kind := range []helpdesk.Kind{helpdesk.Organization, helpdesk.User} {
		for _, o := range w.desk.Held(kind) {
			if o.Ref.Key != "" {
				out = append(out, o.Ref.String()+" "+o.ID)
			}
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

const allLinked = "organization/A1 11, organization/B1 12, organization/C1 13, user/ann 51"

func TestAnAdoptionThatFreezesAnywhereIsTakenOver(t *testing.T) {
	t.Parallel()
	for how, opt := range helpdesks() {
		if opt.Background && opt.Capabilities == nil {
			continue // as of runs: what notes its jobs goes on by itself, and the run lives
		}
		var mu sync.Mutex
		points := 0
		w := oldWorld(t, opt)
		rows := w.yes()
		w.opt.Checkpoint = func(string) { mu.Lock(); defer mu.Unlock(); points++ }
		if _, err := w.adopt(t.Context(), rows); err != nil || w.links() != allLinked {
			t.Fatalf("%s: undisturbed: %v, %s", how, err, w.links())
		}
		for n := 1; n <= points; n++ {
			t.Run(fmt.Sprintf("%s %d", how, n), func(t *testing.T) {
				t.Parallel()
				frozenAdoption(t, opt, n)
			})
		}
	}
}

func frozenAdoption(t *testing.T, opt helpdesktest.FakeOptions, n int) {
	t.Helper()
	w := oldWorld(t, opt)
	rows := w.yes()
	frozen, thaw, over := make(chan struct{}), make(chan struct{}), make(chan struct{})
	w.opt.Checkpoint = nth(n, func() { close(frozen); <-thaw })
	dead := w.reconciler()
	go func() {
		defer close(over)
		_, _ = dead.Adopt(context.WithoutCancel(t.Context()), reconcile.AdoptFile{By: "test", Name: "file.csv", Rows: rows}) // it is dead: what it says is nobody's
	}()
	<-frozen
	w.opt.Checkpoint = nil
	if _, err := w.adopt(t.Context(), rows); !locked(err) {
		t.Errorf("while it is thought alive: %v, want that it holds the target", err)
	}
	w.clock.Move(2 * time.Minute)
	if _, err := w.adopt(t.Context(), rows); err != nil {
		t.Errorf("taking over: %v", err)
	}
	close(thaw)
	<-over
	if got := w.links(); got != allLinked {
		t.Errorf("linked: %s, want %s", got, allLinked)
	}
	if again, err := w.adopt(t.Context(), rows); err != nil || len(again.Chosen.Links) > 0 || again.Chosen.Already != 4 {
		t.Errorf("once more: %v, %+v", err, again.Chosen)
	}
}

func TestTwoOrganizationsThatCarryOneIDAreBothNamedAndTheSecondCanBeChosen(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		const id = "001Aa000003DGb2IAG"
		w.rules.match = reconcile.Match{IDField: "account_owner"}
		w.crm.put(account{id: id, name: "Acme", owner: "Lee", charges: "Gold"})
		for target, carries := range map[string]string{"21": id, "22": id[:15]} {
			w.desk.Put(helpdesk.Object{Ref: helpdesk.Ref{Kind: helpdesk.Organization}, ID: target, Fields: helpdesk.Fields{{Name: owner, Value: text(carries)}, {Name: helpdesk.Name, Value: text("Acme " + target)}}})
		}
		rows := w.yes()
		i := slices.IndexFunc(rows, func(r adopt.Row) bool { return r.Account == id })
		if want := "organizations 21 and 22 carry its id; write one of them under target_id, and yes"; rows[i].Reason != want || rows[i].TargetID != "" {
			w.Errorf("proposed %+v, want %s", rows[i], want)
		}
		row := rows[i]
		row.TargetID, row.Link = "22", adopt.Yes
		if done, err := w.adopt(w.Context(), []adopt.Row{row}); err != nil || done.Applied != 1 {
			w.Errorf("linking 22: %v, %+v, refused %+v, failed %+v, raced %d", err, done.Chosen, done.Refused, done.Failures, done.Raced)
		}
		if got := w.links(); got != "organization/"+id+" 22" {
			w.Errorf("linked: %s", got)
		}
		runs, err := w.journal.Runs(w.Context(), journal.RunFilter{Mode: journal.Adopt}, 5)
		if err != nil || len(runs) != 1 || runs[0].State != journal.Applied {
			w.Errorf("runs %+v, %v", runs, err)
		}
	})
}
