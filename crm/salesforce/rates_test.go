package salesforce

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/fault"
)

const (
	getCurrencies = "GET query SELECT IsoCode, ConversionRate, IsCorporate, IsActive FROM CurrencyType"
	getDated      = "GET query SELECT IsoCode, ConversionRate, StartDate FROM DatedConversionRate WHERE (StartDate <= 2026-11-21 AND (NextStartDate = null OR NextStartDate > 2026-11-21))"
)

func currencies(rows ...string) reply {
	var out []string
	for _, row := range rows {
		w := append(strings.Fields(row), "", "")
		out = append(out, fmt.Sprintf(`{"attributes":{"type":"CurrencyType"},"IsoCode":"%s","ConversionRate":%s,"IsCorporate":%v,"IsActive":%v}`, w[0], w[1], w[2] == "corporate", w[2] != "inactive"))
	}
	return reply{body: pageOf(len(rows), "", out...)}
}

func datedReply(rows ...string) reply {
	var out []string
	for _, row := range rows {
		w := strings.Fields(row)
		out = append(out, fmt.Sprintf(`{"attributes":{"type":"DatedConversionRate"},"IsoCode":"%s","ConversionRate":%s,"StartDate":"%s"}`, w[0], w[1], w[2]))
	}
	return reply{body: pageOf(len(rows), "", out...)}
}

// TestRates: ConversionRate says how much of a currency one unit of the corporate one is.
// At 0.8 EUR for a dollar, a euro is worth 1.25 dollars, not 0.8.
func TestRates(t *testing.T) {
	t.Parallel()
	static := currencies("USD 1.0 corporate", "EUR 0.8", "JPY 1.5E2", "GBP 0.5 inactive")
	last := currencies("USD 1 corporate", "EUR 0.8")
	dated := datedReply("USD 1 0000-12-30", "EUR 0.8 2025-01-01", "EUR 0.5 2026-07-01")
	tests := map[string]struct {
		query  crm.RateQuery
		script map[string][]reply
		want   []string
	}{
		"in the corporate currency": {
			crm.RateQuery{Base: "USD"},
			map[string][]reply{getCurrencies: {static}},
			[]string{"EUR 1.25 CurrencyType: 1 USD is 0.8 EUR", "GBP 2 CurrencyType: 1 USD is 0.5 GBP (inactive)", "JPY 0.006666666667 CurrencyType: 1 USD is 150 JPY"},
		},
		"in another currency, through the corporate one": {
			crm.RateQuery{Base: "EUR"},
			map[string][]reply{getCurrencies: {static}},
			[]string{
				"GBP 1.6 CurrencyType: 1 USD is 0.5 GBP and 0.8 EUR (inactive)", "JPY 0.005333333333 CurrencyType: 1 USD is 150 JPY and 0.8 EUR",
				"USD 0.8 CurrencyType: 1 USD is 0.8 EUR",
			},
		},
		"of the day": {
			crm.RateQuery{Base: "USD", Dated: true},
			map[string][]reply{getCurrencies: {static}, getDated: {dated}},
			[]string{"EUR 2 DatedConversionRate from 2026-07-01: 1 USD is 0.5 EUR"},
		},
		"page by page, and a page twice": {
			crm.RateQuery{Base: "USD"},
			map[string][]reply{getCurrencies: {{body: static.body, cut: 40}, {body: pageOf(2, more2000)}}, getMore: {{body: last.body, cut: 200}, last}},
			[]string{"EUR 1.25 CurrencyType: 1 USD is 0.8 EUR"},
		},
		"of the day, without one of the corporate currency": {
			crm.RateQuery{Base: "EUR", Dated: true},
			map[string][]reply{getCurrencies: {static}, getDated: {datedReply("EUR 0.5 2026-07-01")}},
			[]string{"USD 0.5 DatedConversionRate: 1 USD is 0.5 EUR"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.query.Day = day.MustParse("2026-11-21")
			rates, err := start(t, tt.script).source(nil).Rates(t.Context(), tt.query)
			var got []string
			for _, r := range rates {
				got = append(got, fmt.Sprintf("%s %.10g %s", r.Currency, r.Value, r.Origin))
			}
			if err != nil || strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("%v\n got %q\nwant %q", err, got, tt.want)
			}
		})
	}
}

