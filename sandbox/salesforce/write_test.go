package salesforce_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/desksync/desksync/sandbox/salesforce"
)

func TestRecords(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{})
	made := r.api("POST", "/sobjects/Account", m{"Name": "one", "External_Id__c": "e/1"})
	id := made.text("id")
	if made.status != http.StatusCreated || made.get("success") != true || !strings.HasSuffix(made.header.Get("Location"), "/sobjects/Account/"+id) {
		t.Errorf("create: %d %s", made.status, made.body)
	}
	if a := r.api("PATCH", "/sobjects/Account/"+id, m{"Name": "two"}); a.status != http.StatusNoContent || len(a.body) != 0 {
		t.Errorf("update: %d %s", a.status, a.body)
	}
	a := r.api("GET", "/sobjects/Account/"+id+"?fields=Name,BillingAddress", nil)
	if string(a.body) != `{"attributes":{"type":"Account","url":"`+v62+`/sobjects/Account/`+id+`"},"Name":"two","BillingAddress":{"city":null,"country":null,"geocodeAccuracy":null,"latitude":null,"longitude":null,"postalCode":null,"state":null,"street":null}}` {
		t.Errorf("read: %s", a.body)
	}
	if a := r.api("PATCH", "/sobjects/Account/External_Id__c/"+url.PathEscape("new"), m{"Name": "three"}); a.status != http.StatusCreated || a.get("created") != true {
		t.Errorf("upsert of a new one: %d %s", a.status, a.body)
	}
	if a := r.api("PATCH", "/sobjects/Account/External_Id__c/new", m{"Name": "four"}); a.status != http.StatusOK || a.get("created") != false {
		t.Errorf("upsert of the same: %d %s", a.status, a.body)
	}
	if a := r.api("GET", "/sobjects/Account/External_Id__c/new", nil); a.text("Name") != "four" {
		t.Errorf("read by external id: %s", a.body)
	}
	if n := r.total("SELECT Id FROM Account WHERE External_Id__c IN ('e/1', 'new')"); n != 2 {
		t.Errorf("%d records, want 2", n)
	}
	r.api("POST", "/sobjects/Account", m{"Nmae": "x"}).refused(http.StatusBadRequest, "INVALID_FIELD", "No such column 'Nmae' on sobject of type Account")
	r.api("POST", "/sobjects/Account", m{}).refused(http.StatusBadRequest, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]")
	r.api("PATCH", "/sobjects/Account/001000000000000AAA", m{"Name": "x"}).refused(http.StatusNotFound, "NOT_FOUND", "The requested resource does not exist")
	r.api("DELETE", "/sobjects/User/"+r.one("SELECT Id FROM User WHERE Username = 'user1@acme.example'"), nil).refused(http.StatusForbidden, "INSUFFICIENT_ACCESS_OR_READONLY", "")
	if a := r.api("POST", "/sobjects/Account", m{"Name": "x"}, "Content-Type", "text/plain"); a.status != http.StatusUnsupportedMediaType {
		t.Errorf("text for JSON: %d", a.status)
	}
}

// TestCompositeReferences: texts, numbers and truth values are filled in as they are; a
// part that refers to what is not there is refused, and is not sent on.
func TestCompositeReferences(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{})
	r.create("Account", m{"Name": "numbered", "NumberOfEmployees": 4711, "Support_Hold__c": true})
	get := func(name, path string) m { return m{"method": "GET", "url": v62 + path, "referenceId": name} }
	a := r.api("POST", "/composite", m{"compositeRequest": []m{
		get("q", "/query?q=SELECT+Id,Name,NumberOfEmployees,Support_Hold__c,Industry+FROM+Account+WHERE+Name='numbered'"),
		get("bad", "/query?q=SELECT+Nope+FROM+Account"),
		get("number", "/query?q=SELECT+Name+FROM+Account+WHERE+NumberOfEmployees=@{q.records[0].NumberOfEmployees}+AND+Support_Hold__c=@{q.records[0].Support_Hold__c}"),
		get("none", "/sobjects/Account/@{q.records[5].Id}"),
		get("null", "/sobjects/Account/@{q.records[0].Industry}"),
		get("deep", "/sobjects/Account/@{q.records[0].Id.Name}"),
		get("failed", "/sobjects/Account/@{bad.records[0].Id}"),
		get("unknown", "/sobjects/Account/@{nobody.Id}"),
	}})
	if a.text("compositeResponse.2.body.records.0.Name") != "numbered" {
		t.Errorf("a number and a truth value: %s", a.body)
	}
	for i, ref := range []string{"q.records[5].Id", "q.records[0].Industry", "q.records[0].Id.Name", "bad.records[0].Id", "nobody.Id"} {
		at := fmt.Sprintf("compositeResponse.%d.", i+3)
		if a.text(at+"httpStatusCode") != "400" || a.text(at+"body.0.errorCode") != "PROCESSING_HALTED" || !strings.Contains(a.text(at+"body.0.message"), "No value for "+ref) {
			t.Errorf("%s: %s %s %s", ref, a.text(at+"httpStatusCode"), a.text(at+"body.0.errorCode"), a.text(at+"body.0.message"))
		}
	}
}

