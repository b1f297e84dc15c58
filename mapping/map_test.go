package mapping_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sla"
)

func TestWorkedCases(t *testing.T) {
	t.Parallel()
	premium := sla.Override{Field: "plan", Value: "premium", Reason: "pilot", Author: "ann", Source: "overrides.yaml:12", Until: day.MustParse("2026-12-31")}
	tests := map[string]struct {
		group  group
		on     string
		fields map[string]string // name → type and text
		tags   string
		policy string
		skip   string
		create bool
	}{
		"1: two subscriptions at once": {
			group: group{charges: []string{"Ultimate (self-managed) 2026-01-01 2027-06-30", "Premium (SaaS) 2026-01-01 2027-06-30"}},
			fields: map[string]string{
				"field:support_level": "dropdown ultimate", "field:sub_sm_ultimate": "checkbox true", "field:sub_dotcom_premium": "checkbox true",
				"field:sub_gold": "checkbox false", "field:account_type": "dropdown customer", "field:expiration_date": "text 2027-06-30",
			},
			tags: "premium ultimate", policy: "Priority", create: true,
		},
		"2: a Gold subscription beside a Starter licence": {
			group: group{
				account: facts{"CARR_This_Account__c": "31200"},
				charges: []string{"Gold 2026-11-20 2027-11-19 25", "Starter 2026-04-01 2027-03-31 5"},
			},
			fields: map[string]string{"field:support_level": "dropdown gold", "field:aar": "decimal 31200", "field:seats_decimal": "decimal 25"},
			tags:   "gold starter", policy: "Priority", create: true,
		},
		"4: a storage add-on alone": {
			group:  group{charges: []string{"Storage 10 GB 2026-01-01 -"}},
			fields: map[string]string{"field:support_level": "dropdown consumption_only", "field:expiration_date": "none"},
			tags:   "consumption_only", policy: "Consumption", create: true,
		},
		"6: the education programme alone": {
			group:  group{charges: []string{"Education 2026-01-01 2027-01-01"}},
			fields: map[string]string{"field:support_level": "dropdown community", "field:account_type": "dropdown customer", "field:sub_edu": "checkbox true"},
			create: true,
		},
		"7: all charges over": {
			group: group{account: facts{"CARR_This_Account__c": "31200"}, charges: []string{"Gold 2025-10-01 2026-10-01"}},
			fields: map[string]string{
				"field:support_level": "dropdown expired", "field:aar": "decimal 0", "field:account_type": "dropdown former_customer",
				"field:sub_gold": "checkbox false",
			},
		},
		"13: three years and a day after the end it is still wanted": {
			group: group{charges: []string{"Gold 2020-12-19 2021-12-18"}}, on: "2024-12-19",
			fields: map[string]string{"field:support_level": "dropdown expired"},
		},
		"13: the day after it has left": {
			group: group{charges: []string{"Gold 2020-12-19 2021-12-18"}}, on: "2024-12-20", skip: "left: retention ended 2024-12-20",
		},
		"16: an authorized partner on the open track": {
			group:  group{account: facts{"Type": "Partner", "Partner_Status__c": "Authorized", "Partner_Track__c": "Open"}, charges: []string{"Gold 2026-01-01 -"}},
			fields: map[string]string{"field:account_type": "dropdown open_partner"}, tags: "gold", policy: "Priority", create: true,
		},
		"16: on the select track": {
			group:  group{account: facts{"Type": "Partner", "Partner_Status__c": "Authorized", "Partner_Track__c": "Select"}, charges: []string{"Gold 2026-01-01 -"}},
			fields: map[string]string{"field:account_type": "dropdown select_partner"}, tags: "gold", policy: "Priority", create: true,
		},
		"16: on the technology track it is neither": {
			group:  group{account: facts{"Type": "Partner", "Partner_Status__c": "Authorized", "Partner_Track__c": "Technology"}, charges: []string{"Gold 2026-01-01 -"}},
			fields: map[string]string{"field:account_type": "none"}, tags: "gold", policy: "Priority", create: true,
		},
		"19: a sales segment is written in lower case": {
			group:  group{account: facts{"Ultimate_Parent_Sales_Segment_Employees__c": "Large"}},
			fields: map[string]string{"field:sales_segmentation": "text large"}, create: true,
		},
		"19: an empty sales segment is unknown": {
			group:  group{},
			fields: map[string]string{"field:sales_segmentation": "text unknown"}, create: true,
		},
		"21: a restricted party": {
			group:  group{account: facts{"Restricted_Account__c": "Restricted Party"}},
			fields: map[string]string{"field:restricted_account": "checkbox true"}, create: true,
		},
		"21: one under review": {
			group:  group{account: facts{"Restricted_Account__c": "Review"}},
			fields: map[string]string{"field:restricted_account": "checkbox false"}, create: true,
		},
		"22: an override lifts a community account": {
			group:  group{charges: []string{"Education 2026-01-01 2027-01-01"}, overrides: []sla.Override{premium}},
			fields: map[string]string{"field:support_level": "dropdown premium"}, tags: "premium", policy: "Priority", create: true,
		},
		"22: until its end": {
			group: group{charges: []string{"Education 2026-01-01 2028-01-01"}, overrides: []sla.Override{premium}}, on: "2027-01-01",
			fields: map[string]string{"field:support_level": "dropdown community"}, create: true,
		},
		"24: the short form of an id": {
			group:  group{},
			fields: map[string]string{"field:sfdc_short_id": "text 001Aa000003DGb2", "field:salesforce_id": "text " + jason}, create: true,
		},
		"32: the helpdesk's own field": {
			group:  group{},
			fields: map[string]string{"field:am_project_id": "no opinion"}, create: true,
		},
		"44: a support hold beside the plan": {
			group:  group{account: facts{"Support_Hold__c": "true"}, charges: []string{"Premium (SaaS) 2026-01-01 -", "Support Hold 2026-01-01 -"}},
			fields: map[string]string{"field:support_level": "dropdown premium", "field:support_hold": "checkbox true"},
			tags:   "hold premium", policy: "Priority", create: true,
		},
		"a prospect is not in scope": {group: group{account: facts{"Type": "Prospect"}}, skip: "not in scope: only"},
		"a path to the name of a parent record": {
			group:  group{account: facts{"Solutions_Architect_Lookup__r.Name": "M. Ortiz"}},
			fields: map[string]string{"field:solutions_architect": "text M. Ortiz"}, create: true,
		},
		"geo before region, and nothing where neither fits": {
			group:  group{account: facts{"Account_Demographics_Geo__c": "LATAM", "Account_Demographics_Region__c": "AMER"}},
			fields: map[string]string{"field:org_region": "dropdown AMER"}, create: true,
		},
	}
	m := compile(t, gitlab())
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			on := today
			if tt.on != "" {
				on = day.MustParse(tt.on)
			}
			res := mapped(t, m, tt.group, on)
			if res.Skip != tt.skip || res.Left != (tt.skip != "") || res.MayCreate != tt.create {
				t.Errorf("skip %q, left %v, may create %v; want %q, %v", res.Skip, res.Left, res.MayCreate, tt.skip, tt.create)
			}
			for field, want := range tt.fields {
				if got := show(res.Org.Fields, field); got != want {
					t.Errorf("%s is %s, want %s", field, got, want)
				}
			}
			if got := strings.Join(res.Org.Fields.Family("tag:"), " "); got != tt.tags {
				t.Errorf("tags %q, want %q", got, tt.tags)
			}
			if res.SLA.Policy != tt.policy {
				t.Errorf("policy %q, want %q", res.SLA.Policy, tt.policy)
			}
			if len(res.Findings) > 0 {
				t.Errorf("unexpected findings %+v", res.Findings)
			}
			if !slices.IsSortedFunc(res.Org.Fields, func(a, b helpdesk.Field) int { return strings.Compare(a.Name, b.Name) }) {
				t.Errorf("fields are not sorted: %v", res.Org.Fields)
			}
		})
	}
}

