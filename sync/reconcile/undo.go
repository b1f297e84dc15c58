package reconcile

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// Undo previews or makes the inverse of what a run applied. What cannot be undone
// is returned, whether or not anything is written. A merge cannot be undone at all, nor
// a run that wrote nothing; asking for it is fault.Unsafe.
func (r *Reconciler) Undo(ctx context.Context, run int64, by string, preview bool) (*Report, []changeset.Impossible, error) {
	if err := r.undoable(ctx, run); err != nil {
		return &Report{}, nil, err
	}
	u := &undo{Reconciler: r, run: run, was: map[string]helpdesk.Change{}}
	rep, err := r.Replay(ctx, Replay{Mode: journal.Undo, Parent: run, By: by, Preview: preview, Changes: u.changes(ctx), Pins: u.pins})
	return rep, u.impossible, err
}

// undoable refuses a run that there is nothing to undo of, whatever it found: what was
// not sealed never went out.
func (r *Reconciler) undoable(ctx context.Context, run int64) error {
	was, err := r.journal.RunByID(ctx, run)
	switch {
	case err != nil:
		return err
	case was.Mode == journal.Merge:
		return errMerged(run)
	case was.Sealed.IsZero():
		return fault.New("reconcile.undo", fault.Unsafe, fmt.Errorf("run %d (%s, %s) wrote nothing: there is nothing to undo", run, was.Mode, was.State))
	default:
		return nil
	}
}

// undo turns what a run applied into its inverse, page by page.
type undo struct {
	*Reconciler
	run        int64
	failed     map[string]journal.Outcome //  changes of the run that were not applied
	was        map[string]helpdesk.Change // by the id of its inverse, until that is pinned
	impossible []changeset.Impossible
}

func (u *undo) changes(ctx context.Context) iter.Seq2[Computed, error] {
	return func(yield func(Computed, error) bool) {
		var err error
		if u.failed, err = u.outcomesOf(ctx, u.run); err != nil {
			yield(Computed{}, err)
			return
		}
		open := false
		for page, err := range pages(ComputedIn(ctx, u.journal, u.run, journal.ChangeFilter{Held: &open}), u.opt.Page) {
			var back []Computed
			if err == nil {
				back, err = u.invert(ctx, page)
			}
			if err != nil {
				yield(Computed{}, err)
				return
			}
			for _, c := range back {
				if !yield(c, nil) {
					return
				}
			}
		}
	}
}

func (u *undo) pins(inverse *helpdesk.Change) []changeset.Decision {
	was := u.was[inverse.ID]
	delete(u.was, inverse.ID)
	return changeset.Pins(was, inverse)
}

func (u *undo) invert(ctx context.Context, page []Computed) ([]Computed, error) {
	page = slices.DeleteFunc(page, func(c Computed) bool { _, not := u.failed[c.ID]; return not })
	list := make([]instruction, len(page))
	for i := range page {
		list[i] = instruction{Change: open(page[i].Change)}
	}
	now, err := u.readBack(ctx, list)
	if err != nil {
		return nil, err
	}
	var back []Computed
	for i := range list {
		var fields helpdesk.Fields
		if o := now[list[i].Ref]; o != nil {
			fields = o.Fields
		}
		inverse, cannot := changeset.Invert(list[i].Change, fields, u.Mark)
		u.impossible = append(u.impossible, cannot...)
		if inverse != nil {
			u.was[inverse.ID] = list[i].Change
			back = append(back, Computed{Change: *inverse, ARR: page[i].ARR})
		}
	}
	return back, nil
}
