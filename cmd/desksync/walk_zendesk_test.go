package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/helpdesk/zendesk"
	box "github.com/desksync/desksync/sandbox/zendesk"
	"github.com/desksync/desksync/sandbox/zendesk/account"
)

// meddling is the stand-in, and somebody who does something right before one of the calls.
type meddling struct {
	*existing
	before string // method and a part of the path
	skip   int    // that many such calls go by first
	do     func()
}

func (m *meddling) RoundTrip(r *http.Request) (*http.Response, error) {
	if m.do != nil && strings.Contains(r.Method+" "+r.URL.Path, m.before) {
		if m.skip--; m.skip < 0 {
			m.do()
			m.do = nil
		}
	}
	return m.box.RoundTrip(r)
}

// run runs a command of the product through it.
func (m *meddling) run(args ...string) (int, string) {
	m.Helper()
	var out strings.Builder
	a := &app{now: m.Now, in: strings.NewReader(""), out: &out, err: &out}
	a.lookup = func(name string) (string, bool) { return box.ClientSecret, name == "ZD_SECRET" }
	a.calls = func(o *zendesk.Options) { o.Base, o.Now, o.Sleep = m, m.Now, m.sleep }
	code := a.execute(m.Context(), append(args, "--config", filepath.Join(m.dir, "desksync.yaml")))
	return code, out.String()
}

// admin asks the stand-in's own API.
func (x *existing) admin(method, path, body string) {
	x.Helper()
	rec, req := httptest.NewRecorder(), httptest.NewRequestWithContext(x.Context(), method, path, strings.NewReader(body))
	req.RemoteAddr, req.Host = "127.0.0.1:9", "127.0.0.1:9"
	x.box.AdminHandler().ServeHTTP(rec, req)
	if rec.Code >= http.StatusBadRequest {
		x.Errorf("%s %s: %d %s", method, path, rec.Code, rec.Body)
	}
}

func (x *existing) expire() { x.admin(http.MethodPost, "/sandbox/expire", "") }

// arm lets something go wrong.
func (x *existing) arm(f box.Fault) {
	x.Helper()
	if _, err := x.box.Arm(f); err != nil {
		x.Fatal(err)
	}
}

// linkedAll checks that each account has one organization: none is missing, none is twice.
func (x *existing) linkedAll(want int) {
	x.Helper()
	seen := map[string]int{}
	x.box.Look(func(a *account.Account) {
		for o := range a.Organizations(0) {
			if o.ExternalID != "" {
				seen[o.ExternalID]++
			}
		}
	})
	for id, n := range seen {
		if n != 1 {
			x.Errorf("account %s has %d organizations", id, n)
		}
	}
	if len(seen) != want {
		x.Errorf("%d accounts have an organization, want %d", len(seen), want)
	}
}

// fresh adds accounts to the CRM that Zendesk does not know.
func (x *existing) fresh(n int) {
	x.Helper()
	path := filepath.Join(x.dir, "accounts.csv")
	text, err := os.ReadFile(path)
	if err != nil {
		x.Fatal(err)
	}
	for i := range n {
		text = fmt.Appendf(text, "%s,Fresh %d,plan_gold,1000\n", idOr("", "001Qq", int64(i+1)), i)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		x.Fatal(err)
	}
}

func TestATokenThatIsRevokedInTheMiddleIsRenewedOnce(t *testing.T) {
	t.Parallel()
	for _, before := range []string{"GET /api/v2/incremental", "POST /api/v2/organizations/create_many", "GET /api/v2/job_statuses"} {
		t.Run(strings.ReplaceAll(before, "/", " "), func(t *testing.T) {
			t.Parallel()
			x := newBeside(t, nil)
			x.writes("reconcile", "--yes")
			x.fresh(150)
			logins := x.box.Stats().ByRoute[""]
			m := &meddling{existing: x, before: before, do: x.expire}
			if code, said := m.run("reconcile", "--yes"); code != exitPartly || !strings.Contains(said, "150 changes written") || m.do != nil {
				t.Errorf("exit code %d:\n%s", code, said)
			}
			if n := x.box.Stats().ByRoute[""] - logins; n != 2 {
				t.Errorf("%d logins, want one at the start and one more", n)
			}
			x.linkedAll(150 + 27)
		})
	}
}

// TestWhoIsShutOutInTheMiddleLosesNothing: the login is refused, or may no longer write. The
// run ends and says why; the next one finds what was made, and makes the rest.
func TestWhoIsShutOutInTheMiddleLosesNothing(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault box.Fault
		says  string
	}{
		"the client": {box.Fault{Path: "oauth/tokens", Status: 401, Body: `{"error":"invalid_client"}`}, "copy the identifier and the secret of the OAuth client again"},
		"the scopes": {box.Fault{Method: "POST", Path: "/api/v2", Status: 403, Body: `{"error":"Forbidden","description":"You are missing the following required scopes: organizations:write"}`}, "organizations:write"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newBeside(t, nil)
			x.writes("reconcile", "--yes")
			x.fresh(250)
			tt.fault.Kind, tt.fault.Count = box.FaultStatus, -1
			m := &meddling{existing: x, before: "POST /api/v2/organizations/create_many", skip: 1, do: func() {
				x.arm(tt.fault)
				x.expire()
			}}
			if code, said := m.run("reconcile", "--yes"); code != exitFailed && code != exitPartly || !strings.Contains(said, tt.says) || !strings.Contains(said, "nothing more is sent") {
				t.Errorf("exit code %d:\n%s", code, said)
			}
			x.box.Disarm()
			x.at(x.Now().Add(5 * time.Minute))
			x.says(exitPartly, "reconcile --yes", "150 changes written")
			x.linkedAll(250 + 27)
		})
	}
}

