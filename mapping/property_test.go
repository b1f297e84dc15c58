package mapping_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/fold"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sla"
)

// dated is a mapping in which much depends on the day, to try boundaries on.
func dated() mapping.Spec {
	s := gitlab()
	s.Wanted = rule("not after(addDays(account.Contract_End__c, 20))")
	s.Retain = mapping.Retain{From: rule("account.Contract_End__c"), Days: 5}
	s.Create = rule("not plan.expired and daysUntil(account.Contract_End__c ?? \"2026-12-01\") > 3")
	s.Members.Position = rule(`before(addDays(contact.CreatedDate, 3)) ? "new" : contact.Title`)
	s.Members.Who = rule("not contact.Inactive__c and not before(contact.CreatedDate)")
	s.Groups = mapping.Family{From: rule(`daysUntil(account.Contract_End__c ?? "2030-01-01") <= 10 ? ["Renewals"] : nil`)}
	s.Money = mapping.Money{Base: "USD", Column: "CurrencyIsoCode", Rates: map[string][]mapping.Rate{
		"EUR": mapping.Always(1.08), "GBP": {{From: today - 7, Value: 1.27}, {From: today + 3, Value: 1.31}, {From: today + 30, Value: 1.5}},
	}}
	return s
}

func dayText(t *rapid.T, label string) string {
	if rapid.IntRange(0, 3).Draw(t, label+" empty") == 0 {
		return ""
	}
	return (today + day.Day(rapid.IntRange(-40, 40).Draw(t, label))).String() //nolint:gosec // small
}

func drawGroup(t *rapid.T) group {
	g := group{account: facts{
		"CurrencyIsoCode": rapid.SampledFrom([]string{"", "EUR", "GBP", "JPY"}).Draw(t, "currency"),
		"Contract_End__c": dayText(t, "contract end"), "Support_Hold__c": rapid.SampledFrom([]string{"", "true", "false"}).Draw(t, "hold"),
		"Account_Demographics_Geo__c":       rapid.SampledFrom([]string{"", "EMEA", "MARS"}).Draw(t, "geo"),
		"CARR_This_Account__c":              rapid.SampledFrom([]string{"", "4800", "0.5", "x"}).Draw(t, "arr"),
		"Email_Domains__c":                  rapid.SampledFrom([]string{"", "a.example;B.example", "a.example, a.example"}).Draw(t, "domains"),
		"Type":                              rapid.SampledFrom([]string{"Customer", "Partner", "Prospect"}).Draw(t, "type"),
		"Name":                              rapid.SampledFrom([]string{"Acme", " acme ", ""}).Draw(t, "name"),
		"Technical_Account_Manager_Name__c": rapid.StringN(0, 5, -1).Draw(t, "manager"),
	}}
	for i := range rapid.IntRange(0, 3).Draw(t, "contacts") {
		g.contacts = append(g.contacts, facts{
			"id": fmt.Sprintf("003Aa00000%05dAAA", i), "Name": "N", "CreatedDate": dayText(t, "created"),
			"Email":       rapid.SampledFrom([]string{"a@x.example", "A@x.example", "b@x.example", "", "no"}).Draw(t, "email"),
			"Inactive__c": rapid.SampledFrom([]string{"", "true"}).Draw(t, "inactive"),
		})
	}
	for range rapid.IntRange(0, 3).Draw(t, "charges") {
		product := rapid.SampledFrom([]string{"Gold", "Starter", "Education", "Mystery"}).Draw(t, "product")
		from, to := dayText(t, "start"), dayText(t, "end")
		g.charges = append(g.charges, product+" "+orDash(from)+" "+orDash(to))
	}
	if rapid.Bool().Draw(t, "override") {
		from, _ := day.Parse(dayText(t, "from"))
		until, _ := day.Parse(dayText(t, "until"))
		g.overrides = append(g.overrides, sla.Override{
			Field: rapid.SampledFrom([]string{"plan", "aar", "tag:x", "name", "nobody"}).Draw(t, "field"),
			Value: rapid.SampledFrom([]string{"premium", "1", "true", ""}).Draw(t, "value"), From: from, Until: until,
		})
	}
	return g
}

func orDash(s string) string {
	if s == "" {
		return "2-"
	}
	return s
}

var loose = cmp.Options{cmp.Comparer(func(a, b helpdesk.Value) bool { return a == b }), cmpopts.EquateEmpty()}

// TestMappingHoldsUntilNext: between a day and its Next the clock changes nothing.
func TestMappingHoldsUntilNext(t *testing.T) {
	t.Parallel()
	m := compile(t, dated())
	w := m.NewWorker()
	rapid.Check(t, func(rt *rapid.T) {
		g := drawGroup(rt).build(t, m)
		on := today + day.Day(rapid.IntRange(-20, 20).Draw(rt, "on")) //nolint:gosec // small
		first := must(w.Map(g, on))
		last := first.Next - 1
		if first.Next == 0 {
			last = on + 100
		}
		for d := on; d <= last; d++ {
			again := must(w.Map(g, d))
			for i := range again.SLA.Active {
				again.SLA.Active[i].InGrace = first.SLA.Active[i].InGrace // only explain shows it
			}
			if diff := cmp.Diff(first, again, loose); diff != "" {
				rt.Fatalf("from %s to %s, though nothing was to happen before %s:\n%s", on, d, first.Next, diff)
			}
		}
	})
}

// TestClaimsAgreeWithTheMapping: claims are part of what Map gives, and say the
// same of scope and time.
func TestClaimsAgreeWithTheMapping(t *testing.T) {
	t.Parallel()
	m := compile(t, dated())
	w := m.NewWorker()
	rapid.Check(t, func(rt *rapid.T) {
		g := drawGroup(rt).build(t, m)
		claims, res := must(w.Claims(g, today)), must(w.Map(g, today))
		if claims.Skip != res.Skip || claims.Left != res.Left || claims.Next != res.Next {
			rt.Fatalf("claims %+v\nresult skip %q, left %v, next %s", claims, res.Skip, res.Left, res.Next)
		}
		if claims.Unmade && res.MayCreate {
			rt.Fatalf("an account claims as one that is not created, and may be: %+v", claims)
		}
		if !slices.Equal(claims.Domains, res.Org.Fields.Family("domain:")) || len(claims.Emails) != len(res.Users) {
			rt.Fatalf("claims %+v\norganization %v\nusers %v", claims, res.Org.Fields, res.Users)
		}
		name, _ := res.Org.Fields.Get(helpdesk.Name)
		if claims.DisplayName != name.Text() || claims.Name != fold.Name(name.Text()) {
			rt.Fatalf("claims %+v, name %v", claims, name)
		}
	})
}

// TestAWorkerRemembersNothing: what was mapped before does not matter.
func TestAWorkerRemembersNothing(t *testing.T) {
	t.Parallel()
	m := compile(t, dated())
	used := m.NewWorker()
	rapid.Check(t, func(rt *rapid.T) {
		before, g := drawGroup(rt).build(t, m), drawGroup(rt).build(t, m)
		kept := must(used.Map(before, today+1))
		copied := must(m.NewWorker().Map(before, today+1))
		again, fresh := must(used.Map(g, today)), must(m.NewWorker().Map(g, today))
		if diff := cmp.Diff(fresh, again, loose); diff != "" {
			rt.Fatalf("a used worker differs:\n%s", diff)
		}
		if diff := cmp.Diff(copied, kept, loose); diff != "" {
			rt.Fatalf("an earlier result was overwritten:\n%s", diff)
		}
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
