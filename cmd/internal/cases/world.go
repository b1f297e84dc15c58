package cases

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/rs/zerolog"

	"github.com/desksync/desksync/cmd/internal/wire"
	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/config/casefile"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/sqldesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/sla"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

// world is all that one case works with: a journal and a store of its own, made
// as the case says, and the pipeline between its CRM and that store.
type world struct {
	opt      Options
	now      func() time.Time
	c        *casefile.Case
	file     *config.File
	w        *wire.Pipeline
	dir      string
	journal  *journal.Journal
	store    *sqldesk.Store
	caps     helpdesk.Capabilities
	export   *export
	pipeline reconcile.Pipeline
	closers  []func() error

	orgs, users map[string]int64                 // the store's numbers of what the case names by ids of its own
	linked      map[helpdesk.Ref]helpdesk.Object // what of the store carries a CRM key
}

// build makes the world of a case. What the case says wrong comes back as problems
// of the case file.
func (l *Lab) build(ctx context.Context, c *casefile.Case, dir string) (_ *world, err error) {
	file, err := l.configuration(c)
	if err != nil {
		return nil, err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, fmt.Errorf("no folder can be made for the case: %w", err)
	}
	v := &world{opt: l.opt, c: c, file: file, dir: dir, orgs: map[string]int64{}, users: map[string]int64{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, v.close())
		}
	}()
	v.now = noonOf(c.Day, file.Pipelines.Get(c.Pipeline).TimeZone)
	if v.w, err = v.wire(c.Pipeline); err != nil {
		return v, err
	}
	if err := v.openBoth(ctx, l); err != nil {
		return v, err
	}
	if err := v.fillStore(ctx); err != nil {
		return v, err
	}
	if err := v.wireUp(ctx); err != nil {
		return v, err
	}
	return v, v.fillJournal(ctx)
}

// noonOf is a clock that stands still at noon of a day in a zone.
func noonOf(d day.Day, zone string) func() time.Time {
	year, month, date := d.Time().Date()
	noon := time.Date(year, month, date, 12, 0, 0, 0, wire.Zone(zone))
	return func() time.Time { return noon }
}

func (v *world) wire(pipeline string) (*wire.Pipeline, error) {
	return wire.New(v.file, pipeline, wire.Env{Now: v.now, Lookup: v.opt.Lookup, Log: zerolog.Nop()})
}

func (v *world) reconciler(p reconcile.Pipeline) *reconcile.Reconciler {
	return reconcile.New(p, v.journal, reconcile.Options{Now: v.now, Log: zerolog.Nop(), Holder: journal.HolderName()})
}

func (v *world) close() error {
	var errs []error
	for i := len(v.closers) - 1; i >= 0; i-- {
		errs = append(errs, v.closers[i]())
	}
	return errors.Join(errs...)
}

// openBoth opens a fresh journal and a fresh store.
func (v *world) openBoth(ctx context.Context, l *Lab) (err error) {
	path := filepath.Join(v.dir, "journal.db")
	if err := l.journalFile(ctx, path); err != nil {
		return err
	}
	if v.journal, err = journal.Open(ctx, "sqlite:"+path, journal.Options{Now: v.now}); err != nil {
		return err
	}
	v.closers = append(v.closers, v.journal.Close)
	cfg := v.file.Targets.Get(v.w.Config.To)
	if cfg == nil {
		return fmt.Errorf("%s has no target %q", v.file.Name(), v.w.Config.To)
	}
	spec := wire.TargetSpec{Name: v.w.Config.To, Config: cfg, Instance: v.journal.Instance()}
	path = filepath.Join(v.dir, "store.db")
	if err := l.storeFile(ctx, v.w, spec, path); err != nil {
		return err
	}
	if v.store, err = wire.OpenStoreAt(ctx, v.w, spec, "sqlite:"+path); err != nil {
		return err
	}
	v.closers = append(v.closers, v.store.Close)
	v.caps, err = v.store.Describe(ctx)
	return err
}

