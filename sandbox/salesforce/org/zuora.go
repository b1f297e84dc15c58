package org

import (
	"fmt"
	"time"
)

func subscription() *Object {
	term := func(n int, h uint64) (time.Time, time.Time) {
		start := born().AddDate(0, 0, below(h, 900)-600)
		return start, start.AddDate(1+n%3, 0, 0)
	}
	day := func(end bool) seedFunc {
		return func(s *seeder, n int, _ uint64) any {
			from, to := term(n, s.dice(salt("term"), n))
			if end {
				return to.Format(time.DateOnly)
			}
			return from.Format(time.DateOnly)
		}
	}
	date := func(name string, end bool) *Field { return newField("date", name).from(day(end)) }
	return &Object{
		Name: "Zuora__Subscription__c", Label: "Subscription", Plural: "Subscriptions", Prefix: "a00", Feature: Zuora,
		count: func(s *seeder) int { return s.subscriptions() },
		Fields: record(true,
			text("Name", 80).required().from(func(_ *seeder, n int, _ uint64) any { return fmt.Sprintf("A-S%08d", n) }),
			lookup("OwnerId", "User", "Owner").from(idOf("005", someUser)).standard(makeID("005", 0)),
			lookup("Zuora__Account__c", "Account", "Zuora__Account__r").child("Zuora__Subscriptions__r", dealt(subscriptionDeal)).
				from(idOf("001", func(_ *seeder, n int, _ uint64) int { return subscriptionDeal.parent(n) })),
			text("Zuora__CustomerAccount__c", 18),
			text("Zuora__Status__c", 255).from(oneOf("Active", "Active", "Active", "Active", "Cancelled", "Expired")),
			date("Zuora__SubscriptionStartDate__c", false), date("Zuora__SubscriptionEndDate__c", true),
			date("Zuora__TermStartDate__c", false), date("Zuora__TermEndDate__c", true),
			checkbox("Zuora__AutoRenew__c").from(rarely(2)),
			number("currency", "Zuora__MRR__c", 16, 2).from(between(50, 90_000, 5)),
			number("currency", "Zuora__TCV__c", 16, 2).from(between(600, 2_000_000, 50)),
			number("double", "Zuora__Version__c", 18, 0).from(between(1, 9, 1)),
			text("Zuora__External_Id__c", 255).external().from(zuoraID("8ad0")), text("Zuora__Zuora_Id__c", 32).from(zuoraID("8ad1")),
			currency(),
		),
	}
}

func zuoraID(prefix string) seedFunc {
	return func(_ *seeder, n int, _ uint64) any { return fmt.Sprintf("%s%028x", prefix, n) }
}

// charge is a product on a subscription. The way from Account to it bears a generated
// name, as in many organizations.
func charge() *Object {
	products := []string{"Premium Support", "Ultimate - 1 Year", "Gold Seats", "Storage 10GB", "Training Day", "Legacy; Plan, \"old\""}
	subOf := func(n int) int { return chargeDeal.parent(n) }
	return &Object{
		Name: "Zuora__SubscriptionProductCharge__c", Label: "Subscription Product & Charge", Plural: "Subscription Products & Charges", Prefix: "a01", Feature: Zuora,
		count: func(s *seeder) int { return s.charges() },
		Fields: record(true,
			text("Name", 80).required().from(func(_ *seeder, n int, h uint64) any { return fmt.Sprint(products[below(h, len(products))], " ", n) }),
			lookup("OwnerId", "User", "Owner").from(idOf("005", someUser)).standard(makeID("005", 0)),
			lookup("Zuora__Subscription__c", "Zuora__Subscription__c", "Zuora__Subscription__r").child("Zuora__Subscription_Product_Charges__r", dealt(chargeDeal)).
				from(idOf("a00", func(_ *seeder, n int, _ uint64) int { return subOf(n) })),
			lookup("Zuora__Account__c", "Account", "Zuora__Account__r").child("Zuora__R00N40000001lGjTEAU__r", chargesOfAccount).
				from(idOf("001", func(_ *seeder, n int, _ uint64) int { return subscriptionDeal.parent(subOf(n)) })),
			text("Zuora__ProductName__c", 255).from(oneOf(products...)),
			text("Zuora__RatePlanName__c", 255).from(oneOf(products...)),
			newField("date", "Zuora__EffectiveStartDate__c").from(around(800, 10)),
			newField("date", "Zuora__EffectiveEndDate__c").from(sometimes(20, around(100, 900))),
			number("double", "Zuora__Quantity__c", 16, 2).from(between(1, 400, 1)),
			text("Zuora__External_Id__c", 255).external().from(zuoraID("8ad2")),
			currency(),
		),
	}
}

// rates are what one dollar was worth in each currency, in each of three years.
func rates() map[string][3]float64 {
	return map[string][3]float64{"USD": {1, 1, 1}, "EUR": {0.95, 0.9, 0.875}, "GBP": {0.79, 0.78, 0.8}, "JPY": {148, 152.5, 155}}
}

// isoCode is a currency of the organization; seeded records are in the first three.
func isoCode(n int) string { return [currencies]string{"USD", "EUR", "JPY", "GBP"}[n%currencies] }

const currencies = 4

func currencyType() *Object {
	return &Object{
		Name: "CurrencyType", Label: "Currency Type", Plural: "Currency Types", Prefix: "01L", Feature: MultiCurrency, Fixed: true,
		count: func(*seeder) int { return currencies },
		Fields: record(false,
			pick("IsoCode", "USD", "EUR", "JPY", "GBP").from(func(_ *seeder, n int, _ uint64) any { return isoCode(n) }),
			number("double", "ConversionRate", 18, 6).from(func(_ *seeder, n int, _ uint64) any { return rates()[isoCode(n)][2] }),
			number("int", "DecimalPlaces", 1, 0).from(func(_ *seeder, n int, _ uint64) any { return [currencies]float64{2, 2, 0, 2}[n] }),
			checkbox("IsActive").from(always(true)),
			checkbox("IsCorporate").from(func(_ *seeder, n int, _ uint64) any { return n == 0 }),
		),
	}
}

func datedRate() *Object {
	year := func(n int) seedFunc {
		return func(_ *seeder, i int, _ uint64) any {
			return born().AddDate(i/currencies+n-2, 0, 0).Format(time.DateOnly)
		}
	}
	return &Object{
		Name: "DatedConversionRate", Label: "Dated Conversion Rate", Plural: "Dated Conversion Rates", Prefix: "04w", Feature: MultiCurrency, Fixed: true,
		count: func(*seeder) int { return 3 * currencies },
		Fields: record(false,
			pick("IsoCode", "USD", "EUR", "JPY", "GBP").from(func(_ *seeder, n int, _ uint64) any { return isoCode(n) }),
			newField("date", "StartDate").from(year(0)), newField("date", "NextStartDate").from(year(1)),
			number("double", "ConversionRate", 18, 6).from(func(_ *seeder, n int, _ uint64) any { return rates()[isoCode(n)][n/currencies] }),
		),
	}
}
