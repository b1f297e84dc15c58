package salesforce

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
)

const (
	createJob = "POST jobs/query"
	jobID     = "750xx000000gRq1AAE"
	pollJob   = "GET jobs/query/" + jobID
	resultsOf = "GET jobs/query/" + jobID + "/results"
	resultTwo = resultsOf + "?locator=MTAwMDA%3D"
	abortJob  = "PATCH jobs/query/" + jobID
	deleteJob = "DELETE jobs/query/" + jobID
)

func jobIn(state string, rows int) reply {
	return reply{body: fmt.Sprintf(`{"id":"%s","operation":"query","object":"Account","createdById":"005xx000001SwiUAAS","createdDate":"2026-11-21T10:00:00.000+0000","state":"%s","concurrencyMode":"Parallel","contentType":"CSV","apiVersion":62.0,"jobType":"V2Query","lineEnding":"LF","columnDelimiter":"COMMA","numberRecordsProcessed":%d,"retries":0,"totalProcessingTime":3120}`, jobID, state, rows)}
}

func csvPage(rows int, locator string, lines ...string) reply {
	body := "\"Id\",\"ParentId\",\"Name\"\n"
	for _, l := range lines {
		body += l + "\n"
	}
	return reply{header: fmt.Sprintf("Content-Type: text/csv\nSforce-NumberOfRecords: %d\nSforce-Locator: %s", rows, locator), body: body}
}

// bulkScript is a job of two pages that goes well.
func bulkScript() map[string][]reply {
	return map[string][]reply{
		countAccounts: {counted(3)},
		createJob:     {jobIn("UploadComplete", 0)},
		pollJob:       {jobIn("InProgress", 0), jobIn("InProgress", 2), jobIn("JobComplete", 3)},
		resultsOf:     {csvPage(2, "MTAwMDA=", `"`+id3+`","`+id1+`","C ""quoted"""`, `"`+id1+`",,"A`+"\nB\"")},
		resultTwo:     {csvPage(1, "null", `"`+id2+`","",`)},
		abortJob:      {jobIn("Aborted", 0)},
		deleteJob:     {{status: 204}},
	}
}

func alwaysBulk(o *Options) { o.BulkRows = -1 }

func TestBulkReadsSorted(t *testing.T) {
	t.Parallel()
	s := start(t, bulkScript())
	s.script[resultsOf][0].gzip = true
	list, rep, err := readAll(t.Context(), s.source(alwaysBulk), names)
	want := []string{id1 + "/" + id1 + "  " + `["A\nB"]`, id2 + "/" + id2 + "  " + `[""]`, id3 + "/" + id3 + " " + id1 + " " + `["C \"quoted\""]`}
	if err != nil || !slices.Equal(list, want) || !rep.Complete || rep.Rows != 3 {
		t.Fatalf("Records = %q, %+v, %v; want %q", list, rep, err, want)
	}
	if w := []time.Duration{1e9, 2e9, 4e9}; !slices.Equal(s.waits, w) {
		t.Errorf("polled after %v, want %v", s.waits, w)
	}
	if s.times(deleteJob) != 1 || s.times(abortJob) != 0 {
		t.Errorf("asked %v, want the job deleted once", s.seen)
	}
	i := slices.Index(s.seen, createJob)
	if want := `{"columnDelimiter":"COMMA","contentType":"CSV","lineEnding":"LF","operation":"query","query":"SELECT Id, ParentId, Name FROM Account"}`; s.bodies[i] != want {
		t.Errorf("created %s, want %s", s.bodies[i], want)
	}
}

