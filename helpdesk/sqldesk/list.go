package sqldesk

import (
	"context"
	"fmt"
	"iter"
	"math"
	"strconv"
	"strings"

	"github.com/desksync/desksync/helpdesk"
)

// pageRows is the most that one page of a listing holds.
const pageRows = 1000

const cursorPrefix = "seq:"

// listing is one call of Objects: everything, or what moved in (since, top] by
// others than this store's writer.
type listing struct {
	kind       helpdesk.Kind
	full       bool
	since, top int64
}

// item is an object with its place in the listing.
type item struct {
	id, seq int64
	object  helpdesk.Object
}

// Objects implements helpdesk.Target. A full listing comes in the order of ids, an
// incremental one in the order of changes, what is gone first. A cursor from beyond
// the store's end (an older copy was restored) lists everything.
func (s *Store) Objects(ctx context.Context, k helpdesk.Kind, since helpdesk.Cursor) iter.Seq2[helpdesk.Page, error] {
	return func(yield func(helpdesk.Page, error) bool) {
		l, err := s.listing(ctx, k, since)
		if err != nil {
			yield(helpdesk.Page{}, s.db.Fault("sqldesk.objects", err))
			return
		}
		if l.full {
			s.all(ctx, l, yield)
			return
		}
		if s.gone(ctx, l, yield) {
			s.moved(ctx, l, yield)
		}
	}
}

func (s *Store) listing(ctx context.Context, k helpdesk.Kind, since helpdesk.Cursor) (listing, error) {
	l := listing{kind: k, full: since == ""}
	if _, ok := kindQueries[k]; !ok {
		return l, unsupported("objects", "this store holds no objects of kind %q", k)
	}
	if !l.full {
		n, err := strconv.ParseInt(strings.TrimPrefix(string(since), cursorPrefix), 10, 64)
		if err != nil || !strings.HasPrefix(string(since), cursorPrefix) {
			return l, invalid("objects", "%q is no place in the feed of this store; list everything once", since)
		}
		l.since = n
	}
	err := s.db.GetContext(ctx, &l.top, `SELECT seq FROM change_counter`)
	l.full = l.full || l.since > l.top
	return l, err
}

func cursorAt(seq int64) helpdesk.Cursor {
	return helpdesk.Cursor(cursorPrefix + strconv.FormatInt(seq, 10))
}

// all yields everything by id. Its pages carry no cursor but the last: a full
// listing that was cut short starts over.
func (s *Store) all(ctx context.Context, l listing, yield func(helpdesk.Page, error) bool) {
	for last := int64(0); ; {
		items, err := s.items(ctx, l.kind, fmt.Sprintf(`x.id > ? ORDER BY x.id LIMIT %d`, pageRows), last)
		if err != nil {
			yield(helpdesk.Page{}, err)
			return
		}
		page := helpdesk.Page{Objects: objects(items)}
		if len(items) < pageRows {
			page.Complete, page.Next = true, cursorAt(l.top)
		}
		if !yield(page, nil) || page.Complete {
			return
		}
		last = items[len(items)-1].id
	}
}

// moved yields what others changed in (since, top], and ends with the new cursor; a
// listing that was cut short starts over. What others changed is known by its own
// number even where the writer's Apply has stamped the row since, be it while this
// listing runs: such a row has left its place for a later one, and is met there.
func (s *Store) moved(ctx context.Context, l listing, yield func(helpdesk.Page, error) bool) {
	where := fmt.Sprintf(`(x.seq, x.id) > (?, ?) AND CASE WHEN x.writer = ? THEN x.other_seq ELSE x.seq END BETWEEN ? AND ? ORDER BY x.seq, x.id LIMIT %d`, pageRows)
	seq, id := l.since, int64(math.MaxInt64)
	for {
		items, err := s.items(ctx, l.kind, where, seq, id, s.apart(), l.since+1, l.top)
		if err != nil {
			yield(helpdesk.Page{}, err)
			return
		}
		page := helpdesk.Page{Objects: objects(items), Next: cursorAt(l.top)}
		end := len(items) < pageRows
		if !end {
			seq, id = items[len(items)-1].seq, items[len(items)-1].id
			page.Next = cursorAt(l.since)
		}
		if !yield(page, nil) || end {
			return
		}
	}
}

// gone yields the ids that others deleted, in pages that leave the cursor where it
// was; it reports whether the listing goes on.
func (s *Store) gone(ctx context.Context, l listing, yield func(helpdesk.Page, error) bool) bool {
	const q = `
		SELECT seq, object_id
		FROM   tombstone
		WHERE  kind = ? AND (seq, object_id) > (?, ?) AND seq <= ? AND writer <> ?
		ORDER  BY seq, object_id
		LIMIT  ?`
	seq, id := l.since, int64(math.MaxInt64)
	for {
		var rows []struct {
			Seq int64 `db:"seq"`
			ID  int64 `db:"object_id"`
		}
		if err := s.db.SelectContext(ctx, &rows, s.db.Rebind(q), string(l.kind), seq, id, l.top, s.apart(), pageRows); err != nil {
			yield(helpdesk.Page{}, s.db.Fault("sqldesk.objects", err))
			return false
		}
		if len(rows) == 0 {
			return true
		}
		page := helpdesk.Page{Next: cursorAt(l.since)}
		for _, r := range rows {
			page.Gone = append(page.Gone, idText(r.ID))
			seq, id = r.Seq, r.ID
		}
		if !yield(page, nil) {
			return false
		}
	}
}

// apart is the writer whose changes an incremental listing leaves out; -1 is nobody.
func (s *Store) apart() int64 {
	if s.writer == 0 {
		return -1
	}
	return s.writer
}

func objects(items []item) []helpdesk.Object {
	out := make([]helpdesk.Object, len(items))
	for i, x := range items {
		out[i] = x.object
	}
	return out
}

func idText(id int64) string { return strconv.FormatInt(id, 10) }
