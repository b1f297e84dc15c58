package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/helpdesktest"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

// busyWorld has something of every kind to do: creates, updates, a correction, a
// contact that moves and one that leaves, a mark. Shards are small, so that several
// are on their way.
func busyWorld(t *testing.T, opt helpdesktest.FakeOptions) *world {
	t.Helper()
	w := newWorld(t, ready.SQLite(t))
	opt.PageSize = 3
	w.desk = helpdesktest.NewFake(opt)
	w.opt.Shard = 3
	w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", domains: "acme.example", charges: "Gold", contacts: []string{"ann ann@acme.example", "abe abe@acme.example"}})
	w.crm.put(account{id: "C1", name: "Crate", owner: "Kim", charges: "Starter", contacts: []string{"cyd cyd@crate.example"}})
	w.crm.put(account{id: "D1", name: "Dread", owner: "Kim", charges: "Starter"})
	w.run()
	w.edit("B1", owner, text("Zoe"))
	w.crm.set(crm.Account, "A1", "Owner", "Max")
	w.crm.set(crm.Account, "C1", "Name", "Crate & Co")
	w.crm.move(crm.Contact, "abe", "C1")
	w.crm.remove("D1")
	w.crm.put(account{id: "E1", name: "Echo", owner: "Kim", domains: "echo.example", charges: "Premium", contacts: []string{"eve eve@echo.example"}})
	w.crm.put(account{id: "F1", name: "Fox", owner: "Kim"})
	w.desk.ClearLog()
	return w
}

// helpdesks are kinds of helpdesk by how they work: at once, in the background, and in
// the background on several calls side by side.
func helpdesks() map[string]helpdesktest.FakeOptions {
	return map[string]helpdesktest.FakeOptions{
		"at once":           {},
		"in the background": {Background: true},
		"in a stream":       {Background: true, Capabilities: func(c *helpdesk.Capabilities) { c.Batch, c.Shard = 4, 8 }},
	}
}

