package salesforce

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/desksync/desksync/sandbox/salesforce/org"
)

const (
	fullPage   = 2000 // REST guide, Query Options Header
	leastPage  = 200
	cursorLife = 48 * time.Hour // App Limits Cheatsheet, API Query Cursors
)

// cursor is a query that did not fit one page. What it found was settled when it ran;
// what the records hold is read page by page.
type cursor struct {
	id      string
	plan    *org.Plan
	numbers []int
	size    int
	made    time.Time
	pages   int
}

// query serves query, queryAll, and the pages that follow.
func (s *Server) query(q *request) reply {
	if bad := q.allow(http.MethodGet, http.MethodHead); bad != nil {
		return *bad
	}
	switch len(q.rest) {
	case 1:
	case 2:
		return s.more(q, q.rest[1])
	default:
		return notFound()
	}
	text := q.query.Get("q")
	if text == "" {
		return fail(http.StatusBadRequest, "MALFORMED_QUERY", "A query string has to be specified")
	}
	plan, err := s.world.Plan(text, q.rest[0] == "queryAll")
	if err != nil {
		return failure(err)
	}
	numbers := plan.Run()
	if plan.Count {
		return jsonReply(http.StatusOK, map[string]any{"totalSize": len(numbers), "done": true, "records": []int{}})
	}
	return s.page(q, s.open(plan, numbers, pageSize(q, plan)), 0)
}

// open makes a cursor; it is remembered once a second page is needed.
func (s *Server) open(plan *org.Plan, numbers []int, size int) *cursor {
	return &cursor{plan: plan, numbers: numbers, size: size, made: s.world.Now()}
}

// pageSize is what the client asks for, in its limits; two long texts make it small.
func pageSize(q *request, plan *org.Plan) int {
	size := fullPage
	for part := range strings.SplitSeq(q.header.Get("Sforce-Query-Options"), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if n, err := strconv.Atoi(value); err == nil && strings.EqualFold(name, "batchSize") {
			size = min(max(n, leastPage), fullPage)
		}
	}
	if plan.LongTexts() >= 2 {
		size = min(size, leastPage)
	}
	return size
}

// more serves the page a locator names: the cursor's id, a dash, and an offset.
func (s *Server) more(q *request, locator string) reply {
	id, text, _ := strings.Cut(locator, "-")
	offset, err := strconv.Atoi(text)
	c := s.cursors[id]
	if c == nil || err != nil || offset < 0 || offset >= len(c.numbers) || s.world.Now().Sub(c.made) >= cursorLife {
		return badLocator()
	}
	return s.page(q, c, offset)
}

func badLocator() reply {
	return fail(http.StatusBadRequest, "INVALID_QUERY_LOCATOR", "invalid query locator")
}

// page renders the records from offset on.
func (s *Server) page(q *request, c *cursor, offset int) reply {
	size := c.size
	if n := len(s.settings.PageSizes); n > 0 && (c.pages > 0 || len(c.numbers) > offset) {
		size = min(size, s.settings.PageSizes[c.pages%n])
	}
	c.pages++
	p := &printer{s: s, q: q, left: size}
	var records bytes.Buffer
	p.b = &records
	count := p.records(c.plan, c.numbers[offset:])
	return reply{status: http.StatusOK, kind: jsonKind, body: s.envelope(q, c, offset+count, records.Bytes())}
}

// envelope puts what every page says around its records.
func (s *Server) envelope(q *request, c *cursor, next int, records []byte) []byte {
	var b bytes.Buffer
	b.WriteString(`{"totalSize":` + strconv.Itoa(len(c.numbers)))
	if next >= len(c.numbers) {
		b.WriteString(`,"done":true`)
	} else {
		b.WriteString(`,"done":false,"nextRecordsUrl":"` + s.locator(q, c, next) + `"`)
	}
	b.WriteString(`,"records":[`)
	b.Write(records)
	b.WriteString("]}")
	return b.Bytes()
}

// locator is where a cursor goes on. Pages of queryAll go on under query as well.
func (s *Server) locator(q *request, c *cursor, next int) string {
	if c.id == "" {
		c.id = org.ID("01g", s.next())
		s.cursors[c.id] = c
		s.forgetOld()
	}
	return q.base() + "/query/" + c.id + "-" + strconv.Itoa(next)
}

func (s *Server) forgetOld() {
	now := s.world.Now()
	for id, c := range s.cursors {
		if now.Sub(c.made) >= cursorLife {
			delete(s.cursors, id)
		}
	}
}

// cut takes from a list of children those that still fit; one always does.
func (p *printer) cut(numbers []int) []int {
	return slices.Clip(numbers[:min(max(p.left, 1), len(numbers))])
}
