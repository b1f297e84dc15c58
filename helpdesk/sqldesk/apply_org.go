package sqldesk

import (
	"database/sql"
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/fold"
)

// orgRow is an organization as Apply reads and writes it. Parent and sharing are
// not among it: no sync touches them.
type orgRow struct {
	ID         int64          `db:"id"`
	ExternalID sql.NullString `db:"external_id"`
	Name       string         `db:"name"`
	Fold       string         `db:"name_fold"`
	Summary    string         `db:"summary"`
	Contact    string         `db:"contact"`
	Notes      string         `db:"notes"`
	Fields     string         `db:"fields"`
	MarkedOn   sql.NullString `db:"marked_on"`
	stamp
}

const orgColumns = `id, external_id, name, name_fold, summary, contact, notes, fields, marked_on, seq, writer, other_seq`

var orgTable = dbx.Table{
	Name: "organization",
	Columns: []string{
		"id", "external_id", "name", "name_fold", "summary", "contact", "notes", "fields", "marked_on",
		"created_at", "updated_at", "seq", "writer", "other_seq",
	},
}

// orgChanged is the conflict clause by which rows that are there are written over.
const orgChanged = `ON CONFLICT (id) DO UPDATE SET external_id = excluded.external_id, name = excluded.name, name_fold = excluded.name_fold,
	summary = excluded.summary, contact = excluded.contact, notes = excluded.notes, fields = excluded.fields, marked_on = excluded.marked_on,
	updated_at = excluded.updated_at, seq = excluded.seq, writer = excluded.writer, other_seq = excluded.other_seq`

// orgWork is one organization on its way: the row as it shall be, and what of it changes.
type orgWork struct {
	i       int
	row     orgRow
	entries entries
	old     string // the folded name it has now
	parts   []part // tags, domains and groups that shall come or go
	fresh   bool   // it is not stored yet
	dirty   bool   // the row itself changes
}

// part is an element of an organization: a tag, a domain or a group.
type part struct {
	prefix, name string
	on           bool
}

// writeOrganizations makes and updates organizations; retiring one is an update
// that marks it.
func (b *batch) writeOrganizations() error {
	works, err := b.orgWorks()
	if err != nil || len(works) == 0 {
		return err
	}
	if works, err = b.settleNames(works); err != nil {
		return err
	}
	if err := b.numberOrgs(works); err != nil {
		return err
	}
	moves, err := b.partMoves(works)
	if err != nil {
		return err
	}
	if err := b.store(orgTable, orgChanged, func(fresh bool) iter.Seq[[]any] { return b.orgRows(works, fresh) }); err != nil {
		return err
	}
	if err := b.moveParts(moves); err != nil {
		return err
	}
	for _, w := range works {
		b.done(w.i, w.row.ID)
		if w.fresh {
			b.made.orgs[w.row.ExternalID.String] = w.row.ID
		}
	}
	return nil
}

// orgWorks reads the organizations concerned and lays the changes over them.
func (b *batch) orgWorks() ([]*orgWork, error) {
	found, err := b.readOrgs()
	if err != nil {
		return nil, err
	}
	var works []*orgWork
	for i, c := range b.of(helpdesk.Organization, helpdesk.Create, helpdesk.Update, helpdesk.Retire) {
		w, err := b.orgWork(i, c, found)
		if err != nil {
			b.fail(i, err)
			continue
		}
		if w != nil {
			works = append(works, w)
		}
	}
	return works, nil
}

// found holds rows by CRM id and by own id.
type found[R any] struct {
	key map[string]*R
	id  map[int64]*R
}

func (b *batch) readOrgs() (found[orgRow], error) {
	f := found[orgRow]{map[string]*orgRow{}, map[int64]*orgRow{}}
	keys, ids := b.wanted(helpdesk.Organization, helpdesk.Create, helpdesk.Update, helpdesk.Retire)
	for _, q := range []lookup{{orgsByKey, keys, len(keys)}, {orgsByID, ids, len(ids)}} {
		var rows []orgRow
		if err := b.look(&rows, q); err != nil {
			return f, err
		}
		for i := range rows {
			f.add(&rows[i], rows[i].ExternalID, rows[i].ID)
		}
	}
	return f, nil
}

const (
	orgsByKey = `SELECT ` + orgColumns + ` FROM organization WHERE external_id`
	orgsByID  = `SELECT ` + orgColumns + ` FROM organization WHERE id`
)

// lookup is a query that ends in a column, and the n keys to find there.
type lookup struct {
	query string
	keys  any
	n     int
}

func (b *batch) look(into any, l lookup) error {
	if l.n == 0 {
		return nil
	}
	return b.t.among(into, l.query, l.keys)
}

// add keeps the first row read of an object: both maps point to the same one.
func (f found[R]) add(r *R, key sql.NullString, id int64) {
	if _, ok := f.id[id]; ok {
		return
	}
	f.id[id] = r
	if key.Valid {
		f.key[key.String] = r
	}
}