func TestTooManyJobsOfOthersCostTimeAndNothingElse(t *testing.T) {
	t.Parallel()
	x := newBeside(t, nil)
	x.writes("reconcile", "--yes")
	x.fresh(250)
	x.arm(box.Fault{
		Kind: box.FaultStatus, Path: "create_many", Skip: 1, Count: 4, Status: 429, RetryAfter: 20,
		Body: `{"error":"TooManyJobs","description":"Too many OrganizationBulkCreateJob jobs are currently queued or running. Try again later.","current_job_ids":["V3-9"]}`,
	})
	x.says(exitPartly, "reconcile --yes", "250 changes written", "others run some too")
	x.linkedAll(250 + 27)
}

// TestTagsThatFieldsBringAreDecidedByTheFields: a rule for tags yields what a dropdown and a
// checkbox bring by themselves, and what another option would. The run after is quiet.
func TestTagsThatFieldsBringAreDecidedByTheFields(t *testing.T) {
	t.Parallel()
	x := newBeside(t, nil, "on_found: hold", "on_found: correct",
		"      fields: {plan: account.Plan__c,", "      tags: {from: '[account.Plan__c, \"strategic\", \"plan_free\", \"own\"]'}\n      fields: {plan: account.Plan__c, strategic: \"true\",")
	said := x.says(exitPartly, "reconcile --yes", "3 findings worth a look")
	x.says(exitOK, "runs show 1 --findings", "the tag plan_gold comes and goes with the field plan of support: no rule for tags decides over it", "the tag strategic comes and goes with the field strategic")
	x.box.Look(func(a *account.Account) {
		for o := range a.Organizations(0) {
			if o.ExternalID != "" && !slices.Equal(slices.DeleteFunc(slices.Clone(o.Tags), func(tag string) bool { return tag == "vip" }), []string{"own", "plan_gold", "strategic"}) {
				t.Errorf("organization %d has the tags %v\n%s", o.ID, o.Tags, said)
			}
		}
	})
	x.at(x.Now().Add(5 * time.Minute))
	if wrote, said := x.writes("reconcile", "--yes"); len(wrote) > 0 {
		t.Errorf("the run after writes %v:\n%s", wrote, said)
	}
	x.swap("strategic: \"true\"", "strategic: \"false\"")
	x.writes("reconcile", "--yes")
	x.box.Look(func(a *account.Account) {
		for o := range a.Organizations(0) {
			if o.ExternalID != "" && (slices.Contains(o.Tags, "strategic") || !slices.Contains(o.Tags, "own")) {
				t.Errorf("unchecked, organization %d has the tags %v", o.ID, o.Tags)
			}
		}
	})
	if wrote, said := x.writes("reconcile", "--yes", "--full"); len(wrote) > 0 {
		t.Errorf("the run after that writes %v:\n%s", wrote, said)
	}
}

// TestOnlyClosedTicketsLetAnOrganizationGo: deleting waits for every ticket, of whatever status.
func TestOnlyClosedTicketsLetAnOrganizationGo(t *testing.T) {
	t.Parallel()
	x := newBeside(t, nil, "on_found: hold", "on_found: correct", "lost: hold", "lost: delete", "    policy:", "    mark: {field: strategic, delete_after: 1d}\n    guards: {retires: off}\n    policy:")
	x.writes("reconcile", "--yes")
	var gone []int64
	statuses := []string{"new", "open", "pending", "hold", "solved", "closed", ""}
	requester, _, _, _ := x.tiedMember(0)
	x.box.Look(func(a *account.Account) {
		for o := range a.Organizations(0) {
			if o.ExternalID == "" || len(gone) == len(statuses) {
				continue
			}
			status := statuses[len(gone)]
			gone = append(gone, o.ID)
			if status == "" {
				continue
			}
			var p account.Patch
			_ = json.Unmarshal(fmt.Appendf(nil, `{"subject":"s","status":%q,"organization_id":%d,"requester_id":%d}`, status, o.ID, requester), &p)
			if _, _, err := a.CreateTicket(p); err != nil {
				t.Error(status, err)
			}
		}
	})
	x.loseAccounts(gone)
	x.says(exitPartly, "reconcile --yes --accept-shrink", "7 organizations to mark")
	for _, says := range []string{"2 organizations to delete; 5 held", "nothing to do; 5 held"} {
		x.at(x.Now().Add(26 * time.Hour))
		x.says(exitPartly, "reconcile --yes --accept-shrink", says)
	}
	x.box.Look(func(a *account.Account) {
		for i, id := range gone {
			if there, want := a.Organization(id) != nil, statuses[i] != "closed" && statuses[i] != ""; there != want {
				t.Errorf("with a ticket that is %q the organization is there: %v, want %v", statuses[i], there, want)
			}
		}
	})
}

