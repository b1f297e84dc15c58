package salesforce_test

import (
	"compress/gzip"
	"encoding/base64"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/sandbox/salesforce"
)

// run makes a job and polls it until it is over.
func (r *rig) run(soql, operation string) (id, state string, polls int) {
	r.t.Helper()
	a := r.api("POST", "/jobs/query", m{"operation": operation, "query": soql})
	if a.status != http.StatusOK || a.text("state") != "UploadComplete" || a.get("jobType") != nil {
		r.t.Fatalf("create: %d %s", a.status, a.body)
	}
	id, state = a.text("id"), a.text("state")
	for state == "UploadComplete" || state == "InProgress" {
		polls++
		state = r.api("GET", "/jobs/query/"+id, nil).text("state")
	}
	return id, state, polls
}

func rowsOf(t *testing.T, body []byte) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(string(body))).ReadAll()
	if err != nil {
		t.Fatalf("%v: %.200s", err, body)
	}
	return rows
}

func Test07Lifecycle(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{Accounts: 250})
	r.set(m{"bulk_queued": 2, "bulk_running": 3})
	id, state, polls := r.run("SELECT Id, Name, Owner.Name, Description, CreatedDate, AnnualRevenue FROM Account", "query")
	if state != "JobComplete" || polls != 6 || !strings.HasPrefix(id, "750") || len(id) != 18 {
		t.Errorf("job %s is %s after %d polls, want JobComplete after 2 and 3", id, state, polls)
	}
	if a := r.api("GET", "/jobs/query/"+id, nil); a.text("numberRecordsProcessed") != "250" || a.text("jobType") != "V2Query" || !strings.Contains(string(a.body), `"apiVersion":62.0,`) || a.text("object") != "Account" {
		t.Errorf("job: %s", a.body)
	}
	var ids []string
	locator, pages := "", 0
	for locator != "null" && pages < 10 { // three come; more would be the same ones again
		a := r.api("GET", "/jobs/query/"+id+"/results?maxRecords=100&locator="+locator, nil, "Accept", "text/csv")
		rows := rowsOf(t, a.body)
		if got := strings.Join(rows[0], ","); got != "Id,Name,Owner.Name,Description,CreatedDate,AnnualRevenue" {
			t.Fatalf("page %d begins with %s", pages, got)
		}
		if n := a.header.Get("Sforce-NumberOfRecords"); n != fmt.Sprint(len(rows)-1) {
			t.Errorf("Sforce-NumberOfRecords is %s, with %d rows", n, len(rows)-1)
		}
		for _, row := range rows[1:] {
			ids = append(ids, row[0])
		}
		locator = a.header.Get("Sforce-Locator")
		if _, err := base64.RawStdEncoding.DecodeString(locator); err != nil && locator != "null" {
			t.Errorf("locator %q", locator)
		}
		pages++
	}
	if pages != 3 || len(slices.Compact(slices.Sorted(slices.Values(ids)))) != 250 || slices.IsSorted(ids) {
		t.Errorf("%d ids in %d pages, sorted: %v", len(ids), pages, slices.IsSorted(ids))
	}
	raw := string(r.api("GET", "/jobs/query/"+id+"/results", nil).body)
	for _, want := range []string{"\x00", `""quoted""`, "\r\nsecond", "שלום", "\"Id\",\"Name\"", ".000Z"} {
		if !strings.Contains(raw, want) {
			t.Errorf("the rows hold no %q", want)
		}
	}
}

func Test07Order(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{Accounts: 100})
	id, _, _ := r.run("SELECT Id FROM Account ORDER BY Id DESC LIMIT 50", "query")
	rows := rowsOf(t, r.api("GET", "/jobs/query/"+id+"/results", nil).body)[1:]
	if len(rows) != 50 || !slices.IsSortedFunc(rows, func(a, b []string) int { return strings.Compare(b[0], a[0]) }) {
		t.Errorf("%d rows, want 50 whose ids fall: %v", len(rows), rows)
	}
}