// picture is everything the helpdesk holds, in words.
func (w *world) picture() string {
	var out []string
	for _, kind := range []helpdesk.Kind{helpdesk.Organization, helpdesk.User, helpdesk.Membership} {
		for _, o := range w.desk.Held(kind) {
			var b strings.Builder
			b.WriteString(o.Ref.String())
			for _, f := range o.Fields {
				if !f.Value.IsZero() {
					b.WriteString(" " + f.Name + "=" + f.Value.Text())
				}
			}
			out = append(out, b.String())
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// undisturbed is the picture after a run that nothing disturbs, and how many
// checkpoints and writes it has.
func undisturbed(t *testing.T, opt helpdesktest.FakeOptions) (picture string, points []string, writes int) {
	t.Helper()
	w := busyWorld(t, opt)
	var mu sync.Mutex
	w.opt.Checkpoint = func(point string) {
		mu.Lock()
		defer mu.Unlock()
		points = append(points, point)
	}
	_, written := w.fresh()
	w.opt.Checkpoint = nil
	w.quiet()
	return w.picture(), points, len(written)
}

// ends lets runs go on until they are in step, and checks that the helpdesk then
// holds what it would if nothing had happened, and nothing twice.
func (w *world) ends(picture string) *reconcile.Report {
	w.Helper()
	rep := w.run()
	w.quiet()
	if got := w.picture(); got != picture {
		w.Errorf("the helpdesk holds\n%s\nwant\n%s", got, picture)
	}
	return rep
}

// nth calls do at the nth checkpoint and at no other.
func nth(n int, do func()) func(string) {
	var mu sync.Mutex
	seen := 0
	return func(string) {
		mu.Lock()
		seen++
		now := seen == n
		mu.Unlock()
		if now {
			do()
		}
	}
}

func TestARunThatIsInterruptedAnywhereLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	for how, opt := range helpdesks() {
		picture, points, _ := undisturbed(t, opt)
		for i, point := range points {
			t.Run(fmt.Sprintf("%s %d %s", how, i+1, point), func(t *testing.T) {
				t.Parallel()
				interruptedAt(t, opt, i+1, picture)
			})
		}
	}
}

func interruptedAt(t *testing.T, opt helpdesktest.FakeOptions, n int, picture string) {
	t.Helper()
	w := busyWorld(t, opt)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w.opt.Checkpoint = nth(n, cancel)
	rep, err := w.reconciler().Run(ctx, reconcile.Trigger{Mode: reconcile.Reconcile})
	if err != nil && (!errors.Is(err, context.Canceled) || rep.State != journal.Interrupted) {
		t.Errorf("the run is %q: %v", rep.State, err)
	}
	w.opt.Checkpoint = nil
	w.ends(picture)
}

func TestARunThatFreezesAnywhereIsTakenOver(t *testing.T) {
	t.Parallel()
	for how, opt := range helpdesks() {
		if opt.Background && opt.Capabilities == nil {
			continue // what notes its jobs goes on by itself, and the run lives
		}
		picture, points, writes := undisturbed(t, opt)
		for i, point := range points {
			t.Run(fmt.Sprintf("%s %d %s", how, i+1, point), func(t *testing.T) {
				t.Parallel()
				frozenAt(t, opt, i+1, i == len(points)-1, writes, picture)
			})
		}
	}
}

func frozenAt(t *testing.T, opt helpdesktest.FakeOptions, n int, last bool, writes int, picture string) {
	t.Helper()
	w := busyWorld(t, opt)
	frozen, thaw, over := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	w.opt.Checkpoint = nth(n, func() { close(frozen); <-thaw })
	dead := w.reconciler()
	go func() {
		_, err := dead.Run(context.WithoutCancel(t.Context()), reconcile.Trigger{Mode: reconcile.Reconcile})
		over <- err
	}()
	<-frozen
	w.opt.Checkpoint = nil
	if _, err := w.try(reconcile.Trigger{}); !locked(err) {
		t.Errorf("while it is thought alive: %v, want that it holds the target", err)
	}
	w.clock.Move(2 * time.Minute)
	rep := w.ends(picture)
	for _, x := range rep.Resumed {
		if x.Written != writes || rep.Applied != 0 {
			t.Errorf("of the run that froze %d changes are said to be written, and %d besides, want all %d", x.Written, rep.Applied, writes)
		}
	}
	close(thaw)
	if err := <-over; err == nil && !last {
		t.Error("the dead run came back and went on as if it still held the target")
	}
	w.quiet()
	if got := w.picture(); got != picture {
		t.Errorf("after the dead run came back the helpdesk holds\n%s\nwant\n%s", got, picture)
	}
}

func locked(err error) bool {
	var l *journal.Locked
	return errors.As(err, &l) && l.Holder == "test" && fault.KindOf(err) == fault.Unsafe
}

// faulty fails the nth write that the helpdesk is asked for.
func faulty(n int, after, stop bool, kind fault.Kind) helpdesktest.Fault {
	seen := 0
	return helpdesktest.Fault{
		Times: 1, After: after, Stop: stop, Err: fault.New("fake.apply", kind, errors.New("the connection broke")),
		On: func(r helpdesktest.Request) bool {
			if r.Writes() {
				seen++
			}
			return r.Writes() && seen == n
		},
	}
}

func TestAHelpdeskThatFailsAtAnyWriteGetsAllOfItInTheEnd(t *testing.T) {
	t.Parallel()
	ways := map[string]struct {
		after, stop bool
		kind        fault.Kind
	}{
		"one write fails":                  {kind: fault.Unavailable},
		"one reply is lost":                {after: true, kind: fault.Unknown},
		"one is said to fail and does not": {after: true, kind: fault.Unavailable},
		"the connection breaks before":     {stop: true, kind: fault.Unavailable},
		"the connection breaks after":      {stop: true, after: true, kind: fault.Unavailable},
	}
	for how, opt := range helpdesks() {
		picture, _, writes := undisturbed(t, opt)
		step := 1
		if opt.Background {
			step = 3
		}
		for name, way := range ways {
			t.Run(name+", "+how, func(t *testing.T) {
				t.Parallel()
				for n := 1; n <= writes; n += step {
					w := busyWorld(t, opt)
					w.desk.Inject(faulty(n, way.after, way.stop, way.kind))
					if _, err := w.try(reconcile.Trigger{}); err != nil && !way.stop {
						t.Errorf("write %d: %v", n, err)
					}
					w.desk.Heal()
					w.ends(picture)
				}
			})
		}
	}
}

func TestAHelpdeskThatIsDownIsLeftAlone(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		kind  fault.Kind
		tries int
	}{"unavailable": {fault.Unavailable, 6}, "denied": {fault.Denied, 3}}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, ready.SQLite(t))
			w.opt.Shard = 3
			for i := range 20 {
				w.crm.put(account{id: fmt.Sprintf("N%02d", i), name: fmt.Sprintf("New %d", i)})
			}
			w.desk.Inject(helpdesktest.Fault{On: helpdesktest.Request.Writes, Err: fault.New("fake.apply", tt.kind, errors.New("no"))})
			rep, err := w.try(reconcile.Trigger{})
			if fault.KindOf(err) != tt.kind || len(w.written()) > 2*tt.tries || rep.State != journal.Failed {
				t.Errorf("%v after %d tries, %q", err, len(w.written()), rep.State)
			}
			w.desk.Heal()
			if _, written := w.fresh(); len(written) != 22 {
				t.Errorf("the next run writes %d, want all 22", len(written))
			}
			w.quiet()
		})
	}
}