// wanted returns the CRM ids and own ids that open changes of a kind name.
func (b *batch) wanted(k helpdesk.Kind, ops ...helpdesk.Op) (keys []string, ids []int64) {
	for _, c := range b.of(k, ops...) {
		if c.Ref.Key != "" {
			keys = append(keys, c.Ref.Key)
		}
		if id, ok := targetID(c); ok {
			ids = append(ids, id)
		}
	}
	return keys, ids
}

func targetID(c helpdesk.Change) (int64, bool) {
	id, err := strconv.ParseInt(c.TargetID, 10, 64)
	return id, err == nil
}

// pick finds the row that a change is about: by CRM id, or by own id where the row
// carries none. It returns nil if there is none.
func (f found[R]) pick(c helpdesk.Change, carries func(*R) (key sql.NullString, id int64)) (*R, error) {
	if r, ok := f.key[c.Ref.Key]; ok {
		if _, id := carries(r); c.TargetID != "" && c.TargetID != idText(id) {
			return nil, raced("%s is number %d now, not %s; it moved meanwhile", c.Ref, id, c.TargetID)
		}
		return r, nil
	}
	id, ok := targetID(c)
	r := f.id[id]
	if !ok || r == nil {
		return nil, nil
	}
	if key, _ := carries(r); key.Valid && c.Ref.Key != "" && key.String != c.Was {
		return nil, invalid("apply", "%s %d belongs to %s in the CRM and is never taken from it", c.Ref.Kind, id, key.String)
	}
	return r, nil
}

// orgWork lays one change over its organization. It returns nil for a retire of
// one that is gone already.
func (b *batch) orgWork(i int, c helpdesk.Change, f found[orgRow]) (*orgWork, error) {
	row, err := f.pick(c, func(r *orgRow) (sql.NullString, int64) { return r.ExternalID, r.ID })
	if err != nil {
		return nil, err
	}
	w := &orgWork{i: i}
	switch {
	case row != nil:
		w.row, w.old = *row, row.Fold
	case c.Op == helpdesk.Retire:
		b.out[i].State = helpdesk.Applied
		return nil, nil
	case c.Op == helpdesk.Update:
		return nil, notFound("apply", "it is no longer in the helpdesk; compare again to see whether it shall be made anew")
	default:
		w.row.Fields, w.fresh, w.dirty = "{}", true, true
		w.entries = make(entries, 0, len(c.Deltas))
		return w, b.layChange(w, row, c)
	}
	if w.entries, err = readEntries(w.row.Fields); err != nil {
		return nil, invalid("apply", "its fields are not a JSON object: %w", err)
	}
	return w, b.layChange(w, row, c)
}

// layChange puts key and deltas on an organization; row is what is stored of it.
func (b *batch) layChange(w *orgWork, row *orgRow, c helpdesk.Change) error {
	if err := w.key(&w.row.ExternalID, c.Ref.Key); err != nil {
		return err
	}
	if row != nil {
		row.ExternalID = w.row.ExternalID // whoever else of this batch wants to be tied to it comes too late
	}
	for d := range c.Writes() {
		if err := b.s.lay(w, d); err != nil {
			return err
		}
	}
	return w.complete()
}

func (w *orgWork) key(have *sql.NullString, key string) error {
	if key == "" && w.row.ID == 0 {
		return invalid("apply", "it has no CRM id, so it would be made twice")
	}
	if key == "" || have.String == key {
		return nil
	}
	if !plainText(key) || len(key) > maxKeyText {
		return invalid("apply", "%q cannot be a CRM id", key)
	}
	*have, w.dirty = sql.NullString{String: key, Valid: true}, true
	return nil
}

func (w *orgWork) complete() error {
	if w.row.Name == "" {
		return invalid("apply", "an organization needs a name")
	}
	w.row.Fold = fold.Name(w.row.Name)
	return nil
}

func (b *batch) now() time.Time { return b.s.opt.Now().UTC().Truncate(time.Microsecond) }

// numberOrgs gives new organizations their ids, in the order of the batch.
func (b *batch) numberOrgs(works []*orgWork) error {
	fresh := slices.DeleteFunc(slices.Clone(works), func(w *orgWork) bool { return w.row.ID != 0 })
	ids, err := b.t.reserve("organization", len(fresh))
	for i, id := range ids {
		fresh[i].row.ID = id
	}
	return err
}

// store writes rows of a table: new ones at once, the others over what is there.
func (b *batch) store(t dbx.Table, changed string, rows func(fresh bool) iter.Seq[[]any]) error {
	if err := b.fresh(t, rows(true)); err != nil {
		return err
	}
	t.Conflict = changed
	return b.t.load(t, rows(false))
}

// orgRows yields the rows that are new, or those that change.
func (b *batch) orgRows(works []*orgWork, fresh bool) iter.Seq[[]any] {
	now := b.now()
	return func(yield func([]any) bool) {
		for _, w := range works {
			if !w.dirty || w.fresh != fresh {
				continue
			}
			r, st := &w.row, b.over(w.row.stamp)
			if !yield([]any{
				r.ID, r.ExternalID, r.Name, r.Fold, r.Summary, r.Contact, r.Notes, w.entries.write(), r.MarkedOn,
				now, now, st.Seq, st.Writer, st.Other,
			}) {
				return
			}
		}
	}
}
