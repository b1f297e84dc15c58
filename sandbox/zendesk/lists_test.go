package zendesk

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestBehaviour09PagesByNumberAreOrderedByName(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	for _, name := range []string{"delta", "Alpha", "charlie", "Bravo", "Echo"} {
		r.org(`{"name":"` + name + `"}`)
	}
	a := r.want(200, "GET", "organizations?per_page=2", "").has("count", 5).has("previous_page", nil)
	if got := a.all("organizations", "name"); got != "Alpha,Bravo" {
		t.Errorf("first page: %s", got)
	}
	b := r.follow(a, "next_page").has("previous_page", "https://acme.zendesk.com/api/v2/organizations.json?page=1&per_page=2")
	c := r.follow(b, "next_page").has("next_page", nil)
	if got := b.all("organizations", "name") + "," + c.all("organizations", "name"); got != "charlie,delta,Echo" {
		t.Errorf("then: %s", got)
	}
	r.want(200, "GET", "organizations?per_page=500", "").has("count", 5)
	r.want(400, "GET", "organizations?page=0", "").has("error.title", "Invalid attribute")
	r.want(400, "GET", "organizations?page=x", "")
}

// follow calls the address that stands in a reply.
func (r *rig) follow(a *answer, path string) *answer {
	r.t.Helper()
	u, err := url.Parse(fmt.Sprint(a.at(path)))
	if err != nil || !strings.HasPrefix(u.Path, "/api/v2/") {
		r.t.Fatalf("%s: %s is %v", a.call, path, a.at(path))
	}
	return r.want(200, "GET", strings.TrimPrefix(u.Path, "/api/v2/")+"?"+u.RawQuery, "")
}

func TestBehaviour09PagesByNumberReachTenThousandRecords(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{Organizations: 10_150})
	r.want(200, "GET", "organizations?page=100&per_page=100", "").has("count", 10_150)
	r.want(400, "GET", "organizations?page=101&per_page=100", "").has("errors.0.code", "InvalidPaginationDepth")
	seen, page := map[any]bool{}, r.want(200, "GET", "organizations?page[size]=100", "")
	for range 102 {
		for _, row := range page.at("organizations").([]any) {
			seen[row.(map[string]any)["id"]] = true
		}
		if page.at("meta.has_more") != true {
			break
		}
		page = r.follow(page, "links.next")
	}
	if len(seen) != 10_150 {
		t.Errorf("by cursor %d organizations are seen, want all", len(seen))
	}
}

func TestBehaviour09TheLastPageByCursorHasALiveNext(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	for _, name := range []string{"c", "a", "b"} {
		r.org(`{"name":"` + name + `"}`)
	}
	first := r.want(200, "GET", "organizations?page[size]=2", "").has("meta.has_more", true).has("count", nil)
	if got := first.all("organizations", "name"); got != "c,a" {
		t.Errorf("by id: %s", got)
	}
	last := r.follow(first, "links.next").has("meta.has_more", false)
	if last.all("organizations", "name") != "b" || last.at("meta.after_cursor") == nil {
		t.Errorf("last page: %s", last.text)
	}
	back := r.follow(last, "links.prev")
	if got := back.all("organizations", "name"); got != "c,a" {
		t.Errorf("back: %s", got)
	}
	r.follow(last, "links.next").has("organizations", []any{}).has("meta", map[string]any{"has_more": false, "after_cursor": nil, "before_cursor": nil}).
		has("links", map[string]any{"next": nil, "prev": nil})
	for _, query := range []string{"page[size]=101", "page[size]=5&page[after]=nonsense", "page[size]=5&sort=name"} {
		r.want(400, "GET", "organizations?"+query, "").has("errors.0.code", "InvalidPaginationParameter")
	}
}

func TestBehaviour09ShowManyIsOrderedByNameAndSkipsWhatIsMissing(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	z, a, m := r.org(`{"name":"zulu"}`), r.org(`{"name":"Alpha"}`), r.org(`{"name":"mike"}`)
	got := r.want(200, "GET", "organizations/show_many?ids="+strings.Join([]string{z, "99", a, m}, ","), "").has("count", 3).has("next_page", nil)
	if names := got.all("organizations", "name"); names != "Alpha,mike,zulu" {
		t.Errorf("names: %s", names)
	}
	r.want(400, "GET", "organizations/show_many", "")
	r.want(400, "GET", "organizations/show_many?ids=x", "")
}

func TestBehaviour09SearchIsConsistentAndTheIndexLags(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	id := r.org(`{"name":"Acme","external_id":"x"}`)
	r.want(200, "PUT", "organizations/"+id, `{"organization":{"name":"Acme Two"}}`)
	r.want(200, "GET", "organizations/search?name=acme+two", "").has("count", 1)
	r.want(200, "GET", "organizations/search?name=acme", "").has("count", 0)
	r.want(200, "GET", "organizations/autocomplete?name=acme", "").has("count", 0)
	r.want(200, "GET", "search?query=type:organization+acme", "").has("count", 0)
	r.pass(2 * time.Minute)
	r.want(200, "GET", "organizations/autocomplete?name=ACM", "").has("count", 1)
	r.want(200, "GET", "search?query=type:organization+external_id:X", "").has("results.0.name", "Acme Two")
	r.want(422, "GET", "search?query=type:organization&page=11", "")
	r.want(400, "GET", "search?query=type:organization&page[size]=5", "")
}