func TestALockedTargetIsRefusedWithWhoHoldsIt(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.run()
		spec := journal.RunSpec{Pipeline: w.pipelineID(), Target: "support", Mode: journal.Reconcile, Holder: "host-7/4711", Day: on("2026-11-21")}
		if _, err := w.journal.Begin(w.Context(), spec); err != nil {
			w.Fatal(err)
		}
		_, err := w.try(reconcile.Trigger{})
		if err == nil || !strings.Contains(err.Error(), "host-7/4711") {
			w.Errorf("got %v, want who holds it", err)
		}
		w.clock.Move(2 * time.Minute)
		w.quiet()
	})
}

func TestWorkInTheBackgroundIsAskedAboutAndReadBack(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]bool{"the job is known": false, "the job is forgotten": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, ready.SQLite(t))
			w.desk = helpdesktest.NewFake(helpdesktest.FakeOptions{Background: true})
			w.pipe.Target = silent{w.desk, lost}
			rep, written := w.fresh()
			if len(written) != 2 || rep.Applied != 2 || rep.Waiting != 0 {
				t.Errorf("written %q, applied %d, waiting %d", written, rep.Applied, rep.Waiting)
			}
			w.quiet()
		})
	}
}

// silent is a helpdesk that works in the background and never says how it ended
// unless it is asked.
type silent struct {
	*helpdesktest.Fake
	forgets bool
}

func (s silent) Apply(ctx context.Context, changes iter.Seq[helpdesk.Change]) iter.Seq2[helpdesk.Outcome, error] {
	return func(yield func(helpdesk.Outcome, error) bool) {
		for o, err := range s.Fake.Apply(ctx, changes) {
			if (err != nil || o.State == helpdesk.Sent) && !yield(o, err) {
				return
			}
		}
	}
}

func (s silent) Settle(ctx context.Context, sent []helpdesk.Outcome) iter.Seq2[helpdesk.Outcome, error] {
	if s.forgets {
		sent = slices.Clone(sent)
		for i := range sent {
			sent[i].Token = "forgotten"
		}
	}
	return s.Fake.Settle(ctx, sent)
}

func TestAHelpdeskThatGoesDownWithAWriteUnderWay(t *testing.T) {
	t.Parallel()
	picture, _, writes := undisturbed(t, helpdesktest.FakeOptions{})
	for n := 1; n <= writes; n++ {
		t.Run(fmt.Sprintf("write %d", n), func(t *testing.T) {
			t.Parallel()
			w := busyWorld(t, helpdesktest.FakeOptions{})
			first, broken := faulty(n, true, true, fault.Unavailable), false
			w.desk.Inject(helpdesktest.Fault{Times: 1, After: true, Stop: true, Err: first.Err, On: func(r helpdesktest.Request) bool {
				broken = first.On(r)
				return broken
			}})
			w.desk.Inject(helpdesktest.Fault{Stop: true, Err: first.Err, On: func(helpdesktest.Request) bool { return broken }}) // from then on
			if rep, err := w.try(reconcile.Trigger{}); err == nil || rep.State == journal.Applied {
				t.Errorf("the run is %q: %v", rep.State, err)
			}
			w.desk.Heal()
			made := sentence(&w.desk.Writes()[n-1])
			if _, written := w.fresh(); slices.Contains(written, made) {
				t.Errorf("%q was made, and is written again", made)
			}
			w.ends(picture)
		})
	}
}

func TestAMembershipWhoseReplyWasLostIsOursAllTheSame(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.crm.put(account{id: "Z1", name: "Zig", contacts: []string{"zoe zoe@zig.example"}})
		w.run()
		w.crm.put(account{id: "B1", name: "Bolt", owner: "Kim", charges: "Starter", contacts: []string{"bob bob@bolt.example"}})
		w.desk.Inject(faulty(2, true, false, fault.Unavailable)) // nothing of it but that it is there
		if _, err := w.try(reconcile.Trigger{}); err != nil {
			w.Fatal(err)
		}
		w.quiet()
		w.crm.put(account{id: "B1", name: "Bolt", owner: "Kim", charges: "Starter"})
		w.writes("retire membership/B1/bob")
	})
}
