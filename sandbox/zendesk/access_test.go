package zendesk

import (
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"github.com/desksync/desksync/sandbox/zendesk/account"
)

// token asks for a token, and lets the rig use it.
func (r *rig) token(scope, more string) *answer {
	r.t.Helper()
	a, err := r.raw("POST", "/oauth/tokens", `{"grant_type":"client_credentials","client_id":"`+ClientID+`","client_secret":"`+ClientSecret+`","scope":"`+scope+`"`+more+`}`, "application/json")
	if err != nil {
		r.t.Fatal(err)
	}
	if text, is := a.at("access_token").(string); is {
		r.auth = "Bearer " + text
	}
	return a
}

func TestBehaviour01TokensAreGivenByClientCredentials(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	r.token("read write", "").has("token_type", "bearer").has("scope", "read write").has("expires_in", nil)
	r.want(200, "GET", "organizations", "")
	r.pass(400 * 24 * time.Hour)
	r.want(200, "GET", "organizations", "") // without expires_in it lasts
	form := "grant_type=client_credentials&client_id=" + ClientID + "&client_secret=" + ClientSecret + "&scope=read"
	if a, err := r.raw("POST", "/oauth/tokens", form, "application/x-www-form-urlencoded"); err != nil || a.status != 200 {
		t.Errorf("as a form: %v %+v", err, a)
	}
	for what, status := range map[string]int{`,"client_secret":"wrong"`: 401, `,"grant_type":"password"`: 400, `,"expires_in":299`: 400, `,"expires_in":172801`: 400} {
		if a := r.token("read", what); a.status != status {
			t.Errorf("%s: %d, want %d", what, a.status, status)
		}
	}
}

func TestBehaviour01AnExpiredTokenIsInvalid(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	r.token("read", `,"expires_in":300`)
	r.pass(299 * time.Second)
	r.want(200, "GET", "organizations", "")
	r.pass(time.Second)
	r.want(401, "GET", "organizations", "").has("error", "invalid_token")
	r.auth = "Bearer nonsense"
	r.want(401, "GET", "organizations", "").has("error", "invalid_token")
	r.box.Set(func(s *Settings) { s.EchoExpiry = true })
	r.token("read", `,"expires_in":300`).has("expires_in", 300)
}

func TestBehaviour01ScopesOpenWhatTheyName(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	forbidden := func(a *answer, scope string) {
		t.Helper()
		a.has("error", "Forbidden").has("description", "You are missing the following required scopes: "+scope)
	}
	r.token("organizations:write", "")
	id := r.org(`{"name":"Acme"}`)
	forbidden(r.want(403, "GET", "organizations/"+id, ""), "read")
	forbidden(r.want(403, "POST", "users", `{"user":{"name":"Ann"}}`), "write")
	forbidden(r.want(403, "POST", "organization_memberships", `{}`), "write")
	r.box.Set(func(s *Settings) { s.MembershipScope = true })
	r.want(400, "POST", "organization_memberships", `{}`)
	r.token("organizations:read", "")
	r.want(200, "GET", "incremental/organizations?start_time=0", "")
	r.want(403, "GET", "incremental/users?start_time=0", "")
	r.token("raed", "").has("scope", "raed") // misspelt: given, and opens nothing
	forbidden(r.want(403, "GET", "organizations", ""), "read")
}

func TestBehaviour01AScopeBeyondTheClientsIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{Scopes: []string{"read", "organizations:write"}})
	r.token("read organizations:write", "").has("token_type", "bearer")
	r.token("read write", "").has("error", "invalid_scope")
}

func TestBehaviour01APITokensWorkUntilTheyAreSwitchedOff(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	r.want(200, "GET", "organizations", "")
	for what, auth := range map[string]string{
		"nothing": "", "nonsense": "Basic !", "a password": "Basic " + base64.StdEncoding.EncodeToString([]byte(AdminEmail+":"+APIToken)),
		"a wrong token": "Basic " + base64.StdEncoding.EncodeToString([]byte(AdminEmail+"/token:x")), "nobody": basic("nobody@x.example"), "another scheme": "Digest x",
	} {
		r.auth = auth
		if a := r.call("GET", "organizations", ""); a.status != 401 || a.at("error") != "Couldn't authenticate you" {
			t.Errorf("%s: %d %s", what, a.status, a.text)
		}
	}
	r.auth = basic(AdminEmail)
	r.box.Set(func(s *Settings) { s.TokensDisabled = true })
	r.want(401, "GET", "organizations", "")
	r.token("read", "")
	r.want(200, "GET", "organizations", "")
}