func TestRuleOfAValue(t *testing.T) {
	t.Parallel()
	m := compile(t, gitlab())
	res := mapped(t, m, group{charges: []string{"Gold 2026-01-01 -"}}, today)
	tests := map[string]helpdesk.Rule{
		"field:aar": {
			Path: "organizations.fields.aar", Line: 53, Origin: "plan.expired, Account.CARR_This_Account__c", Plan: true,
			OnFound: helpdesk.Hold, OnDrift: helpdesk.Correct, OnClash: helpdesk.Hold,
		},
		"field:support_level": {
			Path: "organizations.fields.support_level", Line: 52, Origin: "plan.name", Plan: true, Level: true,
			OnFound: helpdesk.Hold, OnDrift: helpdesk.Correct, OnClash: helpdesk.Hold,
		},
		"field:solutions_architect": {
			Path: "organizations.fields.solutions_architect", Line: 59, Origin: "Account.Solutions_Architect_Lookup__r.Name",
			OnFound: helpdesk.Hold, OnDrift: helpdesk.Correct, OnClash: helpdesk.Hold,
		},
		"tag:gold": {Path: "rule", Line: 40, Origin: "sla.tags", Plan: true, OnFound: helpdesk.Hold, OnDrift: helpdesk.Correct, OnClash: helpdesk.Hold},
	}
	for name, want := range tests {
		i := slices.IndexFunc(res.Org.Fields, func(f helpdesk.Field) bool { return f.Name == name })
		if i < 0 || res.Org.Fields[i].Rule == nil {
			t.Fatalf("%s has no rule", name)
		}
		if diff := cmp.Diff(want, *res.Org.Fields[i].Rule); diff != "" {
			t.Errorf("rule of %s (-want +got):\n%s", name, diff)
		}
	}
	shapes := m.Shapes()
	if shapes[helpdesk.Organization].Fields["field:am_project_id"].Owner != helpdesk.OwnerHelpdesk {
		t.Error("the shape does not know the helpdesk's own field")
	}
	if got := shapes[helpdesk.Organization].Families["tag:"].Owned; !slices.Equal(got, []string{"expired"}) {
		t.Errorf("owned tags %v", got)
	}
	for kind, fields := range map[helpdesk.Kind][]string{helpdesk.User: {"email", "name"}, helpdesk.Membership: {"default", "position"}} {
		for _, f := range fields {
			if shapes[kind].Fields[f] == nil {
				t.Errorf("the shape of %s does not know %s", kind, f)
			}
		}
	}
}