// TestBulkFaults: each goes on where it was, or fails naming what to do; none takes a
// short read for a whole one.
func TestBulkFaults(t *testing.T) {
	t.Parallel()
	failed := func(state, message string) []reply {
		j := jobIn(state, 0)
		if message != "" {
			j.body = strings.Replace(j.body, `"retries":0`, `"retries":15,"errorMessage":"`+message+`"`, 1)
		}
		return []reply{j}
	}
	one, two := csvPage(2, "MTAwMDA=", `"`+id3+`","","C"`, `"`+id1+`","","A"`), csvPage(1, "null", `"`+id2+`","","B"`)
	cutAt := func(r reply, n int) reply { r.cut = n; return r }
	noHeader := one
	noHeader.header = "Content-Type: text/csv\nSforce-NumberOfRecords: 2"
	noCount := two
	noCount.header = "Content-Type: text/csv\nSforce-Locator: null"
	short := two
	short.body = strings.TrimSuffix(short.body, "\"B\"\n")
	tests := map[string]struct {
		script map[string][]reply
		kind   fault.Kind
		err    string
		why    string
		asked  map[string]int
	}{
		"401 while polling":                   {script: map[string][]reply{pollJob: {{status: 401, body: expired}, jobIn("JobComplete", 3)}}, asked: map[string]int{logins: 2, createJob: 1}},
		"the connection breaks in a poll":     {script: map[string][]reply{pollJob: {cutAt(jobIn("InProgress", 0), 30), jobIn("JobComplete", 3)}}, asked: map[string]int{createJob: 1, abortJob: 0}},
		"401 between pages":                   {script: map[string][]reply{resultTwo: {{status: 401, body: expired}, two}}, asked: map[string]int{logins: 2, resultsOf: 1}},
		"503 between pages":                   {script: map[string][]reply{resultTwo: {{status: 503}, two}}},
		"busy at creation":                    {script: map[string][]reply{createJob: {{status: 503}, jobIn("UploadComplete", 0)}}},
		"a job that is done at once":          {script: map[string][]reply{createJob: {jobIn("JobComplete", 3)}}, asked: map[string]int{pollJob: 0}},
		"the connection breaks in a page":     {script: map[string][]reply{resultTwo: {cutAt(two, 40), two}}, asked: map[string]int{resultsOf: 1}},
		"a page cut at a line's end":          {script: map[string][]reply{resultsOf: {cutAt(one, len(one.body)-len(id1)-9), one}}},
		"a page cut with no sign of it":       {script: map[string][]reply{resultTwo: {short, two}}},
		"a page always cut":                   {script: map[string][]reply{resultTwo: {short}}, kind: fault.Unavailable, err: "broke off GET " + version + "jobs/query/" + jobID + "/results 3 times", asked: map[string]int{deleteJob: 1}},
		"fewer rows than the page says":       {script: map[string][]reply{resultTwo: {csvPage(2, "null", `"`+id2+`","","B"`)}}, kind: fault.Unavailable, err: "it has 1 rows, and its header Sforce-NumberOfRecords says \"2\""},
		"a page that does not say its rows":   {script: map[string][]reply{resultTwo: {noCount}}, kind: fault.Unavailable, err: `its header Sforce-NumberOfRecords says ""`},
		"fewer rows than the job processed":   {script: map[string][]reply{pollJob: {jobIn("JobComplete", 4)}}, kind: fault.Unavailable, err: "processed 4 rows and its results have 3: a part is missing", asked: map[string]int{deleteJob: 1}},
		"fewer rows than COUNT":               {script: map[string][]reply{countAccounts: {counted(5)}}, why: "COUNT() says 5 and 3 came"},
		"rows deleted meanwhile":              {script: map[string][]reply{countAccounts: {counted(5), counted(3)}}},
		"no locator":                          {script: map[string][]reply{resultsOf: {noHeader}}, kind: fault.Unavailable, err: "does not say where the next one is (header Sforce-Locator)"},
		"a locator that stands still":         {script: map[string][]reply{resultTwo: {csvPage(1, "MTAwMDA=", `"`+id2+`","","B"`)}}, kind: fault.Unavailable, err: "does not say where the next one is"},
		"another header on page two":          {script: map[string][]reply{resultTwo: {{header: two.header, body: "\"Id\",\"Name\"\n\"" + id2 + "\",\"B\"\n"}}}, kind: fault.Unavailable, err: "the header of a page has no ParentId"},
		"no header on page two":               {script: map[string][]reply{resultTwo: {{header: two.header, body: "\"" + id2 + "\",\"\",\"B\"\n"}}}, kind: fault.Unavailable, err: "the header of a page has no Id"},
		"failed, with a reason":               {script: map[string][]reply{pollJob: failed("Failed", "QUERY_TIMEOUT: Your query request was running for too long.")}, kind: fault.Unavailable, err: "narrow where of Account to an indexed field", asked: map[string]int{resultsOf: 0, deleteJob: 1, abortJob: 0}},
		"failed, without one":                 {script: map[string][]reply{pollJob: failed("Failed", "")}, kind: fault.Unavailable, err: "ended as Failed without saying why: nothing was read; the query may take too long", asked: map[string]int{resultsOf: 0}},
		"failed on a lock":                    {script: map[string][]reply{pollJob: failed("Failed", "UNABLE_TO_LOCK_ROW: x")}, kind: fault.Unavailable, err: "somebody else holds the rows"},
		"failed on a field":                   {script: map[string][]reply{pollJob: failed("Failed", "InvalidBatch : INVALID_FIELD: No such column")}, kind: fault.Invalid, err: "give the user field-level read access"},
		"aborted by somebody":                 {script: map[string][]reply{pollJob: failed("Aborted", "")}, kind: fault.Unavailable, err: "somebody stopped it in Setup"},
		"a job that never ends":               {script: map[string][]reply{pollJob: {jobIn("InProgress", 0)}}, kind: fault.Unavailable, err: "has not ended after 2h", asked: map[string]int{abortJob: 1, deleteJob: 1}},
		"a job without id":                    {script: map[string][]reply{createJob: {{body: `{"state":"UploadComplete"}`}}}, kind: fault.Unavailable, err: "took the Bulk job and gave it no id"},
		"a job whose id is a path":            {script: map[string][]reply{createJob: {{body: `{"id":"../../sobjects","state":"UploadComplete"}`}}}, kind: fault.Unavailable, err: "gave it no id"},
		"no jobs left today":                  {script: map[string][]reply{createJob: {{status: 400, body: `[{"errorCode":"LIMIT_EXCEEDED","message":"Max bulk v2 query jobs (10000) per 24 hrs has been reached"}]`}}}, kind: fault.Throttled, err: "the organization has spent its Bulk jobs of 24 hours"},
		"an object Bulk does not read":        {script: map[string][]reply{createJob: {{status: 400, body: `[{"errorCode":"INVALIDENTITY","message":"Entity 'X' is not supported by the Bulk API."}]`}}}, kind: fault.Unsupported, err: "the Bulk API does not read this object: set bulk_rows higher"},
		"another version than the job's":      {script: map[string][]reply{resultsOf: {{status: 409, body: `[{"errorCode":"API_ERROR","message":"version mismatch"}]`}}}, kind: fault.Invalid, err: "API_ERROR: version mismatch"},
		"a job that cannot be deleted":        {script: map[string][]reply{deleteJob: {{status: 400, body: `[{"errorCode":"API_ERROR","message":"no"}]`}}}},
		"a job that somebody deleted halfway": {script: map[string][]reply{resultTwo: {{status: 404, body: notFound}, two}}, asked: map[string]int{createJob: 2}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, bulkScript())
			s.script[pollJob], s.script[resultsOf], s.script[resultTwo] = []reply{jobIn("JobComplete", 3)}, []reply{one}, []reply{two}
			for k, v := range tt.script {
				s.script[k] = slices.Clone(v)
			}
			list, rep, err := readAll(t.Context(), s.source(alwaysBulk), names)
			s.wasAsked(tt.asked)
			if tt.err != "" {
				failedAs(t, list, rep, err, tt.kind, tt.err)
				return
			}
			if err != nil || len(list) != 3 || rep.Complete != (tt.why == "") || !strings.Contains(rep.Why, tt.why) {
				t.Errorf("Records = %q, %+v, %v; want %q", list, rep, err, tt.why)
			}
		})
	}
}

