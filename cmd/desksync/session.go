package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/desksync/desksync/cmd/internal/wire"
	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/aside"
	"github.com/desksync/desksync/internal/near"
	"github.com/desksync/desksync/internal/secret"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

// session is a command at work: the file, the journal, and the pipelines it is about.
type session struct {
	*app
	file    *config.File
	journal *journal.Journal
	closers []func() error
	kept    *keptTargets // stay open when the session ends; nil: none do
}

// open reads the configuration and opens the journal. Close it.
func (a *app) open(ctx context.Context) (*session, error) {
	file, err := aside.Do(ctx, func() (*config.File, error) { return config.Read(a.config) })
	if err != nil {
		return nil, err
	}
	if file.Err() != nil {
		return nil, a.allOf(ctx, file)
	}
	return a.openWith(ctx, file)
}

// journalDSN is where the journal of a file is, its secrets looked up.
func (a *app) journalDSN(file *config.File) (secret.Text, error) {
	dsn, err := file.Journal.DSN.DSN(file.Secrets(a.lookup))
	if err != nil {
		return dsn, fmt.Errorf("journal: %w", err)
	}
	return dsn, nil
}

// openWith opens the journal of a file, whatever is wrong with the rest of it. Close it.
func (a *app) openWith(ctx context.Context, file *config.File) (*session, error) {
	dsn, err := a.journalDSN(file)
	if err != nil {
		return nil, err
	}
	j, err := journal.Open(ctx, dsn.Reveal(), journal.Options{Now: a.now, Log: a.log, ServerClock: true, Lease: a.lease, Dead: a.dead})
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return &session{app: a, file: file, journal: j, closers: []func() error{j.Close}}, nil
}

// env is what parts of this process are built with.
func (a *app) env() wire.Env {
	return wire.Env{Now: a.now, Lookup: a.lookup, Log: a.log, Calls: a.calls}
}

func (a *app) wire(file *config.File, pipeline string) (*wire.Pipeline, error) {
	return wire.New(file, pipeline, a.env())
}

// reconciler puts a pass together over an open journal.
func (a *app) reconciler(p reconcile.Pipeline, j *journal.Journal) *reconcile.Reconciler {
	return reconcile.New(p, j, reconcile.Options{
		Now: a.now, Log: a.log, Holder: journal.HolderName(), Progress: a.progress, Checkpoint: a.checkpoint, Phase: a.phases(p.Name),
	})
}

// sourceOf returns a pipeline's source. What it is asked counts toward the share that all
// processes have together.
func (s *session) sourceOf(ctx context.Context, w *wire.Pipeline) (crm.Source, error) {
	source, err := w.Source()
	if err != nil {
		return nil, err
	}
	return source, reconcile.Meter(ctx, s.journal, w.Config.From, source)
}

// knownSource is sourceOf for a run: it goes on from what the login saw at the last one.
func (s *session) knownSource(ctx context.Context, w *wire.Pipeline) (crm.Source, error) {
	source, err := s.sourceOf(ctx, w)
	if err != nil {
		return nil, err
	}
	return source, reconcile.Recognize(ctx, s.journal, w.Name, w.File.Text(), source)
}

// allOf is everything that is wrong with a file that something is wrong with: what
// its rules show too, so that all is said at once.
func (a *app) allOf(ctx context.Context, file *config.File) error {
	var errs []error
	for name := range file.Pipelines.All() {
		w, err := a.wire(file, name)
		if err == nil {
			_, err = w.CheckOffline(ctx)
		}
		errs = append(errs, err)
	}
	return errors.Join(append(errs, file.Err())...)
}

// close ends what the session opened, last first.
func (s *session) close() error {
	var errs []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[i]())
	}
	return errors.Join(errs...)
}

// chosen lists the pipelines a command is about: the one named, or all.
func (s *session) chosen(pipeline string) ([]string, error) {
	if pipeline == "" {
		return s.file.Pipelines.Names(), nil
	}
	if s.file.Pipelines.Get(pipeline) == nil {
		return nil, usage("there is no pipeline %q in %s%s", pipeline, s.file.Name(), near.Known(pipeline, s.file.Pipelines.Names()))
	}
	return []string{pipeline}, nil
}

// reconcilerOf opens both ends of a pipeline and compiles its rules. A preview is
// given a target that cannot write.
func (s *session) reconcilerOf(ctx context.Context, pipeline string, readOnly bool) (*reconcile.Reconciler, error) {
	ctx = workingAt(ctx, pipeline, 0)
	w, err := s.wire(s.file, pipeline)
	if err != nil {
		return nil, err
	}
	source, err := s.knownSource(ctx, w)
	if err != nil {
		return nil, err
	}
	w.Keys = func(ctx context.Context, k helpdesk.Kind, ids []string) (map[string]string, error) {
		return s.journal.KeysOf(ctx, w.Config.To, k, ids)
	}
	tgt, err := s.targetOf(ctx, w, readOnly)
	if err != nil {
		return nil, err
	}
	p, err := w.Assemble(ctx, source, tgt)
	if err != nil {
		return nil, err
	}
	return s.app.reconciler(p, s.journal), nil
}

// with runs fn in a session and closes it.
func (a *app) with(ctx context.Context, fn func(*session) error) error {
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	return errors.Join(fn(s), s.close())
}