func TestOverridesOfFields(t *testing.T) {
	t.Parallel()
	over := func(field, value string) sla.Override {
		return sla.Override{Field: field, Value: value, Reason: "agreed", Author: "ann", Source: "overrides.yaml:7"}
	}
	tests := map[string]struct {
		overrides []sla.Override
		field     string
		want      string
		finding   string
	}{
		"by the name people write":        {[]sla.Override{over("aar", "99.50")}, "field:aar", "decimal 99.5", ""},
		"by the full name":                {[]sla.Override{over("field:aar", "7")}, "field:aar", "decimal 7", ""},
		"the name itself":                 {[]sla.Override{over("name", "Jason (VIP)")}, "name", "text Jason (VIP)", ""},
		"an empty value wants it empty":   {[]sla.Override{over("account_owner", "")}, "field:account_owner", "empty", ""},
		"the first of two holds":          {[]sla.Override{over("aar", "1"), over("field:aar", "2")}, "field:aar", "decimal 1", "hidden_override field:aar"},
		"a value the field cannot take":   {[]sla.Override{over("aar", "much")}, "field:aar", "no opinion", "rule_failed field:aar"},
		"an option that is not offered":   {[]sla.Override{over("org_region", "MARS")}, "field:org_region", "no opinion", "rule_failed field:org_region"},
		"a field nobody maps":             {[]sla.Override{over("aaar", "1")}, "field:aar", "none", "unknown_field aaar"},
		"a field of the helpdesk":         {[]sla.Override{over("am_project_id", "1")}, "field:am_project_id", "no opinion", "unknown_field field:am_project_id"},
		"a tag more":                      {[]sla.Override{over("tag:vip", "true")}, "tag:vip", "checkbox true", ""},
		"a tag less":                      {[]sla.Override{over("tag:gold", "false")}, "tag:gold", "no opinion", ""},
		"a tag neither there nor not":     {[]sla.Override{over("tag:gold", "perhaps")}, "tag:gold", "checkbox true", "bad_override tag:gold"},
		"a plan nobody knows":             {[]sla.Override{over("plan", "platinum")}, "field:support_level", "dropdown gold", "unknown_plan plan"},
		"the second override of the plan": {[]sla.Override{over("plan", "premium"), over("plan", "starter")}, "field:support_level", "dropdown premium", "hidden_override plan"},
	}
	m := compile(t, gitlab())
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res := mapped(t, m, group{charges: []string{"Gold 2026-01-01 -"}, overrides: tt.overrides}, today)
			if got := show(res.Org.Fields, tt.field); got != tt.want {
				t.Errorf("%s is %s, want %s", tt.field, got, tt.want)
			}
			if got := strings.Join(codes(res), "; "); got != tt.finding {
				t.Errorf("findings %q, want %q: %+v", got, tt.finding, res.Findings)
			}
		})
	}
}

