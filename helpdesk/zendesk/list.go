package zendesk

import (
	"context"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/desksync/desksync/helpdesk"
)

// placePrefix marks a cursor: seconds since 1970 follow, by Zendesk's clock.
const placePrefix = "at:"

func cursorAt(at int64) helpdesk.Cursor {
	return helpdesk.Cursor(placePrefix + strconv.FormatInt(at, 10))
}

func placeIn(c helpdesk.Cursor) (int64, error) {
	text, ok := strings.CutPrefix(string(c), placePrefix)
	at, err := strconv.ParseInt(text, 10, 64)
	if !ok || err != nil || at < 0 {
		return 0, wrong("%q is no place in Zendesk's feed; list everything once", clip(string(c)))
	}
	return at, nil
}

// Objects implements helpdesk.Target. Everything is listed by cursor, a hundred at a
// time; what changed comes from the incremental exports, which show our own writes too.
// Pages of a full listing carry no cursor but the last: one that was cut short starts
// over. The protected people of the helpdesk are listed as strangers.
func (t *Target) Objects(ctx context.Context, k helpdesk.Kind, since helpdesk.Cursor) iter.Seq2[helpdesk.Page, error] {
	return func(yield func(helpdesk.Page, error) bool) {
		s, err := t.look(ctx)
		if err == nil && since != "" && k != helpdesk.Membership {
			err = t.changed(ctx, s, k, since, yield)
		} else if err == nil {
			err = t.everything(ctx, s, k, yield)
		}
		if err != nil {
			yield(helpdesk.Page{}, wrap(ctx, "zendesk.list", err))
		}
	}
}

// everything lists all objects of a kind.
func (t *Target) everything(ctx context.Context, s *sight, k helpdesk.Kind, yield func(helpdesk.Page, error) bool) error {
	switch k {
	case helpdesk.Organization:
		t.known.clear(k)
		return full(ctx, t, "organizations", func(o *organization) helpdesk.Object { return t.show(s, o) }, yield)
	case helpdesk.User:
		t.known.clear(k)
		return full(ctx, t, "users", func(u *user) helpdesk.Object { return t.showUser(u) }, yield)
	case helpdesk.Membership:
		return t.allMembers(ctx, yield)
	}
	return unsupported("Zendesk holds no objects of kind %q", k)
}

// full yields a cursor listing. The place in the feed is taken before the first page is
// asked for, so that what changes meanwhile is shown there.
func full[T any](ctx context.Context, t *Target, name string, show func(*T) helpdesk.Object, yield func(helpdesk.Page, error) bool) error {
	place := cursorAt(t.serverTime().Add(-holdBack).Unix())
	page, begun := helpdesk.Page{}, false
	for rows, err := range cursorPages[T](ctx, t, name, name) {
		if err != nil {
			return err
		}
		if begun && !yield(page, nil) {
			return nil
		}
		page, begun = helpdesk.Page{Objects: make([]helpdesk.Object, len(rows))}, true
		for i := range rows {
			page.Objects[i] = show(&rows[i])
		}
	}
	page.Complete, page.Next = true, place
	yield(page, nil)
	return nil
}

// show is an organization in our words, and remembers whose it is.
func (t *Target) show(s *sight, o *organization) helpdesk.Object {
	t.note(helpdesk.Organization, o.ID, o.key())
	return s.object(o)
}

// serverTime is the time by Zendesk's clock, or by ours where that is behind: too early
// a place costs a repetition, too late a one a loss.
func (t *Target) serverTime() time.Time {
	now := t.opt.Now()
	if behind := t.feed.behind(); behind > 0 {
		return now.Add(-behind)
	}
	return now
}