func TestEmptyBulkResults(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]reply{
		"a header only":   csvPage(0, "null"),
		"nothing":         {header: "Sforce-NumberOfRecords: 0\nSforce-Locator: null"},
		"status 204":      {status: 204},
		"nothing, silent": {header: "Sforce-Locator: null"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, bulkScript())
			s.script[countAccounts], s.script[pollJob], s.script[resultsOf] = []reply{counted(0)}, []reply{jobIn("JobComplete", 0)}, []reply{r}
			list, rep, err := readAll(t.Context(), s.source(alwaysBulk), names)
			if err != nil || len(list) != 0 || !rep.Complete {
				t.Errorf("Records = %q, %+v, %v", list, rep, err)
			}
		})
	}
}

func TestManyRowsAreReadByBulk(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		rows, threshold int
		bulk            bool
	}{
		"as many as the threshold": {3, 3, false},
		"one more":                 {3, 2, true},
		"the default":              {10_000, 0, false},
		"beyond the default":       {10_001, 0, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, bulkScript())
			s.script[countAccounts] = []reply{counted(tt.rows)}
			s.script[readNames] = []reply{{body: pageOf(1, "", named(id1, "A"))}}
			if _, _, err := readAll(t.Context(), s.source(func(o *Options) { o.BulkRows = tt.threshold }), names); err != nil {
				t.Fatal(err)
			}
			if got := s.times(createJob) == 1; got != tt.bulk {
				t.Errorf("%d rows with threshold %d: bulk %v, want %v", tt.rows, tt.threshold, got, tt.bulk)
			}
		})
	}
}

