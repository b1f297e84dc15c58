package reconcile

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/journal"
)

const (
	// fullEvery is how old the last full read may be: a delta read never shows formula
	// fields, names of parents and what was purged.
	fullEvery = 24 * time.Hour

	// maxStray bounds how many records of one role a delta read looks for in the whole
	// stage; of more, a full read finds where they were more cheaply.
	maxStray = 50_000
)

// delta is a read of what changed since the last one.
type delta struct {
	*pass
	source crm.Deltas
	deltas []crm.Delta
	last   []journal.ReadInfo // of the role of each delta
	reps   []crm.Report
	parts  []*deltaRole
}

// delta returns the delta read that this pass can make; nil: a full one is due. That is
// so as well where the login sees other columns than at the last read.
func (p *pass) delta(ctx context.Context) (*delta, error) {
	source, ok := p.Source.(crm.Deltas)
	if t := p.trigger; !ok || t.Full || t.FullSource || t.AcceptShrink {
		return nil, nil //nolint:nilnil // a full read is due
	}
	d := &delta{pass: p, source: source}
	columns := p.Mapper.Columns()
	for _, role := range crm.Roles {
		_, offered := p.schema.Columns[role]
		last, known, err := p.journal.LastRead(ctx, p.pipe.ID, role)
		switch {
		case err != nil:
			return nil, err
		case columns[role] == nil, !offered && !known:
			continue
		}
		since, ok := p.since(role, &last)
		if !ok || !offered {
			return nil, nil //nolint:nilnil // a full read is due
		}
		d.deltas = append(d.deltas, crm.Delta{Query: crm.Query{Role: role, Columns: columns[role]}, Since: since})
		d.last = append(d.last, last)
	}
	return d, nil
}

// since returns where a delta read of a role goes on, if it may.
func (p *pass) since(role crm.Role, last *journal.ReadInfo) (string, bool) {
	layout, since, ok := strings.Cut(last.Place, " ")
	old := p.opt.Now().Sub(last.At) >= p.FullEvery
	return since, ok && !old && layout == hex.EncodeToString(p.layouts[role]) && last.Fingerprint == p.sight(role)
}

// place is where a delta read goes on after a read: of the same columns, and nowhere
// where the source does not say.
func (p *pass) place(role crm.Role, rep *crm.Report) string {
	if rep.Next == "" {
		return ""
	}
	return hex.EncodeToString(p.layouts[role]) + " " + rep.Next
}

// read takes the changes into the stage. It reports false where only a full read will
// do after all; what it staged until then is true, and stays.
func (d *delta) read(ctx context.Context) (bool, error) {
	if err := d.recallGone(ctx); err != nil {
		return false, err
	}
	d.reps = make([]crm.Report, len(d.deltas))
	for i := range d.deltas {
		part := &deltaRole{merge: d.newMerge(d.deltas[i].Query), stray: map[string]string{}}
		d.parts = append(d.parts, part)
	}
	err := d.all(ctx)
	if errors.Is(err, crm.ErrReadFull) {
		d.rep.FullWhy = strings.TrimSuffix(fault.Plain(err), ": "+crm.ErrReadFull.Error())
		return false, d.journal.ClearMissing(ctx, d.run)
	}
	if err != nil {
		return false, err
	}
	d.report()
	if d.blocked = d.lessThanBefore(); d.blocked {
		return true, nil
	}
	if _, err := d.markDeleted(ctx); err != nil {
		return true, err
	}
	if err := d.takeMissing(ctx); err != nil {
		return true, err
	}
	return true, d.notePlaces(ctx)
}

