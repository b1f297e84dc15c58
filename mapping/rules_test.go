package mapping_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/mapping"
)

// TestWhatRulesMean maps one rule of one field.
func TestWhatRulesMean(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		field, text string
		group       group
		want        string
	}{
		"an empty column is nothing":                    {"account_owner", "account.Account_Owner_Calc__c", group{}, "none"},
		"?? stands in for nothing":                      {"account_owner", `account.Account_Owner_Calc__c ?? "nobody"`, group{}, "text nobody"},
		"an empty text that the rule wrote wants empty": {"account_owner", `account.Name == "x" ? "y" : ""`, group{}, "empty"},
		"a column with a path, by dots":                 {"account_owner", "account.Solutions_Architect_Lookup__r.Name", group{account: facts{"Solutions_Architect_Lookup__r.Name": "Kim"}}, "text Kim"},
		"a column with a path, in brackets":             {"account_owner", `account["Solutions_Architect_Lookup__r.Name"]`, group{account: facts{"Solutions_Architect_Lookup__r.Name": "Kim"}}, "text Kim"},
		"a path beside a column of its first name":      {"account_owner", `account["Owner.Name"] + "/" + account.Owner`, group{account: facts{"Owner.Name": "Kim", "Owner": "005"}}, "text Kim/005"},
		"lower of nothing is nothing":                   {"account_owner", `lower(account.Owner) ?? "none"`, group{}, "text none"},
		"trim of space is nothing":                      {"account_owner", `trim(account.Owner) ?? "none"`, group{account: facts{"Owner": "  "}}, "text none"},
		"upper":                                         {"account_owner", "upper(account.Owner)", group{account: facts{"Owner": "ab"}}, "text AB"},
		"nothing equals no text":                        {"sub_gold", `account.Owner == "x"`, group{}, "checkbox false"},
		"nothing differs from every text":               {"sub_gold", `account.Owner != "x"`, group{}, "checkbox true"},
		"nothing equals the empty text":                 {"sub_gold", `account.Owner == ""`, group{}, "checkbox true"},
		"nothing is in a list with the empty text":      {"sub_gold", `account.Owner in ["", "x"]`, group{}, "checkbox true"},
		"nothing is in no other list":                   {"sub_gold", `account.Owner in ["y", "x"]`, group{}, "checkbox false"},
		"nothing contains nothing":                      {"sub_gold", `account.Owner contains "x"`, group{}, "checkbox false"},
		"nothing matches nothing":                       {"sub_gold", `account.Owner matches "^x"`, group{}, "checkbox false"},
		"an empty checkbox is false":                    {"sub_gold", `not account.Support_Hold__c and not (account.Support_Hold__c or false)`, group{}, "checkbox true"},
		"an empty checkbox as a condition":              {"account_owner", `account.Support_Hold__c ? "yes" : "no"`, group{}, "text no"},
		"a checkbox compared":                           {"sub_gold", `account.Support_Hold__c == true`, group{account: facts{"Support_Hold__c": "true"}}, "checkbox true"},
		"an empty checkbox is not set":                  {"sub_gold", `account.Support_Hold__c == false and account.Support_Hold__c != true`, group{}, "checkbox true"},
		"tags and more tags":                            {"account_owner", `join(concat(sla.tags, account.Support_Hold__c == true ? ["hold"] : []), ",")`, group{account: facts{"Support_Hold__c": "true"}, charges: []string{"Gold 2026-01-01 -"}}, "text gold,hold"},
		"a number compared with a whole one":            {"sub_gold", `account.Number_of_Licenses_This_Account__c >= 25`, group{account: facts{"Number_of_Licenses_This_Account__c": "25"}}, "checkbox true"},
		"arithmetic":                                    {"aar", `account.Number_of_Licenses_This_Account__c * 1.5 + 1`, group{account: facts{"Number_of_Licenses_This_Account__c": "3"}}, "decimal 5.5"},
		"a number as text":                              {"account_owner", `account.Number_of_Licenses_This_Account__c`, group{account: facts{"Number_of_Licenses_This_Account__c": "25"}}, "text 25"},
		"a computed number as text":                     {"account_owner", `account.Number_of_Licenses_This_Account__c * 2`, group{account: facts{"Number_of_Licenses_This_Account__c": "1.25"}}, "text 2.5"},
		"text as a number":                              {"aar", `account.Owner`, group{account: facts{"Owner": " 31200 "}}, "decimal 31200"},
		"number() of text":                              {"aar", `(number(account.Owner) ?? 0) + 1`, group{account: facts{"Owner": "3"}}, "decimal 4"},
		"a date as text":                                {"account_owner", `account.Contract_End__c`, group{account: facts{"Contract_End__c": "2027-01-02"}}, "text 2027-01-02"},
		"text as a date":                                {"renewal", `account.Owner`, group{account: facts{"Owner": "2027-01-02T10:00:00.000+0000"}}, "date 2027-01-02"},
		"dates compared":                                {"sub_gold", `account.Contract_End__c < date("2027-01-03")`, group{account: facts{"Contract_End__c": "2027-01-02"}}, "checkbox true"},
		"days added":                                    {"renewal", `addDays(account.Contract_End__c, 30)`, group{account: facts{"Contract_End__c": "2027-01-02"}}, "date 2027-02-01"},
		"several choices are a list":                    {"sub_gold", `"b" in account.Labels__c and has(account.Labels__c, "a") and len(account.Labels__c) == 2`, group{account: facts{"Labels__c": "a;b"}}, "checkbox true"},
		"several choices as text":                       {"account_owner", `account.Labels__c`, group{account: facts{"Labels__c": "a;b"}}, "text a;b"},
		"no choice is in an empty column":               {"sub_gold", `"b" in account.Labels__c`, group{}, "checkbox false"},
		"has of nothing":                                {"sub_gold", `has(account.Labels__c, "a")`, group{}, "checkbox false"},
		"contacts counted":                              {"aar", `count(contacts, .Title == "CTO")`, group{contacts: []facts{{"id": ann, "Title": "CTO"}, {"id": bob}}}, "decimal 1"},
		"a contact found":                               {"account_owner", `find(contacts, .Title == "CTO")?.Name`, group{contacts: []facts{{"id": ann, "Title": "CTO", "Name": "Ann"}}}, "text Ann"},
		"no contact found":                              {"account_owner", `find(contacts, .Title == "CTO")?.Name ?? "none"`, group{contacts: []facts{{"id": ann}}}, "text none"},
		"a checkbox of elements may be empty":           {"aar", `count(contacts, .Inactive__c)`, group{contacts: []facts{{"id": ann, "Inactive__c": "true"}, {"id": bob}}}, "decimal 1"},
		"a path of an element":                          {"account_owner", `join(map(contacts, .Role.Name ?? "?"), "+")`, group{contacts: []facts{{"id": ann, "Role.Name": "Admin"}, {"id": bob}}}, "text Admin+?"},
		"a path of an element in brackets":              {"account_owner", `first(contacts)["Role.Name"]`, group{contacts: []facts{{"id": ann, "Role.Name": "Admin"}}}, "text Admin"},
		"a member of the team":                          {"account_owner", `find(team, .TeamMemberRole == "CSM")?.User.Name`, group{team: []facts{{"id": "m1", "TeamMemberRole": "TAM", "User.Name": "Bob"}, {"id": "m2", "TeamMemberRole": "CSM", "User.Name": "Ann"}}}, "text Ann"},
		"nobody of the team has the role":               {"account_owner", `find(team, .TeamMemberRole == "CSM")?.User.Name`, group{team: []facts{{"id": "m1", "TeamMemberRole": "TAM", "User.Name": "Bob"}}}, "none"},
		"nobody is in the team":                         {"account_owner", `first(filter(team, .TeamMemberRole == "CSM"))?.User.Name ?? "nobody"`, group{}, "text nobody"},
		"the whole team":                                {"account_owner", `join(map(filter(team, .User.IsActive), .User.Name), ";")`, group{team: []facts{{"id": "m1", "User.Name": "Bob", "User.IsActive": "true"}, {"id": "m2", "User.Name": "Ann"}}}, "text Bob"},
		"the latest end":                                {"renewal", `latest(map(subscriptions, .EndDate))`, group{charges: []string{"A 2026-01-01 2027-05-05"}}, "date 2027-05-05"},
		"the earliest start":                            {"renewal", `earliest(map(subscriptions, .StartDate))`, group{charges: []string{"A 2026-02-01 -", "B 2026-01-05 -", "C - -"}}, "date 2026-01-05"},
		"the last of a list":                            {"account_owner", `last(contacts)?.Name`, group{contacts: []facts{{"id": ann, "Name": "Ann"}, {"id": bob, "Name": "Bob"}}}, "text Bob"},
		"the last of an empty list":                     {"account_owner", `last(contacts)?.Name`, group{}, "none"},
		"a part of a date":                              {"aar", `account.Contract_End__c.Year()`, group{account: facts{"Contract_End__c": "2027-01-02"}}, "decimal 2027"},
		"a parent":                                      {"account_owner", `parent?.Name ?? "none"`, group{parent: facts{"Name": "Holding"}}, "text Holding"},
		"no parent":                                     {"account_owner", `parent == nil ? "top" : parent.Name`, group{}, "text top"},
		"the root of an account without a parent":       {"account_owner", `root.Name`, group{}, "text Jason Enterprises"},
		"the root":                                      {"account_owner", `root.Name`, group{parent: facts{"Name": "Holding"}}, "text Holding"},
		"a variable":                                    {"account_owner", `let n = account.Name; upper(n) + "!"`, group{}, "text JASON ENTERPRISES!"},
		"the rank of the plan":                          {"aar", "plan.rank", group{charges: []string{"Gold 2026-01-01 -"}}, "decimal 2"},
		"no plan has no rank":                           {"aar", "plan.rank", group{}, "none"},
		"the SLA of the plan":                           {"account_owner", `(plan.sla ?? "none") + "/" + (sla.policy ?? "none")`, group{charges: []string{"Gold 2026-01-01 -"}}, "text Priority/Priority"},
		"plans in force":                                {"account_owner", `join(sla.plans, ",")`, group{charges: []string{"Gold 2026-01-01 -", "Starter 2026-01-01 -"}}, "text gold,starter"},
		"hold":                                          {"support_hold", `sla.hold`, group{charges: []string{"Support Hold 2026-01-01 -"}}, "checkbox true"},
		"no override":                                   {"account_owner", `override.active ? override.reason : "as bought"`, group{}, "text as bought"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res := mapped(t, compile(t, small(tt.field, tt.text)), tt.group, today)
			if got := show(res.Org.Fields, "field:"+tt.field); got != tt.want {
				t.Errorf("%s is %s, want %s; findings %v", tt.text, got, tt.want, res.Findings)
			}
		})
	}
}

