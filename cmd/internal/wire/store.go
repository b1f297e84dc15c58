package wire

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/helpdesk/sqldesk"
	"github.com/desksync/desksync/internal/fault"
)

// byHand is the journal whose writes these are: nobody's, so that the next run sees
// them as somebody else's edits.
const byHand = ""

// ForTarget is the first pipeline that writes to a target; where none does, one that has
// no rules.
func ForTarget(file *config.File, target string, env Env) *Pipeline {
	for name, p := range file.Pipelines.All() {
		if p.To == target {
			return build(file, name, p, env)
		}
	}
	alone := &config.Pipeline{To: target, TimeZone: "UTC", Mark: config.Mark{DeleteAfter: config.Wait{Never: true}}}
	return build(file, "", alone, env)
}

// Desk opens a store for work by hand. Deletion follows the most careful of the
// pipelines that write to it, and spares what any of them protects.
func (w *Pipeline) Desk(ctx context.Context, name string, readOnly bool) (*sqldesk.Store, error) {
	spec := TargetSpec{name, w.File.Targets.Get(name), byHand, readOnly}
	opt := w.StoreOptions(spec)
	opt.Retire.Protected, opt.Retire.Merging = map[string]bool{}, w.Merging
	var errs []error
	for pipeline, cfg := range w.File.Pipelines.All() {
		if cfg.To != name {
			continue
		}
		mark, err := build(w.File, pipeline, cfg, w.env).Mark()
		errs = append(errs, err)
		maps.Copy(opt.Retire.Protected, mark.Protect)
		opt.Retire.Delete = opt.Retire.Delete && !mark.Never
		opt.Retire.Days = max(opt.Retire.Days, mark.DeleteAfter)
	}
	dsn, err := spec.Config.Database.DSN(w.Secrets)
	if err := errors.Join(append(errs, err, w.File.Err())...); err != nil {
		return nil, err
	}
	if !readOnly {
		return sqldesk.Open(ctx, dsn.Reveal(), opt)
	}
	store, err := sqldesk.OpenReadOnly(ctx, dsn.Reveal(), opt)
	if fault.KindOf(err) == fault.NotFound {
		err = fault.New("store.open", fault.NotFound, fmt.Errorf("%s holds no helpdesk store yet; make a first run with `desksync reconcile`, or an organization with `desksync store orgs create`: %s", name, fault.Plain(err)))
	}
	return store, err
}

// MultiOrganization reports whether a user may be in several organizations of the target.
func (w *Pipeline) MultiOrganization() bool { return w.File.Targets.Get(w.Config.To).MultiOrganization }
