package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// crmOrg answers as a Salesforce organization of two accounts does, with replies written by
// hand from the vendor's reference.
func crmOrg(t *testing.T) *httptest.Server {
	t.Helper()
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Sforce-Limit-Info", "api-usage=18/100000")
		path := strings.TrimPrefix(r.URL.Path, "/services/data/v62.0/")
		if path != r.URL.Path && r.Header.Get("Authorization") != "Bearer 00D!hush" {
			t.Errorf("%s came with %q", path, r.Header.Get("Authorization"))
		}
		switch q := r.URL.Query().Get("q"); path + " " + q {
		case "/services/oauth2/token ":
			_, _ = fmt.Fprintf(w, `{"access_token":"00D!hush","instance_url":"%s","id":"https://login.salesforce.com/id/00Dxx0000001gEREAY/005xx000001SwiUAAS"}`, server.URL)
		case "sobjects/Account/describe ":
			_, _ = io.WriteString(w, `{"name":"Account","queryable":true,"fields":[{"name":"Id","type":"id"},{"name":"Name","type":"string"},{"name":"Type","type":"picklist"},{"name":"ParentId","type":"reference","referenceTo":["Account"],"relationshipName":"Parent"},{"name":"AnnualRevenue","type":"currency"},{"name":"OwnerId","type":"reference","referenceTo":["User"],"relationshipName":"Owner"}]}`)
		case "sobjects/User/describe ":
			_, _ = io.WriteString(w, `{"name":"User","queryable":true,"fields":[{"name":"Id","type":"id"},{"name":"Name","type":"string"}]}`)
		case "sobjects/Contact/describe ":
			_, _ = io.WriteString(w, `{"name":"Contact","queryable":true,"fields":[{"name":"Id","type":"id"},{"name":"AccountId","type":"reference","referenceTo":["Account"],"relationshipName":"Account"}]}`)
		case "sobjects/AccountContactRelation/describe ", "sobjects/AccountTeamMember/describe ":
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]`)
		case "queryAll SELECT COUNT() FROM Account WHERE (IsDeleted = true)", "queryAll SELECT Id, MasterRecordId FROM Account WHERE (IsDeleted = true)":
			_, _ = io.WriteString(w, `{"totalSize":0,"done":true,"records":[]}`)
		case "query SELECT COUNT() FROM Account WHERE (Type = 'Customer')":
			_, _ = io.WriteString(w, `{"totalSize":2,"done":true,"records":[]}`)
		case "query SELECT Id, ParentId, AnnualRevenue, Name, Owner.Name FROM Account WHERE (Type = 'Customer')":
			_, _ = io.WriteString(w, `{"totalSize":2,"done":true,"records":[{"attributes":{"type":"Account"},"Id":"001xx000003DGb2AAG","ParentId":null,"AnnualRevenue":3.5E7,"Name":"Initech","Owner":{"attributes":{"type":"User"},"Name":"Ann Lee"}},{"attributes":{"type":"Account"},"Id":"001xx000003DGb1AAG","ParentId":null,"AnnualRevenue":null,"Name":"Acme","Owner":null}]}`)
		default:
			t.Errorf("not in the script: %s %s", path, q)
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

const orgFile = `version: 1
journal: sqlite:desksync.db
sources:
  crm:
    type: salesforce
    login_url: "${SF_LOGIN}"
    auth: {type: client_credentials, client_id: "${SF_ID}", client_secret: "${SF_SECRET}"}
    objects: {accounts: {where: Type = 'Customer'}}
targets:
  support:
    type: sqldesk
    database: sqlite:support.db
    fields: {revenue: {type: decimal}, manager: {type: text}}
pipelines:
  customers:
    from: crm
    to: support
    organizations:
      name: account.Name
      fields: {revenue: account.AnnualRevenue, manager: account.Owner.Name}
    policy: {on_found: hold, on_drift: correct, on_clash: hold, on_gone: {lost: hold, left: hold, deleted: hold}}
`

// atOrg runs one command with the file above against an organization.
func atOrg(t *testing.T, dir, login string, args ...string) (code int, out, errors string) {
	t.Helper()
	return withFile(t, dir, orgFile, login, args...)
}

func withFile(t *testing.T, dir, text, login string, args ...string) (code int, out, errors string) {
	t.Helper()
	file := filepath.Join(dir, "desksync.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"SF_LOGIN": login, "SF_ID": "3MVG9app", "SF_SECRET": "hush"}
	var stdout, stderr bytes.Buffer
	a := &app{
		in: strings.NewReader(""), out: &stdout, err: &stderr, now: func() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) },
		lookup: func(k string) (string, bool) { v, ok := env[k]; return v, ok },
	}
	code = a.execute(t.Context(), append(args, "--config", file))
	return code, stdout.String(), stderr.String()
}

func TestSourceDescribeAtSalesforce(t *testing.T) {
	t.Parallel()
	code, out, errs := atOrg(t, t.TempDir(), crmOrg(t).URL, "source", "describe")
	for _, want := range []string{"crm is the organization 00Dxx0000001gEREAY", "account: 8 columns", "Owner.Name", "currency", "relation: not offered", "team member: not offered"} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("code %d, want %q in:\n%s%s", code, want, out, errs)
		}
	}
	code, out, _ = atOrg(t, t.TempDir(), crmOrg(t).URL, "source", "describe", "crm", "--json")
	if code != 0 || !strings.Contains(out, `"organization":"00Dxx0000001gEREAY"`) {
		t.Errorf("code %d: %s", code, out)
	}
	code, _, errs = atOrg(t, t.TempDir(), crmOrg(t).URL, "source", "describe", "cmr")
	if code != 2 || !strings.Contains(errs, "has no such source; did you mean crm?") {
		t.Errorf("code %d: %s", code, errs)
	}
}

func TestValidateReadsConditionsWithoutAsking(t *testing.T) {
	t.Parallel()
	nobody := "http://127.0.0.1:1"
	if code, out, errs := atOrg(t, t.TempDir(), nobody, "validate"); code != 0 {
		t.Errorf("the good file: code %d:\n%s%s", code, out, errs)
	}
	bad := strings.Replace(orgFile, "Type = 'Customer'", "Type = 'Customer", 1)
	code, _, errs := withFile(t, t.TempDir(), bad, nobody, "validate")
	if code != 2 || !strings.Contains(errs, "objects.accounts.where: has a quote that is never closed") {
		t.Errorf("code %d: %s", code, errs)
	}
}

func TestReconcileFromSalesforce(t *testing.T) {
	t.Parallel()
	dir, server := t.TempDir(), crmOrg(t)
	code, out, errs := atOrg(t, dir, server.URL, "reconcile", "--yes")
	if code != 0 || !strings.Contains(out, "2") {
		t.Fatalf("code %d:\n%s%s", code, out, errs)
	}
	code, out, errs = atOrg(t, dir, server.URL, "org", "Initech")
	if code != 0 || !strings.Contains(out, "35000000") || !strings.Contains(out, "Ann Lee") {
		t.Errorf("code %d:\n%s%s", code, out, errs)
	}
	if code, out, errs = atOrg(t, dir, server.URL, "diff"); code != 0 {
		t.Errorf("a second look finds something to do, code %d:\n%s%s", code, out, errs)
	}
	if strings.Contains(out+errs, "hush") {
		t.Error("a secret was printed")
	}
}
