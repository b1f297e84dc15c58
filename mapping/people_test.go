package mapping_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/mapping"
)

// people renders users and members as "key: field=value …".
func people(res mapping.Result) []string {
	var out []string
	for _, o := range append(slices.Clone(res.Users), res.Members...) {
		s := o.Ref.String() + ":"
		for _, f := range o.Fields {
			s += " " + f.Name + "=" + f.Value.String()
		}
		out = append(out, strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(s, jason, "J"), ann, "A"), bob, "B"))
	}
	return out
}

func TestPeople(t *testing.T) {
	t.Parallel()
	a := facts{"id": ann, "Name": "Ann", "Email": "Ann.Lee@ACME.example", "Title": "CTO", "Score__c": "7"}
	b := facts{"id": bob, "Name": "Bob", "Email": "bob@acme.example", "Score__c": "9", "CreatedDate": "2019-01-01"}
	with := func(f facts, name, value string) facts {
		out := facts{name: value}
		for k, v := range f {
			if k != name {
				out[k] = v
			}
		}
		return out
	}
	tests := map[string]struct {
		change   func(*mapping.Spec)
		contacts []facts
		related  []facts
		want     []string
		findings []string
		withheld []string
	}{
		"users and memberships": {
			contacts: []facts{a, b},
			want: []string{
				"user/A: email=Ann.Lee@acme.example name=Ann", "user/B: email=bob@acme.example name=Bob",
				"membership/J/A: default=true position=CTO", "membership/J/B: default=true position=–",
			},
		},
		"a contact that the rule leaves out": {
			contacts: []facts{with(a, "Inactive__c", "true"), b},
			want:     []string{"user/B: email=bob@acme.example name=Bob", "membership/J/B: default=true position=–"},
		},
		"an e-mail that is not one": {
			contacts: []facts{with(a, "Email", "ann at acme"), b},
			want:     []string{"user/B: email=bob@acme.example name=Bob", "membership/J/B: default=true position=–"},
			findings: []string{"bad_email " + ann},
			withheld: []string{"user/" + ann, "membership/" + jason + "/" + ann},
		},
		"a contact without an e-mail is passed over and told of": {
			contacts: []facts{with(a, "Email", "")},
			findings: []string{"no_email " + jason},
		},
		"one whom nobody wants needs none": {
			contacts: []facts{with(with(a, "Inactive__c", "true"), "Email", "")},
		},
		"two contacts of one address, whatever the case": {
			contacts: []facts{a, with(b, "Email", "ANN.lee@acme.example")},
			want:     []string{"user/A: email=Ann.Lee@acme.example name=Ann", "membership/J/A: default=true position=CTO"},
			findings: []string{"duplicate_email " + bob},
			withheld: []string{"user/" + bob, "membership/" + jason + "/" + bob},
		},
		"one more than there is room for": {
			change:   func(s *mapping.Spec) { s.Members.Cap = 1 },
			contacts: []facts{a, b},
			want:     []string{"user/A: email=Ann.Lee@acme.example name=Ann", "membership/J/A: default=true position=CTO"},
			findings: []string{"over_cap " + jason},
			withheld: []string{"user/" + bob, "membership/" + jason + "/" + bob},
		},
		"the oldest first by a column; one without comes last": {
			change:   func(s *mapping.Spec) { s.Members.Cap, s.Members.Order = 1, rule("contact.CreatedDate") },
			contacts: []facts{a, b},
			want:     []string{"user/B: email=bob@acme.example name=Bob", "membership/J/B: default=true position=–"},
			findings: []string{"over_cap " + jason},
			withheld: []string{"user/" + ann, "membership/" + jason + "/" + ann},
		},
		"fields of users, and a manager": {
			change: func(s *mapping.Spec) {
				s.Members.UserFields = []mapping.FieldRule{{Name: "score", Expr: rule("contact.Score__c")}}
				s.Members.Manager, s.Members.Default = rule(`contact.Title == "CTO"`), "none"
			},
			contacts: []facts{a, b},
			want: []string{
				"user/A: email=Ann.Lee@acme.example field:score=7 name=Ann", "user/B: email=bob@acme.example field:score=9 name=Bob",
				"membership/J/A: manager=true position=CTO", "membership/J/B: manager=false position=–",
			},
		},
		"a field whose rule fails has no opinion": {
			change: func(s *mapping.Spec) {
				s.Members.UserFields = []mapping.FieldRule{{Name: "score", Expr: rule("contact.Title")}}
			},
			contacts: []facts{a},
			want:     []string{"user/A: email=Ann.Lee@acme.example name=Ann", "membership/J/A: default=true position=CTO"},
			findings: []string{"rule_failed " + ann},
		},
		"a contact of another account": {
			change: func(s *mapping.Spec) {
				s.Related = mapping.Related{Position: rule("relation.Roles"), Who: rule(`relation.Roles != "Former"`)}
			},
			contacts: []facts{a},
			related: []facts{
				{"id": "07kAa0000001aaaIAA", "ContactId": bob[:15], "Roles": "Advisor"},
				{"id": "07kAa0000001bbbIAA", "ContactId": ann},
				{"id": "07kAa0000001cccIAA", "ContactId": "nobody"},
				{"id": "07kAa0000001dddIAA", "ContactId": nowhere[:15], "Roles": "Former"},
			},
			want: []string{
				"user/A: email=Ann.Lee@acme.example name=Ann",
				"membership/J/A: default=true position=CTO", "membership/J/B: default=false position=Advisor",
			},
			findings: []string{"bad_relation 07kAa0000001cccIAA"},
		},
		"no room for a contact of another account": {
			change:   func(s *mapping.Spec) { s.Members.Cap = 1 },
			contacts: []facts{a},
			related:  []facts{{"id": "07kAa0000001aaaIAA", "ContactId": bob}},
			want:     []string{"user/A: email=Ann.Lee@acme.example name=Ann", "membership/J/A: default=true position=CTO"},
			findings: []string{"over_cap " + bob},
			withheld: []string{"user/" + bob, "membership/" + jason + "/" + bob},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := gitlab()
			if tt.change != nil {
				tt.change(&s)
			}
			res := mapped(t, compile(t, s), group{contacts: tt.contacts, relations: tt.related}, today)
			if diff := cmp.Diff(tt.want, people(res)); diff != "" {
				t.Errorf("people (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.findings, codes(res)); diff != "" {
				t.Errorf("findings (-want +got):\n%s\n%+v", diff, res.Findings)
			}
			for _, ref := range tt.withheld {
				if !res.IsWithheld(ref) {
					t.Errorf("%s is given up", ref)
				}
			}
			if diff := cmp.Diff(tt.withheld, res.Withheld); diff != "" {
				t.Errorf("withheld (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheThirtyFirstContactIsRefusedWithTheListOfTheThirty(t *testing.T) {
	t.Parallel()
	var contacts []facts
	for i := range 31 {
		contacts = append(contacts, facts{"id": fmt.Sprintf("003Aa00000%05dAAA", i), "Name": "N", "Email": fmt.Sprintf("c%d@acme.example", i)})
	}
	m := compile(t, gitlab())
	res := mapped(t, m, group{contacts: contacts}, today)
	if len(res.Users) != 30 || len(res.Members) != 30 || !slices.Equal(res.Over, []string{contacts[30]["id"]}) {
		t.Fatalf("%d users, %d members, over %v", len(res.Users), len(res.Members), res.Over)
	}
	text := res.Findings[0].Text
	if !strings.HasPrefix(text, "31 contacts for 30 places: refused c30@acme.example (003Aa0000000030AAA); members are c0@acme.example") ||
		!strings.Contains(text, "c29@acme.example") || strings.Count(text, "@") != 31 {
		t.Errorf("the finding says %s", text)
	}
	claims, err := m.NewWorker().Claims(group{contacts: contacts}.build(t, m), today)
	if err != nil || len(claims.Emails) != 30 || claims.Emails[0] != (mapping.EmailClaim{Email: "c0@acme.example", Contact: contacts[0]["id"]}) {
		t.Errorf("claims %+v, %v", claims, err)
	}
	if _, ok := res.Org.Fields.Get(helpdesk.Name); !ok {
		t.Error("the organization suffers for its contacts")
	}
}

func TestPoliciesAndTargetsOfMembers(t *testing.T) {
	t.Parallel()
	s := gitlab()
	s.Members.OnDrift, s.Members.UserFields = helpdesk.Hold, []mapping.FieldRule{
		{Name: "score", Expr: rule("contact.Score__c"), Policies: mapping.Policies{OnDrift: helpdesk.Correct}},
	}
	m := compile(t, s)
	user := m.Shapes()[helpdesk.User].Fields
	if user["name"].OnDrift != helpdesk.Hold || user["email"].OnDrift != helpdesk.Hold || user["field:score"].OnDrift != helpdesk.Correct || user["name"].OnFound != helpdesk.Hold {
		t.Errorf("policies of users: name %+v, email %+v, score %+v", user["name"], user["email"], user["field:score"])
	}
	single := caps()
	single.MultiOrg = false
	m, problems := mapping.Compile(s, schema(), single, catalogue(t))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if _, reads := m.Columns()["relation"]; reads {
		t.Error("relations are read for a target on which a user is in one organization")
	}
}

func TestANameHasNoSpacesAroundIt(t *testing.T) {
	t.Parallel()
	g := group{account: facts{"Name": " Acme  Holding "}, contacts: []facts{{"id": ann, "Name": "Ann Lee\u00a0", "Email": "ann@acme.example"}}}
	res := mapped(t, compile(t, gitlab()), g, today)
	if got := show(res.Org.Fields, "name"); got != "text Acme  Holding" {
		t.Errorf("the organization's name is %q", got)
	}
	if len(res.Users) != 1 || show(res.Users[0].Fields, "name") != "text Ann Lee" {
		t.Errorf("the user is %+v", res.Users)
	}
}

func TestANameIsOneLine(t *testing.T) {
	t.Parallel()
	g := group{account: facts{"Name": "Acme\r\nGmbH \t& Co\a"}, contacts: []facts{{"id": ann, "Name": "Ann\nLee", "Email": "ann@acme.example"}}}
	res := mapped(t, compile(t, gitlab()), g, today)
	if got := show(res.Org.Fields, "name"); got != "text Acme GmbH & Co" {
		t.Errorf("the organization's name is %q", got)
	}
	if len(res.Users) != 1 || show(res.Users[0].Fields, "name") != "text Ann Lee" {
		t.Errorf("the user is %+v", res.Users)
	}
}