func Test07Rules(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{})
	r.set(m{"bulk_page": 10})
	create := func(soql string) answer {
		return r.api("POST", "/jobs/query", m{"operation": "query", "query": soql})
	}
	create("SELECT Id, (SELECT Id FROM Contacts) FROM Account").refused(http.StatusBadRequest, "API_ERROR", "Nested queries")
	create("SELECT BillingAddress FROM Account").refused(http.StatusBadRequest, "API_ERROR", "Selecting compound data not supported in Bulk Query")
	create("SELECT COUNT() FROM Account").refused(http.StatusBadRequest, "API_ERROR", "Aggregate")
	create("SELECT Id FROM Account OFFSET 3").refused(http.StatusBadRequest, "API_ERROR", "OFFSET")
	create("SELECT Bad__c FROM Account").refused(http.StatusBadRequest, "INVALID_FIELD", "No such column")
	r.api("POST", "/jobs/query", m{"operation": "query", "query": "SELECT Id FROM Account", "priority": 1}).refused(http.StatusBadRequest, "JSON_PARSER_ERROR", "priority")

	running := create("SELECT Id FROM Account").text("id")
	r.api("GET", "/jobs/query/"+running+"/results", nil).refused(http.StatusBadRequest, "INVALIDJOBSTATE", "")
	r.api("DELETE", "/jobs/query/"+running, nil).refused(http.StatusBadRequest, "API_ERROR", "")
	if a := r.api("PATCH", "/jobs/query/"+running, m{"state": "Aborted"}); a.status != http.StatusOK || a.text("state") != "Aborted" {
		t.Errorf("abort: %d %s", a.status, a.body)
	}
	r.api("PATCH", "/jobs/query/"+running, m{"state": "Aborted"}).refused(http.StatusBadRequest, "API_ERROR", "")
	if a := r.api("DELETE", "/jobs/query/"+running, nil); a.status != http.StatusNoContent {
		t.Errorf("delete: %d %s", a.status, a.body)
	}
	r.api("GET", "/jobs/query/"+running, nil).refused(http.StatusNotFound, "NOT_FOUND", "")

	id, _, _ := r.run("SELECT Id FROM Account", "query")
	if a := r.do("GET", r.InstanceURL+"/services/data/v61.0/jobs/query/"+id+"/results", nil); a.status != http.StatusConflict {
		t.Errorf("results in another version: %d, want 409", a.status)
	}
	links := r.api("GET", "/jobs/query/"+id+"/resultPages", nil)
	list, _ := links.get("resultPages").([]any)
	link := links.text("resultPages.4.resultLink")
	if len(list) != 5 || links.get("nextRecordsUrl") == nil || !strings.HasPrefix(link, "/jobs/query/"+id+"/results?locator=") {
		t.Errorf("result pages: %s", links.body)
	}
	if rows := rowsOf(t, r.api("GET", link, nil).body); len(rows) != 11 {
		t.Errorf("a linked page has %d rows, want a header and 10", len(rows))
	}
	if a := r.do("GET", r.InstanceURL+"/services/data/v57.0/jobs/query/"+id+"/resultPages", nil); a.status != http.StatusNotFound {
		t.Errorf("result pages in v57: %d", a.status)
	}
	none, _, _ := r.run("SELECT Id FROM Account WHERE Name = 'nobody'", "query")
	if a := r.api("GET", "/jobs/query/"+none+"/results", nil); string(a.body) != "\"Id\"\n" || a.header.Get("Sforce-Locator") != "null" {
		t.Errorf("no rows: %q", a.body)
	}
	r.set(m{"bulk_empty_body": true})
	if a := r.api("GET", "/jobs/query/"+none+"/results", nil); len(a.body) != 0 || a.status != http.StatusOK {
		t.Errorf("no rows and no header: %d %q", a.status, a.body)
	}
	if a := r.api("GET", "/jobs/query", nil); a.text("records.0.jobType") != "Classic" || a.get("nextRecordsUrl") != nil {
		t.Errorf("list: %s", a.body)
	}
}

func Test07FaultsAndCompression(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{Accounts: 300})
	r.fault(m{"kind": "job_failed", "path": "FROM Account"})
	if id, state, _ := r.run("SELECT Id FROM Account", "query"); state != "Failed" || r.api("GET", "/jobs/query/"+id, nil).get("errorMessage") != nil {
		t.Errorf("job is %s, want Failed without a message", state)
	}
	r.fault(m{"kind": "job_failed", "path": "FROM Account", "message": "too slow"})
	if id, _, _ := r.run("SELECT Id FROM Account", "query"); r.api("GET", "/jobs/query/"+id, nil).text("errorMessage") != "too slow" {
		t.Error("the message is lost")
	}
	r.fault(m{"kind": "job_aborted"})
	if _, state, _ := r.run("SELECT Id FROM Account", "query"); state != "Aborted" {
		t.Errorf("job is %s, want Aborted", state)
	}
	id, state, _ := r.run("SELECT Id, Name FROM Account", "query")
	if state != "JobComplete" {
		t.Fatalf("faults are spent, and the job is %s", state)
	}
	page := "/jobs/query/" + id + "/results?maxRecords=200"
	whole := r.api("GET", page, nil)
	r.fault(m{"kind": "short", "path": id, "bytes": 1000})
	if a := r.api("GET", page, nil); a.err != nil || len(a.body) != 1000 || !strings.HasPrefix(string(whole.body), string(a.body)) {
		t.Errorf("short: %d bytes, %v", len(a.body), a.err)
	}
	r.fault(m{"kind": "cut", "path": "/jobs/query/" + id, "skip": 1, "bytes": 1500})
	first := r.api("GET", page, nil)
	if second := r.api("GET", page+"&locator="+first.header.Get("Sforce-Locator"), nil); first.err != nil || second.err == nil || len(second.body) != 1500 {
		t.Errorf("first page: %v; second: %v after %d bytes, want it cut after 1500", first.err, second.err, len(second.body))
	}
	for accept, want := range map[string]string{"gzip": "gzip", "gzip, deflate": "", "*": "", "gzip;q=1": "", "": ""} {
		if a := r.api("GET", page, nil, "Accept-Encoding", accept); a.header.Get("Content-Encoding") != want {
			t.Errorf("Accept-Encoding %q gave %q, want %q", accept, a.header.Get("Content-Encoding"), want)
		}
	}
	packed := r.api("GET", page, nil, "Accept-Encoding", "gzip")
	z, err := gzip.NewReader(strings.NewReader(string(packed.body)))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(z); err != nil || string(text) != string(whole.body) {
		t.Errorf("unpacked: %v, %d bytes, want %d", err, len(text), len(whole.body))
	}
}

func Test08Times(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{})
	id := r.create("Account", m{"Name": "now", "Next_Renewal_Date__c": "2026-12-01"})
	soql := "SELECT CreatedDate, Next_Renewal_Date__c FROM Account WHERE Id = '" + id + "'"
	rest := r.query(soql)
	if got := rest.text("records.0.CreatedDate") + " " + rest.text("records.0.Next_Renewal_Date__c"); got != "2026-11-21T10:00:00.000+0000 2026-12-01" {
		t.Errorf("REST: %s", got)
	}
	job, _, _ := r.run(soql, "query")
	if got := strings.Join(rowsOf(t, r.api("GET", "/jobs/query/"+job+"/results", nil).body)[1], " "); got != "2026-11-21T10:00:00.000Z 2026-12-01" {
		t.Errorf("Bulk: %s", got)
	}
}
