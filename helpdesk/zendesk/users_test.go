package zendesk

import (
	"fmt"
	"strings"
	"testing"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/secret"
)

func noSecret() (secret.Text, error) { return secret.New("x"), nil }

func userJSON(id int64, external, email, more string) string {
	ext := "null"
	if external != "" {
		ext = `"` + external + `"`
	}
	if more == "" {
		more = `"role":"end-user"`
	}
	return fmt.Sprintf(`{"id":%d,"name":"P","external_id":%s,"email":%q,"active":true,%s}`, id, ext, email, more)
}

const (
	show7  = "GET users/show_many?ids=7"
	showC  = "GET users/show_many?external_ids=003C"
	search = `GET users/search?query=email:"p@c.example"`
	taken  = `{"error":"RecordInvalid","description":"Record validation errors","details":{"email":[{"description":"Email: p@c.example is already being used by another user","error":"DuplicateValue"}]}}`
)

func TestTheHelpdesksOwnPeopleAreNeverWritten(t *testing.T) {
	t.Parallel()
	people := map[string]string{
		"is an agent":                     userJSON(7, "003C", "p@c.example", `"role":"agent"`),
		"is an admin":                     userJSON(7, "003C", "p@c.example", `"role":"admin"`),
		"is suspended":                    userJSON(7, "003C", "p@c.example", `"role":"end-user","suspended":true`),
		"is of the helpdesk's own domain": userJSON(7, "003C", "p@Own.example", ""),
	}
	for why, u := range people {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			s := start(t, map[string][]reply{show7: {usersJSON(u)}, showC: {usersJSON()}, search: {usersJSON(u)}, "POST users": {{status: 422, body: taken}}})
			own := func(o *Options) { o.OwnDomains = []string{"own.example"} }
			o := run(t, s.target(own), userChange(helpdesk.Update, "003C", "7", "name", nil, "New"))["update003C"]
			if o.State != helpdesk.Skipped || fault.KindOf(o.Err) != fault.Unsupported || !strings.Contains(o.Err.Error(), why) {
				t.Errorf("an update: %+v, want it skipped because the user %s", o, why)
			}
			if strings.Contains(u, "Own") {
				return // found by another address, it could not be the same user
			}
			got := run(t, s.target(own), userChange(helpdesk.Create, "003C", "", "email", nil, "p@c.example"),
				helpdesk.Change{ID: "m", Op: helpdesk.Create, Ref: helpdesk.Ref{Kind: helpdesk.Membership, Key: "001A/003C"}, OrgID: "5"})
			if o := got["create003C"]; o.State != helpdesk.Skipped || !strings.Contains(o.Err.Error(), why) {
				t.Errorf("a create: %+v, want it skipped because the user %s", o, why)
			}
			if o := got["m"]; o.State != helpdesk.Failed || fault.KindOf(o.Err) != fault.NotFound {
				t.Errorf("the membership that was to come with the user: %+v", o)
			}
		})
	}
}

func TestAUserWhoIsThereIsFoundAndNeverMoved(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		user string
		kind fault.Kind
		text string
	}{
		"of another contact": {userJSON(7, "003X", "p@c.example", `"organization_id":99`), fault.Invalid, "user 7 (p@c.example) of organization 99, who has the external id 003X"},
		"of no contact":      {userJSON(7, "", "P@C.example", `"organization_id":99`), fault.Raced, "nobody is moved"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, map[string][]reply{"POST users": {{status: 422, body: taken}}, showC: {usersJSON()}, search: {usersJSON(tt.user)}})
			o := run(t, s.target(nil), userChange(helpdesk.Create, "003C", "", "email", nil, "p@c.example"))["create003C"]
			if o.State != helpdesk.Failed || fault.KindOf(o.Err) != tt.kind || !strings.Contains(o.Err.Error(), tt.text) {
				t.Errorf("got %+v, want it failed as %s with %q", o, tt.kind, tt.text)
			}
		})
	}
}

func TestANewUserComesWithOneOrganizationAndTheOthersFollow(t *testing.T) {
	t.Parallel()
	member := func(account, org string, list ...any) helpdesk.Change {
		return helpdesk.Change{ID: "m" + account, Op: helpdesk.Create, Ref: helpdesk.Ref{Kind: helpdesk.Membership, Key: account + "/003C"}, OrgID: org, Deltas: writes(list...)}
	}
	s := start(t, map[string][]reply{
		"POST users":                    {{status: 201, body: `{"user":{"id":7}}`}},
		"POST organization_memberships": {{status: 201, body: `{"organization_membership":{"id":461}}`}},
	})
	got := run(t, s.target(nil), userChange(helpdesk.Create, "003C", "", "email", nil, "p@c.example", "name", nil, "P"),
		member("001A", "5"), member("001B", "6", "default", nil, true))
	if want := `{"user":{"email":"p@c.example","external_id":"003C","name":"P","organization_id":6,"role":"end-user","skip_verify_email":true}}`; s.sent("POST users") != want {
		t.Errorf("the user is %s\nwant %s", s.sent("POST users"), want)
	}
	if want := `{"organization_membership":{"organization_id":5,"user_id":7}}`; s.sent("POST organization_memberships") != want {
		t.Errorf("the other membership is %s, want %s", s.sent("POST organization_memberships"), want)
	}
	if got["m001A"].TargetID != "7-5" || got["m001B"].TargetID != "7-6" || got["m001B"].State != helpdesk.Applied {
		t.Errorf("the outcomes are %+v", got)
	}
}