func TestRatesThatCannotBeTold(t *testing.T) {
	t.Parallel()
	good := currencies("USD 1 corporate", "EUR 0.8")
	short := reply{body: strings.Replace(good.body, `"totalSize":2`, `"totalSize":3`, 1)}
	tests := map[string]struct {
		query  crm.RateQuery
		script map[string][]reply
		kind   fault.Kind
		says   string
	}{
		"an organization of one currency": {
			crm.RateQuery{Base: "USD"},
			map[string][]reply{getCurrencies: {{status: 400, body: `[{"message":"sObject type 'CurrencyType' is not supported.","errorCode":"INVALID_TYPE"}]`}}},
			fault.Invalid, "crm shows the integration user no CurrencyType, as organizations of one currency have none: leave money.rates_from out",
		},
		"no dated rates": {
			crm.RateQuery{Base: "USD", Dated: true},
			map[string][]reply{getCurrencies: {good}, getDated: {{status: 400, body: `[{"message":"sObject type 'DatedConversionRate' is not supported.","errorCode":"INVALID_TYPE"}]`}}},
			fault.Invalid, "crm has no dated exchange rates: write money.rates_from: source, or turn on Advanced Currency Management",
		},
		"a base that the organization does not have": {crm.RateQuery{Base: "CHF"}, map[string][]reply{getCurrencies: {good}}, fault.Invalid, "CurrencyType has no rate of CHF, which money.base names"},
		"a base without a rate on the day": {
			crm.RateQuery{Base: "EUR", Dated: true},
			map[string][]reply{getCurrencies: {good}, getDated: {datedReply("USD 1 2020-01-01")}},
			fault.Invalid, "DatedConversionRate has no rate of EUR, which money.base names",
		},
		"a rate of nothing":               {crm.RateQuery{Base: "USD"}, map[string][]reply{getCurrencies: {currencies("USD 1 corporate", "EUR 0")}}, fault.Invalid, `crm says in CurrencyType that EUR has the rate "0", which is not a number above 0`},
		"no rate":                         {crm.RateQuery{Base: "USD"}, map[string][]reply{getCurrencies: {currencies("USD 1 corporate", "EUR null")}}, fault.Invalid, `EUR has the rate "", which is not a number above 0`},
		"a rate without end":              {crm.RateQuery{Base: "USD"}, map[string][]reply{getCurrencies: {currencies("USD 1 corporate", "EUR 1e999")}}, fault.Invalid, `EUR has the rate "1e999"`},
		"no corporate currency":           {crm.RateQuery{Base: "USD"}, map[string][]reply{getCurrencies: {currencies("USD 1", "EUR 0.8")}}, fault.Invalid, "CurrencyType has 0 corporate currencies () instead of one"},
		"two corporate currencies":        {crm.RateQuery{Base: "USD"}, map[string][]reply{getCurrencies: {currencies("USD 1 corporate", "EUR 1 corporate")}}, fault.Invalid, "2 corporate currencies (USD, EUR)"},
		"a corporate currency of its own": {crm.RateQuery{Base: "USD"}, map[string][]reply{getCurrencies: {currencies("USD 1.1 corporate")}}, fault.Invalid, "1 USD, the corporate currency, is 1.1 of itself"},
		"a currency twice":                {crm.RateQuery{Base: "USD"}, map[string][]reply{getCurrencies: {currencies("USD 1 corporate", "EUR 1", "EUR 2")}}, fault.Invalid, "CurrencyType has two rates of EUR"},
		"a row missing":                   {crm.RateQuery{Base: "USD"}, map[string][]reply{getCurrencies: {short}}, fault.Unavailable, "reading CurrencyType began 3 times and never reached its end: the answer is not a page of query results: 3 rows were promised and 2 came"},
		"more on another page":            {crm.RateQuery{Base: "USD"}, map[string][]reply{getCurrencies: {{body: strings.Replace(good.body, `"done":true`, `"done":false`, 1)}}}, fault.Unavailable, "says that there are more rows and not where"},
		"an answer that is none":          {crm.RateQuery{Base: "USD"}, map[string][]reply{getCurrencies: {{body: "<html>"}}}, fault.Unavailable, "began 3 times and never reached its end: the answer is not a page of query results"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.query.Day = day.MustParse("2026-11-21")
			rates, err := start(t, tt.script).source(nil).Rates(t.Context(), tt.query)
			if rates != nil || fault.KindOf(err) != tt.kind || !strings.Contains(fault.Sentence(err), tt.says) {
				t.Errorf("%v, %v (%v); want %q (%v)", rates, err, fault.KindOf(err), tt.says, tt.kind)
			}
		})
	}
}

// TestRatesOfTwoCurrenciesAreInverse: what a is in b is the inverse of what b is in a.
func TestRatesOfTwoCurrenciesAreInverse(t *testing.T) {
	t.Parallel()
	b := book{object: "CurrencyType", corporate: "USD", rows: []conversion{{Code: "USD", units: 1}, {Code: "EUR", units: 0.92}, {Code: "JPY", units: 155.25}}}
	worth := map[string]float64{}
	for _, base := range []string{"USD", "EUR", "JPY"} {
		rates, err := b.in(base)
		if err != nil || len(rates) != 2 {
			t.Fatalf("in %s: %v, %v", base, rates, err)
		}
		for _, r := range rates {
			worth[r.Currency+base] = r.Value
		}
	}
	for _, pair := range [][2]string{{"USD", "EUR"}, {"EUR", "JPY"}, {"JPY", "USD"}} {
		there, back := worth[pair[0]+pair[1]], worth[pair[1]+pair[0]]
		if there == 0 || math.Abs(there*back-1) > 1e-12 {
			t.Errorf("1 %s is %v %s, and back %v", pair[0], there, pair[1], back)
		}
	}
}
