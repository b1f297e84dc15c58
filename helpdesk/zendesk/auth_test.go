package zendesk

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/secret"
)

const showA = "GET organizations/show_many?external_ids=001A"

// ask makes one call beside Describe.
func ask(t *testing.T, target *Target) error {
	t.Helper()
	_, err := target.Get(t.Context(), helpdesk.Organization, []string{"001A"})
	return err
}

func TestATokenIsAskedForOnceAndRenewedBeforeItsEnd(t *testing.T) {
	t.Parallel()
	s := start(t, map[string][]reply{showA: {orgsJSON()}})
	target := s.target(nil)
	if len(s.seen) != 0 {
		t.Errorf("a new target asked %v", s.seen)
	}
	for range 3 {
		if err := ask(t, target); err != nil {
			t.Fatal(err)
		}
	}
	want := `{"client_id":"desksync","client_secret":"hush-secret","expires_in":86400,"grant_type":"client_credentials","scope":"read write"}`
	if got := s.sent(tokens); got != want {
		t.Errorf("the login is %s\nwant %s", got, want)
	}
	if got := s.heads[len(s.heads)-1].Get("Authorization"); got != "Bearer "+hushed {
		t.Errorf("calls carry %q", got)
	}
	_ = s.sleep(t.Context(), 24*time.Hour-time.Minute) // the reply named no end: what was asked for counts
	if err := ask(t, target); err != nil || s.times(tokens) != 2 {
		t.Errorf("a minute before its end the token was asked for %d times (%v), want a second one", s.times(tokens), err)
	}
}

func TestATokenThatIsNotTakenIsRenewedOnce(t *testing.T) {
	t.Parallel()
	ended := reply{status: 401, body: `{"error":"invalid_token","error_description":"The access token provided is expired, revoked, malformed or invalid for other reasons."}`}
	s := start(t, map[string][]reply{showA: {ended, orgsJSON()}})
	if err := ask(t, s.target(nil)); err != nil || s.times(tokens) != 2 {
		t.Errorf("Get = %v after %d logins, want success after 2", err, s.times(tokens))
	}
	s = start(t, map[string][]reply{showA: {ended}})
	err := ask(t, s.target(nil))
	if fault.KindOf(err) != fault.Denied || s.times(tokens) != 2 || !strings.Contains(err.Error(), "make its owner an active admin") {
		t.Errorf("Get = %v after %d logins, want denied after 2", err, s.times(tokens))
	}
}

func TestEachWayALoginFailsSaysWhatToDo(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		reply reply
		kind  fault.Kind
		text  string
	}{
		"a wrong client":        {reply{status: 401, body: `{"error":"invalid_client","error_description":"Client authentication failed due to unknown client"}`}, fault.Denied, "copy the identifier and the secret"},
		"a scope beyond":        {reply{status: 400, body: `{"error":"invalid_scope","error_description":"The requested scope is invalid"}`}, fault.Denied, "may not have all of read, write; widen"},
		"a public client":       {reply{status: 400, body: `{"error":"unauthorized_client","error_description":"not authorized"}`}, fault.Denied, "make it confidential"},
		"no such way":           {reply{status: 400, body: `{"error":"unsupported_grant_type"}`}, fault.Denied, "make it confidential"},
		"its owner is gone":     {reply{status: 400, body: `{"error":"invalid_grant"}`}, fault.Denied, "make an active admin its owner"},
		"not a Zendesk":         {reply{status: 404, body: `<html>`}, fault.Invalid, "check url"},
		"down":                  {reply{status: 503, body: ``}, fault.Unavailable, "503"},
		"a scope that is spelt": {reply{body: `{"access_token":"hush-hush-token","scope":"read wirte"}`}, fault.Denied, "gave no right to write;"},
		"no token":              {reply{body: `{"token":"hush-hush-token"}`}, fault.Invalid, "is the address right?"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, map[string][]reply{tokens: {tt.reply}})
			_, err := s.target(nil).Describe(t.Context())
			if fault.KindOf(err) != tt.kind || !strings.Contains(err.Error(), tt.text) || strings.Contains(err.Error(), "hush") {
				t.Errorf("Describe = %v, want %s with %q and no secret", err, tt.kind, tt.text)
			}
		})
	}
}