func TestOverridesAreTheOrigin(t *testing.T) {
	t.Parallel()
	m := compile(t, gitlab())
	res := mapped(t, m, group{charges: []string{"Education 2026-01-01 -"}, overrides: []sla.Override{
		{Field: "plan", Value: "premium", Reason: "pilot", Author: "ann", Source: "decision 14"},
		{Field: "name", Value: "J", Reason: "asked", Author: "bob", Source: "overrides.yaml:3", Until: today},
		{Field: "aar", Value: "1", Reason: "late", Author: "bob", Source: "overrides.yaml:4", From: today + 3},
	}}, today)
	for field, want := range map[string]string{
		"field:support_level": "override by ann: pilot (decision 14)",
		"tag:premium":         "override by ann: pilot (decision 14)",
		"name":                "override by bob: asked (overrides.yaml:3)",
		"field:aar":           "override by ann: pilot (decision 14)",
		"field:account_owner": "Account.Account_Owner_Calc__c",
	} {
		i := slices.IndexFunc(res.Org.Fields, func(f helpdesk.Field) bool { return f.Name == field })
		if i < 0 || res.Org.Fields[i].Rule.Origin != want {
			t.Errorf("origin of %s: %+v, want %q", field, res.Org.Fields, want)
		}
	}
	if res.Next != today+1 {
		t.Errorf("Next is %s, want the day after the name's override", res.Next)
	}
}