func TestAQueryThatTakesTooLongGoesToBulk(t *testing.T) {
	t.Parallel()
	slow := []reply{{status: 400, body: `[{"message":"Your query request was running for too long.","errorCode":"QUERY_TIMEOUT"}]`}}
	s := start(t, bulkScript())
	s.script[readNames] = slow
	list, rep, err := readAll(t.Context(), s.source(nil), names)
	if err != nil || len(list) != 3 || !rep.Complete || s.times(createJob) != 1 {
		t.Errorf("Records = %q, %+v, %v", list, rep, err)
	}
	s = start(t, bulkScript())
	s.script[countAccounts] = slow
	list, rep, err = readAll(t.Context(), s.source(nil), names)
	if err != nil || len(list) != 3 || rep.Complete || !strings.Contains(rep.Why, "the rows could not be counted") {
		t.Errorf("uncounted: Records = %q, %+v, %v", list, rep, err)
	}
}

func TestLongStatementsGoToBulk(t *testing.T) {
	t.Parallel()
	var where strings.Builder
	where.WriteString("Name IN ('")
	where.WriteString(strings.Repeat("株", maxURI/9))
	where.WriteString("')")
	s := start(t, bulkScript())
	list, rep, err := readAll(t.Context(), s.source(func(o *Options) {
		o.Objects = map[crm.Role]Object{crm.Account: {Where: where.String()}}
	}), names)
	if err != nil || len(list) != 3 || rep.Complete || s.times(createJob) != 1 || !strings.Contains(rep.Why, "too long for an address") {
		t.Errorf("Records = %q, %+v, %v", list, rep, err)
	}
}

func TestACancelledJobIsAborted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := start(t, bulkScript())
	s.onCall = func(key string) {
		if key == pollJob {
			cancel()
		}
	}
	_, rep, err := readAll(ctx, s.source(alwaysBulk), names)
	if !errors.Is(err, context.Canceled) || rep.Complete || s.times(abortJob) != 1 || s.times(deleteJob) != 1 {
		t.Errorf("Records = %+v, %v; asked %v", rep, err, s.seen)
	}
}

func TestTombstones(t *testing.T) {
	t.Parallel()
	count, read := "GET queryAll SELECT COUNT() FROM Account WHERE (IsDeleted = true)", "GET queryAll SELECT Id, MasterRecordId FROM Account WHERE (IsDeleted = true)"
	grave := func(id, master string) string {
		return `{"attributes":{"type":"Account"},"Id":"` + id + `","MasterRecordId":` + master + `}`
	}
	id4 := "001xx000003DGb4AAG"
	script := map[string][]reply{
		count:   {counted(3)},
		read:    {{body: pageOf(3, more2000, grave(id3, `"`+id2+`"`))}},
		getMore: {{body: pageOf(3, "", grave(id2, `"`+id4+`"`), grave(id1, "null"))}},

		describeAccount: {{body: stampedAccount}},
	}
	s := start(t, script)
	src := s.source(nil)
	for times := 1; times <= 2; times++ {
		ids, err := src.Deleted(t.Context())
		if err != nil || !slices.Equal(ids, []string{id1, id2, id3}) {
			t.Errorf("Deleted = %v, %v", ids, err)
		}
		merges, err := src.Merged(t.Context())
		if want := []crm.Merge{{Loser: id2, Winner: id4}, {Loser: id3, Winner: id4}}; err != nil || !slices.Equal(merges, want) {
			t.Errorf("Merged = %v, %v; want %v", merges, err, want)
		}
		s.wasAsked(map[string]int{count: times, read: times}) // once for both
	}
	if merges, err := src.Merged(t.Context()); err != nil || len(merges) != 2 || s.times(read) != 3 {
		t.Errorf("asked by itself: Merged = %v, %v after %d reads", merges, err, s.times(read))
	}
	s = start(t, map[string][]reply{describeAccount: {{body: stampedAccount}}, count: {counted(3)}, read: {{body: pageOf(3, more2000, grave(id3, "null")), cut: 100}}})
	if ids, err := s.source(nil).Deleted(t.Context()); fault.KindOf(err) != fault.Unavailable || len(ids) != 0 {
		t.Errorf("a read that breaks: Deleted = %v, %v", ids, err)
	}
}

