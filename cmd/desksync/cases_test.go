package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const gitlabConfig = "../../examples/gitlab/desksync.yaml"

// testCases runs the command test and returns its exit code and what it printed.
func testCases(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	a := &app{in: strings.NewReader(""), out: &stdout, err: &stderr, now: func() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) }}
	code = a.execute(t.Context(), append([]string{"--config", gitlabConfig, "test"}, args...))
	return code, stdout.String(), stderr.String()
}

func TestShippedCases(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../examples/gitlab/cases/*.yaml")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d cases are shipped (%v), want at least 40", len(files), err)
	}
	code, out, errs := testCases(t)
	want := fmt.Sprintf("%d cases: %d passed, 0 failed\n", len(files), len(files))
	if code != exitOK || out != want || errs != "" {
		t.Errorf("test exits %d and prints\n%s%s, want exit 0 and only %q", code, out, errs, want)
	}
}

// goldFacts are the facts of the cases below: Jason Enterprises has Gold, its
// organization says starter as desksync wrote it, and an agent added a tag. A second
// account has a product that nobody knows, a third is skipped.
const goldFacts = `# Facts
day: 2026-11-21
pipeline: customers
crm:
  accounts:
    - {Account_ID_18__c: 001Aa000003DGb2IAG, Name: Jason Enterprises, Type: Customer, Email_Domains__c: jason.example}
    - {Account_ID_18__c: 001Aa00000HOOL1IAP, Name: Hooli, Type: Customer, Email_Domains__c: jason.example, CARR_This_Account__c: 240000}
    - {Account_ID_18__c: 001xx000003DGb2AAH, Name: Wrong, Type: Customer}
  subscriptions:
    - {account: 001Aa000003DGb2IAG, product: Gold, start: 2026-11-20, end: 2027-11-19, quantity: 25, status: Active}
    - {account: 001Aa00000HOOL1IAP, product: Ultimate 2027, start: 2026-11-01, end: 2027-10-31, quantity: 9, status: Active}
    - {account: 001Aa00000HOOL1IAP, product: Starter, start: 2026-11-01, end: 2027-10-31, quantity: 9, status: Active}
helpdesk:
  organizations:
    - {id: 119, external_id: 001Aa000003DGb2IAG, name: Jason Enterprises, fields: {support_level: starter, assigned_se: K. Tan}, tags: [starter, vip], written: {field:support_level: starter, tag:starter: true}}
    - {id: 50, external_id: 001Aa00000HOOL1IAP, name: Hooli, fields: {support_level: ultimate}, tags: [ultimate], written: all}
  tickets:
    - {organization: 119}
`

// brokenLine is the line of the expectations behind goldFacts and "expect:".
var brokenLine = strings.Count(goldFacts, "\n") + 2

// brokenCases pairs expectations that are wrong with what the failures say.
var brokenCases = map[string]struct {
	expect  string
	want    []string // path, expected, got
	because string   // a part of the explanation
}{
	"a wanted field is another":    {"organizations: {001Aa000003DGb2IAG: {want: {support_level: premium}}}", []string{"organizations.001Aa000003DGb2IAG.want.support_level", "premium", "gold"}, `"Gold", 25 seats`},
	"a held field is another":      {"organizations: {001Aa000003DGb2IAG: {have: {support_level: starter}}}", []string{"organizations.001Aa000003DGb2IAG.have.support_level", "starter", "gold"}, "starter → gold, moved (last written: starter), from plan.name"},
	"nothing was expected":         {"organizations: {001Aa000003DGb2IAG: {want: {support_level: null}}}", []string{"organizations.001Aa000003DGb2IAG.want.support_level", "–", "gold"}, "catalogue row 2: gold"},
	"a field does not exist":       {"organizations: {001Aa000003DGb2IAG: {want: {suport_level: gold}}}", []string{"organizations.001Aa000003DGb2IAG.want.suport_level", "gold", "support has no field suport_level of organizations; did you mean support_level?"}, ""},
	"a tag is missing":             {"organizations: {001Aa000003DGb2IAG: {tags: {have: [gold]}}}", []string{"organizations.001Aa000003DGb2IAG.tags.have", "[gold]", "[gold, vip]"}, ""},
	"a tag is unwanted":            {"organizations: {001Aa000003DGb2IAG: {tags: {want: [gold, starter]}}}", []string{"organizations.001Aa000003DGb2IAG.tags.want", "[gold, starter]", "[gold]"}, "tag:starter: true → –, withdrawn"},
	"a domain is there":            {"organizations: {001Aa000003DGb2IAG: {domains: {have: [jason.example]}}}", []string{"organizations.001Aa000003DGb2IAG.domains.have", "[jason.example]", "[]"}, "claimed by Jason Enterprises and Hooli"},
	"the policy is another":        {"organizations: {001Aa000003DGb2IAG: {policy: Standard}}", []string{"organizations.001Aa000003DGb2IAG.policy", "Standard", "Priority"}, "tags [gold, vip]"},
	"the cause is another":         {"organizations: {001Aa000003DGb2IAG: {changes: {support_level: drifted}}}", []string{"organizations.001Aa000003DGb2IAG.changes.support_level", "drifted", "moved"}, "starter → gold"},
	"the field does not change":    {"organizations: {001Aa000003DGb2IAG: {changes: {name: moved}}}", []string{"organizations.001Aa000003DGb2IAG.changes.name", "moved", "no change"}, `account.Name is "Jason Enterprises"`},
	"the field is touched":         {"organizations: {001Aa000003DGb2IAG: {untouched: [tag:vip, field:support_level]}}", []string{"organizations.001Aa000003DGb2IAG.untouched[1]", "field:support_level as it was: starter", "gold"}, "moved"},
	"the organization is wanted":   {"organizations: {001Aa000003DGb2IAG: {absent: true}}", []string{"organizations.001Aa000003DGb2IAG.absent", "the rules want no such organization", "they do"}, "update"},
	"it is not skipped":            {"organizations: {001Aa000003DGb2IAG: {skip: retention}}", []string{"organizations.001Aa000003DGb2IAG.skip", `nothing is wanted, because of "retention"`, "an organization is wanted"}, ""},
	"explain says something else":  {"organizations: {001Aa000003DGb2IAG: {explain: {support_level: [gold, bronze]}}}", []string{"organizations.001Aa000003DGb2IAG.explain.support_level", "explain says bronze", "it says:"}, "gold"},
	"the CRM has no such account":  {"organizations: {001Aa00000WONK1IAP: {want: {support_level: gold}}}", []string{"organizations.001Aa00000WONK1IAP.want.support_level", "gold", "the CRM of the case has no such account, or its row was skipped"}, ""},
	"nobody is created":            {"creates: [001Aa000003DGb2IAG]", []string{"creates[0]", "001Aa000003DGb2IAG (Jason Enterprises)", "not among the creates"}, "update"},
	"somebody is updated":          {"updates: [001Aa00000HOOL1IAP]", []string{"updates", "no 001Aa000003DGb2IAG (Jason Enterprises)", "it is among the updates"}, "starter → gold"},
	"something is held":            {"held: []", []string{"held", "nothing that the list does not have", `no catalogue row has "Ultimate 2027"`}, ""},
	"nothing of the kind is held":  {"held: [001Aa00000HOOL1IAP, {account: 001Aa000003DGb2IAG, cause: drifted}]", []string{"held[1]", "account 001Aa000003DGb2IAG, cause drifted", "nothing of the kind; there is 001Aa00000HOOL1IAP"}, ""},
	"there is a conflict":          {"conflicts: []", []string{"conflicts", "nothing that the list does not have", "001Aa000003DGb2IAG and 001Aa00000HOOL1IAP, domain"}, ""},
	"other accounts take part":     {"conflicts: [{kind: domain, accounts: [001Aa000003DGb2IAG]}]", []string{"conflicts[0]", "accounts 001Aa000003DGb2IAG, kind domain", "nothing of the kind"}, ""},
	"there is a finding":           {"findings: []", []string{"findings", "nothing that the list does not have", "unknown_product"}, ""},
	"a row is skipped":             {"skipped: []", []string{"skipped", "no such row", "a-row-is-skipped.yaml:8: the id 001xx000003DGb2AAH has a wrong checksum (001xx000003DGb2 ends in AAG)"}, ""},
	"another row is skipped":       {"skipped: [ends in AAG, ends in AAX]", []string{"skipped[1]", `a row that is skipped because of "ends in AAX"`, "every row is read"}, ""},
	"a ticket has another policy":  {"tickets: [Priority]", []string{"tickets[0]", "Priority", "Standard"}, "tags [starter, vip]"},
	"somebody joins":               {"joins: {bob@jason.example: 119}", []string{"joins.bob@jason.example", "119", "nobody"}, ""},
	"the batches are more":         {"batches: 0", []string{"batches", "0", "1"}, "run partly"},
	"the exit code is another":     {"exit: 0", []string{"exit", "0", "3"}, "1 conflict"},
	"what is not looked at passes": {"organizations: {001Aa000003DGb2IAG: {have: {assigned_se: K. Tan}}}", nil, ""},
	"ids and fields in any form":   {"organizations: {001Aa000003DGb2: {want: {field:support_level: gold}, changes: {support_level: moved, field:assigned_se: let go}}}", []string{"organizations.001Aa000003DGb2.changes.field:assigned_se", "let go", "no change"}, ""},
}

func TestBrokenExpectations(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, tt := range brokenCases {
		write(t, filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".yaml"), goldFacts+"expect:\n  "+tt.expect+"\n")
	}
	code, out, _ := testCases(t, "--json", dir)
	if code != exitFailed {
		t.Errorf("test exits %d, want %d", code, exitFailed)
	}
	results := map[string]caseJSON{}
	for line := range strings.Lines(out) {
		var r caseJSON
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%q is not JSON: %v", line, err)
		}
		results[strings.TrimSuffix(filepath.Base(r.File), ".yaml")] = r
	}
	for name, tt := range brokenCases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkBroken(t, results[strings.ReplaceAll(name, " ", "-")], tt.want, tt.because)
		})
	}
}

func checkBroken(t *testing.T, r caseJSON, want []string, because string) {
	t.Helper()
	if want == nil {
		if r.Result != "passed" {
			t.Errorf("the case is %s: %v", r.Result, r.Failures)
		}
		return
	}
	if len(r.Failures) == 0 {
		t.Fatalf("the case is %s, want it to fail: %v", r.Result, r.Problems)
	}
	f := r.Failures[0]
	if f.Path != want[0] || f.Expected != want[1] || !strings.Contains(f.Got, want[2]) || f.Line != brokenLine {
		t.Errorf("failure is line %d, %q, %q, %q\nwant line %d, %q", f.Line, f.Path, f.Expected, f.Got, brokenLine, want)
	}
	if all := strings.Join(f.Because, "\n"); !strings.Contains(all, because) {
		t.Errorf("the explanation does not say %q:\n%s", because, all)
	}
}

func TestFailureText(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "level.yaml")
	write(t, file, goldFacts+"expect:\n  organizations:\n    001Aa000003DGb2IAG: {have: {support_level: silver}}\n")
	code, out, _ := testCases(t, file)
	if code != exitFailed {
		t.Errorf("test exits %d, want %d", code, exitFailed)
	}
	lines := strings.Split(out, "\n")
	want := []string{
		"FAIL " + file + "  Facts",
		"  " + file + ":21: organizations.001Aa000003DGb2IAG.have.support_level",
		"      expected  silver",
		"      got       gold",
		"      because   field:support_level: starter → gold, moved (last written: starter), from plan.name by rule organizations.fields.support_level",
		"                the rules want gold",
	}
	if len(lines) < len(want) || !slices.Equal(lines[:len(want)], want) {
		t.Errorf("test prints\n%s\nwant it to begin\n%s", out, strings.Join(want, "\n"))
	}
	if !strings.HasSuffix(out, "\n1 case: 0 passed, 1 failed\n") {
		t.Errorf("test ends %q", lines[len(lines)-2])
	}
}

func TestCaseWithoutExpectations(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "shown.yaml")
	write(t, file, strings.Replace(goldFacts, "Name: Jason Enterprises,", "Name: Jason Enterprises, Fax: 5,", 1))
	code, out, _ := testCases(t, file)
	if code != exitOK {
		t.Errorf("test exits %d, want 0", code)
	}
	for _, want := range []string{
		"001Aa000003DGb2IAG (Jason Enterprises)", "support_level                gold", "SLA policy                   Priority",
		"starter → gold", "moved: plan.name", "held\n  001Aa00000HOOL1IAP", "conflicts\n  001Aa000003DGb2IAG and 001Aa00000HOOL1IAP, domain",
		"findings\n  001Aa00000HOOL1IAP, unknown_product", ":8: the id 001xx000003DGb2AAH has a wrong checksum", "tickets\n  Standard",
		"1 case: 0 passed, 0 failed, 1 without expectations",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("test does not print %q:\n%s", want, out)
		}
	}
}

func TestUnreadableCases(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		old, with string
		want      string
	}{
		"a key that does not exist":     {"pipeline: customers", "pipeline: customers\nexpects: {}", `unknown key "expects"; did you mean expect?`},
		"a pipeline that does not":      {"pipeline: customers", "pipeline: custmers", `has no pipeline "custmers"; did you mean customers?`},
		"a setting that does not":       {"pipeline: customers", "pipeline: customers\nwith: {organizations.domain.tie: nobody}", `there is no setting "domain"`},
		"a setting of the store":        {"helpdesk:", "helpdesk:\n  settings: {multi_organisation: true}", `there is no setting "multi_organisation"`},
		"a field that does not":         {"fields: {support_level: starter,", "fields: {suport_level: starter,", "did you mean support_level?"},
		"an option that does not":       {"fields: {support_level: starter,", "fields: {support_level: platinum,", "platinum"},
		"a column that does not":        {"Name: Jason Enterprises,", "Name: Jason Enterprises, CARR_This_Acount__c: 5,", ":6:71: crm.accounts[0].CARR_This_Acount__c: no rule reads CARR_This_Acount__c; did you mean CARR_This_Account__c?"},
		"a plain word that is none":     {"quantity: 25", "quantitiy: 25", ":10:88: crm.subscriptions[0].quantitiy: no rule reads quantitiy; did you mean quantity?"},
		"an account without an id":      {"Account_ID_18__c: 001Aa000003DGb2IAG, ", "", "has no id; add Account_ID_18__c, or id"},
		"a charge of nobody":            {"{account: 001Aa000003DGb2IAG, product", "{product", "belongs to no account"},
		"a checksum in the helpdesk":    {"external_id: 001Aa000003DGb2IAG", "external_id: 001Aa000003DGb2IAH", "wrong checksum"},
		"two organizations of one name": {"name: Hooli", "name: JASON enterprises", "is called so already"},
		"written, and tied to nobody":   {"external_id: 001Aa00000HOOL1IAP, ", "", "add external_id"},
		"a ticket of nobody":            {"organization: 119", "organization: 118", "no organization with the id 118"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "case.yaml")
			text := strings.Replace(goldFacts, tt.old, tt.with, 1)
			if text == goldFacts {
				t.Fatalf("%q is not in the facts", tt.old)
			}
			write(t, file, text)
			code, out, errs := testCases(t, file)
			if code != exitUsage || !strings.Contains(out, tt.want) || !strings.Contains(out, file+":") || errs != "" {
				t.Errorf("test exits %d and prints\n%s%s\nwant exit 2, %q and the place", code, out, errs, tt.want)
			}
		})
	}
}

func TestCasesThatAreNotThere(t *testing.T) {
	t.Parallel()
	empty := t.TempDir()
	for name, tt := range map[string]struct{ arg, want string }{
		"no file":         {filepath.Join(empty, "none.yaml"), "none.yaml cannot be read: no such file or directory; name a case file, or a folder of them\n"},
		"an empty folder": {empty, empty + " holds no case; a case is a file whose name ends in .yaml\n"},
		"a wrong day":     {"--as-of=tomorrow", "--as-of: \"tomorrow\" is not a day; write YYYY-MM-DD\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if code, out, errs := testCases(t, tt.arg); code != exitUsage || out != "" || !strings.HasSuffix(errs, tt.want) {
				t.Errorf("test exits %d and prints %q %q, want exit 2 and %q", code, out, errs, tt.want)
			}
		})
	}
}

func TestOneBrokenCaseStopsNoOther(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.yaml"), "day: someday\n")
	write(t, filepath.Join(dir, "below", "b.yaml"), goldFacts+"expect: {retires: []}\n")
	write(t, filepath.Join(dir, "c.txt"), "no case")
	code, out, _ := testCases(t, dir+"/...")
	if code != exitUsage || !strings.HasSuffix(out, "2 cases: 1 passed, 0 failed, 1 could not be tried\n") {
		t.Errorf("test exits %d and prints\n%s", code, out)
	}
}

func TestCasesAsOf(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "grace.yaml")
	write(t, file, goldFacts+"expect: {organizations: {001Aa000003DGb2IAG: {want: {support_level: expired, account_type: former_customer}}}}\n")
	if code, out, _ := testCases(t, "--as-of", "2027-12-04", file); code != exitFailed {
		t.Errorf("on the last day of grace test exits %d and prints\n%s, want a failure", code, out)
	}
	if code, out, _ := testCases(t, "--as-of", "2027-12-05", file); code != exitOK {
		t.Errorf("the day after, test exits %d and prints\n%s, want none", code, out)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAnOrganizationThatTheRunCreatesIsJoinedByTheIDOfItsAccount(t *testing.T) {
	t.Parallel()
	const text = `# Whoever writes from acme.example joins what the run creates.
day: 2026-11-21
pipeline: customers
crm:
  accounts:
    - {Account_ID_18__c: 001Aa000003DGb2IAG, Name: Acme, Type: Customer, Email_Domains__c: acme.example}
  subscriptions:
    - {account: 001Aa000003DGb2IAG, product: Gold, start: 2026-11-20, end: 2027-11-19, quantity: 25, status: Active}
expect:
  joins: {bob@acme.example: %s}
`
	for name, id := range map[string]string{"account": "001Aa000003DGb2IAG", "number": "1", "name": "Acme (1)"} {
		file := filepath.Join(t.TempDir(), name+".yaml")
		write(t, file, fmt.Sprintf(text, id))
		if code, out, errs := testCases(t, file); code != exitOK {
			t.Errorf("by its %s: exit %d\n%s%s", name, code, out, errs)
		}
	}
	file := filepath.Join(t.TempDir(), "wrong.yaml")
	write(t, file, fmt.Sprintf(text, "001Aa00000HOOL1IAP"))
	if code, out, _ := testCases(t, file); code == exitOK || !strings.Contains(out, "001Aa000003DGb2IAG") {
		t.Errorf("another account: exit %d, want a failure that names the right one:\n%s", code, out)
	}
}
