package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/sandbox/salesforce"
	"github.com/desksync/desksync/sandbox/salesforce/org"
)

// ownOrg is the stand-in with records of the test's own, which carry an External_Id__c,
// and a configuration that reads those alone.
type ownOrg struct {
	t    *testing.T
	box  *salesforce.Sandbox
	dir  string
	file string
}

// ownFile reads what the test made. Lines that begin with # and a capital letter are
// where a test puts its own.
const ownFile = `version: 1
journal: sqlite:desksync.db
sources:
  crm:
    type: salesforce
    login_url: "${SF_LOGIN}"
    auth: {type: client_credentials, client_id: CLIENT, client_secret: SECRET}
    #SOURCE
    objects:
      accounts: {where: External_Id__c != null}
      contacts: {where: Account.External_Id__c != null}
      relations: {object: AccountContactRelation, where: Account.External_Id__c != null}
      subscriptions: {object: Zuora__Subscription__c, where: Zuora__Account__r.External_Id__c != null}
targets:
  support:
    type: sqldesk
    database: sqlite:support.db
    edition: enterprise
    multi_organization: true
    fields: {amount: {type: decimal}, kind: {type: text}}
plans: [{plan: gold, sla: Priority, products: [Gold]}, {plan: expired, sla: none}]
sla_policies: [Priority]
#MONEY
pipelines:
  customers:
    from: crm
    to: support
    accounts:
      subscriptions: {product: Name, start: Zuora__TermStartDate__c, end: Zuora__TermEndDate__c, arr: Zuora__MRR__c}
    organizations:
      name: account.Name
      tags: {from: sla.tags}
      fields:
        amount: account.CARR_This_Account__c
        #FIELDS
    #MEMBERS
    policy: {on_found: hold, on_drift: correct, on_clash: hold, on_gone: {lost: hold, left: hold, deleted: hold}}
    guards: {shrank: off}
`

func newOwnOrg(t *testing.T, off ...org.Feature) *ownOrg {
	t.Helper()
	const free = "127.0.0.1:0"
	box, err := salesforce.Start(t.Context(), salesforce.Addresses{Login: free, Instance: free, Admin: free}, salesforce.Options{Accounts: 30, Off: off})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	hurry(t, box.AdminURL)
	return &ownOrg{t: t, box: box, dir: t.TempDir(), file: strings.NewReplacer("CLIENT", salesforce.ConsumerKey, "SECRET", salesforce.ConsumerSecret).Replace(ownFile)}
}

// with puts lines of the test's own in a place of the file, in the place's indentation.
func (o *ownOrg) with(place, lines string) *ownOrg {
	o.t.Helper()
	before, _, found := strings.Cut(o.file, "#"+place)
	if !found {
		o.t.Fatalf("the file has no place %s", place)
	}
	indent := before[strings.LastIndexByte(before, '\n')+1:]
	o.file = strings.Replace(o.file, "#"+place, strings.ReplaceAll(lines, "\n", "\n"+indent)+"\n"+indent+"#"+place, 1)
	return o
}

// also is the same organization read by another file into a helpdesk of its own.
func (o *ownOrg) also(old, with string) *ownOrg {
	o.t.Helper()
	x := *o
	x.dir, x.file = o.t.TempDir(), strings.Replace(o.file, old, with, 1)
	if x.file == o.file {
		o.t.Fatalf("the file has no %q", old)
	}
	return &x
}

// do makes a change by the admin API, and returns the id of what it made.
func (o *ownOrg) do(act salesforce.Act) string {
	o.t.Helper()
	body, err := json.Marshal(act)
	if err != nil {
		o.t.Fatal(err)
	}
	var made struct {
		ID string `json:"id"`
	}
	o.admin(http.MethodPost, "do", body, &made)
	return made.ID
}

func (o *ownOrg) create(object string, fields map[string]any) string {
	o.t.Helper()
	return o.do(salesforce.Act{Do: "create", Object: object, Fields: fields})
}

func (o *ownOrg) update(object, id string, fields map[string]any) {
	o.t.Helper()
	o.do(salesforce.Act{Do: "update", Object: object, ID: id, Fields: fields})
}

// account makes an account that the file reads.
func (o *ownOrg) account(name string, fields map[string]any) string {
	o.t.Helper()
	all := map[string]any{"Name": name, "External_Id__c": name}
	for k, v := range fields {
		all[k] = v
	}
	return o.create("Account", all)
}

// currency is the id of a seeded CurrencyType.
func (o *ownOrg) currency(code string) string {
	return org.New(org.Options{}).IDOf("CurrencyType", slices.Index([]string{"USD", "EUR", "JPY", "GBP"}, code))
}

// admin calls the admin API and reads its answer into out.
func (o *ownOrg) admin(method, path string, body []byte, out any) {
	o.t.Helper()
	req, err := http.NewRequestWithContext(o.t.Context(), method, o.box.AdminURL+"/sandbox/"+path, bytes.NewReader(body))
	if err != nil {
		o.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= http.StatusMultipleChoices {
		o.t.Fatalf("%s %s: %s %s (%v)", method, path, resp.Status, text, err)
	}
	if out != nil {
		if err := json.Unmarshal(text, out); err != nil {
			o.t.Fatalf("%s %s: %s: %v", method, path, text, err)
		}
	}
}

// run makes a command and expects an exit code.
func (o *ownOrg) run(code int, args ...string) string {
	o.t.Helper()
	got, out, errs := withFile(o.t, o.dir, o.file, o.box.InstanceURL, args...)
	if got != code {
		o.t.Fatalf("%v: exit code %d, want %d:\n%s%s", args, got, code, out, errs)
	}
	return out + errs
}

// held is a line of the store's export: an organization or a user.
type held struct {
	Organization string                     `json:"organization"`
	User         string                     `json:"user"`
	Name         string                     `json:"name"`
	Email        string                     `json:"email"`
	Fields       map[string]json.RawMessage `json:"fields"`
	Tags         []string                   `json:"tags"`
	Members      []struct {
		User     string `json:"user"`
		Position string `json:"position"`
	} `json:"members"`
}

// holds lists what the helpdesk holds: the organizations by name, the users by CRM id.
func (o *ownOrg) holds() (organizations, users map[string]held) {
	o.t.Helper()
	organizations, users = map[string]held{}, map[string]held{}
	for line := range strings.Lines(o.run(exitOK, "store", "export")) {
		var h held
		if err := json.Unmarshal([]byte(line), &h); err != nil {
			o.t.Fatalf("%v: %s", err, line)
		}
		if h.Organization != "" {
			organizations[h.Name] = h
		} else {
			users[h.User] = h
		}
	}
	return organizations, users
}

// field is what the helpdesk holds in a custom field of an organization, as JSON.
func (o *ownOrg) field(name, field string) string {
	o.t.Helper()
	organizations, _ := o.holds()
	return string(organizations[name].Fields[field])
}

// asked lists the addresses that Salesforce was asked since the last call.
func (o *ownOrg) asked() []string {
	o.t.Helper()
	var list []struct {
		Path, Query string
	}
	o.admin(http.MethodGet, "requests", nil, &list)
	o.admin(http.MethodDelete, "requests", nil, nil)
	var out []string
	for _, r := range list {
		out = append(out, strings.TrimSpace(r.Path+" "+r.Query))
	}
	return out
}
