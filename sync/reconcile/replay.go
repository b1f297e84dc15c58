package reconcile

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// Replay asks for changes that were computed before: a saved diff, what a guard
// held, or the inverse of a run.
type Replay struct {
	Mode    journal.Mode // Apply, Approve or Undo
	Parent  int64        // the run they come from
	By      string
	Preview bool // store and report, write nothing
	Changes iter.Seq2[helpdesk.Change, error]
	// Pins gives the decisions that keep later runs from writing again what an
	// admitted change puts back; nil: none.
	Pins func(*helpdesk.Change) []changeset.Decision
}

// Refused is a change that was not applied because the target moved since.
type Refused struct {
	Change helpdesk.Change
	Fields []string // what no longer holds what it held then
}

// Replay applies exactly these changes, and refuses those whose fields have moved
// in the target since they were computed.
func (r *Reconciler) Replay(ctx context.Context, req Replay) (*Report, error) {
	p := r.newPass(Mode(req.Mode), Trigger{Mode: Reconcile, By: req.By})
	p.rep.Summary.Chosen = true
	if err := p.startReplay(ctx, req); err != nil {
		return p.rep, err
	}
	return p.through(ctx, func(ctx context.Context) error { return p.replay(ctx, req) })
}

// through does the work of a run that was started, and finishes the run.
func (p *pass) through(ctx context.Context, work func(context.Context) error) (*Report, error) {
	ctx, stop := p.alive(ctx)
	err := work(ctx)
	stop()
	err = p.endSealed(context.WithoutCancel(ctx), err)
	return p.rep, errors.Join(err, p.finish(ctx, err))
}

func (p *pass) startReplay(ctx context.Context, req Replay) error {
	if err := p.connect(ctx); err != nil {
		return err
	}
	p.observe = req.Preview
	if !req.Preview && (p.Observe || p.journal.Restored()) {
		return &fault.Error{Op: "reconcile.replay", Kind: fault.Unsafe, Err: errors.New("this pipeline only observes: nothing is written (mode: observe, or the journal was just restored from a backup)")}
	}
	if err := p.endEarlier(ctx); err != nil {
		return err
	}
	p.day = p.today()
	p.rep.Day = p.day
	if err := p.ofToday(ctx, req); err != nil {
		return err
	}
	var err error
	p.run, err = p.journal.Begin(ctx, p.spec(req.Mode, req.Parent))
	p.rep.Run = p.run.ID
	return err
}

// ofToday refuses changes that were computed for a day to come.
func (p *pass) ofToday(ctx context.Context, req Replay) error {
	if req.Mode != journal.Apply && req.Mode != journal.Approve {
		return nil
	}
	was, err := p.journal.RunByID(ctx, req.Parent)
	if err != nil || was.Mode != journal.Forecast && was.Day <= p.day {
		return err
	}
	return fault.New("reconcile.replay", fault.Unsafe, fmt.Errorf("run %d is a forecast: its changes are those of %s, and today is %s; nothing was written", was.ID, was.Day, p.day))
}

func (p *pass) replay(ctx context.Context, req Replay) error {
	var pins []journal.Decision
	for page, err := range pages(req.Changes, p.opt.Page) {
		if err != nil {
			return err
		}
		kept, err := p.admit(ctx, req.Parent, page)
		if err != nil {
			return err
		}
		pins = append(pins, p.pins(kept, req)...)
	}
	if req.Preview || p.seq == 0 {
		return nil
	}
	if err := p.journal.PutDecisions(ctx, pins); err != nil {
		return err
	}
	if err := p.sealChosen(ctx); err != nil {
		return err
	}
	return p.apply(ctx)
}

// sealChosen seals a run whose changes were chosen: it compared no account.
func (p *pass) sealChosen(ctx context.Context) error {
	sealed := journal.Sealed{Totals: p.rep.totals(), Digest: p.rep.Digest.String(), PipelineDigest: p.pipe.Digest, Day: p.pipe.Day, Accounts: []string{}}
	err := p.journal.Seal(ctx, p.run, sealed)
	p.sealed = err == nil
	return err
}

// admit stores the changes whose fields still hold what they held when the change
// was computed, and refuses the others.
func (p *pass) admit(ctx context.Context, parent int64, page []helpdesk.Change) ([]helpdesk.Change, error) {
	list := make([]instruction, len(page))
	for i := range page {
		list[i] = instruction{Change: page[i]}
	}
	now, err := p.readBack(ctx, list)
	if err != nil {
		return nil, err
	}
	merging, err := p.mergesOf(ctx, list)
	if err != nil {
		return nil, err
	}
	var rows []journal.ChangeRow
	var kept []helpdesk.Change
	for i := range list {
		in := &list[i]
		if in.Op == helpdesk.Delete && merging[in.Account] {
			p.rep.Refused = append(p.rep.Refused, Refused{in.Change, []string{"its account was merged (desksync merges)"}})
			continue
		}
		if fields := moved(&in.Change, now[in.Ref]); len(fields) > 0 {
			p.rep.Refused = append(p.rep.Refused, Refused{in.Change, fields})
			continue
		}
		if err := p.impactAgain(ctx, parent, &in.Change, now[in.Ref]); err != nil {
			return nil, err
		}
		p.seq++
		p.rep.Summary.Add(&in.Change)
		p.rep.Digest.Add(&in.Change)
		kept = append(kept, in.Change)
		row := p.row(&in.Change)
		row.Body = in.Change.Pack(nil)
		rows = append(rows, row)
	}
	return kept, p.journal.AddChanges(ctx, p.run, rows)
}

