package mapping_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sla"
)

// small is a mapping with one rule for a field.
func small(field, text string) mapping.Spec {
	return mapping.Spec{
		Name: rule("account.Name"), Members: mapping.Members{Off: true},
		Charge: mapping.ChargeColumns{Product: "Product", Start: "StartDate", End: "EndDate", Quantity: "Quantity"},
		Fields: []mapping.FieldRule{{Name: field, Expr: mapping.Expr{Text: text, Path: "organizations.fields." + field, Line: 41, Column: 14}}},
	}
}

// TestAColumnThatMayBeHiddenIsSaidToBe: a field without permission looks as if it were
// not there, and none like it is meant.
func TestAColumnThatMayBeHiddenIsSaidToBe(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"account.Hidden__c":                      "account has no field Hidden__c that the source's login can see",
		"account.CARR_This_Acount__c":            "account has no field CARR_This_Acount__c that the source's login can see; did you mean CARR_This_Account__c?",
		`find(team, .Rank__c == "1")?.User.Name`: "the source has no column Rank__c on team members that the source's login can see",
	} {
		seen := schema()
		seen.Reveal = "give the user access"
		_, problems := mapping.Compile(small("account_owner", text), seen, caps(), catalogue(t))
		if len(problems) != 1 || problems[0].Msg != want || problems[0].Fix != "correct the name, or give the user access" {
			t.Errorf("%s: %+v, want %q", text, problems, want)
		}
	}
}

