package salesforce

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
)

func TestRESTReadsSortedAndCanonical(t *testing.T) {
	t.Parallel()
	columns := []string{"Name", "AnnualRevenue", "Since__c", "Stamp__c", "Active__c", "Regions__c", "owner.name", "Id"}
	read := "GET query SELECT Id, ParentId, Name, AnnualRevenue, Since__c, Stamp__c, Active__c, Regions__c, Owner.Name FROM Account WHERE (Type = 'Customer')"
	record := func(id, parent, rest string) string {
		return `{"attributes":{"type":"Account"},"Id":"` + id + `","ParentId":` + parent + `,` + rest + `}`
	}
	s := start(t, map[string][]reply{
		"GET query SELECT COUNT() FROM Account WHERE (Type = 'Customer')": {counted(3)},
		read: {{body: pageOf(3, more2000,
			record(id3, `"`+id1+`"`, `"Name":"C\u0000\r\nd","AnnualRevenue":3.5E7,"Since__c":"2026-01-31","Stamp__c":"2026-01-31T23:15:00.000+0000","Active__c":true,"Regions__c":"four;six","Owner":{"attributes":{},"Name":"Ann Lee"}`),
			record(id1, "null", `"Name":null,"AnnualRevenue":120.50,"Since__c":null,"Stamp__c":null,"Active__c":false,"Regions__c":null,"Owner":null`)), gzip: true}},
		getMore: {{body: pageOf(3, "", record(id2, "null", `"Name":"B","AnnualRevenue":null,"Since__c":null,"Stamp__c":null,"Active__c":false,"Regions__c":"one","Owner":null`))}},
	})
	src := s.source(func(o *Options) {
		o.Objects = map[crm.Role]Object{crm.Account: {Where: "Type = 'Customer'"}}
		o.Names = map[crm.Role][]string{crm.Account: columns}
		o.Location = time.FixedZone("Berlin", 3600)
	})
	list, rep, err := readAll(t.Context(), src, crm.Query{Role: crm.Account, Columns: columns})
	want := []string{
		id1 + "/" + id1 + "  " + `["" "120.5" "" "" "false" "" "" "` + id1 + `"]`,
		id2 + "/" + id2 + "  " + `["B" "" "" "" "false" "one" "" "` + id2 + `"]`,
		id3 + "/" + id3 + " " + id1 + " " + `["C\nd" "35000000" "2026-01-31" "2026-02-01" "true" "four;six" "Ann Lee" "` + id3 + `"]`,
	}
	if err != nil || !slices.Equal(list, want) {
		t.Fatalf("Records = %s, %v; want %s", strings.Join(list, "\n"), err, strings.Join(want, "\n"))
	}
	if !rep.Complete || rep.Rows != 3 || rep.Why != "" {
		t.Errorf("report = %+v", rep)
	}
	if u := src.Usage(); u.Calls != 7 || u.Used != 18 || u.Max != 100000 { // 3 + 1 describes, 1 count, 2 pages
		t.Errorf("usage = %+v after %v", u, s.seen)
	}
}

func TestOnePageProvesItself(t *testing.T) {
	t.Parallel()
	s := start(t, map[string][]reply{countAccounts: {counted(1)}, readNames: {{body: pageOf(1, "", named(id1, "A"))}}})
	_, rep, err := readAll(t.Context(), s.source(nil), names)
	if err != nil || !rep.Complete || s.times(countAccounts) != 1 {
		t.Errorf("report = %+v, %v, counted %d times", rep, err, s.times(countAccounts))
	}
}

