package sla_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/sla"
)

// today is the reference day of the worked cases.
var today = day.MustParse("2026-11-21")

// catalogue is the plan order and the SLA by plan of the worked cases.
func catalogue() sla.Config {
	return sla.Config{
		GraceDays: 15,
		Policies:  []sla.Policy{{Name: "Emergency"}, {Name: "Priority"}, {Name: "Standard"}, {Name: "Consumption"}},
		Plans: []sla.Plan{
			{Name: "ultimate", SLA: "Priority", Products: []string{"Ultimate (self-managed)", "Ultimate (SaaS)"}},
			{Name: "gold", SLA: "Priority", Products: []string{"Gold"}},
			{Name: "premium", SLA: "Priority", Products: []string{"Premium (SaaS)", "Premium (self-managed)"}},
			{Name: "silver", SLA: "Priority", Products: []string{"Silver"}},
			{Name: "starter", SLA: "Standard", Products: []string{"Starter"}},
			{Name: "bronze", SLA: "Standard", Products: []string{"Bronze"}},
			{Name: "basic", SLA: "Standard", Products: []string{"Basic"}},
			{Name: "consumption_only", SLA: "Consumption", Products: []string{"Storage 10 GB"}},
			{Name: "custom", SLA: "none", Products: []string{"Custom"}},
			{Name: "community", SLA: "none", Products: []string{"Education", "Open Source"}},
			{Name: "expired", SLA: "none"},
			{Name: "hold", Flag: true, Products: []string{"Support Hold"}},
		},
	}
}

func rules(t testing.TB, c sla.Config) *sla.Rules {
	t.Helper()
	r, problems := sla.New(c)
	if len(problems) > 0 {
		t.Fatalf("the catalogue has faults: %v", problems)
	}
	return r
}

// charge reads "Gold 2026-11-20 2027-11-19"; a dash is an open end.
func charge(t testing.TB, product, span string) sla.Charge {
	t.Helper()
	from, to, _ := strings.Cut(span, " ")
	c := sla.Charge{ID: product + span, Product: product, Quantity: 1, Status: "Active"}
	for _, x := range []struct {
		text string
		into *day.Day
	}{{from, &c.Start}, {to, &c.End}} {
		if x.text != "-" && x.text != "" {
			*x.into = day.MustParse(x.text)
		}
	}
	return c
}