// wireUp compiles the pipeline over the CRM of the case and the store.
func (v *world) wireUp(ctx context.Context) (err error) {
	if v.export, err = newExport(v.w, v.c, filepath.Join(v.dir, "crm")); err != nil {
		return err
	}
	if err := v.export.slips(); err != nil {
		return err
	}
	source, err := v.export.open()
	if err != nil {
		return err
	}
	if v.pipeline, err = v.w.Assemble(ctx, source, v.store); err != nil {
		return err
	}
	if v.c.Overrides != nil {
		v.pipeline.Overrides, err = v.overrides()
	}
	return err
}

// overrides are those of the case, which stand instead of the configuration's.
func (v *world) overrides() ([]sla.Override, error) {
	out := make([]sla.Override, 0, len(v.c.Overrides))
	for i, o := range v.c.Overrides {
		id, err := v.w.Key(o.Account)
		if err != nil {
			return nil, v.problem(fmt.Sprintf("overrides[%d].account", i), err.Error(), "correct the id")
		}
		out = append(out, wire.OverrideOf(id, o))
	}
	return out, nil
}

// problem is a fault of the case at a path.
func (v *world) problem(path, msg, fix string) error {
	return config.Problems{v.c.Annotate(path, msg, fix)}
}

// run makes the one pass and gathers what came of it. The other pipelines into the
// same helpdesk have looked at the same CRM before, so that what they want is known.
func (v *world) run(ctx context.Context) (*outcome, error) {
	if err := v.runOthers(ctx); err != nil {
		return nil, err
	}
	came := &outcome{world: v}
	var err error
	if came.before, err = v.hold(ctx); err != nil {
		return nil, err
	}
	came.r = v.reconciler(v.pipeline)
	if came.rep, err = came.r.Run(ctx, reconcile.Trigger{Mode: reconcile.Reconcile, By: "case"}); err != nil {
		return nil, err
	}
	if v.pipeline.Mapper, err = came.r.Recorded(ctx); err != nil {
		return nil, err
	}
	return came, came.gather(ctx)
}

func (v *world) runOthers(ctx context.Context) error {
	for name, p := range v.file.Pipelines.All() {
		if name == v.c.Pipeline || p.To != v.w.Config.To || p.From != v.w.Config.From {
			continue
		}
		if err := v.look(ctx, name); err != nil {
			return fmt.Errorf("pipeline %s: %w", name, err)
		}
	}
	return nil
}

// look makes a pass of another pipeline that writes nothing.
func (v *world) look(ctx context.Context, name string) error {
	w, err := v.wire(name)
	if err != nil {
		return err
	}
	export, err := newExport(w, v.c, filepath.Join(v.dir, "crm of "+name))
	if err != nil {
		return err
	}
	source, err := export.open()
	if err != nil {
		return err
	}
	p, err := w.Assemble(ctx, source, v.store)
	if err != nil {
		return err
	}
	p.Overrides = v.pipeline.Overrides
	return v.diff(ctx, p)
}

// diff makes a pass that writes nothing to the store: what it read and mapped stays
// recorded.
func (v *world) diff(ctx context.Context, p reconcile.Pipeline) error {
	_, err := v.reconciler(p).Run(ctx, reconcile.Trigger{Mode: reconcile.Diff, By: "case"})
	return err
}

// hold lists everything the store holds, by kind and number.
func (v *world) hold(ctx context.Context) (map[helpdesk.Kind]map[string]helpdesk.Object, error) {
	out := map[helpdesk.Kind]map[string]helpdesk.Object{}
	for _, kind := range []helpdesk.Kind{helpdesk.Organization, helpdesk.User, helpdesk.Membership} {
		out[kind] = map[string]helpdesk.Object{}
		for page, err := range v.store.Objects(ctx, kind, "") {
			if err != nil {
				return nil, err
			}
			for _, o := range page.Objects {
				out[kind][o.ID] = o
			}
		}
	}
	return out, nil
}

// numberOf is the store's number of what a case calls by an id of its own; the
// order of the list is the id of what has none.
func numberOf(ids map[string]int64, id string, i int) (name string, number int64) {
	if id == "" {
		id = strconv.Itoa(i + 1)
	}
	if n, ok := ids[id]; ok {
		return id, n
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n <= 0 {
		n = 1<<40 + int64(i) // an id that is no number stands behind all that are
	}
	ids[id] = n
	return id, n
}
