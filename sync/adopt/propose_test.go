package adopt_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/adopt"
)

const (
	acme = "001Aa000003DGb2IAG"
	bolt = "001Aa000004QmX1IAK"
)

func account(id, name string, domains ...string) adopt.Wanted {
	return adopt.Wanted{Ref: helpdesk.Ref{Kind: helpdesk.Organization, Key: id}, Account: id, Name: name, Domains: domains}
}

func contact(id, account, email string) adopt.Wanted {
	return adopt.Wanted{Ref: helpdesk.Ref{Kind: helpdesk.User, Key: id}, Account: account, Name: "Ann", Email: email}
}

// lines renders proposals: "001… yes 11 by name: why".
func lines(list []adopt.Proposal) string {
	var b strings.Builder
	for i := range list {
		p := &list[i]
		id := "-"
		if p.Held != nil {
			id = p.Held.ID
		}
		fmt.Fprintf(&b, "%s %q %s by %s: %s\n", p.Ref.Key, p.Link, id, p.Evidence, p.Reason)
	}
	return b.String()
}

func TestAnOrganizationIsProposedByWhatSpeaksForIt(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		wanted []adopt.Wanted
		held   []adopt.Held
		want   string
	}{
		"it carries the id": {
			[]adopt.Wanted{account(acme, "Acme")},
			[]adopt.Held{{ID: "11", Key: acme, Name: "Acme"}},
			acme + ` "linked" 11 by external id + name: ` + "\n",
		},
		"it carries the id of 15 characters": {
			[]adopt.Wanted{account(acme, "Acme")},
			[]adopt.Held{{ID: "11", Key: acme[:15], Name: "ACME Inc"}},
			acme + ` "yes" 11 by external id: ` + "\n",
		},
		"it carries the id in capitals": {
			[]adopt.Wanted{account(acme, "Acme")},
			[]adopt.Held{{ID: "11", Key: strings.ToUpper(acme)}},
			acme + ` "yes" 11 by external id: ` + "\n",
		},
		"its field carries the id": {
			[]adopt.Wanted{account(acme, "Acme")},
			[]adopt.Held{{ID: "11", FieldID: acme[:15]}},
			acme + ` "yes" 11 by id field: ` + "\n",
		},
		"two carry the id": {
			[]adopt.Wanted{account(acme, "Acme")},
			[]adopt.Held{{ID: "11", FieldID: acme}, {ID: "12", FieldID: acme[:15]}},
			acme + ` "?" - by id field: organizations 11 and 12 carry its id; write one of them under target_id, and yes` + "\n",
		},
		"one is linked, and another carries the id in its field": {
			[]adopt.Wanted{account(acme, "Acme")},
			[]adopt.Held{{ID: "11", Key: acme}, {ID: "12", FieldID: acme}},
			acme + ` "linked" 11 by external id: organization 12 carries its id too` + "\n",
		},
		"its field carries the id, and it belongs to another account": {
			[]adopt.Wanted{account(acme, "Acme"), account(bolt, "Bolt")},
			[]adopt.Held{{ID: "11", Key: bolt, FieldID: acme}},
			acme + ` "" - by : organization 11 carries its id in the id field, and belongs to ` + bolt + "\n" + bolt + ` "linked" 11 by external id: ` + "\n",
		},
		"another program's external id": {
			[]adopt.Wanted{account(acme, "Acme")},
			[]adopt.Held{{ID: "11", Key: "billing-17", FieldID: acme}},
			acme + ` "?" 11 by id field: its external id billing-17 would be replaced` + "\n",
		},
		"an id in other letter case": {
			[]adopt.Wanted{account(acme, "Acme")},
			[]adopt.Held{{ID: "11", FieldID: strings.ToLower(acme[:15])}},
			acme + ` "?" 11 by id in other letter case: organization 11 carries an id that differs from this one in letter case only` + "\n",
		},
		"name alone": {
			[]adopt.Wanted{account(acme, "Acme")},
			[]adopt.Held{{ID: "11", Name: " ACME "}},
			acme + ` "?" 11 by name: ` + "\n",
		},
		"name and domain": {
			[]adopt.Wanted{account(acme, "Acme", "acme.example")},
			[]adopt.Held{{ID: "11", Name: "acme", Domains: []string{"Acme.example"}}},
			acme + ` "?" 11 by name + domain: ` + "\n",
		},
		"domain alone": {
			[]adopt.Wanted{account(acme, "Acme", "acme.example")},
			[]adopt.Held{{ID: "11", Name: "A.", Domains: []string{"acme.example"}}},
			acme + ` "?" 11 by domain: ` + "\n",
		},
		"one has the name, another the domain": {
			[]adopt.Wanted{account(acme, "Acme", "acme.example")},
			[]adopt.Held{{ID: "11", Name: "Acme"}, {ID: "12", Domains: []string{"acme.example"}}},
			acme + ` "?" 11 by name: organization 12 has one of its domains` + "\n",
		},
		"two have the name": {
			[]adopt.Wanted{account(acme, "Acme")},
			[]adopt.Held{{ID: "11", Name: "Acme"}, {ID: "12", Name: "ACME"}},
			acme + ` "?" - by name: organizations 11 and 12 have its name; write one of them under target_id, and yes` + "\n",
		},
		"two accounts of one name": {
			[]adopt.Wanted{account(acme, "Acme"), account(bolt, "acme")},
			[]adopt.Held{{ID: "11", Name: "Acme"}},
			acme + ` "?" 11 by name: organization 11 may belong to ` + acme + " or " + bolt + "; write yes for one of them\n" +
				bolt + ` "?" 11 by name: organization 11 may belong to ` + acme + " or " + bolt + "; write yes for one of them\n",
		},
		"the name is that of somebody else's organization": {
			[]adopt.Wanted{account(acme, "Acme"), account(bolt, "Bolt")},
			[]adopt.Held{{ID: "11", Key: bolt, Name: "Acme"}},
			acme + ` "" - by : organization 11 has its name, and belongs to ` + bolt + "\n" + bolt + ` "linked" 11 by external id: ` + "\n",
		},
		"an id beats a name": {
			[]adopt.Wanted{account(acme, "Acme"), account(bolt, "Bolt")},
			[]adopt.Held{{ID: "11", FieldID: acme, Name: "Bolt"}, {ID: "12", Name: "Acme"}},
			acme + ` "yes" 11 by id field: ` + "\n" + bolt + ` "" - by : organization 11 has its name, and belongs to ` + acme + "\n",
		},
		"nothing": {
			[]adopt.Wanted{account(acme, "Acme")},
			[]adopt.Held{{ID: "11", Name: "Bolt"}},
			acme + ` "" - by : no organization has its id, name or domain` + "\n",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := lines(adopt.Propose(helpdesk.Organization, tt.wanted, tt.held)); got != tt.want {
				t.Errorf("Propose:\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestAUserIsProposedByAnAddressThatIsTheirsAlone(t *testing.T) {
	t.Parallel()
	ann := contact("003A", acme, "Ann@acme.example")
	tests := map[string]struct {
		wanted []adopt.Wanted
		held   []adopt.Held
		want   string
	}{
		"theirs alone":           {[]adopt.Wanted{ann}, []adopt.Held{{ID: "5", Email: "ann@ACME.example"}}, `003A "yes" 5 by e-mail: `},
		"linked":                 {[]adopt.Wanted{ann}, []adopt.Held{{ID: "5", Key: "003A"}}, `003A "linked" 5 by external id: `},
		"an agent":               {[]adopt.Wanted{ann}, []adopt.Held{{ID: "5", Email: "ann@acme.example", Spared: "user 5 is an agent"}}, `003A "" - by : user 5 is an agent`},
		"somebody else's":        {[]adopt.Wanted{ann}, []adopt.Held{{ID: "5", Key: "003Z", Email: "ann@acme.example"}}, `003A "" - by : user 5 has its e-mail, and the external id 003Z`},
		"no address":             {[]adopt.Wanted{contact("003A", acme, "")}, []adopt.Held{{ID: "5"}}, `003A "" - by : the contact has no e-mail`},
		"a contact of two, once": {[]adopt.Wanted{ann, contact("003A", bolt, "ann@acme.example")}, []adopt.Held{{ID: "5", Email: "ann@acme.example"}}, `003A "yes" 5 by e-mail: `},
		"nobody":                 {[]adopt.Wanted{ann}, nil, `003A "" - by : no user has its id or e-mail`},
		"two contacts of one address": {
			[]adopt.Wanted{ann, contact("003B", bolt, "ann@acme.example")},
			[]adopt.Held{{ID: "5", Email: "ann@acme.example"}},
			`003A "" - by : the contacts 003A, 003B have the same e-mail` + "\n" + `003B "" - by : the contacts 003A, 003B have the same e-mail`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := lines(adopt.Propose(helpdesk.User, tt.wanted, tt.held)); got != tt.want+"\n" {
				t.Errorf("Propose:\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}