func TestEvaluate(t *testing.T) {
	t.Parallel()
	type want struct {
		plan, policy, tags, products string
		expired                      bool
		expiration, next             string
	}
	premium := &sla.Override{Field: sla.PlanField, Value: "premium", Reason: "pilot", Author: "ann", Until: day.MustParse("2026-12-31")}
	tests := map[string]struct {
		charges  map[string]string // product → span
		override *sla.Override
		on       string // empty: today
		want     want
	}{
		"1: two subscriptions at once give the better plan and both tags": {
			charges: map[string]string{"Ultimate (self-managed)": "2026-01-01 2027-06-30", "Premium (SaaS)": "2026-01-01 2027-06-30"},
			want:    want{"ultimate", "Priority", "premium ultimate", "Premium (SaaS)|Ultimate (self-managed)", false, "2027-06-30", "2027-07-16"},
		},
		"2: a Gold subscription beside a Starter licence": {
			charges: map[string]string{"Gold": "2026-11-20 2027-11-19", "Starter": "2026-04-01 2027-03-31"},
			want:    want{"gold", "Priority", "gold starter", "Gold|Starter", false, "2027-11-19", "2027-04-16"},
		},
		"4: a storage add-on alone": {
			charges: map[string]string{"Storage 10 GB": "2026-01-01 -"},
			want:    want{"consumption_only", "Consumption", "consumption_only", "Storage 10 GB", false, "", ""},
		},
		"6: the education programme alone has no SLA": {
			charges: map[string]string{"Education": "2026-01-01 2027-01-01"},
			want:    want{"community", "", "", "Education", false, "2027-01-01", "2027-01-17"},
		},
		"7: all charges over": {
			charges: map[string]string{"Gold": "2025-10-01 2026-10-01", "Starter": "2025-01-01 2026-09-01"},
			want:    want{"expired", "", "", "", true, "2026-10-01", ""},
		},
		"22: an override lifts a community account": {
			charges: map[string]string{"Education": "2026-01-01 2027-01-01"}, override: premium,
			want: want{"premium", "Priority", "premium", "Education", false, "2027-01-01", "2027-01-01"},
		},
		"22: on its last day the override still holds": {
			charges: map[string]string{"Education": "2026-01-01 2028-01-01"}, override: premium, on: "2026-12-31",
			want: want{"premium", "Priority", "premium", "Education", false, "2028-01-01", "2027-01-01"},
		},
		"22: on the day after it is over": {
			charges: map[string]string{"Education": "2026-01-01 2028-01-01"}, override: premium, on: "2027-01-01",
			want: want{"community", "", "", "Education", false, "2028-01-01", "2028-01-17"},
		},
		"an override below what is active sets the better plan and its tag aside": {
			charges: map[string]string{"Gold": "2026-01-01 -", "Starter": "2026-01-01 -"}, override: premium,
			want: want{"premium", "Priority", "premium starter", "Gold|Starter", false, "", "2027-01-01"},
		},
		"an override gives a plan to an account without any charge": {
			override: premium,
			want:     want{"premium", "Priority", "premium", "", false, "", "2027-01-01"},
		},
		"an override of a plan that nobody knows does nothing": {
			charges: map[string]string{"Gold": "2026-01-01 -"}, override: &sla.Override{Value: "platinum"},
			want: want{"gold", "Priority", "gold", "Gold", false, "", ""},
		},
		"an override to expired takes every tag away": {
			charges: map[string]string{"Gold": "2026-01-01 -"}, override: &sla.Override{Value: "expired"},
			want: want{"expired", "", "", "Gold", true, "", ""},
		},
		"the last day of grace still counts": {
			charges: map[string]string{"Gold": "2025-11-06 2026-11-06"},
			want:    want{"gold", "Priority", "gold", "Gold", false, "2026-11-06", "2026-11-22"},
		},
		"the day after grace does not": {
			charges: map[string]string{"Gold": "2025-11-05 2026-11-05"},
			want:    want{"expired", "", "", "", true, "2026-11-05", ""},
		},
		"a charge that starts tomorrow grants nothing today": {
			charges: map[string]string{"Gold": "2026-11-22 2027-11-21"},
			want:    want{"", "", "", "", false, "2027-11-21", "2026-11-22"},
		},
		"between an old charge and its renewal the account is expired": {
			charges: map[string]string{"Gold": "2025-01-01 2026-01-01", "Starter": "2026-12-01 2027-11-30"},
			want:    want{"expired", "", "", "", true, "2027-11-30", "2026-12-01"},
		},
		"nothing at all is no plan": {want: want{}},
		"a product that nobody knows grants nothing, and its end counts": {
			charges: map[string]string{"Ultimate (SaaS) 2026": "2026-01-01 2028-01-01", "Gold": "2024-01-01 2025-01-01"},
			want:    want{"expired", "", "", "", true, "2028-01-01", "2028-01-17"},
		},
		"hold stands beside the plan": {
			charges: map[string]string{"Premium (SaaS)": "2026-01-01 -", "Support Hold": "2026-01-01 -"},
			want:    want{"premium", "Priority", "hold premium", "Premium (SaaS)|Support Hold", false, "", ""},
		},
		"an open end is never expired": {
			charges: map[string]string{"Gold": "- -", "Starter": "2020-01-01 2021-01-01"},
			want:    want{"gold", "Priority", "gold", "Gold", false, "", ""},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var charges []sla.Charge
			for product, span := range tt.charges {
				charges = append(charges, charge(t, product, span))
			}
			on := today
			if tt.on != "" {
				on = day.MustParse(tt.on)
			}
			r := rules(t, catalogue()).Evaluate(charges, tt.override, on)
			got := want{r.Plan, r.Policy, strings.Join(r.Tags, " "), strings.Join(r.Products, "|"), r.Expired, r.Expiration.String(), r.Next.String()}
			if got != tt.want {
				t.Errorf("Evaluate(%v, %v, %s)\n got %+v\nwant %+v", tt.charges, tt.override, on, got, tt.want)
			}
		})
	}
}

