package journal

import (
	"context"
	"crypto/sha256"
	"iter"
	"strconv"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/pack"
)

var itemList = list{
	table:   "item",
	columns: "pipeline, ident, class, code, account, kind, key, field, value, body, said, since, first_run, last_run",
	tail: `ON CONFLICT (pipeline, ident) DO UPDATE SET account = excluded.account, body = excluded.body, said = excluded.said,
		last_run = excluded.last_run, over_at = 0,
		since = CASE WHEN ` + stillOpen + ` THEN item.since ELSE excluded.since END,
		first_run = CASE WHEN ` + stillOpen + ` THEN item.first_run ELSE excluded.first_run END`,
}

// stillOpen is also what this run closed before it found it again while it wrote.
const stillOpen = `(item.over_at = 0 OR item.over_at >= (SELECT r.started_at FROM run r WHERE r.id = excluded.last_run))`

// ident is the digest of what names an item within its pipeline.
func (i *Item) ident() []byte {
	var b []byte
	for _, s := range []string{string(i.Class), i.Code, string(i.Kind), i.Key, i.Field, i.Value} {
		b = pack.String(b, s)
	}
	sum := sha256.Sum256(b)
	return sum[:16]
}

// PutItems opens items, or keeps open those that are, also where this run has closed
// them. One that was over before opens again under its old id, since now. Of two with one name the later wins.
func (j *Journal) PutItems(ctx context.Context, run Run, items []Item) error {
	now, seen := j.now(), map[string]int{}
	var args []any
	for i := range items {
		it := &items[i]
		ident := it.ident()
		row := []any{
			run.Pipeline, ident, string(it.Class), it.Code, it.Account, kindCode(it.Kind), it.Key, it.Field, clean(it.Value),
			nilIfEmpty(it.Body), clean(it.Text), now, run.ID, run.ID,
		}
		if at, twice := seen[string(ident)]; twice {
			copy(args[at:], row)
			continue
		}
		seen[string(ident)] = len(args)
		args = append(args, row...)
	}
	return j.inTx(ctx, "journal.items", func(t *tx) error {
		if err := t.softGuard(ctx, run); err != nil {
			return err
		}
		return t.put(ctx, &itemList, args)
	}, &itemList)
}

// itemRow is an Item as selected.
type itemRow struct {
	ID, Pipeline, Kind, Since               int64
	Class, Code, Account, Key, Field, Value string
	Body                                    []byte
	Said                                    string
	FirstRun                                int64 `db:"first_run"`
	LastRun                                 int64 `db:"last_run"`
	OverAt                                  int64 `db:"over_at"`
}

const selectItem = `
	SELECT id, pipeline, class, code, account, kind, key, field, value, body, said, since, first_run, last_run, over_at
	FROM   item `

func (r *itemRow) item() Item {
	return Item{
		ID: r.ID, Pipeline: r.Pipeline, Class: ItemClass(r.Class), Code: r.Code, Account: r.Account, Kind: nameOf(kindNames, r.Kind),
		Key: r.Key, Field: r.Field, Value: r.Value, Body: r.Body, Text: r.Said, Since: timeOf(r.Since), FirstRun: r.FirstRun,
		LastRun: r.LastRun, Over: timeOf(r.OverAt),
	}
}

// EachItem yields all items by id.
func (j *Journal) EachItem(ctx context.Context, f ItemFilter) iter.Seq2[Item, error] {
	return pages(MaxPage, func(last *Item) ([]Item, error) {
		if last != nil {
			f.After = last.ID
		}
		return j.Items(ctx, f, MaxPage)
	})
}

// Items lists items by id.
func (j *Journal) Items(ctx context.Context, f ItemFilter, limit int) ([]Item, error) {
	if len(f.Accounts) > MaxPage {
		return nil, tooMany("journal.items", len(f.Accounts))
	}
	var w where
	if f.Seen == 0 {
		w.add(map[bool]string{false: "over_at = 0", true: "over_at > 0"}[f.Over])
	} else {
		w.add("first_run <= ? AND last_run >= ?", f.Seen, f.Seen)
	}
	w.number("pipeline = ?", f.Pipeline)
	w.text("class = ?", string(f.Class))
	w.text("code = ?", f.Code)
	w.number("last_run = ?", f.Run)
	w.number("id > ?", f.After)
	if f.Accounts != nil {
		w.add(among(j.db.Dialect, "account", f.Accounts))
	}
	var rows []itemRow
	if err := j.all(ctx, "journal.items", &rows, selectItem+w.String()+` ORDER BY id LIMIT ?`, append(w.args, min(limit, MaxPage))...); err != nil {
		return nil, err
	}
	out := make([]Item, len(rows))
	for i := range rows {
		out[i] = rows[i].item()
	}
	return out, nil
}

// CloseItem ends an open item, because what it waited for is done.
func (j *Journal) CloseItem(ctx context.Context, run Run, id int64) error {
	return j.inTx(ctx, "journal.items", func(t *tx) error {
		if err := t.softGuard(ctx, run); err != nil {
			return err
		}
		_, err := t.exec(ctx, `UPDATE item SET over_at = ? WHERE id = ? AND pipeline = ? AND over_at = 0`, t.j.now(), id, run.Pipeline)
		return err
	})
}

// ItemByID returns one item; an unknown one is fault.NotFound.
func (j *Journal) ItemByID(ctx context.Context, id int64) (Item, error) {
	var row itemRow
	ok, err := j.get(ctx, "journal.item", &row, selectItem+`WHERE id = ?`, id)
	if err == nil && !ok {
		err = &fault.Error{Op: "journal.item", Kind: fault.NotFound, Ref: strconv.FormatInt(id, 10), Err: errNoItem}
	}
	return row.item(), err
}

// CountItems counts open items by class; pipeline 0: of all pipelines.
func (j *Journal) CountItems(ctx context.Context, pipe int64) (map[ItemClass]int, error) {
	var rows []struct {
		Class string
		N     int
	}
	var w where
	w.add("over_at = 0")
	w.number("pipeline = ?", pipe)
	if err := j.all(ctx, "journal.items", &rows, `SELECT class, count(*) AS n FROM item `+w.String()+` GROUP BY class`, w.args...); err != nil {
		return nil, err
	}
	out := map[ItemClass]int{}
	for _, r := range rows {
		out[ItemClass(r.Class)] = r.N
	}
	return out, nil
}
