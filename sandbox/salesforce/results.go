package salesforce

import (
	"encoding/base64"
	"net/http"
	"strconv"

	"github.com/desksync/desksync/sandbox/salesforce/org"
)

// locators are opaque; as in the real service they happen to be an offset.
func locatorOf(offset int) string {
	return base64.RawStdEncoding.EncodeToString([]byte(strconv.Itoa(offset)))
}

func offsetOf(locator string) (int, bool) {
	raw, err := base64.RawStdEncoding.DecodeString(locator)
	if err != nil {
		return 0, false
	}
	n, err := strconv.Atoi(string(raw))
	return n, err == nil && n >= 0
}

// ready refuses results that are not there yet, or are asked for in another version.
func (q *request) ready(j *job) *reply {
	if bad := q.allow(http.MethodGet); bad != nil {
		return bad
	}
	var bad reply
	switch {
	case q.version != j.version:
		bad = fail(http.StatusConflict, "API_ERROR", "the job was created with version "+j.version)
	case j.state != jobComplete:
		bad = fail(http.StatusBadRequest, "INVALIDJOBSTATE", "the job is in state "+j.state+", not "+jobComplete)
	default:
		return nil
	}
	return &bad
}

// results serves a page of rows. Every page begins with the header row, and the last one
// says so by the word null (Bulk API 2.0 guide, Get Results for a Query Job).
func (s *Server) results(q *request, j *job) reply {
	if bad := q.ready(j); bad != nil {
		return *bad
	}
	first, ok := 0, true
	if text := q.query.Get("locator"); text != "" {
		first, ok = offsetOf(text)
	}
	if total := j.sheet.rows(); !ok || first > 0 && first >= total {
		return fail(http.StatusBadRequest, "INVALID_QUERY_LOCATOR", "invalid locator")
	}
	count := s.settings.BulkPage
	if text := q.query.Get("maxRecords"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return fail(http.StatusBadRequest, "INVALID_INPUT", "maxRecords is a positive number: "+text)
		}
		count = n
	}
	return s.csvPage(j, first, min(count, j.sheet.rows()-first))
}

func (s *Server) csvPage(j *job, first, count int) reply {
	next := "null"
	if first+count < j.sheet.rows() {
		next = locatorOf(first + count)
	}
	body := j.sheet.part(first, count)
	if j.sheet.rows() == 0 && s.settings.EmptyBody {
		body = nil
	}
	return reply{status: http.StatusOK, kind: "text/csv; charset=UTF-8", body: body}.with("Sforce-Locator", next).with("Sforce-NumberOfRecords", strconv.Itoa(count))
}

// maxPages is how many links one call gives.
const maxPages = 5

// resultPages links to pages that can be read at once. The guide's table and its sample
// name the keys differently; a setting chooses.
func (s *Server) resultPages(q *request, j *job) reply {
	if q.number() < 58 {
		return notFound()
	}
	if bad := q.ready(j); bad != nil {
		return *bad
	}
	first, ok := 0, true
	if text := q.query.Get("locator"); text != "" {
		first, ok = offsetOf(text)
	}
	if !ok {
		return failure(&org.Error{Code: "INVALID_QUERY_LOCATOR", Message: "invalid locator"})
	}
	link, more := "resultLink", "nextRecordsUrl"
	if s.settings.PagesAsInTable {
		link, more = "resultUrl", "nextRecordUrl"
	}
	path := "/jobs/query/" + j.id
	pages := []map[string]string{}
	for ; first < j.sheet.rows() && len(pages) < maxPages; first += s.settings.BulkPage {
		pages = append(pages, map[string]string{link: path + "/results?locator=" + locatorOf(first)})
	}
	out := map[string]any{"resultPages": pages, "done": first >= j.sheet.rows()}
	if first < j.sheet.rows() {
		out[more] = path + "/resultPages?locator=" + locatorOf(first)
	}
	return jsonReply(http.StatusOK, out)
}
