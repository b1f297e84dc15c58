package casefile_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/desksync/desksync/config/casefile"
	"github.com/desksync/desksync/config/strict"
	"github.com/desksync/desksync/internal/day"
)

// jason is the case that the documentation shows.
const jason = `# Two subscriptions at once: the seed's "Jason Enterprises"
day: 2026-11-21
pipeline: customers
crm:
  accounts:
    - {Account_ID_18__c: 001Aa000003DGb2IAG, Name: Jason Enterprises, Type: Customer, CARR_This_Account__c: 31200}
  subscriptions:
    - {account: 001Aa000003DGb2IAG, product: Gold,    start: 2026-11-20, end: 2027-11-19, quantity: 25, status: Active}
helpdesk:
  organizations:
    - id: 119
      external_id: 001Aa000003DGb2IAG
      name: Jason Enterprises
      fields: {support_level: starter, am_project_id: 4711}
      tags: [starter, vip_note]
      written: {field:support_level: starter, tag:starter: true}     # what desksync last wrote; absent: never
  tickets:
    - {organization: 119, status: open, tags: [gold, starter]}
expect:
  organizations:
    001Aa000003DGb2IAG:
      want: {support_level: gold, aar: 31200}
      tags: {have: [gold, starter, vip_note]}          # after the run
      policy: Priority
      changes: {field:support_level: moved, tag:gold: new}
      untouched: [field:am_project_id, tag:vip_note]
  creates: []
  held: []
`

func TestCase(t *testing.T) {
	t.Parallel()
	c, err := casefile.Parse("jason.yaml", []byte(jason))
	if err != nil {
		t.Fatal(err)
	}
	if c.Title != `Two subscriptions at once: the seed's "Jason Enterprises"` || c.Day != day.MustParse("2026-11-21") || c.Pipeline != "customers" || !c.CRM.Complete {
		t.Errorf("the case reads as %q, %s, %s, complete %v", c.Title, c.Day, c.Pipeline, c.CRM.Complete)
	}
	row := c.CRM.Subscriptions[0]
	if quantity, ok := row.Get("quantity"); !ok || quantity.Text != "25" || quantity.Kind != strict.Number || row.Line != 8 {
		t.Errorf("the charge reads as %+v", row)
	}
	if _, ok := row.Get("arr"); ok {
		t.Error("the charge has an amount that the case does not give")
	}
	wrote, ever := c.Helpdesk.Organizations[0].Wrote()
	if !ever || cmp.Diff([]string{"field:support_level", "tag:starter"}, wrote.Names()) != "" {
		t.Errorf("desksync wrote %v", wrote.Names())
	}
	e := c.Expect
	if !e.Creates.Given || len(e.Creates.Items) != 0 || e.Updates.Given {
		t.Errorf("creates %+v, updates %+v: an empty list is not one that is left out", e.Creates, e.Updates)
	}
	org := e.Organizations.Get("001Aa000003DGb2IAG")
	if *org.Changes.Get("tag:gold") != "new" || org.Untouched[1] != "tag:vip_note" || !org.Tags.Have.Given || org.Tags.Want.Given {
		t.Errorf("the expectation reads as %+v", org)
	}
}

