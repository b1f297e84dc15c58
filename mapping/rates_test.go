package mapping_test

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/mapping"
)

// pounds are rates of the file: one of every day, and one that begins twice.
func pounds() mapping.Money {
	return mapping.Money{Base: "USD", Column: "CurrencyIsoCode", Rates: map[string][]mapping.Rate{
		"EUR": mapping.Always(1.08),
		"GBP": {{From: day.MustParse("2026-01-01"), Value: 1.27}, {From: day.MustParse("2026-12-01"), Value: 1.31}},
	}}
}

func rated(money mapping.Money) mapping.Spec {
	s := small("aar", "account.CARR_This_Account__c")
	s.Money = money
	return s
}

func TestTheRateOfTheDay(t *testing.T) {
	t.Parallel()
	m := compile(t, rated(pounds()))
	tests := map[string]struct {
		code, on   string
		want, next string
		says       string
	}{
		"on the day before the next":  {"GBP", "2026-11-30", "decimal 1270", "2026-12-01", ""},
		"on the day it begins":        {"GBP", "2026-12-01", "decimal 1310", "", ""},
		"on the first day of all":     {"GBP", "2026-01-01", "decimal 1270", "2026-12-01", ""},
		"before the first day of all": {"GBP", "2025-12-31", "no opinion", "2026-01-01", "account.CARR_This_Account__c: the currency GBP has no rate to USD before 2026-01-01, when the first one under money.rates begins; add an earlier one"},
		"of every day":                {"EUR", "2025-12-31", "decimal 1080", "", ""},
		"of nobody":                   {"JPY", "2026-12-01", "no opinion", "", "the currency JPY has no rate to USD; add it under money.rates"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res := mapped(t, m, group{account: facts{"CARR_This_Account__c": "1000", "CurrencyIsoCode": tt.code}}, day.MustParse(tt.on))
			if got := show(res.Org.Fields, "field:aar"); got != tt.want || res.Next.String() != tt.next {
				t.Errorf("1000 %s on %s is %s until %q, want %s until %q", tt.code, tt.on, got, res.Next, tt.want, tt.next)
			}
			if said := fmt.Sprint(res.Findings); !strings.Contains(said, tt.says) || (tt.says == "") != (len(res.Findings) == 0) {
				t.Errorf("findings %s, want %q", said, tt.says)
			}
		})
	}
}

func TestAWorkerForgetsTheRatesOfAnotherDay(t *testing.T) {
	t.Parallel()
	m := compile(t, rated(pounds()))
	w, g := m.NewWorker(), group{account: facts{"CARR_This_Account__c": "1000", "CurrencyIsoCode": "GBP"}}.build(t, m)
	for _, tt := range []struct{ on, want string }{{"2026-11-30", "decimal 1270"}, {"2026-12-01", "decimal 1310"}, {"2026-11-30", "decimal 1270"}} {
		if got := show(must(w.Map(g, day.MustParse(tt.on))).Org.Fields, "field:aar"); got != tt.want {
			t.Errorf("on %s it is %s, want %s", tt.on, got, tt.want)
		}
	}
}

// TestAccountsAreMappedAgainWhenTheirRateChanges: claims and mapping, from a rule of the
// account, of a list or of a charge, know the day on which a rate begins.
func TestAccountsAreMappedAgainWhenTheirRateChanges(t *testing.T) {
	t.Parallel()
	ofCharges := small("account_owner", "account.Name")
	ofCharges.Charge.ARR, ofCharges.Money = "ARR", pounds()
	ofARR := rated(pounds())
	ofARR.Fields, ofARR.ARR = nil, rule("account.CARR_This_Account__c")
	specs := map[string]mapping.Spec{"a column": rated(pounds()), "a charge": ofCharges, "the ARR": ofARR}
	for name, text := range map[string]string{
		"a sum of the account": "(account.CARR_This_Account__c ?? 0) + 1", "a list": "sum(map(subscriptions, .ARR ?? 0))", "a function": "money(5)",
	} {
		specs[name] = small("aar", text)
		s := specs[name]
		s.Money = pounds()
		specs[name] = s
	}
	for name, s := range specs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := compile(t, s)
			g := group{account: facts{"CARR_This_Account__c": "7", "CurrencyIsoCode": "GBP"}, charges: []string{"Gold 2026-01-01 - 1 1000"}}.build(t, m)
			for i, c := range m.Columns()[crm.Subscription] {
				if c == "CurrencyIsoCode" {
					g.Subscriptions[0].Values[i] = "GBP"
				}
			}
			claims, res := must(m.NewWorker().Claims(g, today)), must(m.NewWorker().Map(g, today))
			if claims.Next.String() != "2026-12-01" || res.Next != claims.Next {
				t.Errorf("claims hold until %q, the mapping until %q, want 2026-12-01", claims.Next, res.Next)
			}
		})
	}
}

