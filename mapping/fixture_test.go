package mapping_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sla"
)

// today is the reference day of the worked cases.
var today = day.MustParse("2026-11-21")

const (
	jason   = "001Aa000003DGb2IAG"
	tomato  = "001Aa000004QmX1IAK"
	ann     = "003Aa000001aaaaIAA"
	bob     = "003Aa000001bbbbIAA"
	nowhere = "003Aa000009zzzzIAA"
)

// catalogue is the plan order of the worked cases.
func catalogue(t testing.TB) *sla.Rules {
	t.Helper()
	r, problems := sla.New(sla.Config{
		GraceDays: 15,
		Policies:  []sla.Policy{{Name: "Emergency"}, {Name: "Priority"}, {Name: "Standard"}, {Name: "Consumption"}},
		Plans: []sla.Plan{
			{Name: "ultimate", SLA: "Priority", Products: []string{"Ultimate (self-managed)", "Ultimate (SaaS)"}, Line: 21},
			{Name: "gold", SLA: "Priority", Products: []string{"Gold"}, Line: 22},
			{Name: "premium", SLA: "Priority", Products: []string{"Premium (SaaS)", "Premium (self-managed)"}, Line: 23},
			{Name: "starter", SLA: "Standard", Products: []string{"Starter"}, Line: 24},
			{Name: "consumption_only", SLA: "Consumption", Products: []string{"Storage 10 GB"}, Line: 25},
			{Name: "community", SLA: "none", Products: []string{"Education", "Open Source"}, Line: 26},
			{Name: "expired", SLA: "none", Line: 27},
			{Name: "hold", Flag: true, Products: []string{"Support Hold"}, Line: 28},
		},
	})
	if len(problems) > 0 {
		t.Fatalf("the catalogue has faults: %v", problems)
	}
	return r
}

// schema is what the CRM of the worked cases shows.
func schema() crm.Schema {
	texts := func(names ...string) []crm.Column {
		var out []crm.Column
		for _, n := range names {
			out = append(out, crm.Column{Name: n})
		}
		return out
	}
	return crm.Schema{Columns: map[crm.Role][]crm.Column{
		crm.Account: append(texts(
			"Account_ID_18__c", "Name", "Type", "Ultimate_Parent_Sales_Segment_Employees__c", "Account_Owner_Calc__c",
			"Technical_Account_Manager_Name__c", "Solutions_Architect_Lookup__r.Name", "Account_Demographics_Geo__c",
			"Account_Demographics_Region__c", "Restricted_Account__c", "Account_Risk_Level__c", "Partner_Status__c",
			"Partner_Track__c", "Email_Domains__c", "CurrencyIsoCode", "Owner", "Owner.Name"),
			crm.Column{Name: "CARR_This_Account__c", Type: crm.Money}, crm.Column{Name: "Number_of_Licenses_This_Account__c", Type: crm.Number},
			crm.Column{Name: "Support_Hold__c", Type: crm.Bool}, crm.Column{Name: "Contract_End__c", Type: crm.Date},
			crm.Column{Name: "Labels__c", Type: crm.Multi}),
		crm.Contact: append(texts("Id", "Name", "Email", "Title", "Role.Name"),
			crm.Column{Name: "Inactive__c", Type: crm.Bool}, crm.Column{Name: "CreatedDate", Type: crm.Date}, crm.Column{Name: "Score__c", Type: crm.Number}),
		crm.Subscription: append(texts("Id", "Product", "Status", "CurrencyIsoCode"),
			crm.Column{Name: "Quantity", Type: crm.Number}, crm.Column{Name: "StartDate", Type: crm.Date},
			crm.Column{Name: "EndDate", Type: crm.Date}, crm.Column{Name: "ARR", Type: crm.Money}),
		crm.Relation: texts("Id", "ContactId", "Roles"),
		crm.Team: append(texts("Id", "TeamMemberRole", "User.Name", "CurrencyIsoCode"), crm.Column{Name: "User.IsActive", Type: crm.Bool},
			crm.Column{Name: "Budget__c", Type: crm.Money}),
	}}
}