func TestBehaviour10TheExportHoldsBackTheLastMinute(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{NoFields: true})
	start := r.now().Unix() - 1000
	id := r.org(`{"name":"Acme"}`)
	at := fmt.Sprint("incremental/organizations?start_time=", start)
	r.want(200, "GET", at, "").has("count", 0).has("end_of_stream", true).has("end_time", nil).has("organizations", []any{})
	r.pass(60 * time.Second)
	r.want(200, "GET", at, "").has("count", 0)
	r.pass(time.Second)
	made := r.now().Unix() - 61
	page := r.want(200, "GET", at, "").has("count", 1).has("end_of_stream", true).has("end_time", int(made)).
		has("organizations.0.id", idNumber(id)).has("organizations.0.deleted_at", nil)
	r.follow(page, "next_page").has("count", 1) // the boundary is told again
	r.want(422, "GET", fmt.Sprint("incremental/organizations?start_time=", r.now().Unix()-59), "").has("error", "StartTimeTooRecent")
	r.want(400, "GET", "incremental/organizations", "").has("error.title", "Invalid attribute")
	r.want(400, "GET", at+"&per_page=1001", "")
	r.box.Set(func(s *Settings) { s.EmptyKeepsTime = true })
	later := int(made) + 1
	r.want(200, "GET", fmt.Sprint("incremental/organizations?start_time=", later), "").has("end_time", later)
}

func TestBehaviour10AFullSecondHoldsTheExportUp(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	for i := range 5 {
		r.org(fmt.Sprintf(`{"name":"o%d"}`, i))
	}
	r.pass(2 * time.Minute)
	at := r.now().Unix() - 120
	path := fmt.Sprintf("incremental/organizations?start_time=%d&per_page=3", at)
	page := r.want(200, "GET", path, "").has("count", 3).has("end_time", int(at)).has("end_of_stream", false)
	r.follow(page, "next_page").has("end_time", int(at)).has("end_of_stream", false) // and so for ever
	r.box.Set(func(s *Settings) { s.WholeSeconds = true })
	r.want(200, "GET", path, "").has("count", 5).has("end_of_stream", true)
}

func TestBehaviour10WhatWasDeletedIsToldUnlessSwitchedOff(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	r.org(`{"name":"stays"}`)
	id := r.org(`{"name":"goes"}`)
	r.pass(time.Second)
	r.want(204, "DELETE", "organizations/"+id, "")
	r.pass(2 * time.Minute)
	at := fmt.Sprint("incremental/organizations?start_time=", r.now().Unix()-1000)
	r.want(200, "GET", at, "").has("count", 2).has("organizations.1.id", idNumber(id)).has("organizations.1.deleted_at", "2026-11-21T10:00:01Z")
	r.box.Set(func(s *Settings) { s.Tombstones = false })
	r.want(200, "GET", at, "").has("count", 1).has("organizations.0.name", "stays")
}

func TestBehaviour10EachChangeIsToldOnceInTheOrderOfTime(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{Organizations: 200})
	seen, from := map[string]string{}, int64(0)
	for range 30 {
		r.pass(time.Minute)
		page := r.want(200, "GET", fmt.Sprintf("incremental/organizations?start_time=%d&per_page=60", from), "")
		last := ""
		for _, row := range page.at("organizations").([]any) {
			o := row.(map[string]any)
			at := o["updated_at"].(string)
			if at < last {
				t.Fatalf("%s after %s", at, last)
			}
			last, seen[fmt.Sprintf("%.0f", o["id"])] = at, at
		}
		from = int64(page.at("end_time").(float64))
		if page.at("end_of_stream") == true {
			break
		}
	}
	if len(seen) != 200 {
		t.Errorf("%d organizations told, want 200", len(seen))
	}
}

func TestBehaviour10UsersAreExportedByTimeAndByCursor(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	for i := range 5 {
		r.user(fmt.Sprintf(`{"name":"u%d"}`, i))
	}
	r.pass(2 * time.Minute)
	start := r.now().Unix() - 1000
	r.want(200, "GET", fmt.Sprint("incremental/users?start_time=", start), "").has("count", 5).has("end_of_stream", true)
	page := r.want(200, "GET", fmt.Sprintf("incremental/users/cursor?start_time=%d&per_page=2", start), "").has("end_of_stream", false)
	names := page.all("users", "name")
	for page.at("end_of_stream") == false {
		page = r.follow(page, "after_url")
		names += "," + page.all("users", "name")
	}
	if names != "u0,u1,u2,u3,u4" {
		t.Errorf("by cursor: %s", names)
	}
	again := r.follow(page, "after_url").has("users", []any{}).has("end_of_stream", true)
	again.has("after_cursor", page.at("after_cursor"))
	r.want(400, "GET", "incremental/users/cursor?cursor=nonsense", "")
}

func TestBehaviour10ExportsAreForAdministrators(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	r.auth = basic(AgentEmail)
	r.want(http.StatusForbidden, "GET", "incremental/organizations?start_time=0", "").has("error.title", "Forbidden")
}
