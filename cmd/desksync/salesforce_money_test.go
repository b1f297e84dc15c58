package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/desksync/desksync/sandbox/salesforce/org"
)

// foreignAccounts are customers in euros, pounds and dollars, each with a charge.
func foreignAccounts(o *ownOrg) {
	o.t.Helper()
	for _, a := range []struct{ name, currency, revenue, arr string }{
		{"Euro", "EUR", "1000.10", "700.07"}, {"Pound", "GBP", "2000.20", "0.02"}, {"Dollar", "USD", "5", "9.99"},
	} {
		id := o.account(a.name, map[string]any{"CurrencyIsoCode": a.currency, "CARR_This_Account__c": json.Number(a.revenue)})
		o.create("Zuora__Subscription__c", map[string]any{
			"Name": "Gold", "Zuora__Account__c": id, "CurrencyIsoCode": a.currency, "Zuora__MRR__c": json.Number(a.arr),
			"Zuora__TermStartDate__c": "2026-01-01", "Zuora__TermEndDate__c": "2027-12-31",
		})
	}
}

// TestAmountsInOneCurrencyAtTheSandbox: a dollar is 0.875 EUR and 0.8 GBP there.
//
//	1000.10 EUR / 0.875 = 1142.9714… USD     2000.20 GBP / 0.8 = 2500.25 USD
//	 700.07 EUR / 0.875 =  800.08   USD         0.02 GBP / 0.8 =    0.025 USD, half a cent goes up
//	all yearly amounts: 800.08 + 0.03 + 9.99 = 810.10 USD
func TestAmountsInOneCurrencyAtTheSandbox(t *testing.T) {
	t.Parallel()
	o := newOwnOrg(t).with("MONEY", "money: {base: USD, rates_from: source, column: CurrencyIsoCode}")
	foreignAccounts(o)
	var diff struct {
		SLA []struct {
			To  string  `json:"to"`
			ARR float64 `json:"arr"`
		} `json:"sla"`
		Rates []struct{ Currency, Origin string } `json:"rates"`
	}
	out := o.run(exitFound, "diff", "--json")
	if err := json.Unmarshal([]byte(out[strings.LastIndex(strings.TrimSpace(out), "\n")+1:]), &diff); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if len(diff.SLA) != 1 || diff.SLA[0].To != "Priority" || diff.SLA[0].ARR != 810.10 {
		t.Errorf("impact %+v, want 810.10 to Priority", diff.SLA)
	}
	if len(diff.Rates) != 3 || diff.Rates[0].Origin != "CurrencyType: 1 USD is 0.875 EUR" {
		t.Errorf("rates %+v", diff.Rates)
	}
	o.run(exitOK, "reconcile", "--yes")
	for name, want := range map[string]string{"Euro": "1142.97", "Pound": "2500.25", "Dollar": "5"} {
		if got := o.field(name, "amount"); got != want {
			t.Errorf("%s has %s, want %s", name, got, want)
		}
	}
	if said := o.run(exitOK, "explain", "Pound", "amount"); !strings.Contains(said, "1 GBP is 1.25 USD") || !strings.Contains(said, "CurrencyType: 1 USD is 0.8 GBP") {
		t.Errorf("explain does not say the rate:\n%s", said)
	}
	euros := o.also("base: USD", "base: EUR")
	euros.run(exitOK, "reconcile", "--yes")
	for name, want := range map[string]string{"Euro": "1000.1", "Pound": "2187.72", "Dollar": "4.38"} { // 2000.20 / 0.8 × 0.875; 5 × 0.875 = 4.375
		if got := euros.field(name, "amount"); got != want {
			t.Errorf("in euros %s has %s, want %s", name, got, want)
		}
	}
}

func TestARateThatChangesAtTheSandbox(t *testing.T) {
	t.Parallel()
	o := newOwnOrg(t).with("MONEY", "money: {base: USD, rates_from: source, rates: {EUR: [{from: 2026-11-01, rate: 2}]}, column: CurrencyIsoCode}")
	foreignAccounts(o)
	o.run(exitOK, "reconcile", "--yes")
	if got := o.field("Euro", "amount"); got != "2000.2" {
		t.Errorf("the rate of the file does not win: %s", got)
	}
	o.run(exitOK, "diff")
	o.update("CurrencyType", o.currency("GBP"), map[string]any{"ConversionRate": 0.5})
	o.update("CurrencyType", o.currency("EUR"), map[string]any{"ConversionRate": 0.5})
	o.run(exitOK, "reconcile", "--yes")
	if pound, euro := o.field("Pound", "amount"), o.field("Euro", "amount"); pound != "4000.4" || euro != "2000.2" {
		t.Errorf("after the rates changed, Pound has %s, want 4000.4, and Euro %s, want 2000.2 by the file", pound, euro)
	}
	o.run(exitOK, "diff")
	dated := o.also("rates_from: source,", "rates_from: source_dated,")
	dated.run(exitOK, "reconcile", "--yes")
	if got := dated.field("Pound", "amount"); got != "2500.25" {
		t.Errorf("by the dated rate of 2026, 0.8, Pound has %s, want 2500.25", got)
	}
	if said := dated.run(exitOK, "explain", "Pound", "amount"); !strings.Contains(said, "DatedConversionRate from 2026-01-01: 1 USD is 0.8 GBP") {
		t.Errorf("explain does not say the rate:\n%s", said)
	}
	dated.run(exitFound, "diff", "--as-of", "2025-06-01") // at 0.78
	hide := func(objects string) { o.admin("PATCH", "settings", []byte(`{"hidden": [`+objects+`]}`), nil) }
	hide(`"DatedConversionRate"`)
	if said := dated.run(exitFailed, "diff"); !strings.Contains(said, "crm has no dated exchange rates: write money.rates_from: source") {
		t.Errorf("without dated rates:\n%s", said)
	}
	hide(`"CurrencyType"`)
	if said := o.run(exitFailed, "reconcile", "--yes"); !strings.Contains(said, "crm shows the integration user no CurrencyType") {
		t.Errorf("without currencies:\n%s", said)
	}
	if got := o.field("Pound", "amount"); got != "4000.4" {
		t.Errorf("a run without rates wrote %s", got)
	}
}