func TestBehaviour01AnybodyMayAskWhoTheyAre(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	r.want(200, "GET", "users/me", "").has("user.email", AdminEmail)
	r.auth = ""
	r.want(200, "GET", "users/me", "").has("user.name", "Anonymous user").has("user.id", nil)
}

func TestBehaviour01RolesDecideWhatOneMayDo(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	id := r.org(`{"name":"Acme"}`)
	r.user(`{"name":"End","email":"end@x.example"}`)
	r.user(`{"name":"Out","email":"out@x.example","role":"agent","suspended":true}`)
	r.auth = basic(AgentEmail)
	r.want(200, "PUT", "organizations/"+id, `{"organization":{"name":"Other","notes":"by an agent"}}`).has("organization.name", "Acme").has("organization.notes", "by an agent")
	r.want(403, "POST", "organization_fields", `{}`).has("error.title", "Forbidden")
	r.want(403, "GET", "slas/policies", "")
	r.auth = basic("end@x.example")
	r.want(403, "GET", "organizations", "")
	r.auth = basic("out@x.example")
	r.want(401, "GET", "organizations", "")
}

func TestBehaviour02ErrorEnvelopes(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	id := r.org(`{"name":"Acme"}`)
	for name, tt := range map[string]struct {
		method, path, body string
		status             int
		at                 string
		want               any
	}{
		"record":     {"GET", "organizations/99", "", 404, "error", "RecordNotFound"},
		"path":       {"GET", "nonsense", "", 404, "error", "InvalidEndpoint"},
		"method":     {"PATCH", "organizations/" + id, "{}", 404, "error", "InvalidEndpoint"},
		"id":         {"GET", "organizations/acme", "", 404, "description", "Not found"},
		"parameter":  {"GET", "organizations?nonsense=1", "", 400, "error.title", "Invalid attribute"},
		"page":       {"GET", "organizations?page=first", "", 400, "error.title", "Invalid attribute"},
		"no bulk":    {"POST", "organizations/create_or_update_many", `{"organizations":[]}`, 404, "error", "InvalidEndpoint"},
		"no object":  {"POST", "organizations", `{"name":"x"}`, 400, "error.title", "Invalid attribute"},
		"not JSON":   {"POST", "organizations", `{`, 400, "error.title", "Invalid JSON"},
		"type":       {"POST", "organizations", `{"organization":{"name":{}}}`, 400, "error.title", "Invalid attribute"},
		"validation": {"POST", "organizations", `{"organization":{"name":"acme"}}`, 422, "error", "RecordInvalid"},
	} {
		a := r.call(tt.method, tt.path, tt.body)
		if a.status != tt.status || a.at(tt.at) != tt.want {
			t.Errorf("%s: %d %s, want %d and %s %v", name, a.status, a.text, tt.status, tt.at, tt.want)
		}
	}
	if a, err := r.raw("POST", "/api/v2/organizations", `{"organization":{"name":"x"}}`, "text/plain"); err != nil || a.status != 415 {
		t.Errorf("another content type: %v %+v", err, a)
	}
}

func TestBehaviour02UnknownKeysAreDroppedWithAWarning(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	id := r.org(`{"name":"Acme"}`)
	a := r.want(200, "PUT", "organizations/"+id, `{"organization":{"id":`+id+`,"Name":"x","notes":"n"}}`).has("organization.name", "Acme").has("organization.notes", "n")
	if got := a.header.Get("X-Zendesk-Api-Warn"); got != `unpermitted_keys: ["organization.Name", "organization.id"]` {
		t.Errorf("warning: %q", got)
	}
	if a := r.want(200, "PUT", "organizations/"+id, `{"organization":{"notes":"m"}}`); a.header.Get("X-Zendesk-Api-Warn") != "" {
		t.Error("a warning without reason")
	}
	r.box.Set(func(s *Settings) { s.Strict = true })
	for _, body := range []string{`{"organization":{"Name":"x"}}`, `{"organization":{"notes":"k"},"more":1}`} {
		r.want(400, "PUT", "organizations/"+id, body)
	}
	r.want(400, "POST", "organizations/create_many", `{"organizations":[{"name":"y"},{"nmae":"z"}]}`)
	r.want(200, "GET", "organizations/"+id, "").has("organization.notes", "m")
}

