package zendesk

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"

	"github.com/desksync/desksync/sandbox/zendesk/account"
)

// span reads what part of an export is asked for: from when, how many, and before when
// changes are old enough to be told (reference §6).
func (s *Sandbox) span(c *call) (from, before int64, size int, refusal *reply) {
	size, refusal = c.number("per_page", 1000)
	if refusal != nil {
		return 0, 0, 0, refusal
	}
	if size > 1000 {
		r := invalidAttribute("per_page")
		return 0, 0, 0, &r
	}
	now := s.account.At().Unix()
	before = now - int64(s.settings.HoldBack)
	from, err := strconv.ParseInt(c.query.Get("start_time"), 10, 64)
	if err != nil || from < 0 {
		r := invalidAttribute("start_time")
		return 0, 0, 0, &r
	}
	if from > before {
		r := jsonReply(http.StatusUnprocessableEntity, textError{"StartTimeTooRecent", "Too recent start_time. Use a start_time older than 60 seconds"})
		return 0, 0, 0, &r
	}
	return from, before, size, nil
}

// exportPage answers with a page of an export by time.
func (s *Sandbox) exportPage(c *call, key string, rows []any, last int64, end bool) reply {
	c.items = len(rows)
	body := map[string]any{key: rows, "count": len(rows), "end_of_stream": end, "end_time": nil, "next_page": nil}
	if len(rows) == 0 && s.settings.EmptyKeepsTime {
		last, _ = strconv.ParseInt(c.query.Get("start_time"), 10, 64) // span has read it before
	}
	if last > 0 {
		body["end_time"] = last
		body["next_page"] = c.link(map[string]string{"start_time": itoa(last)})
	}
	return ok(body)
}

func (s *Sandbox) exportOrganizations(c *call) reply {
	from, before, size, refused := s.span(c)
	if refused != nil {
		return *refused
	}
	page := s.account.ExportOrganizations(from, before, size, s.settings.WholeSeconds, s.settings.Tombstones)
	rows := shown(page.Rows, func(o *account.Organization) any {
		out := exported{organization: s.organization(c, o)}
		if o.Deleted != 0 {
			at := stamp(o.Deleted)
			out.DeletedAt = &at
		}
		return out
	})
	return s.exportPage(c, "organizations", rows, page.Last, page.End)
}

func (s *Sandbox) exportUsers(c *call) reply {
	from, before, size, refused := s.span(c)
	if refused != nil {
		return *refused
	}
	page := s.account.ExportUsers(from, before, size, s.settings.WholeSeconds)
	return s.exportPage(c, "users", shown(page.Rows, s.showUser(c)), page.Last, page.End)
}

// exportUsersByCursor goes on behind the row where the page before ended, so that rows of
// one second cannot hold it up.
func (s *Sandbox) exportUsersByCursor(c *call) reply {
	var after int64 = -1
	if c.query.Has("cursor") {
		at, row, fine := readMark(c.query.Get("cursor"))
		if !fine {
			return invalidAttribute("cursor")
		}
		c.query.Set("start_time", itoa(at))
		after = row
	}
	from, before, size, refused := s.span(c)
	if refused != nil {
		return *refused
	}
	page := s.account.ExportUsersAfter(from, after, before, size)
	c.items = len(page.Rows)
	body := map[string]any{
		"users": shown(page.Rows, s.showUser(c)), "end_of_stream": page.End, "after_cursor": nil, "after_url": nil, "before_cursor": nil, "before_url": nil,
	}
	mark := c.query.Get("cursor")
	if len(page.Rows) > 0 {
		mark = base64.StdEncoding.EncodeToString([]byte(itoa(page.Last) + "||" + itoa(page.Rows[len(page.Rows)-1].ID)))
	}
	if mark != "" {
		body["after_cursor"] = mark
		body["after_url"] = c.link(map[string]string{"cursor": mark, "start_time": ""})
	}
	return ok(body)
}

// readMark reads a cursor: the time and the id of the last row that was told.
func readMark(text string) (at, row int64, fine bool) {
	raw, err := base64.StdEncoding.DecodeString(text)
	first, second, _ := strings.Cut(string(raw), "||")
	at, err1 := strconv.ParseInt(first, 10, 64)
	row, err2 := strconv.ParseInt(second, 10, 64)
	return at, row, err == nil && err1 == nil && err2 == nil
}
