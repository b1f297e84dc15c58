package zendesk

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"slices"
)

// deepest is how many records pages by number reach (reference §4).
const deepest = 10_000

// listing is a list that can be read by cursor, by id, or by page number, in an order of
// its own.
type listing struct {
	key   string
	count func() int
	byID  func(after int64) iter.Seq2[int64, func() any]
	slice func(from, to int) []any
}

// several is a listing of a few records.
func several[T any](key string, all []T, id func(T) int64, show func(T) any) listing {
	return listing{
		key:   key,
		count: func() int { return len(all) },
		byID: func(after int64) iter.Seq2[int64, func() any] {
			sorted := slices.SortedFunc(slices.Values(all), func(x, y T) int { return cmp.Compare(id(x), id(y)) })
			return func(yield func(int64, func() any) bool) {
				for _, r := range sorted {
					if id(r) > after && !yield(id(r), func() any { return show(r) }) {
						return
					}
				}
			}
		},
		slice: func(from, to int) []any { return shown(all[from:to], show) },
	}
}

func shown[T any](all []T, show func(T) any) []any {
	out := make([]any, 0, len(all))
	for _, r := range all {
		out = append(out, show(r))
	}
	return out
}

// list answers with a page.
func (s *Sandbox) list(c *call, l listing) reply {
	if c.query.Has("page[size]") || c.query.Has("page[after]") || c.query.Has("page[before]") {
		return s.byCursor(c, l)
	}
	return s.byNumber(c, l)
}

func (s *Sandbox) byNumber(c *call, l listing) reply {
	page, refused := c.number("page", 1)
	if refused != nil {
		return *refused
	}
	size, refused := c.number("per_page", 100)
	if refused != nil {
		return *refused
	}
	size = min(size, 100)
	if page*size > deepest {
		return jsonReply(http.StatusBadRequest, coded("InvalidPaginationDepth", "Offset pagination reaches no further than 10000 records"))
	}
	total := l.count()
	from, to := min((page-1)*size, total), min(page*size, total)
	rows := l.slice(from, to)
	c.items = len(rows)
	body := map[string]any{l.key: rows, "next_page": nil, "previous_page": nil, "count": total}
	if to < total {
		body["next_page"] = c.link(map[string]string{"page": itoa(int64(page + 1))})
	}
	if page > 1 {
		body["previous_page"] = c.link(map[string]string{"page": itoa(int64(page - 1))})
	}
	return ok(body)
}

// link is the address of the call with other parameters.
func (c *call) link(change map[string]string) string {
	q := maps.Clone(c.query)
	if q == nil {
		q = url.Values{}
	}
	for k, v := range change {
		q.Set(k, v)
		if v == "" {
			q.Del(k)
		}
	}
	return c.base + c.path + ".json?" + q.Encode()
}

// cursor is what the opaque text holds.
type cursor struct {
	Order string `json:"o"`
	Value int64  `json:"v,string"`
}

func (k cursor) text() string {
	raw, err := json.Marshal(k)
	if err != nil {
		return "" // two plain fields always have a JSON
	}
	return base64.StdEncoding.EncodeToString(raw)
}

func (c *call) cursor(key string) (int64, *reply) {
	if !c.query.Has(key) {
		return 0, nil
	}
	raw, err := base64.StdEncoding.DecodeString(c.query.Get(key))
	var k cursor
	if err != nil || json.Unmarshal(raw, &k) != nil || k.Order != "id" {
		r := jsonReply(http.StatusBadRequest, coded("InvalidPaginationParameter", key+" is not valid"))
		return 0, &r
	}
	return k.Value, nil
}

func (s *Sandbox) byCursor(c *call, l listing) reply {
	size, refused := c.number("page[size]", 100)
	if refused != nil {
		return *refused
	}
	if sort := c.query.Get("sort"); size > 100 || sort != "" && sort != "id" {
		return jsonReply(http.StatusBadRequest, coded("InvalidPaginationParameter", "page[size] is 100 at most, and sort is id"))
	}
	after, refused := c.cursor("page[after]")
	if refused != nil {
		return *refused
	}
	before, refused := c.cursor("page[before]")
	if refused != nil {
		return *refused
	}
	rows, ids, more := cut(l.byID(after), size, before)
	c.items = len(rows)
	return ok(map[string]any{l.key: rows, "meta": meta(ids, more), "links": c.links(ids)})
}

// cut takes a page: the first rows, or the last ones before an id.
func cut(all iter.Seq2[int64, func() any], size int, before int64) (rows []any, ids []int64, more bool) {
	var shows []func() any
	for id, show := range all {
		if before != 0 && id >= before {
			break
		}
		if before == 0 && len(ids) == size {
			more = true
			break
		}
		ids, shows = append(ids, id), append(shows, show)
	}
	if over := len(ids) - size; over > 0 {
		ids, shows, more = ids[over:], shows[over:], true
	}
	rows = []any{}
	for _, show := range shows {
		rows = append(rows, show())
	}
	return rows, ids, more
}

// meta has live cursors on the last page that has rows, and none on the empty one behind
// it (recordings).
func meta(ids []int64, more bool) map[string]any {
	out := map[string]any{"has_more": more, "after_cursor": nil, "before_cursor": nil}
	if len(ids) > 0 {
		out["after_cursor"], out["before_cursor"] = cursor{"id", ids[len(ids)-1]}.text(), cursor{"id", ids[0]}.text()
	}
	return out
}

func (c *call) links(ids []int64) map[string]any {
	if len(ids) == 0 {
		return map[string]any{"next": nil, "prev": nil}
	}
	return map[string]any{
		"next": c.link(map[string]string{"page[after]": cursor{"id", ids[len(ids)-1]}.text(), "page[before]": ""}),
		"prev": c.link(map[string]string{"page[before]": cursor{"id", ids[0]}.text(), "page[after]": ""}),
	}
}