func TestBoundariesOfDates(t *testing.T) {
	t.Parallel()
	const end = "2026-12-24"
	tests := map[string]struct {
		text string
		on   string
		want string
		next string
	}{
		"before a day to come":             {"before(account.Contract_End__c)", "2026-11-21", "true", "2026-12-24"},
		"on the day it is no longer":       {"before(account.Contract_End__c)", "2026-12-24", "false", ""},
		"after a day to come":              {"after(account.Contract_End__c)", "2026-12-24", "false", "2026-12-25"},
		"after it":                         {"after(account.Contract_End__c)", "2026-12-25", "true", ""},
		"a day as text":                    {`before("2026-12-01")`, "2026-11-21", "true", "2026-12-01"},
		"no date":                          {"before(parent.Contract_End__c) or after(parent.Contract_End__c)", "2026-11-21", "false", ""},
		"fewer days than that":             {"daysUntil(account.Contract_End__c) < 30", "2026-11-21", "false", "2026-11-24"},
		"on the day of the limit":          {"daysUntil(account.Contract_End__c) < 30", "2026-11-24", "false", "2026-11-25"},
		"and the day after":                {"daysUntil(account.Contract_End__c) < 30", "2026-11-25", "true", ""},
		"the limit on the left":            {"30 >= daysUntil(account.Contract_End__c)", "2026-11-23", "false", "2026-11-24"},
		"exactly that many":                {"daysUntil(account.Contract_End__c) == 30", "2026-11-24", "true", "2026-11-25"},
		"a count of days changes daily":    {"daysUntil(account.Contract_End__c) % 7 == 0", "2026-12-24", "true", "2026-12-25"},
		"today is looked at daily":         {"today > account.Contract_End__c", "2026-12-25", "true", "2026-12-26"},
		"what is not evaluated is no date": {`account.Name == "x" and before("2026-12-01")`, "2026-11-21", "false", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := compile(t, small("sub_gold", tt.text))
			g := group{account: facts{"Contract_End__c": end}}
			on := day.MustParse(tt.on)
			res := mapped(t, m, g, on)
			if got := show(res.Org.Fields, "field:sub_gold"); got != "checkbox "+tt.want {
				t.Errorf("%s on %s is %s, want %s; %v", tt.text, on, got, tt.want, res.Findings)
			}
			if res.Next.String() != tt.next {
				t.Errorf("%s on %s changes next on %q, want %q", tt.text, on, res.Next, tt.next)
			}
			claims, err := m.NewWorker().Claims(g.build(t, m), on)
			if err != nil || claims.Next != res.Next {
				t.Errorf("claims say %s, %v; the mapping says %s", claims.Next, err, res.Next)
			}
			if m.ReadsToday() != strings.Contains(tt.text, "today") {
				t.Errorf("ReadsToday is %v for %s", m.ReadsToday(), tt.text)
			}
		})
	}
}

