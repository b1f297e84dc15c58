package mapping_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/desksync/desksync/helpdesk/domains"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sla"
)

func steps(x mapping.Explanation) []string {
	var out []string
	for _, s := range x.Steps {
		line := fmt.Sprintf("%s: %s", s.Kind, s.Text)
		if s.Note != "" {
			line += " | " + s.Note
		}
		if s.Path != "" || s.Line != 0 {
			line += fmt.Sprintf(" @%s:%d", s.Path, s.Line)
		}
		if s.ID != "" {
			line += fmt.Sprintf(" [%s %s]", s.Role, s.ID)
		}
		out = append(out, line)
	}
	return out
}

func TestExplain(t *testing.T) {
	t.Parallel()
	pilot := sla.Override{Field: "plan", Value: "premium", Reason: "pilot", Author: "ann", Source: "overrides.yaml:12", Until: day.MustParse("2026-12-31")}
	tests := map[string]struct {
		group group
		field string
		value string
		want  []string
	}{
		"the plan of two charges": {
			group{charges: []string{"Gold 2026-11-20 2027-11-19 25", "Starter 2026-04-01 2026-11-10 5", "Education 2020-01-01 2021-01-01"}},
			"support_level", "gold",
			[]string{
				"rule: plan.name @organizations.fields.support_level:52",
				`because: charge a00 "Gold", 25 seats, 2026-11-20 to 2027-11-19, active [subscription a00]`,
				"row: catalogue row 2: gold, sla Priority @plans[1]:22",
				`over: charge a01 "Starter", 5 seats, 2026-04-01 to 2026-11-10, in grace | order: gold before starter [subscription a01]`,
				"row: catalogue row 4: starter, sla Standard @plans[3]:24",
				`idle: charge a02 "Education", 2020-01-01 to 2021-01-01, over | counted until 2021-01-16 [subscription a02]`,
				"row: catalogue row 6: community, sla none @plans[5]:26",
				"tags: gold, starter | of the plans in force: gold, starter",
				"policy: Priority | first of Emergency, Priority, Standard, Consumption that the tags gold, starter match",
				"next: 2026-11-26 | the next day on which the date alone may change something",
			},
		},
		"an override, by the name of the plan": {
			group{charges: []string{"Education 2026-01-01 -"}, overrides: []sla.Override{pilot}},
			"plan", "premium",
			[]string{
				`override: "premium" until 2026-12-31 by ann: pilot | acts before the order of plans and before tags @overrides.yaml:12:0`,
				`over: charge a00 "Education", 2026-01-01 without end, active | gives way to the override [subscription a00]`,
				"row: catalogue row 6: community, sla none @plans[5]:26",
				"tags: premium | of the plans in force: premium, community",
				"policy: Priority | first of Emergency, Priority, Standard, Consumption that the tags premium match",
				"next: 2027-01-01 | the next day on which the date alone may change something",
			},
		},
		"a column and what it held": {
			group{account: facts{"CARR_This_Account__c": "31200"}, charges: []string{"Mystery 2026-01-01 -"}},
			"aar", "0",
			[]string{
				"rule: plan.expired ? 0 : account.CARR_This_Account__c @organizations.fields.aar:53",
				`column: account.CARR_This_Account__c is "31200" [account ` + jason + "]",
				`idle: charge a00 "Mystery", 2026-01-01 without end, no catalogue row | grants nothing; add the product under plans [subscription a00]`,
				"tags: none | of the plans in force: expired",
				"policy: none | none of Emergency, Priority, Standard, Consumption takes these tags",
				`finding: charge a00 is active, and no catalogue row has its product "Mystery"; it grants nothing until one does | unknown_product`,
			},
		},
		"the records of a list": {
			group{team: []facts{{"id": "m1", "TeamMemberRole": "TAM", "User.Name": "Bob"}, {"id": "m2", "User.Name": "Ann"}}},
			"technical_account_manager", "Bob",
			[]string{
				`rule: find(team, .TeamMemberRole == "TAM")?.User.Name @team:9`,
				`column: team 1: TeamMemberRole is "TAM", User.Name is "Bob" [team member m1]`,
				`column: team 2: TeamMemberRole is empty, User.Name is "Ann" [team member m2]`,
			},
		},
		"a list without records": {group{}, "technical_account_manager", "–", []string{
			`rule: find(team, .TeamMemberRole == "TAM")?.User.Name @team:9`, "column: team is empty",
		}},
		"a list of many records": {
			group{team: []facts{{"id": "m1"}, {"id": "m2"}, {"id": "m3"}, {"id": "m4"}, {"id": "m5"}, {"id": "m6"}, {"id": "m7"}}},
			"technical_account_manager", "–",
			[]string{
				`rule: find(team, .TeamMemberRole == "TAM")?.User.Name @team:9`,
				"column: team 1: TeamMemberRole is empty, User.Name is empty [team member m1]",
				"column: team 2: TeamMemberRole is empty, User.Name is empty [team member m2]",
				"column: team 3: TeamMemberRole is empty, User.Name is empty [team member m3]",
				"column: team 4: TeamMemberRole is empty, User.Name is empty [team member m4]",
				"column: team 5: TeamMemberRole is empty, User.Name is empty [team member m5]",
				"column: team: 2 more",
			},
		},
		"an override of the field": {
			group{overrides: []sla.Override{{Field: "account_owner", Value: "M. Ortiz", Reason: "handover", Author: "bob", Source: "decision 14", From: today}}},
			"account_owner", "M. Ortiz",
			[]string{
				`override: "M. Ortiz" from 2026-11-21 by bob: handover | acts on the field, whatever the rule yields @decision 14:0`,
				"rule: account.Account_Owner_Calc__c @organizations.fields.account_owner:57",
				"column: account.Account_Owner_Calc__c is empty [account " + jason + "]",
			},
		},
		"a field that the helpdesk owns": {group{}, "am_project_id", "–", []string{
			"rule: the helpdesk owns the field: it is never written",
		}},
		"an account that has left": {group{charges: []string{"Gold 2020-01-01 2021-01-01"}}, "name", "–", []string{
			"skip: left: retention ended 2024-01-03", "rule: account.Name @rule:40", `column: account.Name is "Jason Enterprises" [account ` + jason + "]",
		}},
		"a tag": {group{charges: []string{"Gold 2026-01-01 -"}}, "tag:gold", "true", []string{
			"rule: sla.tags @rule:40", `because: charge a00 "Gold", 2026-01-01 without end, active [subscription a00]`,
			"row: catalogue row 2: gold, sla Priority @plans[1]:22", "tags: gold | of the plans in force: gold",
			"policy: Priority | first of Emergency, Priority, Standard, Consumption that the tags gold match",
		}},
		"a domain that nobody may claim": {group{account: facts{"Email_Domains__c": "acme.com; https://www.GMail.com/"}}, "domain:gmail.com", "–", []string{
			"rule: account.Email_Domains__c @rule:40",
			`column: account.Email_Domains__c is "acme.com; https://www.GMail.com/" [account ` + jason + "]",
			`finding: rule: "https://www.GMail.com/" belongs to the free-mail provider gmail.com, where anybody gets an address; use the customer's own domain, or add gmail.com to the allowed domains in the configuration if the customer owns it | bad_domain`,
		}},
		"another domain of that account": {group{account: facts{"Email_Domains__c": "acme.com;gmail.com"}}, "domain:acme.com", "true", []string{
			"rule: account.Email_Domains__c @rule:40", `column: account.Email_Domains__c is "acme.com;gmail.com" [account ` + jason + "]",
		}},
	}
	s := gitlab()
	s.CleanDomain = new(domains.Rules).Clean
	i := slices.IndexFunc(s.Fields, func(f mapping.FieldRule) bool { return f.Name == "technical_account_manager" })
	s.Fields[i].Expr = mapping.Expr{Text: `find(team, .TeamMemberRole == "TAM")?.User.Name`, Path: "team", Line: 9}
	m := compile(t, s)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x, err := m.Explain(tt.group.build(t, m), today, tt.field)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, steps(x)); diff != "" || x.Value.String() != tt.value {
				t.Errorf("value %s, steps (-want +got):\n%s", x.Value, diff)
			}
		})
	}
	if _, err := m.Explain(group{}.build(t, m), today, "suport_level"); err == nil || err.Error() != "mapping: no rule has a field suport_level; did you mean support_level?" {
		t.Errorf("a field nobody maps: %v", err)
	}
}
