package org

import (
	"strings"
	"time"
)

func account() *Object {
	fields := append(accountBasics(), accountCustom()...)
	fields = append(fields, accountPerson()...)
	return &Object{
		Name: "Account", Label: "Account", Plural: "Accounts", Prefix: "001", Merges: true,
		Fields: record(true, fields...), count: func(s *seeder) int { return s.accounts },
	}
}

func accountBasics() []*Field {
	return []*Field{
		lookup("MasterRecordId", "Account", "MasterRecord").readonly(),
		text("Name", 255).required().from(nameOfAccount),
		pick("Type", "Customer", "Former Customer", "Prospect", "Partner").from(sometimes(15, oneOf("Customer", "Customer", "Customer", "Former Customer", "Prospect", "Partner"))),
		lookup("RecordTypeId", "RecordType", "RecordType").from(idOf("012", recordTypeOf)),
		lookup("ParentId", "Account", "Parent").child("ChildAccounts", childAccounts).from(idOf("001", func(_ *seeder, n int, _ uint64) int { return parentAccount(n) })),
		long("BillingStreet", 255).part("BillingAddress").from(oneOf("1 Market St\nSuite 300", "Hauptstraße 5", "5 rue de l'Église")),
		text("BillingCity", 40).part("BillingAddress").from(oneOf("San Francisco", "München", "Paris", "東京")),
		text("BillingState", 80).part("BillingAddress").from(sometimes(2, oneOf("CA", "Bayern"))),
		text("BillingPostalCode", 20).part("BillingAddress").from(oneOf("94105", "80331", "75001", "100-0001")),
		text("BillingCountry", 80).part("BillingAddress").from(sometimes(9, oneOf("United States", "Germany", "France", "Japan"))),
		newField("address", "BillingAddress").compound(billingAddress),
		typed("phone", "Phone", 40).from(sometimes(4, phone)),
		typed("url", "Website", 255).from(sometimes(5, website)),
		text("AccountNumber", 40).from(sometimes(3, phone)),
		pick("Industry", "Banking", "Energy", "Media", "Technology").from(sometimes(4, oneOf("Banking", "Energy", "Media", "Technology"))),
		number("currency", "AnnualRevenue", 18, 0).from(sometimes(3, between(10_000, 2_000_000_000, 1000))),
		number("int", "NumberOfEmployees", 8, 0).from(sometimes(3, between(1, 50_000, 1))),
		long("Description", 32000).from(note),
		lookup("OwnerId", "User", "Owner").from(idOf("005", someUser)).standard(makeID("005", 0)),
		newField("date", "LastActivityDate").readonly().from(sometimes(3, around(300, 0))),
		currency(),
	}
}

func nameOfAccount(s *seeder, n int, h uint64) any {
	if person(n) {
		c, _ := contactDeal.children(n)
		return fullName(s, c)
	}
	return accountName(s, n, h)
}

func recordTypeOf(_ *seeder, n int, h uint64) int {
	if person(n) {
		return 2
	}
	return below(h, 2)
}

func accountCustom() []*Field {
	return []*Field{
		pick("Support_Tier__c", "Premium", "Standard", "Basic").from(sometimes(6, oneOf("Premium", "Standard", "Standard", "Basic"))),
		number("double", "Seats__c", 18, 0).from(sometimes(5, between(1, 5000, 1))),
		number("currency", "CARR_This_Account__c", 16, 2).from(sometimes(5, between(0, 900_000, 250))),
		checkbox("Support_Hold__c").from(rarely(30)),
		pick("Account_Risk_Level__c", "Low", "Medium", "At Risk", "At Risk - Escalated").from(sometimes(2, oneOf("Low", "Medium", "At Risk", "At Risk - Escalated"))),
		multipick("Regions__c", "AMER", "EMEA", "APJ").from(sometimes(4, oneOf("AMER", "EMEA", "AMER;EMEA", "AMER;EMEA;APJ"))),
		text("Email_Domains__c", 255).from(sometimes(3, func(s *seeder, n int, _ uint64) any { return domain(s, n, s.dice(salt("domain"), n)) })),
		text("External_Id__c", 64).external(),
		newField("date", "Next_Renewal_Date__c").from(sometimes(4, around(200, 900))),
		long("Support_Notes__c", 32768).from(note),
		lookup("Technical_Account_Manager__c", "User", "Technical_Account_Manager__r").from(sometimes(3, idOf("005", someUser))),
		text("Account_ID_18__c", 1300).formula("CASESAFEID(Id)", func(_ view, r rec) any { return r.id() }),
		text("Account_Owner_Calc__c", 1300).formula("Owner.FirstName & ' ' & Owner.LastName", func(v view, r rec) any { return v.path(r, "OwnerId", "Name") }),
		text("Technical_Account_Manager_Name__c", 1300).formula("Technical_Account_Manager__r.FirstName & ' ' & Technical_Account_Manager__r.LastName", func(v view, r rec) any {
			return v.path(r, "Technical_Account_Manager__c", "Name")
		}),
		text("Parent_Type__c", 1300).formula("TEXT(Parent.Type)", func(v view, r rec) any { return v.path(r, "ParentId", "Type") }),
		number("double", "Days_To_Renewal__c", 18, 0).formula("Next_Renewal_Date__c - TODAY()", daysToRenewal),
	}
}

func daysToRenewal(v view, r rec) any {
	text, _ := v.path(r, "Next_Renewal_Date__c").(string)
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return nil
	}
	return day.Sub(v.now.Truncate(24*time.Hour)).Hours() / 24
}

func accountPerson() []*Field {
	contact := func(n int) int { c, _ := contactDeal.children(n); return c }
	only := func(f seedFunc) seedFunc {
		return func(s *seeder, n int, h uint64) any {
			if !person(n) {
				return nil
			}
			return f(s, n, h)
		}
	}
	return append([]*Field{
		checkbox("IsPersonAccount").readonly().in(PersonAccounts).from(func(_ *seeder, n int, _ uint64) any { return person(n) }),
		lookup("PersonContactId", "Contact", "PersonContact").readonly().in(PersonAccounts).from(only(idOf("003", func(_ *seeder, n int, _ uint64) int { return contact(n) }))),
		typed("email", "PersonEmail", 80).in(PersonAccounts).from(only(func(s *seeder, n int, _ uint64) any { return emailOf(s, contact(n)) })),
	}, personCustom()...)
}

// personCustom shows the custom fields of contacts on accounts, as __pc: a person account
// and its contact are one record. They are written through the contact only.
func personCustom() []*Field {
	var out []*Field
	for _, c := range contact().Fields {
		if !Custom(c.Name) {
			continue
		}
		f := *c
		f.Name, f.seed = strings.TrimSuffix(c.Name, "__c")+"__pc", nil
		out = append(out, f.compound(func(v view, r rec) any {
			if value := v.path(r, "PersonContactId", c.Name); value != nil {
				return value
			}
			return c.Default // a checkbox is never null, not even on a company
		}).in(PersonAccounts))
	}
	return out
}

// Address is the value of a compound address field.
type Address struct {
	City            any `json:"city"`
	Country         any `json:"country"`
	GeocodeAccuracy any `json:"geocodeAccuracy"`
	Latitude        any `json:"latitude"`
	Longitude       any `json:"longitude"`
	PostalCode      any `json:"postalCode"`
	State           any `json:"state"`
	Street          any `json:"street"`
}

func billingAddress(v view, r rec) any {
	part := func(name string) any { return v.path(r, "Billing"+name) }
	return Address{City: part("City"), Country: part("Country"), PostalCode: part("PostalCode"), State: part("State"), Street: part("Street")}
}
