package journal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
)

// killed is how often the child is killed on each database; the time until it is
// drawn from a seed that is printed.
const killed = 12

// victimEnv makes this test binary the child: it names the journal.
const victimEnv = "DESKSYNC_JOURNAL_VICTIM"

// TestVictim is the child; in the parent it does nothing.
func TestVictim(t *testing.T) {
	t.Parallel()
	if dsn := os.Getenv(victimEnv); dsn != "" {
		t.Error(victim(t.Context(), dsn))
	}
}

// victim applies runs for ever: abandons or resumes what its predecessor left, then
// works through the changes, and says each line what it does.
func victim(ctx context.Context, dsn string) error {
	j, err := Open(ctx, dsn, Options{})
	if err != nil {
		return err
	}
	pipe, err := j.Pipeline(ctx, "customers", "crm", "support")
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, "open")
	for {
		run, err := nextRun(ctx, j, pipe)
		if err != nil {
			return err
		}
		if err := applyRun(ctx, j, run); err != nil {
			return err
		}
	}
}

// nextRun returns a sealed run: an interrupted one, or a new one.
func nextRun(ctx context.Context, j *Journal, pipe Pipeline) (Run, error) {
	runs, err := j.Interrupted(ctx, pipe.ID)
	if err != nil {
		return Run{}, err
	}
	for _, r := range runs {
		if !r.Sealed.IsZero() {
			return j.Resume(ctx, r, HolderName())
		}
		if err := j.Abandon(ctx, r, "killed"); err != nil {
			return Run{}, err
		}
	}
	run, err := j.Begin(ctx, RunSpec{Pipeline: pipe.ID, Target: "support", Mode: Reconcile, Holder: HolderName(), Day: day.MustParse("2026-11-21")})
	if err != nil {
		return Run{}, err
	}
	if err := j.AddChanges(ctx, run, changesOf(60)); err != nil {
		return Run{}, err
	}
	return run, j.Seal(ctx, run, Sealed{})
}

// applyRun settles what is in flight and sends the rest, 10 changes at a time. Each
// object counts in its field how often it was settled.
func applyRun(ctx context.Context, j *Journal, run Run) error {
	flight, err := j.Unsettled(ctx, run.ID)
	if err != nil {
		return err
	}
	for _, b := range flight {
		if err := settleBatch(ctx, j, run, b); err != nil {
			return err
		}
	}
	for {
		after, no, err := j.Position(ctx, run.ID)
		if err != nil {
			return err
		}
		rows, err := j.Changes(ctx, run.ID, ChangeFilter{}, after, 10)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return j.Finish(ctx, run, Result{State: Applied})
		}
		b := Batch{No: no, From: after, To: rows[len(rows)-1].Pos()}
		if err := j.Send(ctx, run, b); err != nil {
			return err
		}
		if err := settleBatch(ctx, j, run, b); err != nil {
			return err
		}
	}
}

func settleBatch(ctx context.Context, j *Journal, run Run, b Batch) error {
	rows, err := j.Changes(ctx, run.ID, ChangeFilter{}, b.From, 10)
	if err != nil {
		return err
	}
	var settled []Settled
	for _, c := range rows {
		before, err := j.ObjectsOf(ctx, "support", []string{c.Key}, nil)
		if err != nil {
			return err
		}
		n := int64(0)
		if o := before.Organization(c.Key); o != nil {
			v, _ := o.Last.Get("times")
			n, _ = strconv.ParseInt(v.Text(), 10, 64)
		}
		o := Object{Kind: c.Kind, Key: c.Key, TargetID: "t" + c.Key, Run: run.ID, Written: true, Last: helpdesk.Fields{{Name: "times", Value: helpdesk.IntOf(n + 1)}}}
		settled = append(settled, Settled{Pos: c.Pos(), State: helpdesk.Applied, Object: &o})
	}
	fmt.Fprintln(os.Stdout, "settle", run.ID, b.No)
	return j.Settle(ctx, run, b.No, settled)
}

// TestKilledAnywhereItGoesOn kills the child at random points. Whatever was
// settled was settled once: the counters of runs, batches and objects agree.
func TestKilledAnywhereItGoesOn(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano()) //nolint:gosec // any seed will do
	ready.Each(t, func(t *testing.T, dsn string) {
		t.Logf("seed %d", seed)
		rnd := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // not for secrets
		for range killed {
			kill(t, dsn, rnd.IntN(25), time.Duration(rnd.IntN(3000))*time.Microsecond)
			agree(t, dsn)
		}
	})
}

// kill lets a child print so many lines, waits a moment more, and kills it.
func kill(t *testing.T, dsn string, lines int, more time.Duration) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestVictim$") //nolint:gosec // this very program
	child.Env = append(os.Environ(), victimEnv+"="+dsn)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	scan := bufio.NewScanner(out)
	for n := 0; n <= lines && scan.Scan(); n++ {
	}
	<-time.After(more)
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := child.Wait(); !errors.As(err, &exit) || exit.ExitCode() != -1 {
		t.Fatalf("the child ended by itself: %v", err)
	}
}

func agree(t *testing.T, dsn string) {
	t.Helper()
	j, err := Open(t.Context(), dsn, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	type sums struct{ Done, Batches, Times int }
	var got sums
	if err := j.db.Get(&got.Done, `SELECT coalesce(sum(done), 0) FROM run`); err != nil {
		t.Fatal(err)
	}
	if err := j.db.Get(&got.Batches, `SELECT 10 * count(*) FROM batch WHERE done_at > 0`); err != nil {
		t.Fatal(err)
	}
	for after := ""; ; {
		page, err := j.ObjectsAfter(t.Context(), "support", helpdesk.Organization, after, MaxPage)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range page {
			v, _ := o.Last.Get("times")
			n, _ := strconv.Atoi(v.Text())
			got.Times += n
			after = o.Key
		}
		if len(page) == 0 {
			break
		}
	}
	if got.Done != got.Batches || got.Done != got.Times {
		t.Errorf("runs say %d changes are settled, batches %d, objects %d", got.Done, got.Batches, got.Times)
	}
	var open int
	if err := j.db.Get(&open, `SELECT count(*) FROM run WHERE state = 'running'`); err != nil || open > 1 {
		t.Errorf("%d runs are under way at once, %v", open, err)
	}
}