// Leap days make three years of different lengths; the day is counted back from today.
func TestRetentionEndsWhereTheEndLiesTooFarBack(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ end, last, gone string }{
		"no leap day near":            {"2021-12-18", "2024-12-19", "2024-12-20"},
		"the end on a leap day":       {"2024-02-29", "2027-03-01", "2027-03-02"},
		"the day before a leap day":   {"2024-02-28", "2027-02-28", "2027-03-01"},
		"a leap day in the last days": {"2025-02-28", "2028-03-01", "2028-03-02"},
		"right before it":             {"2025-02-27", "2028-02-29", "2028-03-01"},
		"the first of March":          {"2025-03-01", "2028-03-02", "2028-03-03"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := small("aar", "1")
			s.Retain = mapping.Retain{From: rule(`"` + tt.end + `"`), Years: 3, Days: 1}
			m := compile(t, s)
			last, gone := mapped(t, m, group{}, day.MustParse(tt.last)), mapped(t, m, group{}, day.MustParse(tt.gone))
			if last.Left || last.Next != day.MustParse(tt.gone) || !gone.Left {
				t.Errorf("what ended %s: on %s left is %v and looked at again on %s, on %s left is %v", tt.end, tt.last, last.Left, last.Next, tt.gone, gone.Left)
			}
		})
	}
}