func TestComposite(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{})
	query := func(id, soql string) m {
		return m{"method": "GET", "url": v62 + "/query?q=" + url.QueryEscape(soql), "referenceId": id}
	}
	used := func(a answer) string { return strings.Join(a.header["Sforce-Limit-Info"], "") }
	a := r.api("POST", "/composite", m{"compositeRequest": []m{
		{"method": "POST", "url": v62 + "/sobjects/Account", "referenceId": "acc", "body": m{"Name": "parent"}},
		{"method": "POST", "url": v62 + "/sobjects/Contact", "referenceId": "con", "body": m{"LastName": "child", "AccountId": "@{acc.id}"}},
		query("q1", "SELECT Name, (SELECT LastName FROM Contacts) FROM Account WHERE Name = 'parent'"),
		query("q2", "SELECT Bad FROM Account"),
	}})
	if a.status != http.StatusOK || a.text("compositeResponse.1.httpStatusCode") != "201" || a.text("compositeResponse.2.body.records.0.Contacts.records.0.LastName") != "child" ||
		a.text("compositeResponse.3.httpStatusCode") != "400" || a.text("compositeResponse.3.body.0.errorCode") != "INVALID_FIELD" || a.text("compositeResponse.2.referenceId") != "q1" {
		t.Errorf("composite: %d %s", a.status, a.body)
	}
	if got := used(a); got != "api-usage=1/100000" {
		t.Errorf("a composite call of four parts: %s, want it to count as one", got)
	}
	a = r.api("POST", "/composite", m{"allOrNone": true, "compositeRequest": []m{
		{"method": "POST", "url": v62 + "/sobjects/Account", "referenceId": "a", "body": m{"Name": "never"}}, query("b", "SELEKT"),
	}})
	if a.text("compositeResponse.0.body.0.errorCode") != "PROCESSING_HALTED" || r.total("SELECT Id FROM Account WHERE Name = 'never'") != 0 {
		t.Errorf("all or none: %s", a.body)
	}
	var six []m
	for _, id := range strings.Split("abcdef", "") {
		six = append(six, query(id, "SELECT Id FROM User"))
	}
	r.api("POST", "/composite", m{"compositeRequest": six}).refused(http.StatusBadRequest, "LIMIT_EXCEEDED", "5 query")
	r.api("POST", "/composite", m{"compositeRequest": []m{query("a", "x"), query("a", "x")}}).refused(http.StatusBadRequest, "INVALID_INPUT", "not unique")

	r.admin("POST", "/usage", m{"api_used": 0})
	a = r.api("POST", "/composite/batch", m{"haltOnError": true, "batchRequests": []m{
		{"method": "GET", "url": "v62.0/query?q=SELECT+Id+FROM+User+LIMIT+1"}, {"method": "GET", "url": "v62.0/query?q=SELEKT"}, {"method": "GET", "url": "v62.0/limits"},
	}})
	if a.get("hasErrors") != true || a.text("results.0.statusCode") != "200" || a.text("results.0.result.totalSize") != "1" || a.text("results.1.result.0.errorCode") != "MALFORMED_QUERY" || a.text("results.2.statusCode") != "412" {
		t.Errorf("batch: %s", a.body)
	}
	if got := used(a); got != "api-usage=2/100000" {
		t.Errorf("a batch of which two parts ran: %s, want each to count", got)
	}
}

