package reconcile

import (
	"context"
	"errors"
	"iter"

	"github.com/desksync/desksync/helpdesk"
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
	Changes iter.Seq2[Computed, error]
	// Pins gives the decisions that keep later runs from writing again what an
	// admitted change puts back; nil: none.
	Pins func(*helpdesk.Change) []changeset.Decision
}

// Refused is a change that was not applied because something moved since.
type Refused struct {
	Change helpdesk.Change
	Fields []string // what no longer holds in the target what it held then
	Why    string   // or what else moved: the source, the rules, the day
}

// Replay applies exactly these changes, and refuses those that moved since they were
// computed: whose fields hold something else in the target, or (but for undo) whose
// account is staged otherwise, or under other rules. The source is not read. What
// stands in the target already is left out.
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
	if !req.Preview {
		if err := p.onlyLooks(ctx, "reconcile.replay", "written"); err != nil {
			return err
		}
	}
	p.observe = req.Preview
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

func (p *pass) replay(ctx context.Context, req Replay) error {
	if err := p.prepare(ctx, req); err != nil {
		return err
	}
	var pins []journal.Decision
	for page, err := range pages(req.Changes, p.opt.Page) {
		if err != nil {
			return err
		}
		kept, err := p.admit(ctx, page)
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
	p.rep.Calls = p.soFar()
	sealed := journal.Sealed{Totals: p.rep.totals(), Digest: p.rep.Digest.String(), PipelineDigest: p.pipe.Digest, Day: p.pipe.Day, Accounts: []string{}}
	err := p.journal.Seal(ctx, p.run, sealed)
	p.sealed = err == nil
	return err
}

// admit stores the changes that are still to be made as they were computed, and refuses
// those that moved.
func (p *pass) admit(ctx context.Context, page []Computed) ([]helpdesk.Change, error) {
	list := make([]instruction, len(page))
	for i := range page {
		list[i] = instruction{Change: page[i].Change, basis: basis{page[i].Source, page[i].Rules}}
	}
	now, err := p.readBack(ctx, list)
	if err != nil {
		return nil, err
	}
	refused, err := p.refused(ctx, list, now)
	if err != nil {
		return nil, err
	}
	var rows []journal.ChangeRow
	var kept []helpdesk.Change
	for i := range list {
		in := &list[i]
		if in.writes() && holds(in, now[in.Ref]) {
			p.rep.Standing++
			continue
		}
		if refused[i] != nil {
			p.rep.Refused = append(p.rep.Refused, *refused[i])
			continue
		}
		p.impactAgain(in, now[in.Ref], page[i].ARR)
		p.seq++
		p.rep.Summary.Add(&in.Change)
		p.rep.Digest.Add(&in.Change)
		kept = append(kept, in.Change)
		row := p.row(&in.Change)
		row.Body, row.ARR, row.Class = in.pack(), page[i].ARR, page[i].Class
		rows = append(rows, row)
	}
	return kept, p.journal.AddChanges(ctx, p.run, rows)
}

// refused says of each change why it is not made; nil: it is.
func (p *pass) refused(ctx context.Context, list []instruction, now map[helpdesk.Ref]*helpdesk.Object) ([]*Refused, error) {
	merging, err := p.mergesOf(ctx, list)
	if err != nil {
		return nil, err
	}
	stale, err := p.stale(ctx, list)
	if err != nil {
		return nil, err
	}
	out := make([]*Refused, len(list))
	for i := range list {
		in := &list[i]
		if in.Op == helpdesk.Delete && merging[in.Account] {
			out[i] = &Refused{Change: in.Change, Fields: []string{"its account was merged (desksync merges)"}}
		} else if fields := moved(&in.Change, now[in.Ref]); len(fields) > 0 {
			out[i] = &Refused{Change: in.Change, Fields: fields}
		} else if stale[i] != "" {
			out[i] = &Refused{Change: in.Change, Why: stale[i]}
		}
	}
	return out, nil
}

// impactAgain notes the SLA policy before and after a change that was computed
// before; the ARR is that of the run it comes from.
func (p *pass) impactAgain(in *instruction, now *helpdesk.Object, arr float64) {
	if in.Ref.Kind != helpdesk.Organization {
		return
	}
	var have helpdesk.Fields
	if now != nil {
		have = now.Fields
	}
	p.rep.Impact.Add(p.policyOf(have), p.policyOf(changeset.Apply(have, &in.Change)), arr, 0)
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
func pages[T any](seq iter.Seq2[T, error], size int) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		var page []T
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