// TestTombstonesThatAreMissingAreNoticed: a merged account that is not among them would
// be taken for lost. An answer that says done, and has fewer rows than it promises, is
// none.
func TestTombstonesThatAreMissingAreNoticed(t *testing.T) {
	t.Parallel()
	count, read := "GET queryAll SELECT COUNT() FROM Account WHERE (IsDeleted = true)", "GET queryAll SELECT Id, MasterRecordId FROM Account WHERE (IsDeleted = true)"
	grave := func(id string) string { return `{"Id":"` + id + `","MasterRecordId":null}` }
	short, whole := reply{body: pageOf(2, "", grave(id1))}, reply{body: pageOf(2, "", grave(id1), grave(id2))}
	tests := map[string]struct {
		answers []reply
		want    []string
		asked   int
	}{
		"once":     {[]reply{short, whole}, []string{id1, id2}, 2},
		"each try": {[]reply{short}, nil, maxStarts},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, map[string][]reply{describeAccount: {{body: stampedAccount}}, count: {counted(2)}, read: tt.answers})
			ids, err := s.source(nil).Deleted(t.Context())
			if !slices.Equal(ids, tt.want) || (err == nil) != (tt.want != nil) || s.times(read) != tt.asked {
				t.Errorf("Deleted = %v, %v after %d reads; want %v after %d", ids, err, s.times(read), tt.want, tt.asked)
			}
			if err != nil && (fault.KindOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "2 rows were promised and 1 came")) {
				t.Errorf("it says %v", err)
			}
		})
	}
}

func TestManyTombstonesAreReadByBulk(t *testing.T) {
	t.Parallel()
	s := start(t, bulkScript())
	s.script[describeAccount] = []reply{{body: stampedAccount}}
	s.script["GET queryAll SELECT COUNT() FROM Account WHERE (IsDeleted = true)"] = []reply{counted(20_000)}
	s.script[pollJob] = []reply{jobIn("JobComplete", 1)}
	s.script[resultsOf] = []reply{{header: "Sforce-NumberOfRecords: 1\nSforce-Locator: null", body: "\"Id\",\"MasterRecordId\"\n\"" + id1 + "\",\n"}}
	ids, err := s.source(nil).Deleted(t.Context())
	if err != nil || !slices.Equal(ids, []string{id1}) || !strings.Contains(strings.Join(s.bodies, ""), `"operation":"queryAll"`) {
		t.Errorf("Deleted = %v, %v; sent %v", ids, err, s.bodies)
	}
}

// TestTombstonesThatNobodyCanTell: who is gone is lost, and the read goes on.
func TestTombstonesThatNobodyCanTell(t *testing.T) {
	t.Parallel()
	for _, field := range []string{"IsDeleted", "MasterRecordId"} {
		s := start(t, map[string][]reply{describeAccount: {{body: strings.Replace(stampedAccount, `"`+field+`"`, `"Other__c"`, 1)}}})
		src := s.source(nil)
		if ids, err := src.Deleted(t.Context()); err != nil || len(ids) != 0 {
			t.Errorf("without %s: Deleted = %v, %v", field, ids, err)
		}
		if merges, err := src.Merged(t.Context()); err != nil || len(merges) != 0 {
			t.Errorf("without %s: Merged = %v, %v", field, merges, err)
		}
	}
}

// TestAReadSaysWhyItIsByBulk, where the number of rows does not.
func TestAReadSaysWhyItIsByBulk(t *testing.T) {
	t.Parallel()
	slow := []reply{{status: 400, body: `[{"message":"Your query request was running for too long.","errorCode":"QUERY_TIMEOUT"}]`}}
	tests := map[string]struct {
		script map[string][]reply
		rows   int
		want   []string
	}{
		"more than the threshold": {map[string][]reply{countAccounts: {counted(3)}}, 2, []string{"Bulk "}},
		"always":                  {nil, -1, []string{"Bulk bulk_rows is 0"}},
		"it cannot be counted":    {map[string][]reply{countAccounts: slow}, 0, []string{"Bulk counting took too long"}},
		"REST took too long":      {map[string][]reply{readNames: slow}, 0, []string{"REST ", "Bulk REST took too long"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, bulkScript())
			for k, v := range tt.script {
				s.script[k] = v
			}
			var got []string
			q := names
			q.Tell = func(p crm.Plan) { got = append(got, p.Way+" "+p.Why) }
			if _, _, err := readAll(t.Context(), s.source(func(o *Options) { o.BulkRows = tt.rows }), q); err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("plans %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}
