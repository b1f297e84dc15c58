package main

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/sandbox/zendesk/account"
)

// writes are the calls of a run of the product that change something, logins aside.
func (x *existing) writes(args ...string) (out []string, said string) {
	x.Helper()
	seen := len(x.box.Requests())
	code, said := x.desksync(args...)
	if code == exitFailed {
		x.Fatalf("desksync %s failed:\n%s", strings.Join(args, " "), said)
	}
	for _, r := range x.box.Requests()[seen:] {
		if r.Method != http.MethodGet && r.Path != "/oauth/tokens" {
			out = append(out, r.Method+" "+r.Path)
		}
	}
	x.at(x.Now().Add(5 * time.Minute))
	return out, said
}

// person changes a user by hand.
func (x *existing) person(id int64, patch string) {
	x.Helper()
	var p account.Patch
	if err := json.Unmarshal([]byte(patch), &p); err != nil {
		x.Fatal(err)
	}
	x.box.Look(func(a *account.Account) {
		if _, err := a.UpdateUser(a.User(id), p); err != nil {
			x.Error(err)
		}
	})
	x.at(x.Now().Add(2 * time.Minute))
}

// tiedMember is a membership of somebody whose user and organization carry ids of the CRM.
func (x *existing) tiedMember(nth int) (user int64, contact, email string, organization int64) {
	x.Helper()
	x.box.Look(func(a *account.Account) {
		for m := range a.Memberships(0) {
			if m.User.ExternalID == "" || m.Organization.ExternalID == "" || m.User.Suspended || !m.User.Verified {
				continue
			}
			if nth--; nth < 0 && user == 0 {
				user, contact, email, organization = m.User.ID, m.User.ExternalID, m.User.Email, m.Organization.ID
			}
		}
	})
	return user, contact, email, organization
}

// TestAUserInAnotherOrganizationCostsNoCallWhileNothingChanges: Zendesk is asked once for
// room, and once more when somebody has moved the user.
func TestAUserInAnotherOrganizationCostsNoCallWhileNothingChanges(t *testing.T) {
	t.Parallel()
	x := newBeside(t, nil, "on_found: hold", "on_found: correct")
	user, contact, _, home := x.tiedMember(0)
	_, _, _, other := x.tiedMember(9)
	orgs, _ := x.byHand()
	if home == other {
		t.Fatal("it has to be another organization")
	}
	x.person(user, `{"organization_id":`+idText(other)+`}`)
	first, _ := x.writes("reconcile", "--yes")
	if n := times(first, "POST /api/v2/organization_memberships/create_many"); n != 1 { // with the first memberships of others
		t.Errorf("at first %d calls for room: %v", n, first)
	}
	account := x.accountOf(home)
	finding := "contact " + contact + " was not made a member: user " + idText(user) + " is in organization " + idText(other)
	for _, command := range []string{"reconcile --yes", "diff", "reconcile --yes"} {
		again, said := x.writes(strings.Fields(command)...)
		if len(again) > 0 || !strings.Contains(said, "1 finding worth a look") {
			t.Errorf("desksync %s: %v\n%s", command, again, said)
		}
		x.says(exitOK, "explain "+account, finding)
		x.says(exitOK, "drift", finding)
	}
	x.person(user, `{"organization_id":`+idText(orgs[0])+`}`) // to one that is not ours
	again, said := x.writes("reconcile", "--yes")
	if times(again, "POST /api/v2/organization_memberships") != 1 {
		t.Errorf("moved on: %v\n%s", again, said)
	}
	if again, _ := x.writes("reconcile", "--yes"); len(again) > 0 {
		t.Errorf("after that: %v", again)
	}
	x.person(user, `{"organization_id":null}`)
	again, said = x.writes("reconcile", "--yes")
	if len(again) == 0 || strings.Contains(said, "finding worth") {
		t.Errorf("taken out: %v\n%s", again, said)
	}
	if now := x.homeOf(user); now != home {
		t.Errorf("user %d is in organization %d, want %d", user, now, home)
	}
	if again, said := x.writes("reconcile", "--yes"); len(again) > 0 || strings.Contains(said, "finding worth") {
		t.Errorf("at last: %v\n%s", again, said)
	}
}

// TestContactsWhoAreStaffAreSaidAndNotCounted: by their address, and by the contact's id.
func TestContactsWhoAreStaffAreSaidAndNotCounted(t *testing.T) {
	t.Parallel()
	x := newBeside(t, nil, "on_found: hold", "on_found: correct")
	agent, contact, _, home := x.tiedMember(0)
	suspended, late, _, _ := x.tiedMember(9)
	x.person(agent, `{"role":"agent"}`)
	x.says(exitPartly, "reconcile --yes")
	x.person(suspended, `{"suspended":true}`)
	for _, command := range []string{"reconcile --yes", "diff", "reconcile --yes --full"} {
		wrote, said := x.writes(strings.Fields(command)...)
		if len(wrote) > 0 || strings.Contains(said, "to update") || strings.Contains(said, "left alone because") || !strings.Contains(said, "2 findings worth a look") {
			t.Errorf("desksync %s: %v\n%s", command, wrote, said)
		}
	}
	x.says(exitOK, "explain "+x.accountOf(home), "contact "+contact+" is left alone", "is an agent")
	x.says(exitOK, "drift", "contact "+late+" is left alone", "is suspended")
	x.person(agent, `{"role":"end-user"}`)
	x.person(suspended, `{"suspended":false}`)
	x.writes("reconcile", "--yes")
	if wrote, said := x.writes("reconcile", "--yes"); len(wrote) > 0 || strings.Contains(said, "finding worth") {
		t.Errorf("at last: %v\n%s", wrote, said)
	}
}

func idText(id int64) string { return strconv.FormatInt(id, 10) }

func times(list []string, what string) (n int) {
	for _, x := range list {
		if x == what {
			n++
		}
	}
	return n
}

// accountOf is the account of an organization.
func (x *existing) accountOf(organization int64) (account string) {
	account, _ = x.externalID(organization)
	return account
}

// homeOf is the organization that a user is in; 0: none.
func (x *existing) homeOf(user int64) (home int64) {
	x.box.Look(func(a *account.Account) {
		for m := range a.Memberships(0) {
			if m.User.ID == user {
				home = m.Organization.ID
			}
		}
	})
	return home
}
