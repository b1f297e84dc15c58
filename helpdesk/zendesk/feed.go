package zendesk

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/desksync/desksync/helpdesk"
)

const (
	holdBack   = time.Minute // what changed later than that is withheld ("Incremental Exports")
	exportRows = 1000        // the most of a page; it may have more, all of one second
	recent     = 2 * time.Minute
)

// feeds is what is known of the incremental exports. It is safe for concurrent use.
type feeds struct {
	mu    sync.Mutex
	heard bool                               // some answer said the time
	late  time.Duration                      // how far Zendesk's clock is behind ours; negative: ahead
	shown map[helpdesk.Kind]map[int64]string // what was shown of the last two minutes: when it changed, by id
}

func newFeeds() *feeds {
	return &feeds{shown: map[helpdesk.Kind]map[int64]string{}}
}

// hear takes Zendesk's time from an answer.
func (f *feeds) hear(resp *http.Response, now time.Time) {
	at, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	late := now.Sub(at) // up to a second too much: the header has whole seconds
	if !f.heard || late < f.late {
		f.heard, f.late = true, late
		return
	}
	f.late += (late - f.late) / 1000 // clocks drift, and are set
}

// ahead is how far our clock is ahead of Zendesk's.
func (f *feeds) ahead() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.late
}

// behind is how far it may be ahead, at the most; never negative.
func (f *feeds) behind() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return max(0, f.late+time.Second)
}

// fresh reports whether a version of an object was not shown yet.
func (f *feeds) fresh(k helpdesk.Kind, id int64, version string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return version == "" || f.shown[k][id] != version
}

// showed remembers what was shown of the time since then.
func (f *feeds) showed(k helpdesk.Kind, items []change, since time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	keep := map[int64]string{}
	for id, version := range f.shown[k] {
		if !stampOf(version).Before(since) {
			keep[id] = version
		}
	}
	for _, c := range items {
		if !stampOf(c.version).Before(since) {
			keep[c.id] = c.version
		}
	}
	f.shown[k] = keep
}

// stampOf reads when a version was made; what cannot be read is old.
func stampOf(version string) time.Time {
	at, err := time.Parse(time.RFC3339, version)
	if err != nil {
		return time.Time{}
	}
	return at
}

// change is one row of an export.
type change struct {
	id      int64
	version string // when it changed
	gone    bool
	object  helpdesk.Object
}

// export is a page of an incremental export.
type export struct {
	Organizations []organization `json:"organizations"`
	Users         []user         `json:"users"`
	End           json.Number    `json:"end_time"`
	Ended         *bool          `json:"end_of_stream"`
	After         string         `json:"after_cursor"` // of the export by cursor alone
	Count         int            `json:"count"`
}

// parseExport reads a page.
func parseExport(b []byte) (*export, error) {
	var page export
	err := json.Unmarshal(b, &page)
	return &page, err
}

// exported is a page of an export: where it began, and from when on things are withheld.
type exported struct {
	export
	start, until int64
}

func (t *Target) exported(ctx context.Context, k helpdesk.Kind, at int64) (*exported, error) {
	until := t.withheld()
	start := min(at, until-5)
	page, err := t.exportPage(ctx, "incremental/"+string(k)+"s", exportQuery(start))
	if err != nil {
		return nil, err
	}
	return &exported{*page, start, until}, nil
}

// exportedBehind is a page of the users' export by cursor: the first one since a time, or
// the one behind a cursor.
func (t *Target) exportedBehind(ctx context.Context, at int64, mark string) (*exported, error) {
	until := t.withheld()
	query := exportQuery(min(at, until-5))
	if mark != "" {
		query.Del("start_time")
		query.Set("cursor", mark)
	}
	page, err := t.exportPage(ctx, "incremental/users/cursor", query)
	if err != nil {
		return nil, err
	}
	return &exported{*page, at, until}, nil
}

// withheld is from when on, by Zendesk's clock, changes are not shown yet.
func (t *Target) withheld() int64 { return t.serverTime().Add(-holdBack).Unix() }

func (t *Target) exportPage(ctx context.Context, path string, query url.Values) (*export, error) {
	var raw json.RawMessage
	if err := t.get(ctx, path, query, &raw); err != nil {
		return nil, err
	}
	page, err := parseExport(raw)
	if err != nil {
		return nil, notUnderstood("a page of changes", err)
	}
	return page, nil
}

func exportQuery(start int64) url.Values {
	return url.Values{"start_time": {strconv.FormatInt(max(start, 0), 10)}, "per_page": {strconv.Itoa(exportRows)}}
}

// end says where the export goes on, and whether it is at its end.
func (e *export) end(start int64, rows int) (at int64, ended bool) {
	at, err := e.End.Int64()
	if err != nil {
		at = start // nothing changed: no time of a last change
	}
	if e.Ended != nil {
		return at, *e.Ended
	}
	return at, rows < exportRows
}

// rows are the changes of a page.
func (t *Target) rows(s *sight, page *export) []change {
	out := make([]change, 0, len(page.Organizations)+len(page.Users))
	for i := range page.Organizations {
		o := &page.Organizations[i]
		out = append(out, change{o.ID, o.version(), o.Deleted != nil, t.show(s, o)})
	}
	for i := range page.Users {
		u := &page.Users[i]
		out = append(out, change{u.ID, u.Updated, u.deleted(), t.showUser(u)})
	}
	return out
}

// news is a page without what was shown before.
func (t *Target) news(k helpdesk.Kind, rows []change, next helpdesk.Cursor) helpdesk.Page {
	page := helpdesk.Page{Next: next}
	for _, c := range rows {
		switch {
		case !t.feed.fresh(k, c.id, c.version):
		case c.gone:
			page.Gone = append(page.Gone, idText(c.id))
			t.note(k, c.id, "")
		default:
			page.Objects = append(page.Objects, c.object)
		}
	}
	return page
}