func TestFaultsOfRules(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		field, text string
		offset      int
		msg         string
	}{
		"a column with a letter missing": {"aar", "plan.expired ? 0 : account.CARR_This_Acount__c", 27, "account has no field CARR_This_Acount__c; did you mean CARR_This_Account__c?"},
		"a column of an element":         {"aar", `sum(filter(subscriptions, .Produkt == "Gold"), .Quantity)`, 27, "the source has no column Produkt on subscriptions; did you mean Product?"},
		"a column of the team":           {"account_owner", `find(team, .TeamMemberRol == "CSM")?.User.Name`, 12, "the source has no column TeamMemberRol on team members; did you mean TeamMemberRole?"},
		"a column of a parent":           {"account_owner", "parent.Nam", 7, "parent has no field Nam; did you mean Name?"},
		"a field of the SLA":             {"account_owner", "sla.polcy", 4, "sla has no field polcy; did you mean policy?"},
		"text without quotes":            {"account_owner", "gold", 0, "there is no gold"},
		"a function that reads a clock":  {"renewal", "now()", 0, "the function now is not for rules"},
		"text compared with a number":    {"restricted_account", "account.Name == 5", 13, "== cannot take text on its left and number on its right"},
		"a rule that does not end":       {"account_owner", "account.Name +", 13, "the expression ends too early"},
		"a record as a value":            {"account_owner", "account", 0, "a record is not a value"},
		"a record within a rule":         {"restricted_account", "len(account) > 3", 4, "account is a record, not a value"},
		"a path that stops half-way":     {"account_owner", `account.Solutions_Architect_Lookup__r`, 0, "a record is not a value"},
		"a plan that nobody knows":       {"restricted_account", `plan.name == "ultimat"`, 13, `no plan is named "ultimat"; did you mean ultimate?`},
		"a plan in a list":               {"restricted_account", `plan.name in ["gold", "sliver"]`, 22, `no plan is named "sliver"`},
		"$env":                           {"account_owner", `$env["account"]`, 0, "$env is not for rules"},
		"a contact outside members":      {"account_owner", "contact.Name", 0, "there is no contact here"},
		"a field the target lacks":       {"aarr", "1", 0, "the target has no organization field aarr; did you mean aar?"},
		"true or false for a date":       {"renewal", `account.Name == "x"`, 0, "the rule yields true or false, and the field field:renewal is a date"},
		"a date for a number":            {"aar", `account.Contract_End__c`, 0, "the rule yields a date, and the field field:aar is a decimal"},
		"an option that is not offered":  {"org_region", `account.Name == "x" ? "EMEA" : "LATM"`, 31, `the field field:org_region does not take this: "LATM" is not offered`},
		"text where a number is due":     {"aar", `plan.expired ? 0 : "much"`, 19, `the field field:aar does not take this: "much" is not a number`},
		"one branch of another type":     {"aar", `plan.expired ? 0 : account.Contract_End__c`, 27, "this yields a date, and the field field:aar is a decimal"},
		"a column of nobody knows what":  {"account_owner", `sort(map(contacts, .Name))[0].Email`, 30, "nobody can tell whose column Email is"},
		"a field without a rule":         {"aar", "", 0, "the field aar has no rule"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, problems := mapping.Compile(small(tt.field, tt.text), schema(), caps(), catalogue(t))
			if m != nil || len(problems) != 1 {
				t.Fatalf("Compile(%q) gave %+v", tt.text, problems)
			}
			p := problems[0]
			if p.Fix == "" && !strings.Contains(p.Msg, "did you mean") {
				t.Errorf("Compile(%q) says %q without a remedy", tt.text, p.Msg)
			}
			if !strings.HasPrefix(p.Msg, tt.msg) || p.Offset != tt.offset || p.Line != 41 || p.Column != 14 || p.Path != "organizations.fields."+tt.field {
				t.Errorf("Compile(%q)\n got %+v\nwant %q at %d", tt.text, p, tt.msg, tt.offset)
			}
		})
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	s := gitlab()
	s.Only = rule("account.Typ == account.Nam")
	s.Wanted = rule("account.Name")
	s.Name = mapping.Expr{}
	s.Charge.End = "EndDat"
	s.Members.Email = rule("contact.Mail")
	s.Members.Manager = rule("contact.Title")
	s.Mark = mapping.Mark{Field: "aar", Exempt: "ignore"}
	s.Tags = mapping.Family{From: rule("plan.rank"), Owned: []string{"50%"}}
	s.Money = mapping.Money{Base: "USD", Column: "Currency", Rates: map[string][]mapping.Rate{"EUR": mapping.Always(0)}}
	s.Fields = append(s.Fields, mapping.FieldRule{Name: "aar", Expr: rule("1")})
	_, problems := mapping.Compile(s, schema(), caps(), catalogue(t))
	var got []string
	for _, p := range problems {
		got = append(got, p.Path+": "+p.Msg)
	}
	want := []string{
		"rule: account has no field Typ; did you mean Type?",
		"rule: account has no field Nam; did you mean Name?",
		"rule: the rule yields text, and true or false is due",
		"organizations.name: organizations have no rule for their name",
		"rule: the field aar has two rules",
		`rule: owned: "50%" cannot be a tag: it has the character '%'; use letters, digits and . - _ : /`,
		"rule: the rule yields a number, and a list or a text is due",
		"rule: contact has no field Mail; did you mean Email?",
		"mark.field: the field aar is a decimal, and a checkbox is due",
		"mark.exempt: the target has no organization field ignore",
		"accounts.subscriptions.end: the source has no column EndDat on subscriptions; did you mean EndDate?",
		"money.rates.EUR: the rate 0 is not above 0",
		"money.column: the source has no column Currency on accounts; did you mean CurrencyIsoCode?",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestFaultsOfCatalogueAndTarget(t *testing.T) {
	t.Parallel()
	coupled := caps()
	specs := slices.Clone(coupled.Specs[helpdesk.Organization])
	for i := range specs {
		switch specs[i].Name {
		case "field:support_level":
			specs[i].Choices = []helpdesk.Option{{Value: "ultimate", Tag: "ultimate"}, {Value: "gold"}}
		case "field:sub_gold":
			specs[i].Tag = "gold"
		case "field:renewal":
			specs[i].ReadOnly = true
		}
	}
	coupled.Specs = map[helpdesk.Kind][]helpdesk.Spec{helpdesk.Organization: specs}
	coupled.Ops = map[helpdesk.Kind][]helpdesk.Op{helpdesk.Organization: {helpdesk.Create}}
	coupled.Families = []string{"tag:"}
	noContacts := schema()
	delete(noContacts.Columns, crm.Contact)
	rules := catalogue(t)
	tests := map[string]struct {
		schema crm.Schema
		caps   helpdesk.Capabilities
		want   []string
	}{
		"a dropdown lacks plans and sets a plan's tag itself": {schema(), coupled, []string{
			"the dropdown field:support_level does not offer the plans premium, starter, consumption_only, community, expired",
			"the target does not let the field renewal be written",
			"the target takes no domains on organizations",
			"the tag ultimate of the plan ultimate is also set by the option ultimate of field:support_level: two would write it",
			"the tag gold of the plan gold is also set by the checkbox field:sub_gold: two would write it",
			"the target takes no members",
		}},
		"a source without contacts": {noContacts, caps(), []string{"the source has no contacts, and members are made of them"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, problems := mapping.Compile(gitlab(), tt.schema, tt.caps, rules)
			var got []string
			for _, p := range problems {
				got = append(got, p.Msg)
				if p.Fix == "" {
					t.Errorf("%q has no remedy", p.Msg)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestColumnsAreWhatTheRulesRead(t *testing.T) {
	t.Parallel()
	s := mapping.Spec{
		Name:    rule(`account["Owner.Name"] ?? parent.Name`),
		Fields:  []mapping.FieldRule{{Name: "aar", Expr: rule(`sum(filter(subscriptions, .Product startsWith "Gold"), .Quantity ?? 0)`)}},
		Wanted:  rule(`any(contacts, let r = .Role.Name; r == "Admin")`),
		Members: mapping.Members{Off: true},
		ARR:     rule("account.CARR_This_Account__c"),
		Money:   mapping.Money{Base: "USD", Rates: map[string][]mapping.Rate{"EUR": mapping.Always(2)}, Column: "CurrencyIsoCode"},
	}
	m := compile(t, s)
	want := map[crm.Role][]string{
		crm.Account:      {"CARR_This_Account__c", "CurrencyIsoCode", "Name", "Owner.Name"},
		crm.Contact:      {"Role.Name"},
		crm.Subscription: {"Product", "Quantity"},
	}
	if diff := cmp.Diff(want, m.Columns()); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	if !m.ReadsParent() || m.ReadsToday() {
		t.Errorf("reads parent %v, today %v", m.ReadsParent(), m.ReadsToday())
	}
	g := group{
		account: facts{"Name": "A", "CARR_This_Account__c": "10", "CurrencyIsoCode": "EUR"}, parent: facts{"Name": "The parent"},
		contacts: []facts{{"id": ann, "Role.Name": "Admin"}}, charges: []string{"Gold X 2026-01-01 - 7", "Silver 2026-01-01 - 9", "Gold Y 2026-01-01 - -"},
	}
	res := mapped(t, m, g, today)
	if show(res.Org.Fields, "name") != "text The parent" || show(res.Org.Fields, "field:aar") != "decimal 7" || res.ARR != 20 {
		t.Errorf("got %v, ARR %v, findings %v", res.Org.Fields, res.ARR, res.Findings)
	}
}

func TestDigest(t *testing.T) {
	t.Parallel()
	base := compile(t, gitlab()).Digest()
	if len(base) != 32 {
		t.Fatalf("digest %q", base)
	}
	moved := gitlab()
	moved.Name.Line, moved.Fields[3].Expr.Column = 99, 3
	if got := compile(t, moved).Digest(); got != base {
		t.Error("the digest changes when a rule moves to another line")
	}
	changes := map[string]func(*mapping.Spec){
		"a rule":         func(s *mapping.Spec) { s.Fields[4].Expr.Text = "sla.seats ?? 0" },
		"a policy":       func(s *mapping.Spec) { s.Policies.OnDrift = helpdesk.Hold },
		"an owned tag":   func(s *mapping.Spec) { s.Tags.Owned = nil },
		"the cap":        func(s *mapping.Spec) { s.Members.Cap = 3 },
		"the time kept":  func(s *mapping.Spec) { s.Retain.Days = 2 },
		"a domain list":  func(s *mapping.Spec) { s.DomainRules = "2026-12" },
		"a rate":         func(s *mapping.Spec) { s.Money.Rates = map[string][]mapping.Rate{"EUR": mapping.Always(1.1)} },
		"another column": func(s *mapping.Spec) { s.Charge.ARR = "" },
	}
	for name, change := range changes {
		s := gitlab()
		change(&s)
		if compile(t, s).Digest() == base {
			t.Errorf("the digest stays the same when %s changes", name)
		}
	}
	rules, _ := sla.New(sla.Config{GraceDays: 16, Plans: catalogue(t).Plans(), Policies: catalogue(t).Policies()})
	m, problems := mapping.Compile(gitlab(), schema(), caps(), rules)
	if len(problems) > 0 || m.Digest() == base {
		t.Errorf("the digest stays the same when grace changes: %v", problems)
	}
	retyped := schema()
	for i, c := range retyped.Columns[crm.Account] {
		if c.Name == "CARR_This_Account__c" {
			retyped.Columns[crm.Account][i].Type = crm.Number
		}
	}
	if m, _ = mapping.Compile(gitlab(), retyped, caps(), catalogue(t)); m.Digest() == base {
		t.Error("the digest stays the same when a column changes its type")
	}
	other := caps()
	other.Specs[helpdesk.Organization][0].MaxLen = 100
	if m, _ = mapping.Compile(gitlab(), schema(), other, catalogue(t)); m.Digest() == base {
		t.Error("the digest stays the same when a field of the target changes")
	}
}

func TestWithoutATargetValuesKeepTheirType(t *testing.T) {
	t.Parallel()
	m, problems := mapping.Compile(gitlab(), schema(), helpdesk.Capabilities{}, catalogue(t))
	if len(problems) > 0 {
		t.Fatalf("problems %v", problems)
	}
	res := mapped(t, m, group{account: facts{"CARR_This_Account__c": "4800", "Support_Hold__c": "true", "Contract_End__c": "2027-01-01"}, charges: []string{"Gold 2026-01-01 -"}}, today)
	for field, want := range map[string]string{
		"field:aar": "decimal 4800", "field:support_hold": "checkbox true", "field:renewal": "date 2027-01-01",
		"field:support_level": "text gold", "field:restricted_account": "checkbox false",
	} {
		if got := show(res.Org.Fields, field); got != want {
			t.Errorf("%s is %s, want %s", field, got, want)
		}
	}
}

func TestAnOpenMappingReadsUnknownColumnsAsEmpty(t *testing.T) {
	t.Parallel()
	s := gitlab()
	s.Open = true
	few := crm.Schema{Columns: map[crm.Role][]crm.Column{crm.Account: {{Name: "Name"}, {Name: "Type"}}}}
	m, problems := mapping.Compile(s, few, caps(), catalogue(t))
	if len(problems) > 0 {
		t.Fatalf("problems %+v", problems)
	}
	columns := m.Columns()
	if !slices.Contains(columns[crm.Account], "Solutions_Architect_Lookup__r.Name") || !slices.Contains(columns[crm.Contact], "Email") {
		t.Errorf("columns %v", columns)
	}
	res := mapped(t, m, group{account: facts{"CARR_This_Account__c": "4800"}, charges: []string{"Gold 2026-01-01 -"}}, today)
	if show(res.Org.Fields, "field:aar") != "decimal 4800" || show(res.Org.Fields, "field:sales_segmentation") != "text unknown" {
		t.Errorf("fields %v, findings %v", res.Org.Fields, res.Findings)
	}
}