func TestHolds(t *testing.T) {
	t.Parallel()
	c, err := casefile.Parse("c.yaml", []byte(`day: 2026-11-21
pipeline: p
helpdesk:
  organizations:
    - {name: A, notes: n, fields: {aar: 3, none: null}, tags: [x], domains: [a.example], groups: [VIPs], written: all}
    - {name: B}
  users: [{name: U, email: u@a.example, written: {name: U}}]
  members: [{organization: 1, user: 1, position: Boss, manager: true, written: all}]
`))
	if err != nil {
		t.Fatal(err)
	}
	wrote, ever := c.Helpdesk.Organizations[0].Wrote()
	want := []string{"name", "notes", "field:aar", "field:none", "tag:x", "domain:a.example", "group:VIPs"}
	if diff := cmp.Diff(want, wrote.Names()); !ever || diff != "" {
		t.Error(ever, diff)
	}
	if _, ever := c.Helpdesk.Organizations[1].Wrote(); ever {
		t.Error("an organization without written was written")
	}
	if diff := cmp.Diff([]string{"name", "email"}, c.Helpdesk.Users[0].Holds().Names()); diff != "" {
		t.Error(diff)
	}
	if wrote, ever := c.Helpdesk.Members[0].Wrote(); !ever || cmp.Diff([]string{"position", "manager"}, wrote.Names()) != "" {
		t.Errorf("the membership holds %v", wrote.Names())
	}
	if none := c.Helpdesk.Organizations[0].Fields.Get("none"); !none.IsNull() {
		t.Errorf("null reads as %+v", none)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	const head = "day: 2026-11-21\npipeline: p\n"
	tests := map[string]struct{ src, want string }{
		"no day":                         {"pipeline: p", "c.yaml: day is required; write the day of the run, such as 2026-11-21"},
		"no such day":                    {"day: tomorrow\npipeline: p", `c.yaml:1:6: day: "tomorrow" is not a day; write YYYY-MM-DD`},
		"nothing at all":                 {"", "c.yaml: holds no case; begin with day: and pipeline:, as docs/cases.md shows"},
		"a list for a case":              {"- day: 2026-11-21", "c.yaml: holds no case; begin with day: and pipeline:, as docs/cases.md shows"},
		"an unknown key":                 {head + "expct: {}", `c.yaml:3:1: expct: unknown key "expct"; did you mean expect?`},
		"a cause that is none":           {head + "expect: {organizations: {A: {changes: {name: changed}}}}", "c.yaml:3:46: expect.organizations.A.changes.name: is no cause of a change; write new, found, moved, drifted, clashed, withdrawn, let go, undone, gone or linked"},
		"a cause with a slip":            {head + "expect: {organizations: {A: {changes: {name: driftd}}}}", "c.yaml:3:46: expect.organizations.A.changes.name: is no cause of a change; did you mean drifted?"},
		"a ticket of no organization":    {head + "helpdesk: {tickets: [{organization: 5}]}", "c.yaml:3:37: helpdesk.tickets[0].organization: the case has no organization with the id 5; add it under helpdesk.organizations, or correct the id"},
		"a member that is no user":       {head + "helpdesk: {organizations: [{name: A}], members: [{organization: 1, user: 9}]}", "c.yaml:3:74: helpdesk.members[0].user: the case has no user with the id 9; add it under helpdesk.users, or correct the id"},
		"one policy for two tickets":     {head + "helpdesk: {tickets: [{form: a}, {form: b}]}\nexpect: {tickets: [Priority]}", "c.yaml:4:10: expect.tickets: has 1 policies for 2 tickets; list one per ticket, in order; none for no policy"},
		"a membership of nobody":         {head + "expect: {members: {A: {absent: true}}}", "c.yaml:3:20: expect.members.A: names no membership; write the ids of account and contact, as ACCOUNT/CONTACT"},
		"tags among the fields":          {head + "expect: {organizations: {A: {have: {tags: [gold]}}}}", "c.yaml:3:37: expect.organizations.A.have.tags: is no field; write it beside have, as tags: {have: […]}"},
		"written as a flag":              {head + "helpdesk: {organizations: [{name: A, written: true}]}", "c.yaml:3:47: helpdesk.organizations[0].written: is true or false; it should be the word all, or values by full name"},
		"a record inside a record":       {head + "crm: {accounts: [{Name: {a: b}}]}", "c.yaml:3:19: crm.accounts[0].Name: is a mapping; it should be a single value, or a list of them"},
		"a status of no ticket":          {head + "helpdesk: {tickets: [{status: done}]}", `c.yaml:3:31: helpdesk.tickets[0].status: "done" is not a choice; write new, open, pending, hold, solved or closed`},
		"an override without a reason":   {head + "overrides: [{account: A, value: gold, author: x}]", "c.yaml:3:13: overrides[0]: reason is required; say why, for whoever asks in a year"},
		"an organization without a name": {head + "helpdesk: {organizations: [{id: 1}]}", "c.yaml:3:28: helpdesk.organizations[0]: name is required; add name: …"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := casefile.Parse("c.yaml", []byte(tt.src))
			if ps := strict.Of(err); len(ps) != 1 || ps[0].Error() != tt.want {
				t.Errorf("%s\ngot  %v\nwant %s", tt.src, err, tt.want)
			}
		})
	}
}