func TestRatesOfTheSource(t *testing.T) {
	t.Parallel()
	money := pounds()
	money.Source = true
	m := compile(t, rated(money))
	if !m.NeedsRates() || compile(t, rated(pounds())).NeedsRates() {
		t.Error("only rules that leave rates to the source need them")
	}
	told := []crm.Rate{{Currency: "CHF", Value: 1.25, Origin: "CurrencyType: 1 USD is 0.8 CHF"}, {Currency: "EUR", Value: 99}}
	with := m.With(told, 0)
	for code, want := range map[string]string{"CHF": "decimal 1250", "EUR": "decimal 1080", "USD": "decimal 1000", "JPY": "no opinion"} {
		res := mapped(t, with, group{account: facts{"CARR_This_Account__c": "1000", "CurrencyIsoCode": code}}, today)
		if got := show(res.Org.Fields, "field:aar"); got != want {
			t.Errorf("1000 %s is %s, want %s", code, got, want)
		}
	}
	res := mapped(t, with, group{account: facts{"CARR_This_Account__c": "1", "CurrencyIsoCode": "CHG"}}, today)
	if len(res.Findings) != 1 || !strings.Contains(res.Findings[0].Text, "the currency CHG has no rate to USD, and the source has none either; add it under money.rates") {
		t.Errorf("findings %+v", res.Findings)
	}
	x, err := with.Explain(group{account: facts{"CARR_This_Account__c": "1000", "CurrencyIsoCode": "CHF"}}.build(t, with), today, "aar")
	if err != nil || !strings.Contains(strings.Join(steps(x), "\n"), "in CHF, 1 CHF is 1.25 USD: CurrencyType: 1 USD is 0.8 CHF") {
		t.Errorf("explained (%v):\n%s", err, strings.Join(steps(x), "\n"))
	}
}

func TestTheDigestFollowsTheRatesThatCount(t *testing.T) {
	t.Parallel()
	money := pounds()
	money.Source = true
	m := compile(t, rated(money))
	base := m.With([]crm.Rate{{Currency: "CHF", Value: 1.25, Origin: "x"}}, 0).Digest()
	tests := map[string]struct {
		rates []crm.Rate
		same  bool
	}{
		"the same rate, said by another":       {[]crm.Rate{{Currency: "CHF", Value: 1.25, Origin: "y"}}, true},
		"a rate of which the file has its own": {[]crm.Rate{{Currency: "CHF", Value: 1.25}, {Currency: "EUR", Value: 3}}, true},
		"another rate":                         {[]crm.Rate{{Currency: "CHF", Value: 1.26}}, false},
		"a further currency":                   {[]crm.Rate{{Currency: "CHF", Value: 1.25}, {Currency: "JPY", Value: 1}}, false},
		"no rates":                             {nil, false},
	}
	for name, tt := range tests {
		if got := m.With(tt.rates, 0).Digest(); (got == base) != tt.same {
			t.Errorf("%s: the digest is the same: %v, want %v", name, got == base, tt.same)
		}
	}
	plain := small("account_owner", "account.Name")
	plain.Money = money
	if p := compile(t, plain); p.NeedsRates() || p.With([]crm.Rate{{Currency: "CHF", Value: 2}}, 0).Digest() != p.Digest() {
		t.Error("rules without amounts need rates, or change with them")
	}
	if m.Digest() != compile(t, rated(money)).Digest() {
		t.Error("With changes the mapper it is asked of")
	}
}

// TestAmountsAreRightToTheCent holds the conversion against exact arithmetic: amounts of
// two decimals, rates of six, halves away from zero.
func TestAmountsAreRightToTheCent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		units, parts := rapid.Int64Range(-1e11, 1e11).Draw(rt, "cents"), rapid.Int64Range(1, 1e8).Draw(rt, "millionths")
		amount, rate := big.NewRat(units, 100), big.NewRat(parts, 1e6)
		value, _ := rate.Float64()
		if value == 1 {
			return
		}
		m := compile(t, rated(mapping.Money{Base: "USD", Column: "CurrencyIsoCode", Rates: map[string][]mapping.Rate{"EUR": mapping.Always(value)}}))
		res := mapped(t, m, group{account: facts{"CARR_This_Account__c": amount.FloatString(2), "CurrencyIsoCode": "EUR"}}, today)
		want := new(big.Rat).Mul(amount, rate).FloatString(2) // rounds halves away from zero
		v, _ := res.Org.Fields.Get("field:aar")
		got, ok := new(big.Rat).SetString("0" + strings.TrimPrefix(v.Text(), "-"))
		if !ok {
			rt.Fatalf("%s EUR at %s is %q", amount.FloatString(2), rate.FloatString(6), v.Text())
		}
		if strings.TrimPrefix(want, "-") != got.FloatString(2) {
			rt.Errorf("%s EUR at %s is %s, want %s", amount.FloatString(2), rate.FloatString(6), v.Text(), want)
		}
	})
}

func TestHalfACentGoesUp(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ amount, rate, want string }{
		{"0.10", "0.35", "decimal 0.04"}, // 0.035, which binary numbers miss from below
		{"100.01", "0.5", "decimal 50.01"},
		{"-0.10", "0.35", "decimal -0.04"},
	} {
		rate, _ := new(big.Rat).SetString(tt.rate)
		value, _ := rate.Float64()
		m := compile(t, rated(mapping.Money{Base: "USD", Column: "CurrencyIsoCode", Rates: map[string][]mapping.Rate{"EUR": mapping.Always(value)}}))
		res := mapped(t, m, group{account: facts{"CARR_This_Account__c": tt.amount, "CurrencyIsoCode": "EUR"}}, today)
		if got := show(res.Org.Fields, "field:aar"); got != tt.want {
			t.Errorf("%s at %s is %s, want %s", tt.amount, tt.rate, got, tt.want)
		}
	}
}
