package journal

import (
	"errors"
	"testing"
	"time"

	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/fault"
)

func TestOneRunPerTarget(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		first := d.begin()
		second := d.spec()
		second.Holder = "two"
		_, err := d.open().Begin(t.Context(), second)
		var l *Locked
		if !errors.As(err, &l) || l.Holder != "one" || l.Run != first.ID || l.Target != "support" || !l.Since.Equal(d.clock.Now()) {
			t.Fatalf("a second run on a held target got %v (%+v), want who holds it", err, l)
		}
		wantKind(t, err, fault.Unsafe)
		if runs := must(d.Runs(t.Context(), RunFilter{}, 10))(t); len(runs) != 1 {
			t.Errorf("the refused run left %d runs, want the first alone", len(runs))
		}
		d.finish(first)
		if _, err := d.Begin(t.Context(), second); err != nil {
			t.Errorf("after the first finished: %v", err)
		}
	})
}

func TestAnotherTargetIsFree(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.begin()
		other := must(d.Pipeline(t.Context(), "partners", "crm", "partner desk"))(t)
		spec := d.spec()
		spec.Pipeline, spec.Target = other.ID, "partner desk"
		if _, err := d.Begin(t.Context(), spec); err != nil {
			t.Error(err)
		}
	})
}

func TestSilentHolderLosesTheLock(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		old := d.begin()
		d.clock.Move(50 * time.Second)
		d.ok(d.Beat(t.Context(), old))
		d.clock.Move(59 * time.Second)
		next := d.spec()
		next.Holder = "two"
		if _, err := d.Begin(t.Context(), next); fault.KindOf(err) != fault.Unsafe {
			t.Fatalf("59 s after a heartbeat: %v, want locked", err)
		}
		d.clock.Move(2 * time.Second)
		run := must(d.Begin(t.Context(), next))(t)
		for name, err := range map[string]error{
			"beat":    d.Beat(t.Context(), old),
			"phase":   d.Phase(t.Context(), old, PhaseCompare),
			"stage":   d.PutStage(t.Context(), old, StageBatch{Role: "account", Put: []Row{row("account", account(1), account(1), "x")}}),
			"changes": d.AddChanges(t.Context(), old, changesOf(1)),
			"seal":    d.Seal(t.Context(), old, Sealed{}),
			"finish":  d.Finish(t.Context(), old, Result{State: Applied}),
		} {
			if fault.KindOf(err) != fault.Raced {
				t.Errorf("%s of the run that lost the lock: %v, want raced", name, err)
			}
		}
		if n := must(d.StageCount(t.Context(), d.pipe.ID, "account"))(t); n != 0 {
			t.Errorf("the run that lost the lock staged %d rows", n)
		}
		d.finish(run)
	})
}

func TestDeadHolderLosesTheLockAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		old := d.begin()
		d.opt.Dead = func(holder string) bool { return holder == "one" }
		spec := d.spec()
		spec.Holder = "two"
		must(d.Begin(t.Context(), spec))(t)
		if runs := must(d.Interrupted(t.Context(), d.pipe.ID))(t); len(runs) != 1 || runs[0].ID != old.ID {
			t.Errorf("interrupted runs %+v, want the dead holder's %d alone", runs, old.ID)
		}
	})
}

func TestInterruptedIsUnfinishedAndHeldByNobodyAlive(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		if runs := must(d.Interrupted(t.Context(), d.pipe.ID))(t); len(runs) != 0 {
			t.Errorf("a run that is held counts as interrupted: %+v", runs)
		}
		d.clock.Move(2 * time.Minute)
		if runs := must(d.Interrupted(t.Context(), d.pipe.ID))(t); len(runs) != 1 || runs[0].ID != run.ID || !runs[0].Sealed.IsZero() {
			t.Fatalf("interrupted runs %+v, want run %d unsealed", runs, run.ID)
		}
		d.ok(d.Abandon(t.Context(), run, "cut off"))
		if runs := must(d.Interrupted(t.Context(), d.pipe.ID))(t); len(runs) != 0 {
			t.Errorf("an abandoned run counts as interrupted: %+v", runs)
		}
		got := must(d.RunByID(t.Context(), run.ID))(t)
		if got.State != Interrupted || got.Error != "cut off" || got.Finished.IsZero() {
			t.Errorf("abandoned run is %+v", got)
		}
	})
}

