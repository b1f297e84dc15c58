package salesforce

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
)

// TestDeltaFaults: each goes on where it was, or fails naming what to do; none takes a
// part of the changes for all of them.
func TestDeltaFaults(t *testing.T) {
	t.Parallel()
	accounts, contacts := pageOf(1, "", accountRow(id1, "A", "")), pageOf(1, "", contactRow(c1, id1, "a"))
	whole := composed(accounts, contacts)
	more := composed(pageOf(2, more2000, accountRow(id2, "B", "")), contacts)
	rest := reply{body: pageOf(2, "", accountRow(id1, "A", ""))}
	refused := func(code, text string) string { return `[{"message":"` + text + `","errorCode":"` + code + `"}]` }
	slow := refused("QUERY_TIMEOUT", "Your query request was running for too long.")
	gone := reply{status: 400, body: refused("INVALID_QUERY_LOCATOR", "invalid query locator")}
	cutAt := func(r reply, n int) reply { r.cut = n; return r }
	edited := func(r reply, old, with string) reply { r.body = strings.Replace(r.body, old, with, 1); return r }
	csv := func(rows int, lines ...string) reply {
		return reply{header: fmt.Sprintf("Content-Type: text/csv\nSforce-NumberOfRecords: %d\nSforce-Locator: null", rows), body: `"Id","ParentId","Name","IsDeleted","CreatedDate","MasterRecordId"` + "\n" + strings.Join(lines, "\n") + "\n"}
	}
	job := func(rows int, result reply) map[string][]reply {
		return map[string][]reply{createJob: {jobIn("JobComplete", rows)}, resultsOf: {result}, deleteJob: {{status: 204}}}
	}
	with := func(script map[string][]reply, more map[string][]reply) map[string][]reply {
		for k, v := range more {
			script[k] = v
		}
		return script
	}
	one := []string{id1 + "/" + id1 + `  ["A"]`, id1 + "/" + c1 + `  ["a"]`}
	two := []string{one[0], id2 + "/" + id2 + `  ["B"]`, one[1]}
	tests := map[string]struct {
		script map[string][]reply
		want   []string
		kind   fault.Kind
		err    string
		asked  map[string]int
	}{
		"all goes well":                           {script: map[string][]reply{compositeCall: {whole}}, want: one},
		"packed":                                  {script: map[string][]reply{compositeCall: {{body: whole.body, gzip: true}}}, want: one},
		"pages follow one by one":                 {script: map[string][]reply{compositeCall: {more}, getMore: {rest}}, want: two, asked: map[string]int{compositeCall: 1, getMore: 1}},
		"401":                                     {script: map[string][]reply{compositeCall: {{status: 401, body: expired}, whole}}, want: one, asked: map[string]int{logins: 2, compositeCall: 2}},
		"401 in the middle":                       {script: map[string][]reply{compositeCall: {more}, getMore: {{status: 401, body: expired}, rest}}, want: two, asked: map[string]int{logins: 2, compositeCall: 1}},
		"401 twice":                               {script: map[string][]reply{compositeCall: {{status: 401, body: expired}}}, kind: fault.Denied, err: "the session is refused even right after a login"},
		"503":                                     {script: map[string][]reply{compositeCall: {{status: 503}, whole}}, want: one},
		"503 in the middle":                       {script: map[string][]reply{compositeCall: {more}, getMore: {{status: 503}, {status: 502, body: "<html>"}, rest}}, want: two},
		"503 for ever":                            {script: map[string][]reply{compositeCall: {{status: 503, body: refused("SERVER_UNAVAILABLE", "busy")}}}, kind: fault.Unavailable, err: "SERVER_UNAVAILABLE: busy; try again later"},
		"a locked row":                            {script: map[string][]reply{compositeCall: {{status: 400, body: refused("UNABLE_TO_LOCK_ROW", "locked")}, whole}}, want: one},
		"the connection breaks":                   {script: map[string][]reply{compositeCall: {cutAt(whole, 300), whole}}, want: one, asked: map[string]int{compositeCall: 2}},
		"it breaks in a packed body":              {script: map[string][]reply{compositeCall: {{body: whole.body, gzip: true, cut: 100}, whole}}, want: one},
		"it ends between two parts, as if whole":  {script: map[string][]reply{compositeCall: {composed(accounts), whole}}, want: one, asked: map[string]int{compositeCall: 2}},
		"it always breaks":                        {script: map[string][]reply{compositeCall: {cutAt(whole, 300)}}, kind: fault.Unavailable, err: "broke off POST " + version + "composite 3 times", asked: map[string]int{compositeCall: 3}},
		"a part too many":                         {script: map[string][]reply{compositeCall: {composed(accounts, contacts, contacts)}}, kind: fault.Unavailable, err: "it has more parts than were asked for"},
		"parts in another order":                  {script: map[string][]reply{compositeCall: {edited(whole, `"q0"`, `"q1"`)}}, kind: fault.Unsupported, err: "came in another order than they were asked in: read in full", asked: map[string]int{compositeCall: 1}},
		"the parts' pages in another order":       {script: map[string][]reply{compositeCall: {composed(contacts, accounts)}}, kind: fault.Unavailable, err: "a record has no"},
		"a refusal that looks like a page":        {script: map[string][]reply{compositeCall: {edited(whole, `"httpStatusCode":200`, `"httpStatusCode":500`)}}, kind: fault.Unavailable, err: "a part has status 500 and another body"},
		"a page that is a list":                   {script: map[string][]reply{compositeCall: {edited(composed(slow, contacts), `"httpStatusCode":400`, `"httpStatusCode":200`)}}, kind: fault.Unavailable, err: "a part has status 200 and another body"},
		"no answer to a composite call":           {script: map[string][]reply{compositeCall: {{body: `{"hasErrors":false}`}}}, kind: fault.Unavailable, err: "it has 0 parts and 2 were asked for"},
		"something behind the answer":             {script: map[string][]reply{compositeCall: {edited(whole, whole.body, whole.body+"{}")}}, kind: fault.Unavailable, err: "something follows it"},
		"a proxy's page":                          {script: map[string][]reply{compositeCall: {{body: "<html>"}}}, kind: fault.Unavailable, err: "stands where '{' is due"},
		"fewer rows than promised":                {script: map[string][]reply{compositeCall: {composed(pageOf(2, "", accountRow(id2, "B", "")), contacts)}, pollAccounts: {{body: pageOf(2, "", accountRow(id1, "A", ""), accountRow(id2, "B", ""))}}}, want: two, asked: map[string]int{pollAccounts: 1}},
		"always fewer":                            {script: map[string][]reply{compositeCall: {composed(pageOf(2, "", accountRow(id2, "B", "")), contacts)}, pollAccounts: {{body: pageOf(2, "", accountRow(id1, "A", ""))}}}, kind: fault.Unavailable, err: "reading Account began 3 times and never reached its end", asked: map[string]int{pollAccounts: 2}},
		"page two is missing":                     {script: map[string][]reply{compositeCall: {composed(strings.Replace(pageOf(2, more2000, accountRow(id2, "B", "")), `"nextRecordsUrl":"`+more2000+`",`, "", 1), contacts)}}, kind: fault.Unavailable, err: "says that there are more rows and not where"},
		"page two is elsewhere":                   {script: map[string][]reply{compositeCall: {composed(pageOf(2, "https://evil.example"+more2000, accountRow(id2, "B", "")), contacts)}}, kind: fault.Denied, err: "sends us to another host"},
		"page two breaks":                         {script: map[string][]reply{compositeCall: {more}, getMore: {cutAt(rest, 60), rest}}, want: two},
		"page two always breaks":                  {script: map[string][]reply{compositeCall: {more}, getMore: {cutAt(rest, 60)}}, kind: fault.Unavailable, err: "broke off GET " + version + "query/01gxx0000004CAyAAM-2000 3 times"},
		"an expired cursor":                       {script: map[string][]reply{compositeCall: {more}, getMore: {gone}, pollAccounts: {{body: pageOf(2, "", accountRow(id1, "A", ""), accountRow(id2, "B", ""))}}}, want: two, asked: map[string]int{compositeCall: 1, pollAccounts: 1}},
		"a cursor that always expires":            {script: map[string][]reply{compositeCall: {more}, getMore: {gone}, pollAccounts: {{body: pageOf(2, more2000, accountRow(id1, "A", ""))}}}, kind: fault.Unavailable, err: "began 3 times and never reached its end"},
		"a part is refused for now":               {script: map[string][]reply{compositeCall: {composed(refused("UNABLE_TO_LOCK_ROW", "x"), contacts)}, pollAccounts: {{body: accounts}}}, want: one, asked: map[string]int{pollAccounts: 1, pollContacts: 0}},
		"a part is refused for good":              {script: map[string][]reply{compositeCall: {composed(accounts, refused("INVALID_FIELD", "No such column 'Emai' on entity 'Contact'."))}, pollContacts: {{status: 400, body: refused("INVALID_FIELD", "No such column 'Emai' on entity 'Contact'.")}}}, kind: fault.Invalid, err: "Contact has no field Emai that the integration user can see; did you mean Email?"},
		"a part has no session":                   {script: map[string][]reply{compositeCall: {composed(accounts, expired)}, pollContacts: {{status: 401, body: expired}, {body: contacts}}}, want: one, asked: map[string]int{logins: 2}},
		"a part took too long: by Bulk":           {script: with(job(1, csv(1, bulkRow(id1, "A"))), map[string][]reply{compositeCall: {composed(slow, contacts)}}), want: one, asked: map[string]int{createJob: 1, pollAccounts: 0}},
		"by Bulk it fails without a message":      {script: map[string][]reply{compositeCall: {composed(slow, contacts)}, createJob: {jobIn("Failed", 0)}, deleteJob: {{status: 204}}}, kind: fault.Unavailable, err: "ended as Failed without saying why: nothing was read", asked: map[string]int{resultsOf: 0}},
		"somebody aborts the job":                 {script: map[string][]reply{compositeCall: {composed(slow, contacts)}, createJob: {jobIn("Aborted", 0)}, deleteJob: {{status: 204}}}, kind: fault.Unavailable, err: "somebody stopped it in Setup"},
		"a cut page of a job":                     {script: with(job(2, cutAt(csv(2, bulkRow(id1, "A"), bulkRow(id2, "B")), 90)), map[string][]reply{compositeCall: {composed(slow, contacts)}}), kind: fault.Unavailable, err: "broke off GET " + version + "jobs/query/" + jobID + "/results 3 times"},
		"more rows than bulk_rows: by Bulk":       {script: with(job(6, csv(6, bulkRow(id1, "A"), bulkRow(id1, "A"), bulkRow(id2, "B"), bulkRow(id2, "B"), bulkRow(id2, "B"), bulkRow(id2, "B"))), map[string][]reply{compositeCall: {composed(pageOf(6, more2000, accountRow(id1, "old", "")), contacts)}}), want: two, asked: map[string]int{createJob: 1, getMore: 0}},
		"more, and all of them on the first page": {script: map[string][]reply{compositeCall: {composed(pageOf(6, "", accountRow(id1, "x", ""), accountRow(id1, "x", ""), accountRow(id1, "x", ""), accountRow(id1, "x", ""), accountRow(id2, "B", ""), accountRow(id1, "A", "")), contacts)}}, want: two, asked: map[string]int{createJob: 0}},
		"daily calls are spent":                   {script: map[string][]reply{compositeCall: {{status: 403, body: refused("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")}}}, kind: fault.Throttled, err: "the organization has spent its API calls of 24 hours"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startDelta(t, tt.script)
			src := s.source(func(o *Options) { o.BulkRows = 5 })
			list, reps, err := changesOf(t.Context(), src, sinceBefore(t, src, names, mails))
			s.wasAsked(tt.asked)
			if tt.err != "" {
				if fault.KindOf(err) != tt.kind || !strings.Contains(err.Error(), tt.err) || len(list) != 0 || reps[0].Complete || reps[1].Complete || reps[0].Next+reps[1].Next != "" {
					t.Errorf("Changes = %q, %+v, %v; want %s with %q and no rows", list, reps, err, tt.kind, tt.err)
				}
				return
			}
			if err != nil || !slices.Equal(list, tt.want) || !reps[0].Complete || !reps[1].Complete {
				t.Errorf("Changes = %q, %+v, %v; want %q", list, reps, err, tt.want)
			}
		})
	}
}