func TestConditionsOverTheAccount(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*mapping.Spec)
		skip   string
		left   bool
		create bool
	}{
		"wanted is false":       {func(s *mapping.Spec) { s.Wanted = rule(`account.Name != "Jason Enterprises"`) }, "left: wanted is false", true, false},
		"only comes first":      {func(s *mapping.Spec) { s.Only, s.Wanted = rule("false"), rule("false") }, "not in scope: only", true, false},
		"an empty one is false": {func(s *mapping.Spec) { s.Wanted = rule("account.Support_Hold__c") }, "left: wanted is false", true, false},
		"never created":         {func(s *mapping.Spec) { s.Create = rule("false") }, "", false, false},
		"one that fails decides nothing": {
			func(s *mapping.Spec) { s.Wanted = rule("account.Number_of_Licenses_This_Account__c > 3") },
			"withheld: rule: account.Number_of_Licenses_This_Account__c is empty; write (account.Number_of_Licenses_This_Account__c ?? 0), or what shall stand for nothing", false, false,
		},
		"kept for a while":        {func(s *mapping.Spec) { s.Retain = mapping.Retain{From: rule(`"2026-10-01"`), Days: 51} }, "", false, true},
		"and then no more":        {func(s *mapping.Spec) { s.Retain = mapping.Retain{From: rule(`"2026-10-01"`), Days: 50} }, "left: retention ended 2026-11-21", true, false},
		"without a date it stays": {func(s *mapping.Spec) { s.Retain = mapping.Retain{From: rule("account.Contract_End__c"), Days: 1} }, "", false, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := small("aar", "1")
			tt.change(&s)
			m := compile(t, s)
			res := mapped(t, m, group{}, today)
			if res.Skip != tt.skip || res.Left != tt.left || res.MayCreate != tt.create {
				t.Errorf("skip %q, left %v, create %v", res.Skip, res.Left, res.MayCreate)
			}
			claims, err := m.NewWorker().Claims(group{}.build(t, m), today)
			if err != nil || claims.Skip != tt.skip || claims.Left != tt.left || (claims.Name == "") != (tt.skip != "") || claims.Next != res.Next {
				t.Errorf("claims %+v, %v", claims, err)
			}
		})
	}
}

func TestOwnedTagsMayBeOursOnlyAtTimes(t *testing.T) {
	t.Parallel()
	for when, withheld := range map[string][]string{
		"":                 nil,
		"not plan.expired": nil,
		"plan.expired":     {"tag:old", "tag:older"},
		"account.Number_of_Licenses_This_Account__c > 3": {"tag:old", "tag:older"}, // it fails
	} {
		s := small("aar", "1")
		s.Tags = mapping.Family{From: rule(`["new", "kept"]`), Owned: []string{"older", "old", "kept"}, When: rule(when)}
		if res := mapped(t, compile(t, s), group{}, today); !slices.Equal(res.Withheld, withheld) {
			t.Errorf("where they are owned when %q, there is no opinion on %q, want %q", when, res.Withheld, withheld)
		}
	}
}