// impactAgain notes the SLA policy before and after a change that was computed
// before; the ARR is that of the run it comes from.
func (p *pass) impactAgain(ctx context.Context, parent int64, c *helpdesk.Change, now *helpdesk.Object) error {
	if c.Ref.Kind != helpdesk.Organization {
		return nil
	}
	var have helpdesk.Fields
	if now != nil {
		have = now.Fields
	}
	before, after := p.policyOf(have), p.policyOf(changeset.Apply(have, c))
	if before == after {
		return nil
	}
	rows, err := p.journal.Changes(ctx, parent, journal.ChangeFilter{Account: c.Account, Dropped: true}, journal.Pos{}, 1)
	arr := 0.0
	for i := range rows {
		arr = rows[i].ARR
	}
	p.rep.Impact.Add(before, after, arr, 0)
	return err
}

func (p *pass) pins(changes []helpdesk.Change, req Replay) []journal.Decision {
	if req.Pins == nil {
		return nil
	}
	var out []journal.Decision
	for i := range changes {
		c := &changes[i]
		for _, d := range req.Pins(c) {
			out = append(out, journal.Decision{
				Pipeline: p.pipe.ID, Account: c.Account, Kind: c.Ref.Kind, Key: c.Ref.Key, Field: d.Field, Action: string(d.Action),
				Want: d.Want, Author: req.By, Reason: d.Reason, Run: p.run.ID,
			})
		}
	}
	return out
}

// pages cuts a sequence into pages.
func pages(seq iter.Seq2[helpdesk.Change, error], size int) iter.Seq2[[]helpdesk.Change, error] {
	return func(yield func([]helpdesk.Change, error) bool) {
		var page []helpdesk.Change
		for c, err := range seq {
			if err != nil {
				yield(nil, err)
				return
			}
			if page = append(page, c); len(page) == size {
				if !yield(page, nil) {
					return
				}
				page = nil
			}
		}
		if len(page) > 0 {
			yield(page, nil)
		}
	}
}

// Changes yields the changes of a run in their order: held ones, open ones, or
// (nil) all.
func Changes(ctx context.Context, j *journal.Journal, run int64, filter journal.ChangeFilter) iter.Seq2[helpdesk.Change, error] {
	return func(yield func(helpdesk.Change, error) bool) {
		var after journal.Pos
		for {
			rows, err := j.Changes(ctx, run, filter, after, shard)
			if err != nil {
				yield(helpdesk.Change{}, err)
				return
			}
			for i := range rows {
				if rows[i].Op == opNote {
					continue
				}
				c, err := helpdesk.UnpackChange(rows[i].Body)
				if c.Hold == "" {
					c.Hold = rows[i].Hold
				}
				if !yield(c, err) || err != nil {
					return
				}
			}
			if len(rows) < shard {
				return
			}
			after = rows[len(rows)-1].Pos()
		}
	}
}

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
	failed     map[string]bool            // changes of the run that were not applied
	was        map[string]helpdesk.Change // by the id of its inverse, until that is pinned
	impossible []changeset.Impossible
}

func (u *undo) changes(ctx context.Context) iter.Seq2[helpdesk.Change, error] {
	return func(yield func(helpdesk.Change, error) bool) {
		var err error
		if u.failed, err = u.failedIn(ctx, u.run); err != nil {
			yield(helpdesk.Change{}, err)
			return
		}
		open := false
		for page, err := range pages(Changes(ctx, u.journal, u.run, journal.ChangeFilter{Held: &open}), u.opt.Page) {
			var back []helpdesk.Change
			if err == nil {
				back, err = u.invert(ctx, page)
			}
			if err != nil {
				yield(helpdesk.Change{}, err)
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

func (u *undo) invert(ctx context.Context, page []helpdesk.Change) ([]helpdesk.Change, error) {
	page = slices.DeleteFunc(page, func(c helpdesk.Change) bool { return u.failed[c.ID] })
	list := make([]instruction, len(page))
	for i := range page {
		list[i] = instruction{Change: open(page[i])}
	}
	now, err := u.readBack(ctx, list)
	if err != nil {
		return nil, err
	}
	var back []helpdesk.Change
	for i := range list {
		var fields helpdesk.Fields
		if o := now[list[i].Ref]; o != nil {
			fields = o.Fields
		}
		inverse, cannot := changeset.Invert(list[i].Change, fields, u.Mark)
		u.impossible = append(u.impossible, cannot...)
		if inverse != nil {
			u.was[inverse.ID] = list[i].Change
			back = append(back, *inverse)
		}
	}
	return back, nil
}

func (r *Reconciler) failedIn(ctx context.Context, run int64) (map[string]bool, error) {
	out := map[string]bool{}
	var after journal.Pos
	for {
		list, err := r.journal.Outcomes(ctx, run, after, journal.MaxPage)
		if err != nil || len(list) == 0 {
			return out, err
		}
		for _, o := range list {
			out[o.ChangeID] = true
		}
		after = list[len(list)-1].Pos
	}
}
