package org

import (
	"fmt"
	"strings"
)

// objects are made anew for each World, because picklists can be changed.
func objects() []*Object {
	return []*Object{
		account(), contact(), user(), recordType(), relation(), member(), subscription(), charge(), organization(), currencyType(), datedRate(),
	}
}

func user() *Object {
	return &Object{
		Name: "User", Label: "User", Plural: "Users", Prefix: "005", count: func(s *seeder) int { return s.users },
		Fields: record(false,
			text("Username", 80).required().from(func(_ *seeder, n int, _ uint64) any { return Username(n) }),
			text("LastName", 80).required().part("Name").from(userName("LastName")),
			text("FirstName", 40).part("Name").from(userName("FirstName")),
			text("Name", 121).compound(func(v view, r rec) any { return joinName(v.path(r, "FirstName"), v.path(r, "LastName")) }),
			typed("email", "Email", 128).required().from(func(_ *seeder, n int, _ uint64) any { return fmt.Sprintf("user%d@example.com", n) }),
			text("Title", 80).from(oneOf("Account Executive", "Customer Success Manager", "Technical Account Manager")),
			checkbox("IsActive").from(func(_ *seeder, n int, _ uint64) any { return n%10 != 3 }).standard(true),
			lookup("ManagerId", "User", "Manager"),
			currency(),
		),
	}
}

// Username is the login of a seeded user; the first is that of the integration.
func Username(n int) string {
	if n == 0 {
		return "integration@acme.example"
	}
	return fmt.Sprintf("user%d@acme.example", n)
}

func userName(part string) seedFunc {
	return func(s *seeder, n int, h uint64) any {
		if n == 0 {
			return map[string]string{"LastName": "User", "FirstName": "Integration"}[part]
		}
		if part == "LastName" {
			return lastName(s, n, h)
		}
		return firstName(s, n, h)
	}
}

func recordType() *Object {
	names := []string{"Customer", "Partner", "Person Account"}
	return &Object{
		Name: "RecordType", Label: "Record Type", Plural: "Record Types", Prefix: "012", Fixed: true,
		count: func(*seeder) int { return len(names) },
		Fields: record(false,
			text("Name", 80).from(func(_ *seeder, n int, _ uint64) any { return names[n] }),
			text("DeveloperName", 80).from(func(_ *seeder, n int, _ uint64) any { return strings.ReplaceAll(names[n], " ", "_") }),
			pick("SobjectType", "Account").from(always("Account")),
			checkbox("IsActive").from(always(true)),
		),
	}
}

func relation() *Object {
	return &Object{
		Name: "AccountContactRelation", Label: "Account Contact Relationship", Plural: "Account Contact Relationships", Prefix: "07k",
		Feature: AccountRelations, NoBin: true, count: func(s *seeder) int { return s.relations() },
		exists: func(s *seeder, n int) bool { c, _, direct := s.related(n); return !direct || !private(c) },
		Fields: record(true,
			lookup("AccountId", "Account", "Account").required().fixed().child("AccountContactRelations", (*seeder).relationsOfAccount).
				from(idOf("001", func(s *seeder, n int, _ uint64) int { _, a, _ := s.related(n); return a })),
			lookup("ContactId", "Contact", "Contact").required().fixed().child("AccountContactRelations", (*seeder).relationsOfContact).
				from(idOf("003", func(s *seeder, n int, _ uint64) int { c, _, _ := s.related(n); return c })),
			multipick("Roles", "Decision Maker", "Evaluator", "Business User").from(sometimes(2, oneOf("Decision Maker", "Evaluator;Business User"))),
			checkbox("IsActive").from(func(_ *seeder, _ int, h uint64) any { return h%9 != 0 }).standard(true),
			checkbox("IsDirect").readonly().from(func(s *seeder, n int, _ uint64) any { _, _, d := s.related(n); return d }),
			newField("date", "StartDate"), newField("date", "EndDate"),
			currency(),
		),
	}
}

func member() *Object {
	return &Object{
		Name: "AccountTeamMember", Label: "Account Team Member", Plural: "Account Team Members", Prefix: "01M",
		Feature: AccountTeams, NoBin: true, count: func(s *seeder) int { return s.members() },
		Fields: record(true,
			lookup("AccountId", "Account", "Account").required().fixed().child("AccountTeamMembers", dealt(teamDeal)).
				from(idOf("001", func(_ *seeder, n int, _ uint64) int { return teamDeal.parent(n) })),
			lookup("UserId", "User", "User").required().fixed().from(idOf("005", someUser)),
			pick("TeamMemberRole", "CSM", "TAM", "Sales Manager").from(oneOf("CSM", "TAM", "Sales Manager")),
			pick("AccountAccessLevel", "Read", "Edit", "All").from(always("Read")).standard("Read"),
			currency(),
		),
	}
}

func organization() *Object {
	return &Object{
		Name: "Organization", Label: "Organization", Plural: "Organizations", Prefix: "00D", Fixed: true, count: func(*seeder) int { return 2 },
		exists: func(_ *seeder, n int) bool { return n == 1 },
		Fields: record(false,
			text("Name", 80).from(always("Acme Sandbox")), checkbox("IsSandbox").from(always(false)),
			pick("OrganizationType", "Enterprise Edition").from(always("Enterprise Edition")), text("InstanceName", 5).from(always("SBX1")),
		),
	}
}