func TestRatesOfAnOrganizationOfOneCurrency(t *testing.T) {
	t.Parallel()
	o := newOwnOrg(t, org.MultiCurrency).with("MONEY", "money: {base: USD, rates_from: source, column: CurrencyIsoCode}")
	if said := o.run(exitUsage, "diff"); !strings.Contains(said, "the source has no column CurrencyIsoCode on accounts") {
		t.Errorf("the column that is not there:\n%s", said)
	}
	for _, call := range o.asked() {
		if strings.Contains(call, "SELECT") {
			t.Errorf("something was read before that was said: %s", call)
		}
	}
}

// TestExplainOnAnotherDayTakesTheRateOfThatDay: by what the file dates; what Salesforce
// said at the last run is said to be of that day.
func TestExplainOnAnotherDayTakesTheRateOfThatDay(t *testing.T) {
	t.Parallel()
	const rates = "rates: {GBP: [{from: 2026-01-01, rate: 1.27}, {from: 2099-01-01, rate: 1.5}]}"
	o := newOwnOrg(t).with("MONEY", "money: {base: USD, rates_from: source_dated, column: CurrencyIsoCode, "+rates+"}")
	foreignAccounts(o)
	o.run(exitOK, "reconcile", "--yes")
	explain := func(args ...string) string {
		return strings.Join(strings.Fields(o.run(exitOK, append([]string{"explain"}, args...)...)), " ")
	}
	for at, want := range map[string][2]string{
		"2026-11-21": {"1 GBP is 1.27 USD", "money.rates.GBP from 2026-01-01"},
		"2099-02-01": {"1 GBP is 1.5 USD", "money.rates.GBP from 2099-01-01"},
		"2025-12-31": {"no rate to USD before 2026-01-01", ""},
	} {
		if said := explain("Pound", "amount", "--as-of", at); !strings.Contains(said, want[0]) || !strings.Contains(said, want[1]) {
			t.Errorf("on %s explain says\n%s", at, said)
		}
	}
	const told = "1 USD is 0.875 EUR"
	if said := explain("Euro", "amount"); !strings.Contains(said, told) || strings.Contains(said, "as it was said on") {
		t.Errorf("on the day of the run explain says\n%s", said)
	}
	if said := explain("Euro", "amount", "--as-of", "2099-02-01"); !strings.Contains(said, told) || !strings.Contains(said, "as it was said on 20") {
		t.Errorf("of a rate that only the source has, explain says\n%s", said)
	}
}

// TestAHiddenCurrencyIsNotTheBase: charges say their currency, accounts do no longer. No
// amount of euros is taken for dollars, by a run that saw it before or by one that did not.
func TestAHiddenCurrencyIsNotTheBase(t *testing.T) {
	t.Parallel()
	o := newOwnOrg(t).with("MONEY", "money: {base: USD, rates_from: source, column: CurrencyIsoCode}")
	foreignAccounts(o)
	o.run(exitOK, "reconcile", "--yes")
	const hidden, refused = "the login no longer sees the account column CurrencyIsoCode", "money.column: the source has no column CurrencyIsoCode on accounts that the source's login can see"
	o.admin("PATCH", "settings", []byte(`{"hidden": ["Account.CurrencyIsoCode"]}`), nil)
	fresh := o.also("sqlite:desksync.db", "sqlite:other.db")
	for _, x := range []struct {
		*ownOrg
		code int
		says string
	}{{o, exitOK, hidden}, {o, exitUsage, refused}, {fresh, exitUsage, refused}} {
		if said := x.run(x.code, "reconcile", "--yes", "--full"); !strings.Contains(said, x.says) {
			t.Errorf("it does not say %q:\n%s", x.says, said)
		}
		if got := o.field("Euro", "amount"); got != "1142.97" {
			t.Errorf("the amount of Euro became %s", got)
		}
	}
	o.admin("PATCH", "settings", []byte(`{"hidden": []}`), nil)
	o.run(exitOK, "diff", "--full")
}
