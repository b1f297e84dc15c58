package main

import (
	"context"

	"github.com/rs/zerolog"
)

// working is what a process is at work at while it logs.
type working struct {
	pipeline string
	run      int64 // 0: it has no number yet
}

type workingKey struct{}

// workingAt returns a context whose log lines name the pipeline and the run.
func workingAt(ctx context.Context, pipeline string, run int64) context.Context {
	return context.WithValue(ctx, workingKey{}, working{pipeline, run})
}

// naming adds to a line what it belongs to, where the line was given the context of that.
type naming struct{}

// Run implements zerolog.Hook.
func (naming) Run(e *zerolog.Event, _ zerolog.Level, _ string) {
	w, ok := e.GetCtx().Value(workingKey{}).(working)
	if !ok {
		return
	}
	e.Str("pipeline", w.pipeline)
	if w.run != 0 {
		e.Int64("run", w.run)
	}
}

// phases has all that a phase of a pipeline's run does log under its names.
func (a *app) phases(pipeline string) func(context.Context, string, int64) (context.Context, func(error)) {
	return func(ctx context.Context, phase string, run int64) (context.Context, func(error)) {
		ctx = workingAt(ctx, pipeline, run)
		if a.phase == nil {
			return ctx, func(error) {}
		}
		return a.phase(ctx, phase, run)
	}
}