func bulkRow(id, name string) string { return `"` + id + `","","` + name + `","false","",""` }

// TestABrokenCompositeCountsOnce: what was reported of a part comes again with it.
func TestABrokenCompositeCountsOnce(t *testing.T) {
	t.Parallel()
	whole := composed(pageOf(1, "", accountRow("junk", "A", "")), pageOf(1, "", contactRow(c1, id1, "a")))
	cut := whole
	cut.cut = len(whole.body) - 50
	src := startDelta(t, map[string][]reply{compositeCall: {cut, whole}}).source(nil)
	_, reps, err := changesOf(t.Context(), src, sinceBefore(t, src, names, mails))
	if err != nil || reps[0].BadRows != 1 || len(reps[0].Skipped) != 1 || !reps[1].Complete {
		t.Errorf("Changes = %+v, %v; want one bad row", reps, err)
	}
}

// TestALongStatementIsNotAskedBeforeSomethingChanged: it fits a Bulk job only, which
// costs five calls.
func TestALongStatementIsNotAskedBeforeSomethingChanged(t *testing.T) {
	t.Parallel()
	fields, query := "", crm.Query{Role: crm.Account}
	for i := range 400 {
		name := fmt.Sprintf("A_Rather_Long_Name_Of_A_Field_%d__c", i)
		fields, query.Columns = fields+`{"name":"`+name+`","type":"string"},`, append(query.Columns, name)
	}
	heads := "GET queryAll SELECT Id, IsDeleted, MasterRecordId FROM Account WHERE " + changedSince
	for n, jobs := range map[int]int{0: 0, 1: 1} {
		header := `"Id","ParentId","` + strings.Join(query.Columns, `","`) + `","IsDeleted","CreatedDate","MasterRecordId"` + "\n"
		s := startDelta(t, map[string][]reply{
			"GET sobjects/Account/describe": {{body: strings.Replace(stampedAccount, `"fields":[`, `"fields":[`+fields, 1)}},
			heads:                           {{body: pageOf(n, "", []string{`{"Id":"` + id1 + `","IsDeleted":false,"MasterRecordId":null}`}[:n]...)}},
			createJob:                       {jobIn("JobComplete", 1)}, deleteJob: {{status: 204}},
			resultsOf: {{header: "Sforce-NumberOfRecords: 1\nSforce-Locator: null", body: header + `"` + id1 + `",` + strings.Repeat(`"x",`, 401) + `"false","",""` + "\n"}},
		})
		s.script[resultsOf][0].body = strings.Replace(s.script[resultsOf][0].body, `"`+id1+`","x",`, `"`+id1+`","",`, 1)
		src := s.source(nil)
		list, reps, err := changesOf(t.Context(), src, sinceBefore(t, src, query))
		if err != nil || !reps[0].Complete || len(list) != n || s.times(createJob) != jobs || s.times(heads) != 1 {
			t.Errorf("%d changed: Changes = %.80q, %+v, %v after %d jobs; want %d", n, list, reps, err, s.times(createJob), jobs)
		}
	}
}

