package salesforce_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/sandbox/salesforce"
	"github.com/desksync/desksync/sandbox/salesforce/org"
)

// follow reads a query to its end: the ids, and how many records each page had.
func (r *rig) follow(first answer) (ids []string, sizes []int) {
	r.t.Helper()
	for a := first; ; {
		if a.status != http.StatusOK {
			r.t.Fatalf("page: %d %s", a.status, a.body)
		}
		page := a.column("Id")
		ids, sizes = append(ids, page...), append(sizes, len(page))
		next, more := a.object()["nextRecordsUrl"].(string)
		if more == (a.get("done") == true) {
			r.t.Fatalf("done and nextRecordsUrl contradict: %.200s", a.body)
		}
		if !more {
			return ids, sizes
		}
		a = r.do("GET", r.InstanceURL+next, nil)
	}
}

func Test04Paging(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{Accounts: 2500})
	first := r.query("SELECT Id FROM Account")
	next := first.text("nextRecordsUrl")
	if first.text("totalSize") != "2500" || !strings.HasPrefix(next, v62+"/query/01g") || !strings.HasSuffix(next, "-2000") {
		t.Errorf("totalSize %v, next %s", first.get("totalSize"), next)
	}
	if ids, sizes := r.follow(first); len(slices.Compact(slices.Sorted(slices.Values(ids)))) != 2500 || fmt.Sprint(sizes) != "[2000 500]" {
		t.Errorf("%d ids in pages %v", len(ids), sizes)
	}
	if _, sizes := r.follow(r.query("SELECT Id FROM Account", "Sforce-Query-Options", "batchSize=900")); fmt.Sprint(sizes) != "[900 900 700]" {
		t.Errorf("pages of 900: %v", sizes)
	}
	if a := r.query("SELECT Id FROM Account", "Sforce-Query-Options", "batchSize=10"); len(a.column("Id")) != 200 {
		t.Errorf("batchSize 10 gave %d records, want the least of 200", len(a.column("Id")))
	}
	if a := r.query("SELECT Id, Description, Support_Notes__c FROM Account"); len(a.column("Id")) != 200 {
		t.Errorf("two long texts: %d records, want 200", len(a.column("Id")))
	}
	if a := r.queryAll("SELECT Id FROM Account"); !strings.HasPrefix(a.text("nextRecordsUrl"), v62+"/query/01g") {
		t.Errorf("queryAll goes on at %s", a.text("nextRecordsUrl"))
	}
	r.set(m{"page_sizes": []int{700, 0, 5000}})
	if ids, sizes := r.follow(r.query("SELECT Id FROM Account")); len(ids) != 2500 || fmt.Sprint(sizes) != "[700 0 1800]" {
		t.Errorf("short pages: %v", sizes)
	}
	r.set(m{"page_sizes": []int{}})
	last := r.do("GET", r.InstanceURL+next, nil)
	if last.text("totalSize") != "2500" || last.get("nextRecordsUrl") != nil {
		t.Errorf("the last page: %.120s", last.body)
	}
	for _, bad := range []string{"/query/01g5g0000000000AAA-2000", "/query/nonsense", strings.TrimPrefix(next, v62) + "0"} {
		r.api("GET", bad, nil).refused(http.StatusBadRequest, "INVALID_QUERY_LOCATOR", "invalid query locator")
	}
	r.pass(48*time.Hour - time.Second)
	r.login()
	if a := r.do("GET", r.InstanceURL+next, nil); a.status != http.StatusOK {
		t.Errorf("a cursor of less than two days: %d", a.status)
	}
	r.pass(time.Second)
	r.do("GET", r.InstanceURL+next, nil).refused(http.StatusBadRequest, "INVALID_QUERY_LOCATOR", "")
}

func Test05Records(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{})
	id := r.create("Account", m{"Name": `a "b" <c>`, "AnnualRevenue": 950000000, "NumberOfEmployees": 39000, "Seats__c": 12, "Website": nil})
	const list = "select ID, name, annualRevenue, numberOfEmployees, seats__c, website, owner.NAME, owner.isActive, parent.Name, (SELECT lastName FROM contacts) FROM account"
	a := r.query(list + " WHERE Id = '" + id + "'")
	if a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	want := `"records":[{"attributes":{"type":"Account","url":"` + v62 + `/sobjects/Account/` + id + `"},"Id":"` + id + `","Name":"a \"b\" <c>","AnnualRevenue":9.5E8,"NumberOfEmployees":39000,"Seats__c":12.0,"Website":null,` +
		`"Owner":{"attributes":{"type":"User","url":"` + v62 + `/sobjects/User/` + "0055g00000005CaAAI" + `"},"Name":"Integration User","IsActive":true},"Parent":null,"Contacts":null}]`
	if !strings.Contains(string(a.body), want) {
		t.Errorf("got  %s\nwant %s", a.body, want)
	}
	r.create("Contact", m{"LastName": "Frank", "AccountId": id})
	a = r.query(list + " WHERE Id = '" + id + "'")
	if a.text("records.0.Contacts.totalSize") != "1" || a.get("records.0.Contacts.done") != true || a.text("records.0.Contacts.records.0.LastName") != "Frank" || a.text("records.0.Contacts.records.0.attributes.type") != "Contact" {
		t.Errorf("with a contact: %s", a.body)
	}
	if c := r.query("SELECT COUNT() FROM Account WHERE Id = '" + id + "'"); string(c.body) != `{"done":true,"records":[],"totalSize":1}` {
		t.Errorf("count: %s", c.body)
	}
	if got := strings.Join(r.query("SELECT Name FROM Account WHERE AnnualRevenue = null OR Id = '"+id+"' ORDER BY AnnualRevenue DESC NULLS LAST LIMIT 1").column("Name"), ""); got != `a "b" <c>` {
		t.Errorf("nulls last: %s", got)
	}
}