func TestAbandonDropsChangesAndFreesTheTarget(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		d.ok(d.AddChanges(t.Context(), run, changesOf(3)))
		d.clock.Move(2 * time.Minute)
		d.ok(d.Abandon(t.Context(), run, "cut off"))
		if list := must(d.Changes(t.Context(), run.ID, ChangeFilter{}, Pos{}, 10))(t); len(list) != 0 {
			t.Errorf("an abandoned run keeps %d changes", len(list))
		}
		d.begin()
	})
}

func TestAbandonRefusesSealedAndLiving(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		other := must(d.RunByID(t.Context(), run.ID))(t)
		wantKind(t, d.Abandon(t.Context(), other, "not mine"), fault.Unsafe)
		d.ok(d.Seal(t.Context(), run, Sealed{}))
		d.clock.Move(2 * time.Minute)
		wantKind(t, d.Abandon(t.Context(), run, "sealed"), fault.Unsafe)
	})
}

func TestResumeTakesASealedRunOver(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		old := d.begin()
		if _, err := d.Resume(t.Context(), old, "two"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("resuming an unsealed run: %v, want invalid", err)
		}
		d.ok(d.Seal(t.Context(), old, Sealed{Digest: "abc", Totals: []byte(`{"updates":3}`)}))
		if _, err := d.Resume(t.Context(), old, "two"); fault.KindOf(err) != fault.Unsafe {
			t.Errorf("resuming a run whose holder lives: %v, want locked", err)
		}
		d.clock.Move(2 * time.Minute)
		run := must(d.Resume(t.Context(), old, "two"))(t)
		if run.Holder != "two" || run.Changeset != "abc" || run.Sealed.IsZero() {
			t.Errorf("resumed %+v", run)
		}
		wantKind(t, d.Beat(t.Context(), old), fault.Raced)
		d.ok(d.Finish(t.Context(), run, Result{State: Partly, Totals: []byte(`{"updates":2}`)}))
		got := must(d.RunByID(t.Context(), run.ID))(t)
		if got.State != Partly || got.Holder != "two" || !jsonEqual(got.Totals, `{"updates":2}`) {
			t.Errorf("finished %+v, totals %s", got, got.Totals)
		}
		if _, err := d.Resume(t.Context(), run, "three"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("resuming a finished run: %v, want invalid", err)
		}
	})
}

func TestRunKeepsWhatItWasAskedWith(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		first := d.begin()
		d.finish(first)
		spec := d.spec()
		spec.Mode, spec.Parent = Undo, first.ID
		second := must(d.Begin(t.Context(), spec))(t)
		got := must(d.RunByID(t.Context(), second.ID))(t)
		if got.Mode != Undo || got.Parent != first.ID || got.Day != day.MustParse("2026-11-21") || got.Digest != "rules-1" ||
			got.Trigger != "test" || got.State != Running || got.Phase != PhaseRead || !got.Started.Equal(d.clock.Now()) {
			t.Errorf("stored run %+v", got)
		}
		if text := must(d.ConfigOf(t.Context(), got.Config))(t); text != "version: 1" {
			t.Errorf("configuration %q", text)
		}
		if _, err := d.ConfigOf(t.Context(), "none"); fault.KindOf(err) != fault.NotFound {
			t.Errorf("unknown configuration: %v, want not found", err)
		}
		if _, err := d.RunByID(t.Context(), 4711); fault.KindOf(err) != fault.NotFound {
			t.Errorf("unknown run: %v, want not found", err)
		}
		wantKind(t, d.Finish(t.Context(), second, Result{State: Running}), fault.Invalid)
	})
}

func TestRunsAreListedNewestFirst(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		var ids []int64
		for range 5 {
			run := d.begin()
			d.finish(run)
			ids = append(ids, run.ID)
		}
		page := must(d.Runs(t.Context(), RunFilter{Pipeline: d.pipe.ID, State: Applied}, 2))(t)
		if len(page) != 2 || page[0].ID != ids[4] || page[1].ID != ids[3] {
			t.Fatalf("first page %+v", page)
		}
		page = must(d.Runs(t.Context(), RunFilter{Before: page[1].ID, Mode: Reconcile}, 9))(t)
		if len(page) != 3 || page[0].ID != ids[2] {
			t.Errorf("second page %+v", page)
		}
		if page := must(d.Runs(t.Context(), RunFilter{Mode: Diff}, 9))(t); len(page) != 0 {
			t.Errorf("runs of another mode %+v", page)
		}
	})
}

