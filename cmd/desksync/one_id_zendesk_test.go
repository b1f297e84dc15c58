package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/sandbox/zendesk/account"
)

// byHand are the organizations that carry neither external id nor id field, and the ids of
// the accounts that the CRM has for them.
func (x *existing) byHand() (list []int64, ids []string) {
	x.box.Look(func(a *account.Account) {
		for o := range a.Organizations(0) {
			if o.ExternalID == "" {
				list, ids = append(list, o.ID), append(ids, idOr("", "001Zz", o.ID))
			}
		}
	})
	return list, ids
}

// someone changes an organization by hand.
func (x *existing) someone(id int64, patch string) {
	x.Helper()
	var p account.Patch
	if err := json.Unmarshal([]byte(patch), &p); err != nil {
		x.Fatal(err)
	}
	x.box.Look(func(a *account.Account) {
		if _, err := a.UpdateOrganization(a.Organization(id), p); err != nil {
			x.Error(err)
		}
	})
	x.at(x.Now().Add(2 * time.Minute)) // exports leave out the last minute
}

// says runs a command that has to end so and say each of these, whatever its lines.
func (x *existing) says(code int, command string, words ...string) string {
	x.Helper()
	got, said := x.desksync(strings.Fields(command)...)
	flat := strings.Join(strings.Fields(said), " ")
	for _, w := range words {
		if !strings.Contains(flat, w) {
			x.Errorf("desksync %s does not say %q:\n%s", command, w, said)
		}
	}
	if got != code {
		x.Errorf("desksync %s: exit code %d, want %d:\n%s", command, got, code, said)
	}
	return flat
}

// externalID is the external id of an organization, and how often it was written to.
func (x *existing) externalID(id int64) (external string, updated int64) {
	x.box.Look(func(a *account.Account) {
		o := a.Organization(id)
		external, updated = o.ExternalID, o.Updated
	})
	return external, updated
}

// TestTwoOrganizationsOfZendeskThatCarryOneID: the same is said by whatever looks, neither
// is written, and who chooses one has it linked and the other said.
func TestTwoOrganizationsOfZendeskThatCarryOneID(t *testing.T) {
	t.Parallel()
	x := newBeside(t, nil, "on_found: hold", "on_found: correct")
	orgs, ids := x.byHand()
	first, second, id := orgs[0], orgs[1], ids[0]
	x.someone(first, `{"organization_fields":{"salesforce_id":"`+id+`"}}`)
	x.someone(second, `{"organization_fields":{"salesforce_id":"`+id[:15]+`"}}`)
	_, before := x.externalID(first)
	both := []string{strconv.FormatInt(first, 10), strconv.FormatInt(second, 10), "carry the id of this account in salesforce_id, and none is linked"}
	x.says(exitFound, "diff", strconv.FormatInt(first, 10), "decide with `desksync conflicts`")
	x.says(exitFound, "conflicts", append(both, "say which it is: desksync conflicts resolve ID --to NUMBER")...)
	x.says(exitPartly, "reconcile --yes")
	said := x.says(exitFound, "conflicts", both...)
	x.says(exitOK, "explain "+id, both...)
	x.says(exitOK, "org "+id, both...)
	x.says(exitPartly, "reconcile --yes", "0 changes written")
	if again := x.says(exitFound, "conflicts", both...); again != said {
		t.Errorf("conflicts says\n%s\nand after another run\n%s", said, again)
	}
	for _, o := range []int64{first, second} {
		if external, _ := x.externalID(o); external != "" {
			t.Errorf("organization %d has the external id %s", o, external)
		}
	}
	if _, now := x.externalID(first); now != before {
		t.Errorf("organization %d was written", first)
	}
	number := x.conflict(id)
	x.says(exitUsage, "conflicts resolve "+number+" --to "+ids[1]+" --reason mine", "--to wants the organization that belongs to "+id+", one of "+fmt.Sprintf("%d, %d", first, second))
	x.says(exitOK, fmt.Sprintf("conflicts resolve %s --to %d --reason mine", number, first), fmt.Sprintf("%s goes to organization %d", id, first))
	x.says(exitFound, "conflicts", fmt.Sprintf("decided: it goes to %d", first))
	x.says(exitPartly, "reconcile --yes")
	if external, _ := x.externalID(first); external != id {
		t.Errorf("organization %d has the external id %q", first, external)
	}
	if external, _ := x.externalID(second); external != "" {
		t.Errorf("organization %d has the external id %q", second, external)
	}
	other := []string{fmt.Sprintf("organization %d", second), "carries the id of this account in salesforce_id too, and " + strconv.FormatInt(first, 10) + " is the one that is linked"}
	said = x.says(exitOK, "drift", other...)
	x.says(exitOK, "explain "+id, other...)
	x.says(exitPartly, "reconcile --yes --full", "0 changes written")
	if again := x.says(exitOK, "drift", other...); again != said {
		t.Errorf("drift says\n%s\nand after another run\n%s", said, again)
	}
	x.someone(second, `{"organization_fields":{"salesforce_id":""}}`)
	x.says(exitPartly, "reconcile --yes")
	if _, said := x.desksync("drift"); strings.Contains(said, other[1]) {
		t.Errorf("it is still said:\n%s", said)
	}
}

// conflict is the number of the conflict about an account's id.
func (x *existing) conflict(id string) string {
	x.Helper()
	_, said := x.desksync("conflicts", "--json")
	for line := range strings.Lines(said) {
		var c struct {
			ID       int64
			Accounts []string
			Field    string
		}
		if json.Unmarshal([]byte(line), &c) == nil && slices.Contains(c.Accounts, id) && c.Field == "id:"+id {
			return strconv.FormatInt(c.ID, 10)
		}
	}
	x.Fatalf("no conflict about the id %s:\n%s", id, said)
	return ""
}