func caps() helpdesk.Capabilities {
	options := func(values ...string) []helpdesk.Option {
		var out []helpdesk.Option
		for _, v := range values {
			out = append(out, helpdesk.Option{Value: v, Label: v})
		}
		return out
	}
	spec := func(name string, t helpdesk.Type) helpdesk.Spec { return helpdesk.Spec{Name: "field:" + name, Type: t} }
	level := spec("support_level", helpdesk.Choice)
	level.Choices = options("ultimate", "gold", "premium", "starter", "consumption_only", "community", "expired")
	region := spec("org_region", helpdesk.Choice)
	region.Choices = options("AMER", "APJ", "EMEA")
	kind := spec("account_type", helpdesk.Choice)
	kind.Choices = options("customer", "former_customer", "open_partner", "select_partner")
	org := []helpdesk.Spec{
		{Name: "name", Type: helpdesk.Text, MaxLen: 255},
		{Name: "notes", Type: helpdesk.Text},
		{Name: "summary", Type: helpdesk.Text},
		level, region, kind,
		spec("aar", helpdesk.Decimal), spec("seats_decimal", helpdesk.Decimal), spec("number_of_seats", helpdesk.Integer),
		spec("mark_for_deletion", helpdesk.Bool), spec("ignore_deletion", helpdesk.Bool), spec("am_project_id", helpdesk.Text), spec("renewal", helpdesk.Date),
	}
	for _, n := range []string{"salesforce_id", "sfdc_short_id", "sales_segmentation", "account_owner", "technical_account_manager", "solutions_architect", "expiration_date"} {
		org = append(org, spec(n, helpdesk.Text))
	}
	for _, n := range []string{"restricted_account", "org_in_escalated_state", "support_hold", "sub_sm_ultimate", "sub_dotcom_ultimate", "sub_dotcom_premium", "sub_sm_premium", "sub_gold", "sub_edu"} {
		org = append(org, spec(n, helpdesk.Bool))
	}
	all := []helpdesk.Op{helpdesk.Create, helpdesk.Update, helpdesk.Retire}
	return helpdesk.Capabilities{
		Ops:      map[helpdesk.Kind][]helpdesk.Op{helpdesk.Organization: all, helpdesk.User: all, helpdesk.Membership: all},
		MultiOrg: true,
		Families: []string{"tag:", "domain:", "group:"},
		Specs: map[helpdesk.Kind][]helpdesk.Spec{
			helpdesk.Organization: org,
			helpdesk.User:         {{Name: "name", Type: helpdesk.Text}, {Name: "email", Type: helpdesk.Text}, {Name: "field:score", Type: helpdesk.Integer}},
			helpdesk.Membership:   {{Name: "default", Type: helpdesk.Bool}, {Name: "position", Type: helpdesk.Text}, {Name: "manager", Type: helpdesk.Bool}},
		},
	}
}

func rule(text string) mapping.Expr {
	return mapping.Expr{Text: text, Path: "rule", Line: 40, Column: 10}
}

// gitlab is a mapping as large as GitLab's published one.
func gitlab() mapping.Spec {
	fields := [][2]string{
		{"salesforce_id", "account.Account_ID_18__c"},
		{"sfdc_short_id", "short_id(account.Account_ID_18__c)"},
		{"support_level", "plan.name"},
		{"aar", "plan.expired ? 0 : account.CARR_This_Account__c"},
		{"seats_decimal", "sla.seats"},
		{"number_of_seats", "account.Number_of_Licenses_This_Account__c"},
		{"sales_segmentation", `lower(account.Ultimate_Parent_Sales_Segment_Employees__c) ?? "unknown"`},
		{"account_owner", "account.Account_Owner_Calc__c"},
		{"technical_account_manager", "account.Technical_Account_Manager_Name__c"},
		{"solutions_architect", "account.Solutions_Architect_Lookup__r.Name"},
		{"org_region", `account.Account_Demographics_Geo__c in ["AMER", "APJ", "EMEA"] ? account.Account_Demographics_Geo__c
			: account.Account_Demographics_Region__c in ["AMER", "APJ", "EMEA"] ? account.Account_Demographics_Region__c : nil`},
		{"account_type", `plan.expired ? "former_customer" : account.Type == "Partner" && account.Partner_Status__c == "Authorized" ?
			(account.Partner_Track__c == "Open" ? "open_partner" : account.Partner_Track__c == "Select" ? "select_partner" : nil) : "customer"`},
		{"expiration_date", "sla.expiration"},
		{"restricted_account", `account.Restricted_Account__c == "Restricted Party"`},
		{"org_in_escalated_state", `account.Account_Risk_Level__c == "At Risk - Escalated"`},
		{"support_hold", "account.Support_Hold__c"},
		{"sub_sm_ultimate", `"Ultimate (self-managed)" in sla.products`},
		{"sub_dotcom_ultimate", `"Ultimate (SaaS)" in sla.products`},
		{"sub_dotcom_premium", `"Premium (SaaS)" in sla.products`},
		{"sub_sm_premium", `"Premium (self-managed)" in sla.products`},
		{"sub_gold", `"Gold" in sla.products`},
		{"sub_edu", `"Education" in sla.products`},
		{"renewal", "account.Contract_End__c"},
	}
	s := mapping.Spec{
		Pipeline: "customers",
		Only:     rule(`account.Type in ["Customer", "Former Customer", "Partner"]`),
		Create:   rule("not plan.expired"),
		Retain:   mapping.Retain{From: rule("sla.expiration"), Years: 3, Days: 1},
		Name:     rule("account.Name"),
		Tags:     mapping.Family{From: rule("sla.tags"), Owned: []string{"expired"}},
		Domains:  mapping.Domains{Family: mapping.Family{From: rule("account.Email_Domains__c")}, Tie: "nobody"},
		Charge: mapping.ChargeColumns{
			ID: "Id", Product: "Product", Quantity: "Quantity", Start: "StartDate", End: "EndDate",
			Status: "Status", ARR: "ARR",
		},
		Members: mapping.Members{
			Who: rule("not contact.Inactive__c"), Name: rule("contact.Name"), Email: rule("contact.Email"),
			Position: rule("contact.Title"), Cap: 30, Default: "oldest",
		},
		Mark:     mapping.Mark{Field: "mark_for_deletion", Exempt: "ignore_deletion"},
		Policies: mapping.Policies{OnFound: helpdesk.Hold, OnDrift: helpdesk.Correct, OnClash: helpdesk.Hold},
		ARR:      rule("account.CARR_This_Account__c"),
		Fields:   []mapping.FieldRule{{Name: "am_project_id", Owner: helpdesk.OwnerHelpdesk}},
	}
	for i, f := range fields {
		s.Fields = append(s.Fields, mapping.FieldRule{
			Name: f[0],
			Expr: mapping.Expr{Text: f[1], Path: "organizations.fields." + f[0], Line: 50 + i, Column: 20},
		})
	}
	return s
}

