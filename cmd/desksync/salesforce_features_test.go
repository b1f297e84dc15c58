package main

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/sandbox/salesforce"
	"github.com/desksync/desksync/sandbox/salesforce/org"
)

// bulk reads everything by Bulk jobs instead.
func (o *ownOrg) bulk() *ownOrg {
	o.t.Helper()
	return o.also("#SOURCE", "bulk_rows: 0")
}

// nothingRead fails if a record was asked for since the last look.
func (o *ownOrg) nothingRead() {
	o.t.Helper()
	calls := o.asked()
	for _, call := range calls {
		if strings.Contains(call, "query") {
			o.t.Errorf("it was read before that was said: %s", call)
		}
	}
	if len(calls) == 0 {
		o.t.Error("nobody was asked at all: the test is blind")
	}
}

// seededUser is the id of a user whose address is userN@example.com.
func seededUser(n int) string { return org.New(org.Options{}).IDOf("User", n) }

func TestAccountTeamsAtTheSandbox(t *testing.T) {
	t.Parallel()
	o := newOwnOrg(t).with("FIELDS", `kind: 'join(map(filter(team, .TeamMemberRole == "CSM" and .User.IsActive), .User.Email), "+")'`)
	acme, bolt := o.account("Acme", nil), o.account("Bolt", nil)
	member := func(account, role string, n int) string {
		return o.create("AccountTeamMember", map[string]any{"AccountId": account, "UserId": seededUser(n), "TeamMemberRole": role})
	}
	member(acme, "TAM", 1)
	csm := member(acme, "CSM", 2)
	member(acme, "CSM", 3) // no longer active
	member(bolt, "CSM", 1)
	bulk := o.bulk()
	for _, x := range []*ownOrg{o, bulk} {
		x.run(exitOK, "reconcile", "--yes")
		if acme, bolt := x.field("Acme", "kind"), x.field("Bolt", "kind"); acme != `"user2@example.com"` || bolt != `"user1@example.com"` {
			t.Errorf("Acme has %s and Bolt %s, want the mail of user 2 and of user 1", acme, bolt)
		}
	}
	o.do(salesforce.Act{Do: "hard_delete", ID: csm})
	member(acme, "CSM", 1)
	for _, x := range []*ownOrg{o, bulk} {
		x.run(exitOK, "reconcile", "--yes", "--full") // who is taken out of a team leaves no trace that a delta read could show
		if got := x.field("Acme", "kind"); got != `"user1@example.com"` {
			t.Errorf("after its CSM changed, Acme has %s", got)
		}
		x.run(exitOK, "diff")
	}
	o.asked()
	without := o.also(`kind: 'join(map(filter(team, .TeamMemberRole == "CSM" and .User.IsActive), .User.Email), "+")'`, "kind: account.Name")
	without.run(exitFound, "diff")
	for _, call := range o.asked() {
		if strings.Contains(call, "AccountTeamMember") {
			t.Errorf("no rule names the team, and it costs a call: %s", call)
		}
	}
	if out := without.run(exitOK, "source", "describe"); !strings.Contains(out, "team member: ") || !strings.Contains(out, "TeamMemberRole") {
		t.Errorf("describe does not show the team:\n%s", out)
	}
}

func TestATeamWhereTheFeatureIsOff(t *testing.T) {
	t.Parallel()
	o := newOwnOrg(t, org.AccountTeams).with("FIELDS", `kind: 'find(team, .TeamMemberRole == "CSM")?.User.Name'`)
	if said := o.run(exitUsage, "diff"); !strings.Contains(said, "the source has no team members") {
		t.Errorf("a rule over a team that there is not:\n%s", said)
	}
	o.nothingRead()
}

// person makes the seeded person account one that the file reads, with an address: an
// account of record type Person_Account and its contact, number 40, in one.
func (o *ownOrg) person(mail string) (account, contact string) {
	o.t.Helper()
	seeded := org.New(org.Options{Accounts: 30})
	account, contact = seeded.IDOf("Account", 20), seeded.IDOf("Contact", 40)
	o.update("Account", account, map[string]any{"External_Id__c": "person", "Name": "Pat Person"})
	o.update("Contact", contact, map[string]any{"Email": mail})
	return account, contact
}