func TestFindings(t *testing.T) {
	t.Parallel()
	with := func(change func(*mapping.Spec)) mapping.Spec {
		s := gitlab()
		change(&s)
		return s
	}
	replace := func(field, text string) mapping.Spec {
		return with(func(s *mapping.Spec) {
			for i := range s.Fields {
				if s.Fields[i].Name == field {
					s.Fields[i].Expr.Text = text
				}
			}
		})
	}
	euro := mapping.Money{Base: "USD", Rates: map[string][]mapping.Rate{"EUR": mapping.Always(1.1)}, Column: "CurrencyIsoCode"}
	tests := map[string]struct {
		spec  mapping.Spec
		group group
		field string
		want  string
		find  string // "code: text", in part
	}{
		"text in a number field": {
			replace("aar", "account.Account_Owner_Calc__c"),
			group{account: facts{"Account_Owner_Calc__c": "Lee"}},
			"field:aar", "no opinion", `rule_failed: field:aar: "Lee" is not a number; the field stays as it is`,
		},
		"a number that has a fraction in an integer field": {
			gitlab(),
			group{account: facts{"Number_of_Licenses_This_Account__c": "2.5"}},
			"field:number_of_seats", "no opinion", `rule_failed: field:number_of_seats: "2.5" is not a whole number; the field stays as it is`,
		},
		"an option that is not offered": {
			replace("org_region", "account.Account_Demographics_Geo__c"),
			group{account: facts{"Account_Demographics_Geo__c": "emea"}},
			"field:org_region", "no opinion", `rule_failed: field:org_region: "emea" is not offered; did you mean EMEA?; the field offers AMER, APJ, EMEA: offer it in the helpdesk too, or have the rule yield one of these; the field stays as it is`,
		},
		"a name of 300 characters": {
			gitlab(),
			group{account: facts{"Name": strings.Repeat("x", 300)}},
			"name", "no opinion", "has 300 characters and the field holds 255",
		},
		"an account without a name": {
			gitlab(),
			group{account: facts{"Name": ""}},
			"name", "no opinion", "no_name: rule: the account 001Aa000003DGb2IAG has no name; it is not created",
		},
		"arithmetic with an empty column names it": {
			replace("aar", "account.Number_of_Licenses_This_Account__c * 2"),
			group{},
			"field:aar", "no opinion", "account.Number_of_Licenses_This_Account__c is empty; write (account.Number_of_Licenses_This_Account__c ?? 0)",
		},
		"a column of an element that cannot be read": {
			replace("seats_decimal", "sum(contacts, .Score__c ?? 0)"),
			group{contacts: []facts{{"id": ann, "Score__c": "7"}, {"id": bob, "Score__c": "good"}}},
			"field:seats_decimal", "no opinion", `contact ` + bob + `: contacts.Score__c holds "good", which is not a number`,
		},
		"two empty columns": {
			replace("account_owner", "account.Owner + account.Account_Owner_Calc__c"),
			group{},
			"field:account_owner", "no opinion", `account.Owner, account.Account_Owner_Calc__c are empty; write what shall stand for nothing, such as (account.Owner ?? "")`,
		},
		"a number column that holds text": {
			replace("aar", "account.Number_of_Licenses_This_Account__c * 2"),
			group{account: facts{"Number_of_Licenses_This_Account__c": "many"}},
			"field:aar", "no opinion", `account.Number_of_Licenses_This_Account__c holds "many", which is not a number`,
		},
		"a currency without a rate": {
			with(func(s *mapping.Spec) { s.Money = euro }),
			group{account: facts{"CARR_This_Account__c": "100", "CurrencyIsoCode": "GBP"}, charges: []string{"Gold 2026-01-01 -"}},
			"field:aar", "no opinion", "the currency GBP has no rate to USD; add it under money.rates",
		},
		"a product that nobody knows": {
			gitlab(),
			group{account: facts{"CARR_This_Account__c": "100"}, charges: []string{"Ultimate (Saas) 2026-01-01 -"}},
			"field:support_level", "dropdown expired",
			`unknown_product: charge a00 is active, and no catalogue row has its product "Ultimate (Saas)"; did you mean Ultimate (SaaS)?; it grants nothing until one does`,
		},
		"a charge whose end cannot be read leaves the plan as it is": {
			with(func(s *mapping.Spec) { s.Retain = mapping.Retain{} }),
			group{charges: []string{"Gold 2026-01-01 someday"}},
			"field:support_level", "no opinion", "bad_charge: charge a00: EndDate:",
		},
		"a quantity that cannot be read leaves the seats as they are": {
			gitlab(),
			group{charges: []string{"Gold 2026-01-01 2027-12-31 NaN", "Starter 2026-01-01 2027-12-31 5"}},
			"field:seats_decimal", "no opinion", `bad_amount: charge a00: Quantity: "NaN" is not a number; the seats stay as they are until the CRM is mended`,
		},
		"a tag with a character that no tag has": {
			with(func(s *mapping.Spec) { s.Tags.From = rule("account.Labels__c") }),
			group{account: facts{"Labels__c": "Big Deal;50% off"}},
			"tag:big_deal", "checkbox true", `bad_tag: rule: "50%_off" cannot be a tag: it has the character '%'`,
		},
		"tags that no policy matches": {
			gitlab(),
			group{charges: []string{"Support Hold 2026-01-01 -", "Education 2026-01-01 -"}},
			"tag:hold", "checkbox true", "no_policy: no SLA policy matches the tags hold",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res := mapped(t, compile(t, tt.spec), tt.group, today)
			if got := show(res.Org.Fields, tt.field); got != tt.want {
				t.Errorf("%s is %s, want %s", tt.field, got, tt.want)
			}
			if tt.want == "no opinion" && !res.IsWithheld(tt.field) {
				t.Errorf("%s is not among the withheld %v", tt.field, res.Withheld)
			}
			if !slices.ContainsFunc(res.Findings, func(f mapping.Finding) bool { return strings.Contains(f.Code+": "+f.Text, tt.find) }) {
				t.Errorf("no finding says %q: %+v", tt.find, res.Findings)
			}
			if tt.field == "name" && res.MayCreate {
				t.Error("an organization without a name may be created")
			}
			if res.ARR != 0 && res.Findings[0].ARR != res.ARR {
				t.Errorf("the finding carries ARR %v, the account has %v", res.Findings[0].ARR, res.ARR)
			}
		})
	}
}

