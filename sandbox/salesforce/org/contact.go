package org

import (
	"fmt"
	"strings"
)

func contact() *Object {
	return &Object{
		Name: "Contact", Label: "Contact", Plural: "Contacts", Prefix: "003", Merges: true,
		count: func(s *seeder) int { return s.contacts() },
		Fields: record(true,
			lookup("MasterRecordId", "Contact", "MasterRecord").readonly(),
			lookup("AccountId", "Account", "Account").child("Contacts", dealt(contactDeal)).from(idOf("001", accountOfContact)),
			text("LastName", 80).required().part("Name").from(lastName),
			text("FirstName", 40).part("Name").from(firstName),
			text("Name", 121).compound(func(v view, r rec) any { return joinName(v.path(r, "FirstName"), v.path(r, "LastName")) }),
			text("Title", 128).from(sometimes(4, oneOf("CTO", "Admin", "Chef de projet", "Head of \"Everything\""))),
			text("Department", 80).from(sometimes(2, oneOf("IT", "Finance"))),
			typed("phone", "Phone", 40).from(sometimes(3, phone)),
			typed("phone", "MobilePhone", 40).from(sometimes(2, phone)),
			typed("email", "Email", 80).from(sometimes(8, func(s *seeder, n int, _ uint64) any { return emailOf(s, n) })),
			lookup("ReportsToId", "Contact", "ReportsTo"),
			lookup("OwnerId", "User", "Owner").from(idOf("005", someUser)).standard(makeID("005", 0)),
			checkbox("HasOptedOutOfEmail").from(rarely(9)),
			checkbox("DoNotCall").from(rarely(9)),
			newField("datetime", "EmailBouncedDate"),
			newField("boolean", "IsEmailBounced").compound(func(v view, r rec) any { return v.path(r, "EmailBouncedDate") != nil }),
			long("Description", 32000).from(note),
			multipick("Role__c", "Primary", "Billing", "Technical", "Executive").from(sometimes(4, oneOf("Primary", "Billing", "Technical;Billing", "Primary;Technical;Executive"))),
			checkbox("Inactive_Contact__c").from(rarely(12)),
			currency(),
			checkbox("IsPersonAccount").readonly().in(PersonAccounts).from(func(_ *seeder, n int, _ uint64) any { return person(contactDeal.parent(n)) }),
		),
	}
}

func accountOfContact(_ *seeder, n int, _ uint64) int {
	if private(n) {
		return -1
	}
	return contactDeal.parent(n)
}

func joinName(first, last any) any {
	return strings.TrimSpace(fmt.Sprint(orEmpty(first), " ", orEmpty(last)))
}

func orEmpty(v any) any {
	if v == nil {
		return ""
	}
	return v
}

// fullName is that of a seeded contact.
func fullName(s *seeder, n int) any {
	return joinName(firstName(s, n, s.dice(salt("Contact.FirstName"), n)), lastName(s, n, s.dice(salt("Contact.LastName"), n)))
}

// emailOf is the address of a seeded contact; some share one, in another letter case.
func emailOf(s *seeder, n int) any {
	account := contactDeal.parent(n)
	at := strings.TrimPrefix(domain(s, account, s.dice(salt("domain"), account)), "www.")
	at = strings.NewReplacer("&", "", "ü", "u").Replace(at)
	if n%30 == 29 {
		return fmt.Sprintf("Contact%d@%s", n-1, strings.ToUpper(at))
	}
	return fmt.Sprintf("contact%d@%s", n, at)
}