// TestRESTFaults: each goes on where it was, or fails naming what to do; none takes a
// short read for a whole one.
func TestRESTFaults(t *testing.T) {
	t.Parallel()
	first, second := pageOf(2, more2000, named(id2, "B")), pageOf(2, "", named(id1, "A"))
	whole := []reply{{body: first}}
	busy := reply{status: 503, body: `[{"errorCode":"SERVER_UNAVAILABLE","message":"busy"}]`}
	gone := reply{status: 400, body: `[{"message":"invalid query locator","errorCode":"INVALID_QUERY_LOCATOR"}]`}
	concurrent := reply{status: 403, body: `[{"message":"ConcurrentPerOrgLongTxn Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]`}
	both := []string{id1, id2}
	tests := map[string]struct {
		script   map[string][]reply
		want     []string // ids, of a complete read
		kind     fault.Kind
		err      string
		why      string // of an incomplete one
		asked    map[string]int
		countTwo int
	}{
		"401 in the middle":                       {script: map[string][]reply{readNames: whole, getMore: {{status: 401, body: expired}, {body: second}}}, want: both, asked: map[string]int{logins: 2, readNames: 1}},
		"401 twice":                               {script: map[string][]reply{readNames: whole, getMore: {{status: 401, body: expired}}}, kind: fault.Denied, err: "the session is refused even right after a login", asked: map[string]int{logins: 2, getMore: 2}},
		"401 that never heals":                    {script: map[string][]reply{readNames: {{status: 401, body: `[{"message":"This session is not valid for use with the REST API","errorCode":"INVALID_SESSION_ID"}]`}}}, kind: fault.Denied, err: "this session never works here: give the app the scope api", asked: map[string]int{logins: 1}},
		"503 in the middle":                       {script: map[string][]reply{readNames: whole, getMore: {busy, {status: 502, body: "<html>"}, {body: second}}}, want: both},
		"503 for ever":                            {script: map[string][]reply{readNames: whole, getMore: {busy}}, kind: fault.Unavailable, err: "SERVER_UNAVAILABLE: busy; try again later", asked: map[string]int{getMore: 5}},
		"420 without a body":                      {script: map[string][]reply{readNames: {{status: 420}, {body: first}}, getMore: {{body: second}}}, want: both},
		"an expired cursor":                       {script: map[string][]reply{readNames: whole, getMore: {gone, {body: second}}}, want: both, asked: map[string]int{readNames: 2}},
		"an expired cursor, as 404":               {script: map[string][]reply{readNames: whole, getMore: {{status: 404, body: notFound}, {body: second}}}, want: both, asked: map[string]int{readNames: 2}},
		"a cursor that always expires":            {script: map[string][]reply{readNames: whole, getMore: {gone}}, kind: fault.Unavailable, err: "began 3 times and never reached its end"},
		"the connection breaks in a later page":   {script: map[string][]reply{readNames: whole, getMore: {{body: second, cut: 60}, {body: second}}}, want: both, asked: map[string]int{readNames: 1}},
		"it breaks in the first page":             {script: map[string][]reply{readNames: {{body: first, cut: 150}, {body: first}}, getMore: {{body: second}}}, want: both, asked: map[string]int{readNames: 2}},
		"it breaks in packed pages":               {script: map[string][]reply{readNames: whole, getMore: {{body: second, gzip: true, cut: 60}, {body: second, gzip: true}}}, want: both},
		"it always breaks":                        {script: map[string][]reply{readNames: whole, getMore: {{body: second, cut: 60}}}, kind: fault.Unavailable, err: "broke off GET " + version + "query/01gxx0000004CAyAAM-2000 3 times", asked: map[string]int{getMore: 3}},
		"page two is missing":                     {script: map[string][]reply{readNames: {{body: strings.Replace(first, `"nextRecordsUrl":"`+more2000+`",`, "", 1)}}}, kind: fault.Unavailable, err: "says that there are more rows and not where"},
		"page two is page one":                    {script: map[string][]reply{readNames: whole, getMore: {{body: pageOf(2, more2000, named(id1, "A"))}}}, kind: fault.Unavailable, err: "names a page as its own next one"},
		"page two is elsewhere":                   {script: map[string][]reply{readNames: {{body: pageOf(2, "https://evil.example"+more2000, named(id2, "B"))}}}, kind: fault.Denied, err: "sends us to another host"},
		"page two is no page":                     {script: map[string][]reply{readNames: {{body: pageOf(2, "/secur/logout.jsp", named(id2, "B"))}}}, kind: fault.Unavailable, err: "says that there are more rows and not where"},
		"done too early":                          {script: map[string][]reply{readNames: {{body: pageOf(2, "", named(id2, "B"))}}}, why: "Account: COUNT() says 2 and 1 came; read again"},
		"a row that was deleted meanwhile":        {script: map[string][]reply{readNames: whole, getMore: {{body: pageOf(2, "")}}}, countTwo: 1, want: []string{id2}},
		"a row that was made meanwhile":           {script: map[string][]reply{readNames: whole, getMore: {{body: pageOf(2, "", named(id1, "A"), named(id3, "C"))}}}, countTwo: 3, want: []string{id1, id2, id3}},
		"more rows than there are":                {script: map[string][]reply{readNames: whole, getMore: {{body: pageOf(2, "", named(id1, "A"), named(id3, "C"))}}}, why: "COUNT() says 2 and 3 came, so some were made and others deleted"},
		"an empty page between":                   {script: map[string][]reply{readNames: {{body: pageOf(2, more2000)}}, getMore: {{body: pageOf(2, "", named(id1, "A"), named(id2, "B"))}}}, want: both},
		"empty pages that stay at their place":    {script: map[string][]reply{readNames: {{body: pageOf(2, more2000, named(id1, "A"))}}, getMore: {{body: pageOf(2, more2000)}, {body: pageOf(2, more2000)}, {body: pageOf(2, "", named(id2, "B"))}}}, want: both, asked: map[string]int{getMore: 3}},
		"empty pages for ever":                    {script: map[string][]reply{readNames: {{body: pageOf(2, more2000, named(id1, "A"))}}, getMore: {{body: pageOf(2, more2000)}}}, kind: fault.Unavailable, err: "pages without rows again and again", asked: map[string]int{getMore: maxEmpty + 1}},
		"a row twice: the last counts":            {script: map[string][]reply{readNames: {{body: pageOf(2, more2000, named(id1, "old"), named(id2, "B"))}}, getMore: {{body: second}}}, want: both},
		"daily calls are spent":                   {script: map[string][]reply{readNames: whole, getMore: {{status: 403, body: `[{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]`}}}, kind: fault.Throttled, err: "the organization has spent its API calls of 24 hours", asked: map[string]int{getMore: 1}},
		"too many at once":                        {script: map[string][]reply{readNames: {concurrent, {body: first}}, getMore: {{body: second}}}, want: both},
		"too many at once for ever":               {script: map[string][]reply{readNames: {concurrent}}, kind: fault.Throttled, err: "too many long requests run at the same time", asked: map[string]int{readNames: maxBusy}},
		"a locked row":                            {script: map[string][]reply{readNames: {{status: 400, body: `[{"message":"unable to obtain exclusive access","errorCode":"UNABLE_TO_LOCK_ROW"}]`}, {body: first}}, getMore: {{body: second}}}, want: both},
		"a field is hidden meanwhile":             {script: map[string][]reply{readNames: {{status: 400, body: `[{"message":"\nSELECT Id, CARR_This_Acount__c FROM Account\n ^\nERROR at Row:1:Column:8\nNo such column 'CARR_This_Acount__c' on entity 'Account'. If","errorCode":"INVALID_FIELD"}]`}}}, kind: fault.Invalid, err: "Account has no field CARR_This_Acount__c that the integration user can see; did you mean CARR_This_Account__c?"},
		"a field that was seen is hidden":         {script: map[string][]reply{readNames: {{status: 400, body: `[{"message":"\nSELECT Id, ParentId, Name FROM Account\n ^\nERROR at Row:1:Column:22\nNo such column 'Name' on entity 'Account'. If","errorCode":"INVALID_FIELD"}]`}}}, kind: fault.Invalid, err: "objects.accounts: Account: the integration user can see Name no longer: give the integration user field-level read access, or take it out of rules and where: INVALID_FIELD"},
		"a condition on what cannot be filtered":  {script: map[string][]reply{countAccounts: {{status: 400, body: `[{"message":"\n^\nERROR at Row:1:Column:36\nfield 'Description' can not be filtered in a query call","errorCode":"INVALID_FIELD"}]`}}}, kind: fault.Invalid, err: "can not be filtered in a query call; correct where or soql of this object: the field is there, and takes no such comparison"},
		"a condition that is none":                {script: map[string][]reply{countAccounts: {{status: 400, body: `[{"message":"unexpected token: SELEKT","errorCode":"MALFORMED_QUERY"}]`}}}, kind: fault.Invalid, err: "sources.crm.objects.accounts: crm refused GET query: MALFORMED_QUERY: unexpected token: SELEKT; correct where or soql"},
		"no access":                               {script: map[string][]reply{countAccounts: {{status: 400, body: `[{"message":"sObject type 'Account' is not supported.","errorCode":"INVALID_TYPE"}]`}}}, kind: fault.Invalid, err: "add it to the permission set"},
		"no API":                                  {script: map[string][]reply{countAccounts: {{status: 403, body: `[{"message":"The REST API is not enabled for this Organization.","errorCode":"API_DISABLED_FOR_ORG"}]`}}}, kind: fault.Denied, err: `enable "API Enabled"`},
		"an old version":                          {script: map[string][]reply{countAccounts: {{status: 410, body: "<html>"}}}, kind: fault.Invalid, err: "this API version is retired"},
		"too complicated":                         {script: map[string][]reply{readNames: {{status: 400, body: `[{"message":"Query is either selecting too many fields","errorCode":"QUERY_TOO_COMPLICATED"}]`}}}, kind: fault.Invalid, err: "too many formula fields"},
		"a bad id":                                {script: map[string][]reply{readNames: {{body: pageOf(2, "", named(id1, "A"), named("001xx000003DGb2AAH", "B"))}}}, why: "1 of 2 could not be read"},
		"the connection breaks in COUNT":          {script: map[string][]reply{countAccounts: {{body: counted(2).body, cut: 10}, counted(2)}, readNames: whole, getMore: {{body: second}}}, want: both},
		"COUNT ends early, as if whole":           {script: map[string][]reply{countAccounts: {{body: `{"totalSize":2,"do`}, counted(2)}, readNames: whole, getMore: {{body: second}}}, want: both},
		"COUNT always breaks":                     {script: map[string][]reply{countAccounts: {{body: counted(2).body, cut: 10}}}, kind: fault.Unavailable, err: "broke off GET " + version + "query 3 times: a reply of crm ended before its end: unexpected EOF; nothing of it was used, try again later", asked: map[string]int{countAccounts: 3}},
		"the connection breaks in a describe":     {script: map[string][]reply{describeAccount: {{body: account, cut: 300}, {body: account}}, readNames: whole, getMore: {{body: second}}}, want: both},
		"what says COUNT without a number":        {script: map[string][]reply{countAccounts: {{body: `{"done":true}`}}}, kind: fault.Unavailable, err: "answered COUNT() of Account without a number"},
		"a proxy's page with status 200":          {script: map[string][]reply{countAccounts: {{body: "<html>"}}}, kind: fault.Unavailable, err: "is not what Salesforce documents"},
		"a record without a field it should hold": {script: map[string][]reply{readNames: {{body: `{"totalSize":2,"done":true,"records":[{"Id":"` + id1 + `","ParentId":null}]}`}}}, kind: fault.Unavailable, err: "a record has no Name"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			counts := []reply{counted(2)}
			if tt.countTwo > 0 {
				counts = append(counts, counted(tt.countTwo))
			}
			s := start(t, map[string][]reply{countAccounts: counts})
			for k, v := range tt.script {
				s.script[k] = slices.Clone(v)
			}
			list, rep, err := readAll(t.Context(), s.source(nil), names)
			s.wasAsked(tt.asked)
			if tt.err != "" {
				failedAs(t, list, rep, err, tt.kind, tt.err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if rep.Complete != (tt.why == "") || !strings.Contains(rep.Why, tt.why) {
				t.Errorf("report = %+v, want %q", rep, tt.why)
			}
			if tt.why == "" && !slices.EqualFunc(list, tt.want, func(got, id string) bool { return strings.HasPrefix(got, id+"/") && !strings.Contains(got, "old") }) {
				t.Errorf("Records = %q, want %q", list, tt.want)
			}
		})
	}
}

func TestNothingTellsTheToken(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]reply{"refused": {status: 400, body: `[{"errorCode":"MALFORMED_QUERY","message":"x"}]`}, "broken": {body: "{", cut: 1}, "down": {status: 500}} {
		s := start(t, map[string][]reply{countAccounts: {r}})
		_, rep, err := readAll(t.Context(), s.source(func(o *Options) { o.Objects = nil }), names)
		if err == nil || strings.Contains(err.Error()+rep.Why, "hush") || strings.Contains(err.Error(), "q=") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCancelledReadsEnd(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := start(t, map[string][]reply{countAccounts: {counted(2)}, readNames: {{body: pageOf(2, more2000, named(id2, "B"))}}, getMore: {{status: 503}}})
	s.onCall = func(key string) {
		if key == getMore {
			cancel()
		}
	}
	if _, rep, err := readAll(ctx, s.source(nil), names); !errors.Is(err, context.Canceled) || rep.Complete {
		t.Errorf("Records = %+v, %v", rep, err)
	}
}

func TestStoppingEarlyProvesNothing(t *testing.T) {
	t.Parallel()
	s := start(t, map[string][]reply{countAccounts: {counted(2)}, readNames: {{body: pageOf(2, "", named(id2, "B"), named(id1, "A"))}}})
	var rep crm.Report
	for range s.source(nil).Records(t.Context(), names, &rep) {
		break
	}
	if rep.Complete || rep.Why == "" {
		t.Errorf("report = %+v", rep)
	}
}

func TestContactsBelongToAccounts(t *testing.T) {
	t.Parallel()
	c1, c2, c3 := "003xx000004TmiQAAS", "003xx000004TmiRAAS", "003xx000004TmiSAAS"
	row := func(id, account, mail string) string {
		return `{"attributes":{"type":"Contact"},"Id":"` + id + `","AccountId":` + account + `,"Email":"` + mail + `"}`
	}
	read := "GET query SELECT Id, AccountId, Email FROM Contact"
	s := start(t, map[string][]reply{
		"GET query SELECT COUNT() FROM Contact": {counted(3)},
		read:                                    {{body: pageOf(3, more2000, row(c2, `"`+id2+`"`, "b@x"), row(c1, `"`+id1+`"`, "moved@x"))}},
		getMore:                                 {{body: pageOf(3, "", row(c3, "null", "private@x"), row(c1, `"`+id2+`"`, "a@x"))}},
	})
	list, rep, err := readAll(t.Context(), s.source(nil), crm.Query{Role: crm.Contact, Columns: []string{"Email"}})
	want := []string{id2 + "/" + c1 + `  ["a@x"]`, id2 + "/" + c2 + `  ["b@x"]`}
	if err != nil || !slices.Equal(list, want) || !rep.Complete || rep.Rows != 2 {
		t.Errorf("Records = %q, %+v, %v; want %q: once each, under the account it was read under last", list, rep, err, want)
	}
	const note = "1 contact belongs to no account and was left out"
	if len(rep.Noted) != 1 || rep.Noted[0].What != note || rep.Noted[0].Where != "crm Contact" {
		t.Errorf("noted %+v, want %q", rep.Noted, note)
	}
}

func TestAWholeStatementIsAskedAsItIs(t *testing.T) {
	t.Parallel()
	soql := "select Name, Id from Account where Type IN ('Customer')"
	s := start(t, map[string][]reply{
		"GET query SELECT COUNT() from Account where Type IN ('Customer')": {counted(1)},
		"GET query " + soql: {{body: pageOf(1, "", `{"attributes":{},"Name":"A","Id":"`+id1+`"}`)}},
	})
	src := s.source(func(o *Options) { o.Objects = map[crm.Role]Object{crm.Account: {SOQL: soql}} })
	list, rep, err := readAll(t.Context(), src, names)
	if err != nil || !rep.Complete || len(list) != 1 || list[0] != id1+"/"+id1+`  ["A"]` {
		t.Errorf("Records = %q, %+v, %v", list, rep, err)
	}
	if _, _, err := readAll(t.Context(), src, crm.Query{Role: crm.Account, Columns: []string{"AnnualRevenue"}}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a column that the statement does not select: %v", err)
	}
}

func TestTheShareOfCallsIsKept(t *testing.T) {
	t.Parallel()
	limit := func(used string) []reply {
		return []reply{{header: "Sforce-Limit-Info: api-usage=" + used, body: account}}
	}
	tests := map[string]struct {
		info, want string
	}{
		"ours is spent":           {"18/25", "crm has made 5 of the 5 calls that daily_share allows it in 24 hours (20% of 25)"},
		"others spent nearly all": {"80000/100000", "crm has used 80,000 of its 100,000 API calls of 24 hours, most of them by others"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, map[string][]reply{countAccounts: {{header: "Sforce-Limit-Info: api-usage=" + tt.info, body: counted(2).body}}, readNames: {{header: "Sforce-Limit-Info: api-usage=" + tt.info, body: pageOf(2, more2000, named(id1, "A"))}}})
			for _, o := range []string{"Account", "Contact"} {
				r := limit(tt.info)
				if o == "Contact" {
					r[0].body = contact
				}
				s.script["GET sobjects/"+o+"/describe"] = r
			}
			_, rep, err := readAll(t.Context(), s.source(nil), names)
			e, _ := errors.AsType[*fault.Error](err)
			if e == nil || e.Kind != fault.Throttled || e.RetryAfter <= 0 || !strings.Contains(err.Error(), tt.want) || rep.Complete {
				t.Errorf("Records = %v", err)
			}
		})
	}
}