func TestEvaluateStatusesAndSeats(t *testing.T) {
	t.Parallel()
	r := rules(t, catalogue())
	gold, starter, unknown := charge(t, "Gold", "- -"), charge(t, "Starter", "- -"), charge(t, "Mystery", "- 2027-01-01")
	gold.Status, starter.Quantity, unknown.Quantity, unknown.ARR = "CANCELLED", 40, 900, 1200
	basic := charge(t, "Basic", "- -")
	got := r.Evaluate([]sla.Charge{gold, starter, unknown, basic}, nil, today)
	if got.Plan != "starter" || got.Seats != 40 {
		t.Errorf("a cancelled Gold beside 40 seats of Starter gave plan %q with %v seats", got.Plan, got.Seats)
	}
	if len(got.Unknown) != 1 || got.Unknown[0].ARR != 1200 {
		t.Errorf("Unknown = %v, want the Mystery charge with its ARR", got.Unknown)
	}
	if only := r.Evaluate([]sla.Charge{gold}, nil, today); only.Plan != "" || only.Expired {
		t.Errorf("a cancelled charge counts for nothing, got plan %q, expired %v", only.Plan, only.Expired)
	}
}

func TestRank(t *testing.T) {
	t.Parallel()
	r := rules(t, catalogue())
	for plan, want := range map[string]int{"ultimate": 1, "expired": 11, "": 0, "nobody": 0} {
		if got := r.Rank(plan); got != want {
			t.Errorf("Rank(%q) = %d, want %d", plan, got, want)
		}
	}
}

func TestPolicyFor(t *testing.T) {
	t.Parallel()
	c := catalogue()
	support := []string{"support", "saas"}
	c.Policies = []sla.Policy{
		{Name: "Emergency", Filter: sla.Filter{Forms: []string{"emergency"}}},
		{Name: "Priority", Filter: sla.Filter{Any: []string{"premium", "ultimate", "gold", "priority_prospect"}, Forms: support, NotStages: []string{"needs org"}}},
		{Name: "Standard", Filter: sla.Filter{None: []string{"blocked"}}},
		{Name: "Consumption", Filter: sla.Filter{All: []string{"consumption_only", "paid"}, None: []string{"starter"}}},
		{Name: "Triage", Filter: sla.Filter{Stages: []string{"needs org"}}},
		{Name: "Leftover", Filter: sla.Filter{None: []string{"vip"}}},
	}
	c.Plans[3].SLA = "Priority"
	r := rules(t, c)
	tests := map[string]struct {
		ticket sla.Ticket
		want   string
	}{
		"first match wins over a later one":            {sla.Ticket{Tags: []string{"gold", "starter"}, Form: "saas"}, "Priority"},
		"a form that the policy does not list":         {sla.Ticket{Tags: []string{"gold", "starter"}, Form: "billing"}, "Standard"},
		"a stage that the policy leaves out":           {sla.Ticket{Tags: []string{"gold"}, Form: "saas", Stage: "needs org"}, "Triage"},
		"the emergency form needs no tag":              {sla.Ticket{Form: "emergency"}, "Emergency"},
		"no filter: the tags of the policy's plans":    {sla.Ticket{Tags: []string{"bronze"}}, "Standard"},
		"all tags are there":                           {sla.Ticket{Tags: []string{"consumption_only", "paid"}}, "Consumption"},
		"one of all tags is missing":                   {sla.Ticket{Tags: []string{"consumption_only"}}, ""},
		"a tag that must not be there":                 {sla.Ticket{Tags: []string{"consumption_only", "paid", "starter", "blocked"}}, ""},
		"what is left out is added to the plans' tags": {sla.Ticket{Tags: []string{"starter", "blocked"}}, ""},
		"a filter that only leaves out takes none":     {sla.Ticket{Tags: []string{"anything"}}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := r.PolicyFor(tt.ticket)
			if got.Name != tt.want || ok != (tt.want != "") {
				t.Errorf("PolicyFor(%+v) = %q, %v, want %q", tt.ticket, got.Name, ok, tt.want)
			}
		})
	}
}

