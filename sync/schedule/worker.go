package schedule

import (
	"context"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Carry is a job: take a pipeline's turn, and do what its due ticks ask for.
type Carry struct {
	Pipeline string `json:"pipeline" river:"unique"`
	// After is the fence of a holder that fell silent; 0 where there is none. The job of
	// that holder may count as running for minutes; it shall not keep this one away.
	After int64 `json:"after" river:"unique"`
}

// Kind names the job in the queue.
func (Carry) Kind() string { return "pipeline" }

// InsertOpts lets one job per pipeline wait or run. Completed ones do not count: they would
// keep the next away for a day.
func (Carry) InsertOpts() river.InsertOpts {
	return river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateScheduled, rivertype.JobStateRetryable,
	}}}
}

type worker struct {
	river.WorkerDefaults[Carry]
	d *Daemon
}

// Work attends to a pass of this process for a slice, and begins it if nobody holds the
// pipeline's turn. The pass goes on between two slices; its end is noted by itself.
func (w *worker) Work(ctx context.Context, job *river.Job[Carry]) error {
	p, wait, err := w.d.passes.of(ctx, job.Args.Pipeline)
	if err != nil {
		return err
	}
	if p == nil {
		return later(wait)
	}
	t := time.NewTimer(w.d.opt.Slice)
	defer t.Stop()
	select {
	case <-p.ended:
		return later(p.again)
	case <-t.C:
		return river.JobSnooze(0)
	case <-ctx.Done():
		return river.JobSnooze(0)
	}
}

// later has the job come back after a while; at once if nothing is left to do: it ends.
func later(wait time.Duration) error {
	if wait <= 0 {
		return nil
	}
	return river.JobSnooze(wait)
}