func TestHolderNames(t *testing.T) {
	t.Parallel()
	mine := HolderName()
	if mine == HolderName() {
		t.Errorf("two names are the same: %s", mine)
	}
	gone := machine() + " 4194305 ABCDEFGH" // above the largest process id Linux gives
	for holder, dead := range map[string]bool{
		mine: false, gone: true, "elsewhere 4194305 ABCDEFGH": false, "": false, machine() + " x y": false, machine() + " -1 y": false,
	} {
		if DeadHere(holder) != dead {
			t.Errorf("DeadHere(%q) = %v, want %v", holder, !dead, dead)
		}
	}
}

func TestBindRefusesAnotherAccount(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.ok(d.Bind(t.Context(), TargetSide, "support", ""))
		d.ok(d.Bind(t.Context(), TargetSide, "support", "acme"))
		d.ok(d.Bind(t.Context(), TargetSide, "support", "acme"))
		d.ok(d.Bind(t.Context(), SourceSide, "support", "sandbox"))
		wantKind(t, d.Bind(t.Context(), TargetSide, "support", "acme-sandbox"), fault.Unsafe)
		run := d.begin()
		must(d.PutHave(t.Context(), run, "user", nil, "place 7"))(t)
		d.ok(d.Rebind(t.Context(), TargetSide, "support", "acme-sandbox", "kim"))
		d.ok(d.Bind(t.Context(), TargetSide, "support", "acme-sandbox"))
		wantKind(t, d.Bind(t.Context(), TargetSide, "support", "acme"), fault.Unsafe)
		if c := must(d.Cursor(t.Context(), "support", "user"))(t); c != "" {
			t.Errorf("after rebinding the feed goes on at %q, want from the beginning", c)
		}
		for a := range d.AuditExport(t.Context(), time.Time{}) {
			if a.Who != "kim" || a.What != "rebind" || a.Ref != "target/support" {
				t.Errorf("audit %+v", a)
			}
		}
	})
}

func TestJournalHasOneIdentity(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		if d.Instance() == "" || d.open().Instance() != d.Instance() || d.restored() {
			t.Errorf("instance %q, restored %v", d.Instance(), d.restored())
		}
	})
}

func TestPipelineIsMadeOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		again := must(d.Pipeline(t.Context(), "customers", "crm", "support"))(t)
		if again != d.pipe || again.Name != "customers" || again.Source != "crm" || again.Target != "support" {
			t.Errorf("got %+v, then %+v", d.pipe, again)
		}
		must(d.Pipeline(t.Context(), "a first one", "crm", "support"))(t)
		if list := must(d.Pipelines(t.Context()))(t); len(list) != 2 || list[0].Name != "a first one" || list[1] != d.pipe {
			t.Errorf("pipelines %+v", list)
		}
	})
}

func TestPipelineWithAnotherSourceStartsOver(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		d.ok(d.PutStage(t.Context(), run, StageBatch{Role: "account", Put: []Row{row("account", account(1), account(1), "x")}}))
		must(d.PutMapped(t.Context(), d.pipe.ID, "support", []Mapped{{Account: account(1), Claims: []Claim{{Kind: ClaimName, Value: "x"}}}}))(t)
		d.ok(d.Seal(t.Context(), run, Sealed{PipelineDigest: "p", Day: day.MustParse("2026-11-21")}))
		if p := must(d.Pipeline(t.Context(), "customers", "crm", "support"))(t); p.Digest != "p" || p.Day != day.MustParse("2026-11-21") {
			t.Errorf("sealed pipeline %+v", p)
		}
		moved := must(d.Pipeline(t.Context(), "customers", "crm", "other desk"))(t)
		if moved.ID != d.pipe.ID || moved.Target != "other desk" || moved.Digest != "" {
			t.Errorf("with another target %+v", moved)
		}
		if n := must(d.StageCount(t.Context(), d.pipe.ID, "account"))(t); n != 1 {
			t.Errorf("another target left %d staged accounts, want 1", n)
		}
		must(d.Pipeline(t.Context(), "customers", "another crm", "other desk"))(t)
		if n := must(d.StageCount(t.Context(), d.pipe.ID, "account"))(t); n != 0 {
			t.Errorf("another source left %d staged accounts, want 0", n)
		}
	})
}