// loseAccounts takes the accounts of organizations out of the CRM.
func (x *existing) loseAccounts(orgs []int64) {
	x.Helper()
	for _, name := range []string{"accounts.csv", "contacts.csv"} {
		text, err := os.ReadFile(filepath.Join(x.dir, name))
		if err != nil {
			x.Fatal(err)
		}
		var kept []string
		for line := range strings.Lines(string(text)) {
			if !slices.ContainsFunc(orgs, func(id int64) bool { return strings.Contains(line, x.accountOf(id)) }) {
				kept = append(kept, line)
			}
		}
		if err := os.WriteFile(filepath.Join(x.dir, name), []byte(strings.Join(kept, "")), 0o600); err != nil {
			x.Fatal(err)
		}
	}
}

// TestAMergeInZendeskSaysWhatItLosesAndLosesNothingElse: approved, it moves users, domains
// and tickets; what it loses was said, and what moved since is refused.
func TestAMergeInZendeskSaysWhatItLosesAndLosesNothingElse(t *testing.T) {
	t.Parallel()
	x := newBeside(t, nil, "on_found: hold", "on_found: correct")
	user, _, _, loser := x.tiedMember(0)
	_, _, _, winner := x.tiedMember(9)
	lost, kept := x.accountOf(loser), x.accountOf(winner)
	x.write("subscriptions.csv", [][]string{{"Id", "AccountId", "Product__c", "Quantity__c", "Start__c", "End__c", "Status__c"}, {idOr("", "a2BAa", 1), kept, "Gold", "1", "2026-01-01", "2027-12-31", "Active"}})
	x.writes("reconcile", "--yes")
	x.someone(loser, `{"notes":"call Pip first","tags":["vip_note","plan_gold"],"domain_names":["loser.example"],"details":"far away"}`)
	ticket := x.openTicket(user, loser)
	x.mergeAccounts(lost, kept)
	x.writes("reconcile", "--yes")
	lose := `and lose details "far away", notes "call Pip first" and tag vip_note, and what desksync wrote: salesforce_id "` + lost + `"; it cannot be undone`
	said := x.says(exitFound, "merges", "would move 5 users, the domain loser.example and 1 ticket (1 not closed)", lose)
	approve := "merges approve " + strings.Fields(said)[0] + " --reason one"
	x.someone(loser, `{"notes":"call Pip twice"}`)
	x.says(exitRefused, approve, "moved in support since: notes")
	x.says(exitFound, "merges", "notes \"call Pip twice\"")
	x.says(exitOK, approve, "1 to merge")
	x.at(x.Now().Add(5 * time.Minute))
	x.writes("reconcile", "--yes")
	if wrote, said := x.writes("reconcile", "--yes", "--full"); len(wrote) > 0 || strings.Contains(said, "finding") {
		t.Errorf("the run after it writes %v:\n%s", wrote, said)
	}
	x.box.Look(func(a *account.Account) {
		into := a.Organization(winner)
		if a.Organization(loser) != nil || a.Ticket(ticket).Organization != winner || !slices.Contains(into.Domains, "loser.example") || into.ExternalID != kept || !strings.Contains(into.Notes, "was merged into this one") {
			t.Errorf("merged into %+v, and the ticket is %+v", into, a.Ticket(ticket))
		}
	})
	if home := x.homeOf(user); home != winner {
		t.Errorf("user %d is in organization %d, want %d", user, home, winner)
	}
}

// openTicket makes a ticket of a user and an organization.
func (x *existing) openTicket(user, organization int64) (id int64) {
	x.Helper()
	var p account.Patch
	if err := json.Unmarshal(fmt.Appendf(nil, `{"subject":"Printer","organization_id":%d,"requester_id":%d}`, organization, user), &p); err != nil {
		x.Fatal(err)
	}
	x.box.Look(func(a *account.Account) {
		made, _, err := a.CreateTicket(p)
		if err != nil {
			x.Fatal(err)
		}
		id = made.ID
	})
	return id
}

// mergeAccounts has the CRM merge one account into another, with its contacts.
func (x *existing) mergeAccounts(loser, winner string) {
	x.Helper()
	for _, name := range []string{"accounts.csv", "contacts.csv"} {
		path := filepath.Join(x.dir, name)
		text, err := os.ReadFile(path)
		if err != nil {
			x.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		for i, line := range lines {
			switch {
			case name == "contacts.csv":
				lines[i] = strings.Replace(line, loser, winner, 1)
			case i == 0:
				lines[i] += ",IsDeleted,MasterRecordId"
			case strings.HasPrefix(line, loser):
				lines[i] += ",true," + winner
			default:
				lines[i] += ",false,"
			}
		}
		if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			x.Fatal(err)
		}
	}
}