func TestMissingScopes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ asked, given, missing string }{
		"all":                       {"read write", "read write", ""},
		"a wide one covers":         {"read organizations:write", "read write", ""},
		"a narrow one does not":     {"write", "organizations:write", "write"},
		"another resource does not": {"users:write", "organizations:write read", "users:write"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(missing(strings.Fields(tt.asked), strings.Fields(tt.given)), " "); got != tt.missing {
				t.Errorf("missing(%s, %s) = %q, want %q", tt.asked, tt.given, got, tt.missing)
			}
		})
	}
}

func TestAnAPITokenWorksAndIsWarnedOf(t *testing.T) {
	t.Parallel()
	legacy := func(o *Options) {
		o.Auth = Auth{Email: "bot@acme.example", Token: func() (secret.Text, error) { return secret.New("hush"), nil }}
	}
	s := start(t, map[string][]reply{showA: {orgsJSON(), {status: 401, body: `{"error":"Couldn't authenticate you"}`}}})
	target := s.target(legacy)
	if err := ask(t, target); err != nil || s.times(tokens) != 0 {
		t.Fatalf("Get = %v after %d logins, want none", err, s.times(tokens))
	}
	if want := "Basic " + base64.StdEncoding.EncodeToString([]byte("bot@acme.example/token:hush")); s.heads[0].Get("Authorization") != want {
		t.Errorf("calls carry %q, want %q", s.heads[0].Get("Authorization"), want)
	}
	if w := target.Expires(); len(w) != 1 || !strings.Contains(w[0], "2027-04-30") {
		t.Errorf("the warnings are %q, want the day on which tokens end", w)
	}
	if err := ask(t, target); fault.KindOf(err) != fault.Denied || !strings.Contains(err.Error(), "log in with an OAuth client") {
		t.Errorf("Get = %v, want denied with a way out", err)
	}
	if w := start(t, nil).target(nil).Expires(); len(w) != 0 {
		t.Errorf("an OAuth client is warned of: %q", w)
	}
}

func TestOptionsThatCannotBe(t *testing.T) {
	t.Parallel()
	good := func() Options {
		return Options{BaseURL: "https://x.zendesk.com", Auth: Auth{ClientID: "a", Secret: func() (secret.Text, error) { return secret.New("b"), nil }}}
	}
	tests := map[string]struct {
		change func(*Options)
		text   string
	}{
		"no address":        {func(o *Options) { o.BaseURL = "x" }, "https://SUBDOMAIN.zendesk.com"},
		"not safe":          {func(o *Options) { o.BaseURL = "http://x.zendesk.com" }, "write https://"},
		"a path":            {func(o *Options) { o.BaseURL = "https://x.zendesk.com/api/v2" }, "is not the address of an account"},
		"too much":          {func(o *Options) { o.Share = 1.5 }, "rate_share"},
		"too many jobs":     {func(o *Options) { o.Jobs = 31 }, "1 to 30"},
		"a policy":          {func(o *Options) { o.OnAddress = "perhaps" }, "verified, always, hold"},
		"no login":          {func(o *Options) { o.Auth = Auth{} }, "client_id and client_secret are required"},
		"a short token":     {func(o *Options) { o.Auth.Lifetime = time.Minute }, "5 minutes"},
		"both ways":         {func(o *Options) { o.Auth.Token = o.Auth.Secret }, "not both"},
		"a token of nobody": {func(o *Options) { o.Auth = Auth{Token: o.Auth.Secret} }, "auth.email"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := good()
			tt.change(&o)
			if _, err := New(o); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "targets.zendesk.") || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("New = %v, want invalid with %q", err, tt.text)
			}
		})
	}
	for _, address := range []string{"https://x.zendesk.com/", "http://127.0.0.1:8080", "http://localhost:1"} {
		o := good()
		o.BaseURL = address
		if _, err := New(o); err != nil {
			t.Errorf("New(%s) = %v", address, err)
		}
	}
}
