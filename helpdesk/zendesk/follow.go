package zendesk

import (
	"context"
	"errors"
	"time"

	"github.com/desksync/desksync/helpdesk"
)

// changed yields what changed since a place in the feed, up to its end.
func (t *Target) changed(ctx context.Context, s *sight, k helpdesk.Kind, since helpdesk.Cursor, yield func(helpdesk.Page, error) bool) error {
	at, err := placeIn(since)
	f := &following{Target: t, s: s, kind: k, at: at, listed: -1}
	f.say = func(p helpdesk.Page, err error) bool {
		f.left = !yield(p, err)
		return !f.left
	}
	for more := err == nil; more && !f.left; {
		more, err = f.step(ctx)
	}
	return err
}

// following is one reading of the feed. Where a second has more changes of organizations
// than the feed shows of it, everything is listed, once, and the feed goes on behind that
// second: it alone tells what is gone. Of users there is an export by cursor too, which no
// second holds up: where a page does not show all that changed, it is read from there.
type following struct {
	*Target
	s      *sight
	kind   helpdesk.Kind
	at     int64 // where the feed goes on
	listed int64 // the time up to which a listing showed everything; negative: there was none
	say    func(helpdesk.Page, error) bool
	left   bool // nobody listens any more
}

// step shows a page; more says that there is another one.
func (f *following) step(ctx context.Context) (more bool, err error) {
	page, err := f.exported(ctx, f.kind, f.at)
	if err != nil {
		return false, err
	}
	rows := f.rows(f.s, &page.export)
	end, ended := page.end(page.start, len(rows))
	if !ended && f.kind == helpdesk.User {
		return false, f.behind(ctx)
	}
	stuck := !ended && end <= page.start
	if stuck {
		end = page.start + 1
	}
	next := max(f.at, min(end, page.until))
	missing := stuck && len(rows) <= exportRows && page.start >= f.listed // a longer page holds all of its second
	place := cursorAt(next)
	if missing {
		place = cursorAt(f.at) // until all is listed
	}
	if !f.say(f.news(f.kind, rows, place), nil) {
		return false, nil
	}
	f.feed.showed(f.kind, rows, time.Unix(next, 0).Add(-recent))
	if missing {
		f.listed, err = page.until, f.listedAgain(ctx, f.s, f.kind, next, f.say)
	}
	more = !ended && (!stuck || next > f.at)
	f.at = next
	return more && err == nil, err
}

// behind shows what changed to users since then by the export by cursor: in the order in
// which it changed, each page behind the last row of the one before ("Incremental User
// Export, Cursor Based"). Where it ends is kept as a time, so that the next reading begins
// as ever.
func (f *following) behind(ctx context.Context) error {
	for mark := ""; ; {
		page, err := f.exportedBehind(ctx, f.at, mark)
		if err != nil {
			return err
		}
		rows := f.rows(f.s, &page.export)
		for i := range rows {
			f.at = max(f.at, min(stampOf(rows[i].version).Unix(), page.until))
		}
		if !f.say(f.news(f.kind, rows, cursorAt(f.at)), nil) {
			return nil
		}
		f.feed.showed(f.kind, rows, time.Unix(f.at, 0).Add(-recent))
		if _, ended := page.end(0, len(rows)); ended {
			return nil
		}
		if page.After == "" || page.After == mark {
			return notUnderstood("a page of changes", errors.New("it says that there is more and not where"))
		}
		mark = page.After
	}
}

// listedAgain lists everything because the feed cannot show all of a second. The feed goes
// on behind it once all is listed, and not before.
func (t *Target) listedAgain(ctx context.Context, s *sight, k helpdesk.Kind, at int64, yield func(helpdesk.Page, error) bool) error {
	return t.everything(ctx, s, k, func(p helpdesk.Page, err error) bool {
		if p.Next = ""; p.Complete {
			p.Next = cursorAt(at)
		}
		p.Complete = false
		return yield(p, err)
	})
}