// Test05Strictness: queries that are nearly right.
func Test05Strictness(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{})
	a := r.query("SELECT Account.Id, account.Owner.Name FROM Account WHERE Account.Name != null ORDER BY Account.Name LIMIT 1")
	if a.status != http.StatusOK || !strings.HasPrefix(a.text("records.0.Id"), "001") || a.text("records.0.Owner.Name") == "<nil>" {
		t.Errorf("the object's own name before its fields: %d %s", a.status, a.body)
	}
	const sameType = "should point to the same object type"
	for soql, text := range map[string]string{
		"SELECT Id FROM Account WHERE Id IN (SELECT Name FROM Contact)":            sameType,
		"SELECT Id FROM Account WHERE Id IN (SELECT OwnerId FROM Contact)":         sameType,
		"SELECT Id FROM Account WHERE OwnerId NOT IN (SELECT Id FROM Contact)":     sameType,
		"SELECT Id FROM Account WHERE Id IN (SELECT COUNT() FROM Contact)":         "unexpected token: '('",
		"SELECT Id, (SELECT COUNT() FROM Contacts) FROM Account":                   "unexpected token: '('",
		"SELECT Id FROM Account WHERE Name IN (SELECT LastName FROM Contact)":      "for an id field",
		"SELECT Id FROM Account WHERE Id IN (SELECT Id, AccountId FROM Contact)":   "select one id",
		"SELECT Id FROM Contact WHERE Account.Id IN (SELECT OwnerId FROM Account)": sameType,
	} {
		r.query(soql).refused(http.StatusBadRequest, "MALFORMED_QUERY", text)
	}
	for _, soql := range []string{
		"SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact)",
		"SELECT Id FROM Contact WHERE Account.OwnerId IN (SELECT Id FROM User)",
		"SELECT Id FROM Contact WHERE Account.Id IN (SELECT Account.Id FROM AccountTeamMember)",
	} {
		if n := r.total(soql); n == 0 {
			t.Errorf("%s finds nothing", soql)
		}
	}
}

