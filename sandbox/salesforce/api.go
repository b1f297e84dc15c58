package salesforce

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// The versions that are served; older ones were retired (Salesforce Help, API Versions).
const (
	firstVersion = 31
	lastVersion  = 67
	gone         = 30
)

func underData(path string) bool { return strings.HasPrefix(path, "/services/data/v") }

// versions lists the versions; it wants no login.
func (s *Server) versions(q *request) reply {
	if bad := q.allow(http.MethodGet, http.MethodHead); bad != nil {
		return *bad
	}
	type version struct {
		Label   string `json:"label"`
		URL     string `json:"url"`
		Version string `json:"version"`
	}
	var list []version
	for n := firstVersion; n <= lastVersion; n++ {
		list = append(list, version{release(n), fmt.Sprintf("/services/data/v%d.0", n), fmt.Sprintf("%d.0", n)})
	}
	return jsonReply(http.StatusOK, list)
}

// release is when a version came: three a year, the first one served in summer 2014.
func release(version int) string {
	n := version - firstVersion + 1
	season, year := [3]string{"Spring", "Summer", "Winter"}[n%3], 14+n/3
	if n%3 == 2 { // comes in autumn, and is named after the next year
		year++
	}
	return fmt.Sprintf("%s '%02d", season, year)
}

// data serves /services/data/vXX.0/…
func (s *Server) data(q *request) reply {
	rest, ok := strings.CutPrefix(q.path, "/services/data/v")
	if !ok {
		return notFound()
	}
	version, rest, _ := strings.Cut(rest, "/")
	number, err := strconv.Atoi(strings.TrimSuffix(version, ".0"))
	switch {
	case err != nil || !strings.HasSuffix(version, ".0") || number > lastVersion || number < 20:
		return notFound()
	case number <= gone:
		return fail(http.StatusGone, "GONE", "The requested API version is no longer available")
	}
	q.version = version
	login, ok := s.authenticate(q)
	if !ok {
		return badSession()
	}
	q.user = login.user
	now := s.world.Now()
	if s.calls.used(now) >= s.settings.APILimit {
		return fail(http.StatusForbidden, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
	}
	s.calls.add(now, 1)
	return s.resource(q, rest)
}

// resource goes to the part that serves a path below the version.
func (s *Server) resource(q *request, path string) reply {
	q.rest = strings.Split(strings.TrimSuffix(path, "/"), "/")
	serve := map[string]func(*request) reply{
		"": s.resources, "query": s.query, "queryAll": s.query, "sobjects": s.sobjects, "limits": s.limits,
		"composite": s.composite, "jobs": s.bulk,
	}[q.rest[0]]
	if serve == nil {
		return notFound()
	}
	return serve(q)
}

// number is the API version, to compare.
func (q *request) number() float64 {
	n, _ := strconv.ParseFloat(q.version, 64) // it was checked on the way in
	return n
}

func (q *request) base() string { return "/services/data/v" + q.version }

// sub makes a request of a part of a composite call.
func (q *request) sub(method, address string) (*request, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	header := q.header.Clone()
	header.Set("Content-Type", "application/json")
	return &request{host: q.host, method: method, path: u.Path, query: u.Query(), header: header, version: q.version, user: q.user, tx: q.tx}, nil
}

func (s *Server) resources(q *request) reply {
	out := map[string]string{}
	for _, name := range []string{"query", "queryAll", "sobjects", "limits", "composite", "jobs"} {
		out[name] = q.base() + "/" + name
	}
	out["identity"] = s.login + "/id/" + s.world.ID + "/" + q.user
	return jsonReply(http.StatusOK, out)
}

func (s *Server) limits(q *request) reply {
	if bad := q.allow(http.MethodGet); bad != nil {
		return *bad
	}
	type limit struct{ Max, Remaining int }
	now := s.world.Now()
	left := func(most, used int) limit { return limit{most, max(0, most-used)} }
	return jsonReply(http.StatusOK, map[string]limit{
		"DailyApiRequests":              left(s.settings.APILimit, s.calls.used(now)),
		"DailyBulkV2QueryJobs":          left(s.settings.BulkLimit, s.jobsMade.used(now)),
		"DailyBulkV2QueryFileStorageMB": left(976_562, 0),
		"DailyBulkApiBatches":           left(15_000, 0),
	})
}