// FuzzComposite: only an answer with as many parts as were asked for is taken for one,
// and no beginning of it is.
func FuzzComposite(f *testing.F) {
	whole := composed(pageOf(1, "", accountRow(id1, "A", "")), `[{"errorCode":"QUERY_TIMEOUT","message":"x"}]`, pageOf(0, "")).body
	f.Add([]byte(whole), 10)
	f.Add([]byte(`{"compositeResponse":[]}`), 3)
	f.Fuzz(func(t *testing.T, body []byte, cut int) {
		read := func(body []byte) error {
			p, group := &plan{statement: statement{columns: []string{"Id"}}}, []*ask(nil)
			for range 3 {
				group = append(group, newAsk(p, ignoring{}, &crm.Report{}))
			}
			return readComposite(bytes.NewReader(body), group)
		}
		if err := read(body); err != nil {
			return
		}
		var parts struct {
			List []json.RawMessage `json:"compositeResponse"`
		}
		if json.Unmarshal(body, &parts) == nil && len(parts.List) != 3 && bytes.Count(body, []byte("compositeResponse")) == 1 {
			t.Fatalf("%q has %d parts, and was taken for 3", body, len(parts.List))
		}
		if cut > 0 && cut < len(bytes.TrimSpace(body)) {
			if err := read(bytes.TrimSpace(body)[:cut]); err == nil {
				t.Fatalf("%q is cut, and was taken for whole", body[:cut])
			}
		}
	})
}

// ignoring is a sink for rows that nobody needs.
type ignoring struct{}

func (ignoring) add([]string) error { return nil }
func (ignoring) mark() func()       { return func() {} }