func (d *delta) all(ctx context.Context) error {
	var part *deltaRole
	for c, err := range d.source.Changes(ctx, d.deltas, d.reps) {
		if err = cmpErr(err, ctx.Err); err != nil {
			return err
		}
		if part == nil || part.query.Role != c.Role {
			part = d.of(c.Role)
		}
		if err := part.take(ctx, c); err != nil {
			return err
		}
	}
	for _, part := range d.parts {
		if err := part.end(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (d *delta) of(role crm.Role) *deltaRole {
	i := slices.IndexFunc(d.parts, func(r *deltaRole) bool { return r.query.Role == role })
	return d.parts[i]
}

// report says what was read, and since when.
func (d *delta) report() {
	for i, part := range d.parts {
		if at := d.last[i].PlacedAt; d.rep.Since.IsZero() || at.Before(d.rep.Since) {
			d.rep.Since = at
		}
		if at := d.last[i].At; d.rep.LastFull.IsZero() || at.Before(d.rep.LastFull) {
			d.rep.LastFull = at
		}
		d.rep.Reads = append(d.rep.Reads, Read{
			Role: part.query.Role, Rows: part.rows, Before: d.last[i].Rows, Changed: part.changed, Missing: part.missed, Report: d.reps[i],
		})
	}
}

// lessThanBefore asks the guard of each role, as a full read does.
func (d *delta) lessThanBefore() bool {
	less := false
	for i, part := range d.parts {
		less = d.shrank(&Read{Role: part.query.Role, Before: d.last[i].Rows, Rows: d.now(i)}) || less
	}
	return less
}

// now is how many rows a role has now.
func (d *delta) now(i int) int { return d.last[i].Rows + d.parts[i].added - d.parts[i].missed }

func (d *delta) notePlaces(ctx context.Context) error {
	for i, part := range d.parts {
		if !d.reps[i].Complete {
			continue // the next one shows it again
		}
		role := part.query.Role
		if err := d.journal.NotePlace(ctx, d.run, role, d.place(role, &d.reps[i]), d.now(i)); err != nil {
			return err
		}
	}
	return nil
}

// deltaRole takes the changes of one role.
type deltaRole struct {
	*merge
	page  []crm.Change
	added int               // rows that were not there, or were lost
	stray map[string]string // records that may stand elsewhere in the stage: id → where it belongs now, empty: nowhere
}

// take gathers changes; their values are valid until the next only.
func (r *deltaRole) take(ctx context.Context, c crm.Change) error {
	r.rows++
	if c.Role == crm.Account {
		c.Account = c.ID
	}
	c.Values = slices.Clone(c.Values)
	if r.page = append(r.page, c); len(r.page) < writePage {
		return nil
	}
	return r.settle(ctx)
}

// settle compares a page of changes with the stage.
func (r *deltaRole) settle(ctx context.Context) error {
	heads, err := r.heads(ctx)
	if err != nil {
		return err
	}
	for i := range r.page {
		c := &r.page[i]
		head, staged := heads[journal.Key{Account: c.Account, ID: c.ID}]
		if err := r.change(ctx, c, head, staged); err != nil {
			return err
		}
	}
	r.page = r.page[:0]
	return r.flush(ctx)
}

// heads returns what is staged of the page, where it says that it belongs.
func (r *deltaRole) heads(ctx context.Context) (map[journal.Key]journal.Head, error) {
	accounts := map[string]bool{}
	for i := range r.page {
		accounts[r.page[i].Account] = true
	}
	list, err := r.journal.HeadsOf(ctx, r.pipe.ID, r.query.Role, slices.Sorted(maps.Keys(accounts)))
	out := make(map[journal.Key]journal.Head, len(list))
	for _, h := range list {
		out[journal.Key{Account: h.Account, ID: h.ID}] = h
	}
	return out, err
}

// change takes one change. A record that does not stand where it belongs may stand
// elsewhere: it was moved, or it is new.
func (r *deltaRole) change(ctx context.Context, c *crm.Change, head journal.Head, staged bool) error {
	if c.Role == crm.Account {
		r.account(c)
	}
	if !staged && !c.Made && c.Role != crm.Account {
		r.stray[c.ID] = c.Account
		if c.Gone != crm.Here {
			r.stray[c.ID] = ""
		}
	}
	if c.Gone != crm.Here {
		if staged {
			return r.miss(ctx, head)
		}
		return nil
	}
	hash := r.hash(&c.Record)
	if staged && head.Hash == hash {
		return nil
	}
	if !staged || head.Lost {
		r.added++
	}
	return r.put(ctx, c.Record, hash)
}

// account notes what became of an account.
func (r *deltaRole) account(c *crm.Change) {
	switch {
	case c.Gone == crm.Here:
		r.isBack(c.ID)
	case c.Gone == crm.Deleted && c.Into != "":
		r.noteMerge(c.ID, c.Into)
	case c.Gone == crm.Deleted:
		r.deleted[c.ID] = true
	}
}

// end settles what is left, and takes strays from where they stood before.
func (r *deltaRole) end(ctx context.Context) error {
	if err := r.settle(ctx); err != nil || len(r.stray) == 0 {
		return err
	}
	if len(r.stray) > maxStray {
		return fmt.Errorf("more than %d %ss may have moved: %w", maxStray, r.query.Role, crm.ErrReadFull)
	}
	w := stageWalk{role: r.query.Role, next: r.stagePage}
	for {
		h, err := w.peek(ctx)
		if err != nil || h == nil {
			return errors.Join(err, r.flush(ctx))
		}
		w.at++
		if at, moved := r.stray[h.ID]; moved && at != h.Account {
			if err := r.miss(ctx, *h); err != nil {
				return err
			}
		}
	}
}