func TestNewReportsEveryFaultAtOnce(t *testing.T) {
	t.Parallel()
	_, problems := sla.New(sla.Config{
		GraceDays: -1, Expired: "expird",
		Policies: []sla.Policy{{Name: "Priority", Line: 20}, {Name: "Priority", Line: 21}, {}},
		Plans: []sla.Plan{
			{Name: "gold", SLA: "Priorty", Products: []string{"Gold", ""}, Line: 10},
			{Name: "silver", SLA: "Priority", Products: []string{"Gold"}, Line: 11},
			{Name: "gold", Line: 12},
			{Line: 13},
			{Name: "expired", Line: 14},
		},
	})
	got := make([]string, len(problems))
	for i, p := range problems {
		got[i] = p.Path + ": " + p.Msg
	}
	want := []string{
		`plans[0].products[1]: the product has no name`,
		`plans[0].sla: the plan gold has the SLA Priorty, which is no policy; did you mean Priority?`,
		`plans[1].products[0]: the product "Gold" is listed twice: for gold (line 10) and for silver`,
		`plans[2].plan: the plan gold is listed twice, first in row 1 (line 10)`,
		`plans[3].plan: the plan has no name`,
		`sla_policies[1]: the policy Priority is listed twice, first in place 1 (line 20)`,
		`sla_policies[2]: the policy has no name`,
		`grace: a grace of -1 days would end charges before their end`,
		`expired: no plan is named expird; did you mean expired?`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if slices.ContainsFunc(problems, func(p sla.Problem) bool { return p.Fix == "" }) {
		t.Errorf("a problem has no remedy: %v", problems)
	}
}

func TestTrace(t *testing.T) {
	t.Parallel()
	r := rules(t, catalogue())
	cancelled := charge(t, "Silver", "- -")
	cancelled.Status = "Draft"
	charges := []sla.Charge{
		charge(t, "Bronze", "2024-01-01 2025-01-01"), charge(t, "Starter", "2026-04-01 2026-11-10"), cancelled,
		charge(t, "Gold", "2026-11-20 2027-11-19"), charge(t, "Mystery", "- -"), charge(t, "Basic", "2027-01-01 -"),
	}
	ov := &sla.Override{Field: sla.PlanField, Value: "premium", Until: today}
	tr := r.Trace(charges, ov, today)
	got := make([]string, len(tr.Charges))
	for i, c := range tr.Charges {
		got[i] = c.Charge.Product + ": " + string(c.State)
		if c.SetAside {
			got[i] += ", set aside"
		}
	}
	want := []string{
		"Gold: active, set aside", "Starter: in grace", "Bronze: over", "Silver: status counts for nothing",
		"Mystery: no catalogue row", "Basic: not begun",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("charges (-want +got):\n%s", diff)
	}
	if tr.Charges[0].Plan.Index != 1 || tr.Charges[1].Until != day.MustParse("2026-11-25") {
		t.Errorf("Gold stands in row %d, Starter counts until %s", tr.Charges[0].Plan.Index, tr.Charges[1].Until)
	}
	var wins []string
	for _, p := range tr.Policies {
		if p.Wins {
			wins = append(wins, p.Policy.Name)
		}
	}
	if !slices.Equal(wins, []string{"Priority"}) || tr.Result.Override != ov {
		t.Errorf("policies that win: %v; override %v", wins, tr.Result.Override)
	}
}
