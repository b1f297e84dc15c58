package salesforce_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/sandbox/salesforce"
	"github.com/desksync/desksync/sandbox/salesforce/org"
)

// differences compares an answer with a shape, field by field: keys are the same on both
// sides, and so are values; a string that begins with ~ is a pattern, "#" is any number,
// and a list of one entry is the shape of each entry.
func differences(at string, shape, got any) []string {
	switch want := shape.(type) {
	case map[string]any:
		have, ok := got.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s is %v, want an object", at, got)}
		}
		return objectDifferences(at, want, have)
	case []any:
		have, ok := got.([]any)
		if !ok || (len(want) == 0) != (len(have) == 0) {
			return []string{fmt.Sprintf("%s is %v, want a list such as %v", at, got, want)}
		}
		var out []string
		for i, v := range have {
			out = append(out, differences(fmt.Sprintf("%s[%d]", at, i), want[0], v)...)
		}
		return out
	case string:
		text, ok := got.(string)
		pattern, loose := strings.CutPrefix(want, "~")
		_, number := got.(float64)
		if loose && ok && regexp.MustCompile(pattern).MatchString(text) || want == "#" && number {
			return nil
		}
	}
	if got != shape {
		return []string{fmt.Sprintf("%s is %v, want %v", at, got, shape)}
	}
	return nil
}

func objectDifferences(at string, want, have map[string]any) []string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(want)) {
		v, ok := have[key]
		if !ok {
			out = append(out, at+"."+key+" is missing")
			continue
		}
		out = append(out, differences(at+"."+key, want[key], v)...)
	}
	for _, key := range slices.Sorted(maps.Keys(have)) {
		if _, ok := want[key]; !ok {
			out = append(out, at+"."+key+" is too much")
		}
	}
	return out
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	var shape any
	if err := json.Unmarshal([]byte(`{"a": "~^x", "b": [{"c": 1}], "n": "#", "z": null}`), &shape); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		`{"a": "xy", "b": [{"c": 1}, {"c": 1}], "n": 3, "z": null}`: "[]",
		`{"a": "y", "b": [{"c": 1}], "n": 3, "z": null}`:            "[.a is y, want ~^x]",
		`{"a": "x", "b": [{"c": 1}, {"c": 2}], "n": 3, "z": null}`:  "[.b[1].c is 2, want 1]",
		`{"a": "x", "b": [{"c": 1, "d": 1}], "n": "3", "z": null}`:  "[.b[0].d is too much .n is 3, want #]",
		`{"a": "x", "b": [], "n": 3}`:                               "[.b is [], want a list such as [map[c:1]] .z is missing]",
	} {
		var got any
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatal(err)
		}
		if d := fmt.Sprint(differences("", shape, got)); d != want {
			t.Errorf("%s: %s, want %s", text, d, want)
		}
	}
}

// TestShapes compares answers with those the vendor's pages show.
func TestShapes(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{Accounts: 2500})
	asked := map[string]answer{
		"query_page": r.query("SELECT Id, Name FROM Account"),
		"versions":   r.do("GET", r.InstanceURL+"/services/data/", nil),
		"composite":  r.api("POST", "/composite", m{"compositeRequest": []m{{"method": "GET", "url": v62 + "/query?q=SELECT+Id+FROM+Organization", "referenceId": "one"}}}),
		"token_credentials": r.form(r.InstanceURL, url.Values{
			"grant_type": {"client_credentials"}, "client_id": {salesforce.ConsumerKey}, "client_secret": {salesforce.ConsumerSecret},
		}),
		"token_refused": r.form(r.LoginURL, url.Values{"grant_type": {"password"}}),
	}
	key, err := r.PrivateKey()
	if err != nil {
		t.Fatal(err)
	}
	asked["token_jwt"] = r.jwt(r.LoginURL, sign(t, key, "RS256", m{"iss": salesforce.ConsumerKey, "sub": org.Username(0), "aud": "https://login.salesforce.com", "exp": r.now.Add(time.Minute).Unix()}))
	asked["created"] = r.api("POST", "/sobjects/Account", m{"Name": "Acme", "NumberOfEmployees": 300, "Next_Renewal_Date__c": "2026-12-01", "Regions__c": "AMER;EMEA", "BillingCity": "Paris"})
	r.create("Contact", m{"LastName": "Frank", "AccountId": asked["created"].text("id")})
	asked["query_nested"] = r.query("SELECT Id, Name, AnnualRevenue, NumberOfEmployees, CreatedDate, Next_Renewal_Date__c, Support_Hold__c, Regions__c, Owner.Name, Parent.Name, BillingAddress, " +
		"(SELECT LastName FROM Contacts), (SELECT Id FROM Zuora__Subscriptions__r) FROM Account WHERE Id = '" + asked["created"].text("id") + "'")
	r.api("DELETE", "/sobjects/Account/"+r.create("Account", m{"Name": "gone"}), nil)
	asked["job_created"] = r.api("POST", "/jobs/query", m{"operation": "queryAll", "query": "SELECT Id FROM Account"})
	job := "/jobs/query/" + asked["job_created"].text("id")
	for range 3 {
		asked["job_complete"] = r.api("GET", job, nil)
	}
	asked["result_pages"] = r.api("GET", job+"/resultPages", nil)
	asked["limits"] = r.api("GET", "/limits", nil)
	r.pass(5 * time.Minute)
	asked["deleted"] = r.api("GET", "/sobjects/Account/deleted/?start=2026-11-21T09:00:00Z&end=2026-11-21T10:03:00Z", nil)
	asked["updated"] = r.api("GET", "/sobjects/Account/updated/?start=2026-11-21T09:00:00Z&end=2026-11-21T10:03:00Z", nil)
	r.token = "00D!gone"
	asked["session_over"] = r.query("SELECT Id FROM Account")
	files, err := filepath.Glob("testdata/shapes/*.json")
	if err != nil || len(files) != len(asked) {
		t.Fatalf("%d shapes and %d answers, %v", len(files), len(asked), err)
	}
	for _, file := range files {
		compareShape(t, file, asked[strings.TrimSuffix(filepath.Base(file), ".json")])
	}
}

func compareShape(t *testing.T, file string, a answer) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var shape, got any
	if err := json.Unmarshal(text, &shape); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if err := json.Unmarshal(a.body, &got); err != nil || a.status == http.StatusNotFound {
		t.Errorf("%s: %d %v %.200s", file, a.status, err, a.body)
		return
	}
	for _, d := range differences("", shape, got) {
		t.Errorf("%s: %s", file, d)
	}
}