func Test05NestedPages(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{Accounts: 200})
	id := r.create("Account", m{"Name": "many"})
	for range 3 {
		var records []m
		for i := range 150 {
			records = append(records, m{"attributes": m{"type": "Contact"}, "LastName": fmt.Sprint("c", i), "AccountId": id})
		}
		if a := r.api("POST", "/composite/sobjects", m{"allOrNone": true, "records": records}); a.status != http.StatusOK {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	a := r.query("SELECT Id, (SELECT Id FROM Contacts) FROM Account WHERE Id = '"+id+"'", "Sforce-Query-Options", "batchSize=200")
	if a.get("done") != true || a.text("records.0.Contacts.totalSize") != "450" || a.get("records.0.Contacts.done") != false {
		t.Fatalf("%.400s", a.body)
	}
	seen := map[string]bool{}
	for next := a.text("records.0.Contacts.nextRecordsUrl"); next != ""; {
		page := r.do("GET", r.InstanceURL+next, nil)
		for _, contact := range page.column("Id") {
			seen[contact] = true
		}
		next, _ = page.object()["nextRecordsUrl"].(string)
	}
	list, _ := a.get("records.0.Contacts.records").([]any)
	if len(list)+len(seen) != 450 {
		t.Errorf("%d contacts in the page and %d after it, want 450", len(list), len(seen))
	}
	// child rows count toward the page: fewer parents fit
	ids, sizes := r.follow(r.query("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "Sforce-Query-Options", "batchSize=200"))
	if len(ids) != 201 || sizes[0] > 100 {
		t.Errorf("%d accounts in pages %v", len(ids), sizes)
	}
}

func Test06Refusals(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{})
	r.query("SELECT Bad__c FROM Account").refused(http.StatusBadRequest, "INVALID_FIELD", "\nSELECT Bad__c FROM Account\n       ^\nERROR at Row:1:Column:8\nNo such column 'Bad__c' on entity 'Account'. If you are attempting to use a custom field")
	r.query("SELECT Id FROM X").refused(http.StatusBadRequest, "INVALID_TYPE", "sObject type 'X' is not supported.")
	r.query("SELEKT Id FROM X").refused(http.StatusBadRequest, "MALFORMED_QUERY", "unexpected token: SELEKT")
	r.api("GET", "/query", nil).refused(http.StatusBadRequest, "MALFORMED_QUERY", "A query string has to be specified")
	r.api("GET", "/query?q=SELECT+Id+FROM+Account+WHERE+CreatedDate+>+2026-01-31T08:15:00+01:00", nil).refused(http.StatusBadRequest, "MALFORMED_QUERY", "unexpected token") // the + was not encoded
	names := func() string { return string(r.api("GET", "/sobjects/Account/describe", nil).body) }
	if !strings.Contains(names(), `"name":"Industry"`) || strings.Contains(string(r.api("GET", "/sobjects/Contact/describe", nil).body), "HasOptedOutOfEmail") {
		t.Error("describe shows what is hidden, or hides what is not")
	}
	r.query("SELECT HasOptedOutOfEmail FROM Contact").refused(http.StatusBadRequest, "INVALID_FIELD", "No such column 'HasOptedOutOfEmail'")
	r.set(m{"hidden": []string{"account.industry", "Contact"}})
	if strings.Contains(names(), `"name":"Industry"`) || strings.Contains(names(), `"childSObject":"Contact"`) {
		t.Error("describe shows a hidden field, or the way to a hidden object")
	}
	r.query("SELECT Industry FROM Account").refused(http.StatusBadRequest, "INVALID_FIELD", "No such column 'Industry' on entity 'Account'")
	r.query("SELECT Id FROM Contact").refused(http.StatusBadRequest, "INVALID_TYPE", "sObject type 'Contact' is not supported.")
	r.query("SELECT Id, (SELECT Id FROM Contacts) FROM Account").refused(http.StatusBadRequest, "INVALID_TYPE", "Didn't understand relationship 'Contacts'")
	if a := r.api("GET", "/sobjects/Contact/describe", nil); a.status != http.StatusNotFound {
		t.Errorf("describe of a hidden object: %d", a.status)
	}
	long := "/query?q=" + url.QueryEscape("SELECT Id FROM Account WHERE Name != '"+strings.Repeat("x", 17_000)+"'")
	if a := r.api("GET", long, nil); a.status != http.StatusRequestURITooLong {
		t.Errorf("a statement of 17,000 characters: %d, want 414", a.status)
	}
	if a := r.api("GET", "/query?q="+strings.Repeat("x", 16_000), nil, "X-Long", strings.Repeat("x", 1000)); a.status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("address and headers too long together: %d, want 431", a.status)
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{})
	a := r.api("GET", "/sobjects/Account/describe", nil)
	fields := map[string]m{}
	for _, f := range a.object()["fields"].([]any) {
		f := f.(m)
		fields[f["name"].(string)] = f
	}
	tests := []struct{ field, key, want string }{
		{"Name", "length", "255"},
		{"Name", "nillable", "false"},
		{"Description", "filterable", "false"},
		{"Account_ID_18__c", "calculated", "true"},
		{"Account_ID_18__c", "calculatedFormula", "CASESAFEID(Id)"},
		{"OwnerId", "referenceTo", "[User]"},
		{"OwnerId", "relationshipName", "Owner"},
		{"AnnualRevenue", "soapType", "xsd:double"},
		{"BillingCity", "compoundFieldName", "BillingAddress"},
		{"SystemModstamp", "filterable", "true"},
		{"SystemModstamp", "updateable", "false"},
		{"Regions__c", "sortable", "false"},
	}
	for _, tt := range tests {
		if got := fmt.Sprint(fields[tt.field][tt.key]); got != tt.want {
			t.Errorf("%s.%s = %s, want %s", tt.field, tt.key, got, tt.want)
		}
	}
	if a.text("keyPrefix") != "001" || a.text("childRelationships.0.relationshipName") != "ChildAccounts" {
		t.Errorf("keyPrefix %s, children %v", a.text("keyPrefix"), a.get("childRelationships"))
	}
	if g := r.api("GET", "/sobjects/", nil); g.text("sobjects.0.name") != "Account" || g.text("maxBatchSize") != "200" {
		t.Errorf("global describe: %.200s", g.body)
	}
}

// Test12FeaturesStayOff: whoever changes another setting changes no feature.
func Test12FeaturesStayOff(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{Off: []org.Feature{org.MultiCurrency}})
	refused := func() {
		r.query("SELECT CurrencyIsoCode FROM Account").refused(http.StatusBadRequest, "INVALID_FIELD", "No such column 'CurrencyIsoCode'")
		r.query("SELECT IsoCode FROM CurrencyType").refused(http.StatusBadRequest, "INVALID_TYPE", "sObject type 'CurrencyType' is not supported.")
	}
	refused()
	r.set(m{"bulk_queued": 0})
	refused()
	r.set(m{"off": []string{}})
	if a := r.query("SELECT CurrencyIsoCode FROM Account"); a.status != http.StatusOK {
		t.Errorf("a feature that was turned on: %d %s", a.status, a.body)
	}
}