func TestAnAccountWithoutBulkImportTakesUsersSingly(t *testing.T) {
	t.Parallel()
	s := start(t, map[string][]reply{
		userTicks:    {{status: 403, body: `{"error":{"title":"Forbidden","message":"You do not have access to this page."}}`}},
		"POST users": {{status: 201, body: `{"user":{"id":7}}`}, {status: 201, body: `{"user":{"id":8}}`}, {status: 201, body: `{"user":{"id":9}}`}},
	})
	target := s.target(nil)
	got := run(t, target, userChange(helpdesk.Create, "003C", "", "email", nil, "c@c.example"), userChange(helpdesk.Create, "003D", "", "email", nil, "d@c.example"))
	if got["create003C"].TargetID != "7" || got["create003D"].TargetID != "8" {
		t.Errorf("the outcomes are %+v", got)
	}
	run(t, target, userChange(helpdesk.Create, "003E", "", "email", nil, "e@c.example"), userChange(helpdesk.Create, "003F", "", "email", nil, "f@c.example"))
	if n := s.times(userTicks); n != 1 || s.times("POST users") != 4 {
		t.Errorf("bulk was tried %d times, with %d single calls; want it found out once", n, s.times("POST users"))
	}
}

func TestAnAddressChangesByThePolicy(t *testing.T) {
	t.Parallel()
	const (
		list  = "GET users/7/identities?page[size]=100"
		add   = "POST users/7/identities"
		first = "PUT users/7/identities/31/make_primary"
	)
	fresh := reply{status: 201, body: `{"identity":{"id":31,"type":"email","value":"new@c.example","verified":false,"primary":false}}`}
	none := reply{body: `{"identities":[{"id":30,"type":"email","value":"p@c.example","verified":true,"primary":true}],"meta":{"has_more":false}}`}
	there := reply{body: `{"identities":[{"id":31,"type":"email","value":"New@c.example","verified":true,"primary":false}],"meta":{"has_more":false}}`}
	tests := map[string]struct {
		policy     Address
		have       reply
		state      helpdesk.State
		added, set int
	}{
		"verified: it is added":         {Verified, none, helpdesk.Skipped, 1, 0},
		"verified: its owner did so":    {Verified, there, helpdesk.Applied, 0, 1},
		"always: at once":               {Always, none, helpdesk.Applied, 1, 1},
		"hold: nothing is written ever": {HoldMail, none, helpdesk.Skipped, 0, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, map[string][]reply{show7: {usersJSON(userJSON(7, "003C", "p@c.example", ""))}, list: {tt.have}, add: {fresh}, first: {{body: `{}`}}})
			o := run(t, s.target(func(o *Options) { o.OnAddress = tt.policy }), userChange(helpdesk.Update, "003C", "7", "email", nil, "new@c.example"))["update003C"]
			if o.State != tt.state || s.times(add) != tt.added || s.times(first) != tt.set {
				t.Errorf("got %+v with %d added and %d made primary, want %s, %d and %d", o, s.times(add), s.times(first), tt.state, tt.added, tt.set)
			}
			if tt.state == helpdesk.Skipped && fault.KindOf(o.Err) != fault.Unsafe {
				t.Errorf("it waits for people, and says %v", o.Err)
			}
		})
	}
}

func TestANewNameDoesNotWaitForTheAddress(t *testing.T) {
	t.Parallel()
	const list = "GET users/7/identities?page[size]=100"
	there := reply{body: `{"identities":[{"id":31,"type":"email","value":"new@c.example","verified":false,"primary":false}],"meta":{"has_more":false}}`}
	for _, policy := range []Address{Verified, HoldMail} {
		s := start(t, map[string][]reply{show7: {usersJSON(userJSON(7, "003C", "p@c.example", ""))}, list: {there}, "PUT users/7": {{body: `{"user":{"id":7}}`}}})
		o := run(t, s.target(func(o *Options) { o.OnAddress = policy }), userChange(helpdesk.Update, "003C", "7", "email", nil, "new@c.example", "name", "P", "Pat"))["update003C"]
		if o.State != helpdesk.Skipped || fault.KindOf(o.Err) != fault.Unsafe || s.sent("PUT users/7") != `{"user":{"name":"Pat"}}` {
			t.Errorf("%s: got %+v and wrote %s, want the address to wait and the name written", policy, o, s.sent("PUT users/7"))
		}
	}
}

func TestAMembershipWithoutRoomIsLeftToPeople(t *testing.T) {
	t.Parallel()
	s := start(t, map[string][]reply{
		"POST organization_memberships": {{status: 422, body: `{"error":"RecordInvalid","description":"Record validation errors","details":{"base":[{"description":"full"}]}}`}},
		show7:                           {usersJSON(userJSON(7, "003C", "p@c.example", `"organization_id":99`))},
	})
	c := helpdesk.Change{ID: "m", Op: helpdesk.Create, Ref: helpdesk.Ref{Kind: helpdesk.Membership, Key: "001A/003C"}, OrgID: "5", UserID: "7"}
	o := run(t, s.target(func(o *Options) { o.MultiOrg = false }), c)["m"]
	if o.State != helpdesk.Skipped || fault.KindOf(o.Err) != fault.Unsafe || !strings.Contains(o.Err.Error(), "is in organization 99") {
		t.Errorf("got %+v, want it skipped as unsafe, naming organization 99", o)
	}
}