func TestAPersonAccountIsAnOrganizationAndAUser(t *testing.T) {
	t.Parallel()
	o := newOwnOrg(t).with("FIELDS", `kind: 'account.IsPersonAccount ? "person " + account.PersonEmail : "company"'`).with("MEMBERS", "members: {who: contacts}")
	_, pat := o.person("pat@person.example")
	acme := o.account("Acme", nil)
	ann := o.create("Contact", map[string]any{"AccountId": acme, "LastName": "Lee", "Email": "ann@acme.example"})
	bulk := o.bulk()
	for _, x := range []*ownOrg{o, bulk} {
		x.run(exitOK, "reconcile", "--yes")
		organizations, users := x.holds()
		if got := slices.Sorted(maps.Keys(users)); !slices.Equal(got, []string{pat, ann}) {
			t.Errorf("users %v, want the person %s and the contact %s, each once", got, pat, ann)
		}
		if p := organizations["Pat Person"]; len(p.Members) != 1 || p.Members[0].User != pat || !strings.HasPrefix(string(p.Fields["kind"]), `"person `) {
			t.Errorf("the person's organization is %+v", p)
		}
		if a := organizations["Acme"]; len(organizations) != 2 || string(a.Fields["kind"]) != `"company"` {
			t.Errorf("the company's organization is %+v, one of %d", a, len(organizations))
		}
		x.run(exitOK, "diff")
	}
	companies := o.also("accounts: {where: External_Id__c != null}", "accounts: {where: External_Id__c != null AND IsPersonAccount = false}")
	companies.run(exitOK, "reconcile", "--yes")
	organizations, users := companies.holds()
	if len(organizations) != 1 || len(users) != 1 || users[ann].Email != "ann@acme.example" {
		t.Errorf("without person accounts there are %v and %v, want Acme and its contact", organizations, users)
	}
	both := companies.also("contacts: {where: Account.External_Id__c != null}", "contacts: {where: Account.External_Id__c != null AND IsPersonAccount = false}")
	for x, want := range map[*ownOrg]string{companies: "1 account by REST, 2 contacts", both: "1 account by REST, 1 contact by REST,"} {
		if said := x.run(exitOK, "reconcile", "--yes", "--full"); !strings.Contains(said, want) {
			t.Errorf("want %s in:\n%s", want, said)
		}
	}
}

func TestPersonAccountsWhereTheFeatureIsOff(t *testing.T) {
	t.Parallel()
	o := newOwnOrg(t, org.PersonAccounts)
	rule := o.also("#FIELDS", "kind: 'account.IsPersonAccount ? \"p\" : \"c\"'")
	if said := rule.run(exitUsage, "diff"); !strings.Contains(said, "account has no field IsPersonAccount") {
		t.Errorf("a rule with a field that there is not:\n%s", said)
	}
	rule.nothingRead()
	where := o.also("accounts: {where: External_Id__c != null}", "accounts: {where: IsPersonAccount = false}")
	if said := where.run(exitFailed, "diff"); !strings.Contains(said, "Account has no field IsPersonAccount that the integration user can see") {
		t.Errorf("a condition with a field that there is not:\n%s", said)
	}
}

func TestRecordTypesAtTheSandbox(t *testing.T) {
	t.Parallel()
	o := newOwnOrg(t).with("FIELDS", "kind: account.RecordType.DeveloperName")
	types := org.New(org.Options{})
	for i, name := range []string{"Acme", "Bolt"} {
		o.account(name, map[string]any{"RecordTypeId": types.IDOf("RecordType", i)}) // Customer, Partner
	}
	bulk := o.bulk()
	for _, x := range []*ownOrg{o, bulk} {
		x.run(exitOK, "reconcile", "--yes")
		if acme, bolt := x.field("Acme", "kind"), x.field("Bolt", "kind"); acme != `"Customer"` || bolt != `"Partner"` {
			t.Errorf("Acme is a %s and Bolt a %s", acme, bolt)
		}
		some := x.also("accounts: {where: External_Id__c != null}", "accounts: {where: External_Id__c != null AND RecordType.DeveloperName = 'Partner'}")
		some.run(exitOK, "reconcile", "--yes")
		if organizations, _ := some.holds(); len(organizations) != 1 || organizations["Bolt"].Name != "Bolt" {
			t.Errorf("partners alone are %v", slices.Sorted(maps.Keys(organizations)))
		}
	}
}

// relate makes a contact of Acme that belongs to Bolt and Crate too, to the last no longer.
func (o *ownOrg) relate() (ann string) {
	o.t.Helper()
	acme, bolt, crate := o.account("Acme", nil), o.account("Bolt", nil), o.account("Crate", nil)
	ann = o.create("Contact", map[string]any{"AccountId": acme, "LastName": "Lee", "Email": "ann@acme.example"})
	o.create("AccountContactRelation", map[string]any{"AccountId": bolt, "ContactId": ann, "Roles": "Evaluator", "IsActive": true})
	o.create("AccountContactRelation", map[string]any{"AccountId": crate, "ContactId": ann, "Roles": "Evaluator", "IsActive": false})
	return ann
}

const relationRules = `members: {who: contacts, relations: {who: relation.IsActive and not relation.IsDirect, position: 'join(relation.Roles ?? [], ", ")'}}`