func TestCallsCountFor24Hours(t *testing.T) {
	t.Parallel()
	now := noon
	b := &budget{name: "crm", share: 0.5, now: func() time.Time { return now }, max: 4}
	for range 2 {
		if err := b.take(t.Context()); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Hour)
	}
	e, _ := errors.AsType[*fault.Error](b.take(t.Context()))
	if e == nil || e.RetryAfter != 22*time.Hour {
		t.Errorf("take = %v, want to wait for 22 hours", e)
	}
	now = noon.Add(24 * time.Hour)
	if err := b.take(t.Context()); err != nil {
		t.Errorf("after 24 hours: %v", err)
	}
	if u := b.usage(); u.Calls != 3 {
		t.Errorf("usage = %+v", u)
	}
}

// TestCallsOfEarlierProcessesCount: each run by hand or by cron is a process of its own.
func TestCallsOfEarlierProcessesCount(t *testing.T) {
	t.Parallel()
	now, noted := noon, 0
	note := func(_ context.Context, most int) error {
		if noted++; most != 20 {
			t.Errorf("noted with %d calls of a day, want 20", most)
		}
		return nil
	}
	b := &budget{name: "crm", share: 0.5, now: func() time.Time { return now }, note: note}
	b.recall(now.Add(time.Hour), 50, 0)     // a clock that was set back
	b.recall(now.Add(-25*time.Hour), 50, 0) // over
	b.recall(now.Add(-23*time.Hour), 4, 20) // counts for an hour more
	b.recall(now.Add(-2*time.Hour), 3, 0)
	for range 3 {
		if err := b.take(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.take(t.Context()); err == nil || b.usage().Calls != 3 || noted != 3 {
		t.Errorf("take = %v after %+v, want the share of 10 to be spent", err, b.usage())
	}
	now = now.Add(time.Hour)
	if err := b.take(t.Context()); err != nil {
		t.Errorf("when the oldest are over: %v", err)
	}
}

func FuzzLimitInfo(f *testing.F) {
	for _, s := range []string{"api-usage=18/5000", "api-usage=18/5000; per-app-api-usage=17/250(appName=x)", "per-app-api-usage=17/250", "api-usage=a/b", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if used, limit, ok := parseLimitInfo(s); ok && (used < 0 || limit <= 0) {
			t.Errorf("parseLimitInfo(%q) = %d, %d", s, used, limit)
		}
	})
}

func FuzzFailure(f *testing.F) {
	f.Add(401, []byte(expired))
	f.Add(503, []byte("<html>"))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		f := parseFailure(status, body)
		if f.Error() == "" || len([]rune(clip(f.message))) > 301 {
			t.Errorf("parseFailure(%d, %q) = %v", status, body, f)
		}
	})
}