func TestBehaviour02PlainTextAnswers(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	for kind, text := range map[string]string{FaultConflict: "Requester creation collision - please try again", FaultPlain: "Number of allowed API requests per minute exceeded"} {
		if _, err := r.box.Arm(Fault{Kind: kind}); err != nil {
			t.Fatal(err)
		}
		a := r.call("POST", "tickets", `{"ticket":{}}`)
		if a.text != text || a.header.Get("Content-Type") != "text/plain; charset=utf-8" || a.status != map[string]int{FaultConflict: 409, FaultPlain: 429}[kind] {
			t.Errorf("%s: %d %q as %q", kind, a.status, a.text, a.header.Get("Content-Type"))
		}
	}
}

func TestBehaviour03TheAccountsLimitFollowsThePlan(t *testing.T) {
	t.Parallel()
	for plan, most := range Plans() {
		r := newRig(t, Options{Plan: plan})
		a := r.want(200, "GET", "organizations/count", "")
		for name, want := range map[string]int{"X-Rate-Limit": most, "X-Rate-Limit-Remaining": most - 1, "Ratelimit-Limit": most, "Ratelimit-Remaining": most - 1, "Ratelimit-Reset": 60} {
			if got := a.header.Get(name); got != fmt.Sprint(want) {
				t.Errorf("%s: %s is %q, want %d", plan, name, got, want)
			}
		}
		for range most - 1 {
			r.want(200, "GET", "organizations/count", "")
		}
		r.pass(45500 * time.Millisecond)
		late := r.want(429, "GET", "organizations/count", "")
		if late.text != "Number of allowed API requests per minute exceeded" || late.header.Get("Retry-After") != "15" || late.header.Get("X-Rate-Limit-Remaining") != "0" {
			t.Errorf("%s: %q %v", plan, late.text, late.header)
		}
		r.pass(14 * time.Second)
		r.want(429, "GET", "organizations/count", "")
		r.pass(time.Second)
		r.want(200, "GET", "organizations/count", "")
	}
}

func TestBehaviour03OneOrganizationIsUpdatedFiveTimesAMinute(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	one, two := r.org(`{"name":"One"}`), r.org(`{"name":"Two"}`)
	for i := range 5 {
		a := r.want(200, "PUT", "organizations/"+one, fmt.Sprintf(`{"organization":{"notes":"%d"}}`, i))
		if got, want := a.header.Get("Zendesk-Ratelimit-Per-Organization-Updates"), fmt.Sprintf("total=5; remaining=%d; resets=60", 4-i); got != want {
			t.Errorf("header %q, want %q", got, want)
		}
	}
	a := r.want(429, "PUT", "organizations/"+one, `{"organization":{}}`).has("errors.0.code", "TooManyRequests").has("errors.0.title", "Too many requests to update")
	if a.header.Get("Retry-After") != "60" {
		t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
	}
	r.want(200, "PUT", "organizations/"+two, `{"organization":{}}`)
	r.done("PUT", "organizations/update_many?ids="+one, `{"organization":{"notes":"in a batch"}}`).has("job_status.results.0.success", true)
	r.want(200, "PUT", "organizations/"+one, `{"organization":{}}`) // the minute is over
}

func TestBehaviour03UpsertsCountWhereTheSettingSaysSo(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	upsert := func() *answer {
		return r.call("POST", "organizations/create_or_update", `{"organization":{"name":"One","external_id":"1"}}`)
	}
	for range 10 {
		if a := upsert(); a.status >= 300 {
			t.Fatalf("%d %s", a.status, a.text)
		}
	}
	r.box.Set(func(s *Settings) { s.UpsertCounts = true })
	for range 5 {
		upsert()
	}
	if a := upsert(); a.status != 429 {
		t.Errorf("the sixth: %d", a.status)
	}
}

func TestBehaviour03ExportsShareTenCallsAMinute(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	for range 5 {
		r.want(200, "GET", "incremental/organizations?start_time=0", "")
		r.want(200, "GET", "incremental/users?start_time=0", "")
	}
	a := r.want(429, "GET", "incremental/users/cursor?start_time=0", "").has("error", "APIRateLimitExceeded").
		has("description", "Number of allowed incremental export API requests per minute exceeded")
	if a.header.Get("Retry-After") != "60" || a.header.Get("Zendesk-Ratelimit-Incremental-Exports") != "total=10; remaining=0; resets=60" {
		t.Errorf("headers: %v", a.header)
	}
	r.box.Set(func(s *Settings) { s.HighVolume = true })
	r.want(200, "GET", "incremental/organizations?start_time=0", "")
	r.box.Set(func(s *Settings) { s.OldHeaders = true })
	a = r.want(200, "GET", "incremental/organizations?start_time=0", "")
	if a.header.Get("Zendesk-Rate-Limit-Incremental-Exports") == "" || a.header.Get("Rate-Limit-Remaining") == "" || a.header.Get("Ratelimit-Remaining") != "" {
		t.Errorf("older spelling: %v", a.header)
	}
}