// TestNothingIsNoPolicy: null says that there is nothing, here as elsewhere.
func TestNothingIsNoPolicy(t *testing.T) {
	t.Parallel()
	c, err := casefile.Parse("c.yaml", []byte("day: 2026-11-21\npipeline: p\nhelpdesk: {tickets: [{form: a}]}\nexpect: {organizations: {A: {policy: null}, B: {policy: none}, C: {}}, tickets: [null]}"))
	if err != nil {
		t.Fatal(err)
	}
	e := c.Expect
	got := []casefile.Policy{e.Organizations.Get("A").Policy, e.Organizations.Get("B").Policy, e.Organizations.Get("C").Policy, e.Tickets.Items[0]}
	if diff := cmp.Diff([]casefile.Policy{"none", "none", "", "none"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestShippedCases reads every case that ships, with the loader and with the
// schema that editors use.
func TestShippedCases(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("../../examples/gitlab/cases/*.yaml")
	if err != nil || len(names) < 30 {
		t.Fatalf("there are %d cases, %v", len(names), err)
	}
	s := caseSchema(t)
	for _, name := range names {
		c, err := casefile.Load(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if c.Title == "" || strings.Contains(c.Title, "yaml-language-server") || c.Expect == nil {
			t.Errorf("%s says neither what it shows nor what it expects", name)
		}
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(asJSON(t, src)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	t.Parallel()
	s := caseSchema(t)
	for name, src := range map[string]string{
		"an unknown key":  "day: 2026-11-21\npipeline: p\nexpct: {}",
		"no day":          "pipeline: p",
		"an unknown role": "day: 2026-11-21\npipeline: p\ncrm: {opportunities: []}",
	} {
		if s.Validate(asJSON(t, []byte(src))) == nil {
			t.Errorf("the schema takes %s", name)
		}
		if _, err := casefile.Parse("c.yaml", []byte(src)); err == nil {
			t.Errorf("the loader takes %s", name)
		}
	}
}

func caseSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("../../examples/case.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("case.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("case.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func asJSON(t *testing.T, src []byte) any {
	t.Helper()
	// Other YAML readers take tag:gold in braces for one key; this one needs quotes.
	b, err := yaml.YAMLToJSON(quoteNames(src))
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func quoteNames(src []byte) []byte {
	text := string(src)
	for _, prefix := range []string{"field", "tag", "domain", "group"} {
		text = strings.ReplaceAll(text, prefix+":", prefix+"_")
	}
	for _, section := range []string{"field_\n", "tag_\n", "domain_\n", "group_\n"} {
		text = strings.ReplaceAll(text, section, section[:len(section)-2]+":\n")
	}
	return []byte(strings.ReplaceAll(text, "field_ ", "field: "))
}

func FuzzParse(f *testing.F) {
	f.Add(jason)
	f.Add("day: 2026-11-21\npipeline: p\nhelpdesk: {organizations: [{name: A, written: all}]}")
	f.Fuzz(func(t *testing.T, src string) {
		c, err := casefile.Parse("c.yaml", []byte(src))
		if (c == nil) == (err == nil) {
			t.Errorf("Parse gave %v and %v", c, err)
		}
	})
}
