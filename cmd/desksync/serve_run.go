package main

import (
	"context"
	"errors"
	"runtime/debug"
	"time"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/metrics"
	"github.com/desksync/desksync/sync/reconcile"
	"github.com/desksync/desksync/sync/schedule"
)

// Run makes the pass that ticks ask for, with the file as it is accepted now and
// secrets read anew.
func (s *server) Run(ctx context.Context, w schedule.Work) schedule.Result {
	begun := s.now()
	s.passes.Add(1)
	defer s.rest()
	traced, end := s.tracer.Run(ctx, w.Pipeline, string(w.Kind))
	rep, err := s.pass(traced, w)
	r := resultOf(ctx, rep, err)
	end(r.Run, string(r.State), r.State == schedule.Failed || r.State == schedule.Retry)
	s.metrics.Note(endedOf(w, r, rep, s.now().Sub(begun)))
	ctx = workingAt(ctx, w.Pipeline, r.Run)
	if stale(err) {
		if cerr := s.kept.close(); cerr != nil {
			s.log.Warn().Ctx(ctx).Err(cerr).Msg("a target that was kept open does not close")
		}
	}
	if r.State != schedule.Busy && r.State != schedule.Stopped {
		s.after(ctx, w.Pipeline, err)
	}
	line := s.log.Info()
	if r.State == schedule.Failed || r.State == schedule.Retry {
		line = s.log.Error()
	}
	line = line.Str("pipeline", w.Pipeline).Str("kind", string(w.Kind)).Int64("run", r.Run).Str("ended", string(r.State))
	if rep != nil && rep.Run != 0 {
		line = line.Str("state", string(rep.State)).Int("written", rep.Applied).Int("failed", rep.Failed).Int("conflicts", rep.Conflicts)
	}
	if r.Text != "" {
		line = line.Str("why", r.Text)
	}
	line.Msg("pass ended")
	return r
}

// rest gives memory back when the last pass under way has ended: what they took for a
// moment would stay for as long as nothing is due.
func (s *server) rest() {
	if s.passes.Add(-1) == 0 {
		debug.FreeOSMemory()
	}
}

// Held says which run holds the target of a pipeline.
func (s *server) Held(ctx context.Context, pipeline string) (string, error) {
	p := s.file.now().Pipelines.Get(pipeline)
	if p == nil {
		return "", nil
	}
	by, err := s.journal.Held(ctx, p.To)
	if err != nil || by == nil {
		return "", err
	}
	return by.Error(), nil
}

// endedOf is what metrics say of a pass.
func endedOf(w schedule.Work, r schedule.Result, rep *reconcile.Report, took time.Duration) metrics.Ended {
	e := metrics.Ended{Pipeline: w.Pipeline, Kind: string(w.Kind), State: string(r.State), Took: took, Outcomes: map[string]int{}}
	for ; rep != nil; rep = rep.Again {
		for outcome, n := range map[string]int{"written": rep.Applied, "failed": rep.Failed, "raced": rep.Raced, "waiting": rep.Waiting, "spared": rep.Spared} {
			e.Outcomes[outcome] += n
		}
		if e.Causes == nil {
			e.Causes = rep.Summary.Causes
		}
	}
	return e
}

func (s *server) pass(ctx context.Context, w schedule.Work) (rep *reconcile.Report, err error) {
	file, err := s.file.fresh()
	if err != nil {
		return nil, err
	}
	if file.Pipelines.Get(w.Pipeline) == nil {
		return nil, nil //nolint:nilnil // it left the file meanwhile: nothing is to be done
	}
	own := *s.app
	own.progress = func(p reconcile.Progress) { w.Phase(p.Phase) }
	own.phase = s.tracer.Phase
	one := &session{app: &own, file: file, journal: s.journal, kept: s.kept}
	defer func() { err = errors.Join(err, one.close()) }()
	r, err := one.reconcilerOf(ctx, w.Pipeline, false)
	if err != nil {
		return nil, err
	}
	t := reconcile.Trigger{Mode: reconcile.Reconcile, By: "schedule: " + string(w.Kind), Full: w.Kind == schedule.Audit, FullSource: w.Kind == schedule.Full}
	rep, err = r.Run(ctx, t)
	if err == nil {
		one.prune(workingAt(ctx, w.Pipeline, rep.Run))
	}
	return rep, err
}

// resultOf says what a pass means for its ticks.
func resultOf(ctx context.Context, rep *reconcile.Report, err error) schedule.Result {
	r := schedule.Result{State: schedule.Done}
	if rep != nil {
		r.Run = rep.Run
	}
	locked, busy := errors.AsType[*journal.Locked](err)
	switch {
	case busy:
		r.State, r.Text = schedule.Busy, locked.Error()
	case err != nil && ctx.Err() != nil:
		r.State = schedule.Stopped
	case errors.Is(err, context.Canceled):
		r.State, r.Text = schedule.Retry, "the journal could not be told that the pass goes on: its database went away, or another process took it over"
	case err != nil:
		r.State, r.Text = schedule.Retry, fault.Sentence(err)
		if final(fault.KindOf(err)) || codeOf(err) == exitUsage {
			r.State = schedule.Failed
		}
	case rep != nil && rep.Waiting > 0:
		r.State, r.Text = schedule.Retry, "the helpdesk went away before all was written"
	}
	return r
}

// final reports that a failure of this kind would come again until someone acts.
func final(k fault.Kind) bool {
	switch k {
	case fault.Invalid, fault.NotFound, fault.Unsupported, fault.Denied, fault.Unsafe:
		return true
	default:
		return false
	}
}