func TestAnIndirectRelationIsAFurtherMembership(t *testing.T) {
	t.Parallel()
	o := newOwnOrg(t).with("MEMBERS", relationRules)
	ann := o.relate()
	bulk := o.bulk()
	for _, x := range []*ownOrg{o, bulk} {
		x.run(exitOK, "reconcile", "--yes")
		organizations, users := x.holds()
		members := map[string]string{}
		for name, organization := range organizations {
			for _, m := range organization.Members {
				members[name] += m.User + " " + m.Position
			}
		}
		want := map[string]string{"Acme": ann + " ", "Bolt": ann + " Evaluator"}
		if !maps.Equal(members, want) || len(users) != 1 {
			t.Errorf("members %v, want %v, and one user: %v", members, want, users)
		}
		x.run(exitOK, "diff")
	}
}

func TestRelationsWhereTheFeatureIsOff(t *testing.T) {
	t.Parallel()
	o := newOwnOrg(t, org.AccountRelations).with("MEMBERS", "members: {who: contacts}")
	acme := o.account("Acme", nil)
	ann := o.create("Contact", map[string]any{"AccountId": acme, "LastName": "Lee", "Email": "ann@acme.example"})
	usual := o.also("      relations: {object: AccountContactRelation, where: Account.External_Id__c != null}\n", "")
	said := usual.run(exitOK, "reconcile", "--yes")
	organizations, _ := usual.holds()
	if len(organizations["Acme"].Members) != 1 || organizations["Acme"].Members[0].User != ann || strings.Contains(strings.ToLower(said), "relation") {
		t.Errorf("without relations Acme is %+v, and it says:\n%s", organizations["Acme"], said)
	}
	if said := o.run(exitFailed, "diff"); !strings.Contains(said, "the organization has no object AccountContactRelation that the integration user can see") {
		t.Errorf("an object that the file names and the organization lacks:\n%s", said)
	}
}

// TestRelationsThatGoAwayAreNotGivenUp: the organization turns them off, or the login may
// not see them any more. With rules for them or without, nobody loses a membership.
func TestRelationsThatGoAwayAreNotGivenUp(t *testing.T) {
	t.Parallel()
	const plain, object = "members: {who: contacts}", "      relations: {object: AccountContactRelation, where: Account.External_Id__c != null}\n"
	tests := map[string]struct {
		rules, gone string
		code        int
		says        string
	}{
		"turned off, and rules name them": {relationRules, `{"off": ["contacts-to-multiple-accounts"]}`, exitUsage, "the source has no relations"},
		"hidden, and rules name them":     {relationRules, `{"hidden": ["AccountContactRelation"]}`, exitUsage, "the source has no relations"},
		"turned off, and no rule does":    {plain, `{"off": ["contacts-to-multiple-accounts"]}`, exitOK, "the login no longer sees the relation column ContactId"},
		"hidden, and no rule does":        {plain, `{"hidden": ["AccountContactRelation"]}`, exitOK, "the login no longer sees the relation column ContactId"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOwnOrg(t).with("MEMBERS", tt.rules).also("guards: {shrank: off}", "guards: {shrank: off, removals: off}").also(object, "")
			ann := o.relate()
			o.run(exitOK, "reconcile", "--yes")
			o.asked()
			o.admin(http.MethodPatch, "settings", []byte(tt.gone), nil)
			const unseen = "the login no longer sees the relation column"
			for _, x := range []struct {
				code int
				says string
				args []string
			}{{exitOK, unseen, []string{"reconcile", "--yes", "--full"}}, {tt.code, tt.says, []string{"reconcile", "--yes", "--full"}}} {
				args := x.args
				if said := o.run(x.code, args...); !strings.Contains(said, x.says) {
					t.Errorf("%v says nothing of %q:\n%s", args, x.says, said)
				}
				organizations, _ := o.holds()
				if m := organizations["Bolt"].Members; len(m) != 1 || m[0].User != ann {
					t.Errorf("after %v Bolt has the members %v, want the contact of Acme as before", args, m)
				}
			}
		})
	}
}

// TestContactsWithoutAnAccountAreOneFinding: however many they are, by REST and by Bulk.
func TestContactsWithoutAnAccountAreOneFinding(t *testing.T) {
	t.Parallel()
	o := newOwnOrg(t).with("MEMBERS", "members: {who: contacts}")
	o.account("Acme", nil)
	for i := range 3 {
		o.create("Contact", map[string]any{"LastName": fmt.Sprintf("Private %d", i), "Email": fmt.Sprintf("p%d@private.example", i)})
	}
	o = o.also("contacts: {where: Account.External_Id__c != null}", "contacts: {where: AccountId = null AND LastName LIKE 'Private %'}")
	for _, x := range []*ownOrg{o, o.bulk()} {
		x.run(exitOK, "reconcile", "--yes")
		if _, users := x.holds(); len(users) != 0 {
			t.Errorf("users %v", users)
		}
		said := x.run(exitOK, "runs", "show", "1", "--findings")
		if strings.Count(said, "left out") != 1 || !strings.Contains(said, "crm Contact: 3 contacts belong to no account and were left out; nothing, if that is meant") {
			t.Errorf("want one finding of all three:\n%s", said)
		}
	}
}