func TestABadChargeWithholdsTagsAndEverythingOfThePlan(t *testing.T) {
	t.Parallel()
	s := gitlab()
	s.Retain = mapping.Retain{}
	g := group{account: facts{"Account_Owner_Calc__c": "Lee"}, charges: []string{"Gold 2026-01-01 someday"}}
	res := mapped(t, compile(t, s), g, today)
	for _, f := range []string{"tag:gold", "tag:expired", "field:aar", "field:sub_gold", "field:expiration_date"} {
		if _, ok := res.Org.Fields.Get(f); ok || !res.IsWithheld(f) {
			t.Errorf("%s is not withheld; withheld are %v", f, res.Withheld)
		}
	}
	if res.IsWithheld("field:account_owner") || show(res.Org.Fields, "field:account_owner") != "text Lee" || res.MayCreate {
		t.Errorf("what does not follow the plan is %v, may create %v", res.Org.Fields, res.MayCreate)
	}
	s.Wanted = rule("plan.name != nil")
	if res = mapped(t, compile(t, s), g, today); !strings.HasPrefix(res.Skip, "withheld: ") || res.Left {
		t.Errorf("where wanted follows the plan: skip %q, left %v", res.Skip, res.Left)
	}
	if res = mapped(t, compile(t, gitlab()), g, today); !strings.HasPrefix(res.Skip, "withheld: ") || res.Left {
		t.Errorf("where retention follows the plan nobody can say whether the account is wanted: skip %q, left %v", res.Skip, res.Left)
	}
}

func TestAChargeIsNamedByItsColumn(t *testing.T) {
	t.Parallel()
	m := compile(t, gitlab())
	g := group{charges: []string{"Mystery 2026-01-01 -"}}.build(t, m)
	for i, name := range m.Columns()[crm.Subscription] {
		if name == "Id" {
			g.Subscriptions[0].Values[i] = "C-17"
		}
	}
	res, err := m.NewWorker().Map(g, today)
	if err != nil || res.SLA.Unknown[0].ID != "C-17" {
		t.Errorf("unknown %+v, %v", res.SLA.Unknown, err)
	}
}

// TestWorkersShareAMapper is for the race detector.
func TestWorkersShareAMapper(t *testing.T) {
	t.Parallel()
	m := compile(t, dated())
	g := group{contacts: []facts{{"id": ann, "Name": "A", "Email": "a@x.example"}}, charges: []string{"Gold 2026-01-01 -", "Mystery 2026-01-01 -"}}.build(t, m)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			w := m.NewWorker()
			for range 50 {
				if res, err := w.Map(g, today); err != nil || res.SLA.Plan != "gold" {
					t.Errorf("plan %q, %v", res.SLA.Plan, err)
				}
			}
		})
	}
	all.Wait()
}

func TestGroupsAndDomains(t *testing.T) {
	t.Parallel()
	s := gitlab()
	s.Groups = mapping.Family{From: rule(`plan.name == "gold" ? ["Gold customers", " EMEA "] : nil`)}
	s.Domains.From = rule(`account.Email_Domains__c`)
	s.CleanDomain = func(d string) (string, error) {
		if d == "gmail.com" {
			return "", errFree
		}
		return strings.ToLower(d), nil
	}
	m := compile(t, s)
	g := group{account: facts{"Email_Domains__c": "Acme.com; gmail.com,acme.com  zeta.example，\ufeffwide.example"}, charges: []string{"Gold 2026-01-01 -"}}
	res := mapped(t, m, g, today)
	if got := res.Org.Fields.Family("domain:"); !slices.Equal(got, []string{"acme.com", "wide.example", "zeta.example"}) {
		t.Errorf("domains %v", got)
	}
	if got := res.Org.Fields.Family("group:"); !slices.Equal(got, []string{"EMEA", "Gold customers"}) {
		t.Errorf("groups %v", got)
	}
	if got := codes(res); !slices.Equal(got, []string{"bad_domain gmail.com"}) {
		t.Errorf("findings %v", got)
	}
	claims, err := m.NewWorker().Claims(g.build(t, m), today)
	if err != nil || !slices.Equal(claims.Domains, []string{"acme.com", "wide.example", "zeta.example"}) || claims.Name != "jason enterprises" || claims.DisplayName != "Jason Enterprises" {
		t.Errorf("claims %+v, %v", claims, err)
	}
}

type plainError string

func (e plainError) Error() string { return string(e) }

const errFree = plainError("gmail.com is a free-mail provider")

func TestAMisfitGroupIsAnError(t *testing.T) {
	t.Parallel()
	m := compile(t, gitlab())
	g := group{}.build(t, m)
	g.Account.Values = g.Account.Values[1:]
	if _, err := m.NewWorker().Map(g, today); err == nil || !strings.Contains(err.Error(), "the account "+jason+" has ") {
		t.Errorf("Map of a record with too few values: %v", err)
	}
}