func TestBehaviour03UsersAreWrittenOnceASecondAndFiveTimesAMinute(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	ann := r.user(`{"name":"Ann"}`)
	r.want(200, "PUT", "users/"+ann, `{"user":{}}`)
	r.want(429, "POST", "users/create_or_update", `{"user":{"name":"Bob","external_id":"b"}}`).has("error", "APIRateLimitExceeded")
	for range 4 {
		r.pass(time.Second)
		r.want(200, "PUT", "users/"+ann, `{"user":{}}`)
	}
	r.pass(time.Second)
	r.want(429, "PUT", "users/"+ann, `{"user":{}}`).has("errors.0.code", "TooManyRequests")
	r.pass(time.Second)
	r.want(201, "POST", "users/create_or_update", `{"user":{"name":"Bob","external_id":"b"}}`)
}

func TestBehaviour03FaultsOfTheWayThere(t *testing.T) {
	t.Parallel()
	waited := make(chan time.Duration, 1)
	r := newRig(t, Options{After: func(d time.Duration) <-chan time.Time {
		waited <- d
		c := make(chan time.Time)
		close(c)
		return c
	}})
	arm := func(f Fault) {
		t.Helper()
		if _, err := r.box.Arm(f); err != nil {
			t.Fatal(err)
		}
	}
	arm(Fault{Kind: FaultEdge})
	edge := r.want(429, "GET", "organizations", "").has("detail", "Rate limited by Zendesk edge protection").has("error", nil)
	if edge.header.Get("X-Rate-Limit") != "" || edge.header.Get("X-Request-Id") != "" {
		t.Errorf("the edge has the API's headers: %v", edge.header)
	}
	arm(Fault{Kind: FaultDown, RetryAfter: 7})
	if a := r.want(503, "GET", "organizations", ""); a.header.Get("Retry-After") != "7" {
		t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
	}
	arm(Fault{Kind: FaultStatus, Status: 500, Method: "POST", Path: "organizations", Skip: 1, Count: 2})
	r.want(200, "GET", "organizations", "")
	r.org(`{"name":"A"}`)
	r.want(500, "POST", "organizations", `{"organization":{"name":"B"}}`)
	r.want(500, "POST", "organizations", `{"organization":{"name":"B"}}`)
	r.org(`{"name":"B"}`)
	arm(Fault{Kind: FaultSlow, Seconds: 12.5})
	r.want(200, "GET", "organizations", "")
	if d := <-waited; d != 12500*time.Millisecond {
		t.Errorf("waited %v", d)
	}
	if _, err := r.box.Arm(Fault{Kind: "nonsense"}); err == nil {
		t.Error("an unknown kind is armed")
	}
	r.box.Disarm()
	r.want(200, "GET", "organizations", "")
}

func TestBehaviour03AWriteIsAppliedAndItsReplyLost(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	for kind, there := range map[string]float64{FaultLost: 1, FaultCut: 0} {
		if _, err := r.box.Arm(Fault{Kind: kind, Path: "organizations"}); err != nil {
			t.Fatal(err)
		}
		if a, err := r.raw("POST", "/api/v2/organizations", `{"organization":{"name":"`+kind+`"}}`, "application/json"); err == nil {
			t.Fatalf("%s: an answer: %s", kind, a.text)
		}
		r.want(200, "GET", "organizations/search?name="+kind, "").has("count", there)
	}
	if _, err := r.box.Arm(Fault{Kind: FaultLost, Path: "create_many"}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.raw("POST", "/api/v2/organizations/create_many", batch(3, "batch"), "application/json"); err == nil {
		t.Fatal("an answer")
	}
	r.pass(time.Minute)
	r.box.Look(func(a *account.Account) {
		if n := a.Counts().Organizations; n != 4 {
			t.Errorf("%d organizations, want 4", n)
		}
	})
}