func compile(t testing.TB, s mapping.Spec) *mapping.Mapper {
	t.Helper()
	m, problems := mapping.Compile(s, schema(), caps(), catalogue(t))
	if len(problems) > 0 {
		t.Fatalf("the mapping has faults: %+v", problems)
	}
	return m
}

// facts are columns of one record by name; "id" and "contact" are its ids.
type facts map[string]string

// record puts facts in the order in which a mapper reads them.
func record(t testing.TB, m *mapping.Mapper, role crm.Role, account string, f facts) crm.Record {
	t.Helper()
	columns := m.Columns()[role]
	r := crm.Record{Role: role, ID: f["id"], Account: account, Values: make([]string, len(columns))}
	if role == crm.Account {
		r.ID = account
	}
	for i, c := range columns {
		r.Values[i] = f[c]
	}
	for name := range f {
		if name != "id" && !known(role, name) {
			t.Fatalf("the test names the %s column %q, which the schema does not have", role, name)
		}
	}
	return r
}

func known(role crm.Role, name string) bool {
	return slices.ContainsFunc(schema().Columns[role], func(c crm.Column) bool { return c.Name == name })
}

// group is one account as the CRM would hold it.
type group struct {
	account   facts
	parent    facts
	contacts  []facts
	charges   []string // "Gold 2026-11-20 2027-11-19"
	relations []facts
	team      []facts
	overrides []sla.Override
}

func (g group) build(t testing.TB, m *mapping.Mapper) *mapping.Group {
	t.Helper()
	account := facts{"Account_ID_18__c": jason, "Name": "Jason Enterprises", "Type": "Customer"}
	for k, v := range g.account {
		account[k] = v
	}
	out := &mapping.Group{Account: record(t, m, crm.Account, jason, account), Overrides: g.overrides}
	if g.parent != nil {
		p := record(t, m, crm.Account, tomato, g.parent)
		out.Parent, out.Root = &p, &p
	}
	for _, c := range g.contacts {
		out.Contacts = append(out.Contacts, record(t, m, crm.Contact, jason, c))
	}
	for i, c := range g.charges {
		out.Subscriptions = append(out.Subscriptions, record(t, m, crm.Subscription, jason, charge(i, c)))
	}
	for _, r := range g.team {
		out.Team = append(out.Team, record(t, m, crm.Team, jason, r))
	}
	for _, r := range g.relations {
		out.Relations = append(out.Relations, record(t, m, crm.Relation, jason, r))
	}
	return out
}

// charge reads "Gold 2026-11-20 2027-11-19 25 31200"; a dash is nothing.
func charge(i int, text string) facts {
	product, rest, _ := strings.Cut(text, " 2")
	if rest != "" {
		rest = "2" + rest
	}
	f := facts{"id": fmt.Sprintf("a0%d", i), "Id": fmt.Sprintf("a0%d", i), "Product": product, "Status": "Active"}
	for j, word := range strings.Fields(rest) {
		if word != "-" {
			f[[]string{"StartDate", "EndDate", "Quantity", "ARR"}[j]] = word
		}
	}
	return f
}

func mapped(t testing.TB, m *mapping.Mapper, g group, on day.Day) mapping.Result {
	t.Helper()
	res, err := m.NewWorker().Map(g.build(t, m), on)
	if err != nil {
		t.Fatalf("Map: %v", err)
	}
	return res
}

// codes lists the findings as "code subject".
func codes(res mapping.Result) []string {
	var out []string
	for _, f := range res.Findings {
		out = append(out, f.Code+" "+f.Subject)
	}
	return out
}

func show(fields helpdesk.Fields, name string) string {
	v, ok := fields.Get(name)
	switch {
	case !ok:
		return "no opinion"
	case v == helpdesk.None:
		return "none"
	case v.IsEmpty():
		return "empty"
	}
	return v.Type().String() + " " + v.Text()
}