func TestCollections(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{})
	save := func(method string, allOrNone bool, records ...m) []m {
		a := r.api(method, "/composite/sobjects", m{"allOrNone": allOrNone, "records": records})
		var out []m
		if err := json.Unmarshal(a.body, &out); err != nil {
			t.Fatalf("%d %s", a.status, a.body)
		}
		return out
	}
	account := func(name string) m { return m{"attributes": m{"type": "Account"}, "Name": name} }
	got := save("POST", false, account("c1"), account(strings.Repeat("x", 256)), account("c2"))
	if got[0]["success"] != true || got[1]["errors"].([]any)[0].(m)["statusCode"] != "STRING_TOO_LONG" || r.total("SELECT Id FROM Account WHERE Name IN ('c1', 'c2')") != 2 {
		t.Errorf("one of three is bad: %v", got)
	}
	got2 := save("POST", true, account("c3"), account(""))
	if got2[0]["errors"].([]any)[0].(m)["statusCode"] != "ALL_OR_NONE_OPERATION_ROLLED_BACK" || r.total("SELECT Id FROM Account WHERE Name = 'c3'") != 0 {
		t.Errorf("all or none: %v", got2)
	}
	one := got[0]["id"].(string)
	if got := save("PATCH", false, m{"attributes": m{"type": "Account"}, "id": one, "Name": "c1 new"}); got[0]["success"] != true || r.one("SELECT Name FROM Account WHERE Id = '"+one+"'") != "c1 new" {
		t.Errorf("update: %v", got)
	}
	a := r.api("POST", "/composite/sobjects/Account", m{"ids": []string{one, "001000000000000AAA"}, "fields": []string{"Name"}})
	if !strings.HasSuffix(string(a.body), `"Name":"c1 new"},null]`) {
		t.Errorf("retrieve: %s", a.body)
	}
	if a := r.api("DELETE", "/composite/sobjects?ids="+one, nil); a.status != http.StatusOK || r.total("SELECT Id FROM Account WHERE Id = '"+one+"'") != 0 {
		t.Errorf("delete: %d %s", a.status, a.body)
	}
}

func TestAdminPageAndLog(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{})
	r.create("Account", m{"Name": `<script>alert("x")</script>`})
	r.query("SELECT Id FROM User LIMIT 1", "Sforce-Call-Options", "client=test")
	var log []salesforce.Request
	raw := r.admin("GET", "/requests", nil).body
	if err := json.Unmarshal(raw, &log); err != nil || len(log) != 3 {
		t.Fatalf("%v: %s", err, raw)
	}
	if q := log[2]; q.SOQL != "SELECT Id FROM User LIMIT 1" || q.Status != 200 || q.Out == 0 || q.Client != "client=test" || log[0].Path != "/services/oauth2/token" {
		t.Errorf("log: %+v", log)
	}
	if strings.Contains(string(raw), r.token) || strings.Contains(string(raw), salesforce.ConsumerSecret) {
		t.Error("the log holds a token or a secret")
	}
	page := r.do("GET", r.AdminURL+"/", nil)
	if s := string(page.body); page.status != http.StatusOK || strings.Contains(s, "<script>") || !strings.Contains(s, "&lt;script&gt;") || !strings.Contains(s, "SELECT Id FROM User") {
		t.Errorf("page: %d %.300s", page.status, s)
	}
	form := func(what string, v url.Values, header ...string) answer {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.AdminURL+"/page/"+what, strings.NewReader(v.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		return r.roundTrip(req)
	}
	id := r.one("SELECT Id FROM Account WHERE Name LIKE '<script>%'")
	if a := form("do", url.Values{"json": {`{"do": "update", "object": "Account", "id": "` + id + `", "fields": {"Name": "by form"}}`}}); !strings.Contains(string(a.body), "done") {
		t.Errorf("form: %d %.300s", a.status, a.body)
	}
	if got := r.one("SELECT Name FROM Account WHERE Id = '" + id + "'"); got != "by form" {
		t.Errorf("the form left %s", got)
	}
	form("fault", url.Values{"kind": {"empty"}, "path": {"/limits"}})
	if a := r.api("GET", "/limits", nil); a.status != http.StatusTooManyRequests {
		t.Errorf("the fault of the form: %d", a.status)
	}
	if a := form("reset", nil, "Origin", "http://elsewhere.example", "Sec-Fetch-Site", "cross-site"); a.status != http.StatusForbidden {
		t.Errorf("another site's form: %d, want 403", a.status)
	}
	form("reset", nil)
	r.query("SELECT Id FROM User").refused(http.StatusUnauthorized, "INVALID_SESSION_ID", "")
	r.login()
	if n := r.total("SELECT Id FROM Account WHERE Name = 'by form'"); n != 0 {
		t.Error("the reset left a change")
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.AdminURL+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "evil.example"
	if a := r.roundTrip(req); a.status != http.StatusForbidden {
		t.Errorf("a name that is not ours: %d, want 403", a.status)
	}
}

func TestListensHereOnly(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "nonsense"} {
		if b, err := salesforce.Start(t.Context(), salesforce.Addresses{Instance: address}, salesforce.Options{}); err == nil {
			_ = b.Close()
			t.Errorf("listens on %s", address)
		}
	}
}
