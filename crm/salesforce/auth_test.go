package salesforce

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/secret"
)

func jwtAuth() Auth {
	return Auth{Type: JWT, ClientID: "3MVG9app", Username: "sync@acme.example", Key: func() (secret.Text, error) { return testPEM(), nil }}
}

func TestJWTLogin(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	src := s.source(func(o *Options) { o.Auth = jwtAuth() })
	schema, err := src.Describe(t.Context())
	if err != nil || schema.Account != orgID {
		t.Fatalf("Describe = %q, %v, want the organization %s", schema.Account, err, orgID)
	}
	form, err := url.ParseQuery(s.bodies[0])
	if err != nil || form.Get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" || len(form) != 2 {
		t.Fatalf("the login sent %q, %v", s.bodies[0], err)
	}
	var claims jwt.MapClaims
	_, err = jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}), jwt.WithTimeFunc(func() time.Time { return noon })).
		ParseWithClaims(form.Get("assertion"), &claims, func(*jwt.Token) (any, error) { return &testKey().PublicKey, nil })
	if err != nil {
		t.Fatal(err)
	}
	exp, _ := claims.GetExpirationTime()
	if claims["iss"] != "3MVG9app" || claims["sub"] != "sync@acme.example" || claims["aud"] != ProductionAudience {
		t.Errorf("claims = %v", claims)
	}
	if d := exp.Sub(noon); d <= 0 || d > 3*time.Minute {
		t.Errorf("the assertion lives for %s, want at most 3 minutes", d)
	}
	for i, key := range s.seen {
		if got := s.heads[i].Get("Authorization"); key != logins && got != "Bearer "+hushed {
			t.Errorf("%s was sent with %q", key, got)
		}
	}
}

// TestALoginWhoseAnswerBreaks is made again, and says so in the end.
func TestALoginWhoseAnswerBreaks(t *testing.T) {
	t.Parallel()
	for tries, want := range map[int]string{2: "", pageTries: "crm broke off POST " + tokenPath + " 3 times: a reply of crm ended before its end: unexpected EOF; nothing of it was used, try again later"} {
		s := start(t, map[string][]reply{countAccounts: {counted(0)}, readNames: {{body: pageOf(0, "")}}})
		whole := s.script[logins][0]
		cut := whole
		cut.cut = 30
		s.script[logins] = append(slices.Repeat([]reply{cut}, tries), whole)
		_, _, err := readAll(t.Context(), s.source(nil), names)
		if err == nil && want != "" || err != nil && fault.Sentence(err) != want || s.times(logins) != 3 {
			t.Errorf("after %d broken answers and %d logins: %v, want %q", tries, s.times(logins), err, want)
		}
	}
}

func TestClientCredentialsLogin(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	if _, err := s.source(nil).Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	form, _ := url.ParseQuery(s.bodies[0])
	if form.Get("grant_type") != "client_credentials" || form.Get("client_id") != "3MVG9app" || form.Get("client_secret") != "hush" {
		t.Errorf("the login sent %v", form)
	}
}

func TestAudience(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ login, set, want string }{
		"production":                 {"https://login.salesforce.com", "", ProductionAudience},
		"sandboxes":                  {"https://test.salesforce.com", "", SandboxAudience},
		"a My Domain":                {"https://acme.my.salesforce.com", "", ProductionAudience},
		"a sandbox's My Domain":      {"https://acme--uat.sandbox.my.salesforce.com", "", SandboxAudience},
		"an old sandbox's My Domain": {"https://ACME--uat.my.salesforce.com", "", SandboxAudience},
		"a name with one hyphen":     {"https://acme-eu.my.salesforce.com", "", ProductionAudience},
		"as the file says":           {"https://test.salesforce.com", "https://acme.example", "https://acme.example"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u, err := address(tt.login)
			if err != nil {
				t.Fatal(err)
			}
			if got := (Auth{Audience: tt.set}).audience(u); got != tt.want {
				t.Errorf("audience(%s) = %s, want %s", tt.login, got, tt.want)
			}
		})
	}
}

func TestALoginThatIsRefusedSaysWhatToDo(t *testing.T) {
	t.Parallel()
	body := func(code, text string) string {
		return fmt.Sprintf(`{"error":%q,"error_description":%q}`, code, text)
	}
	tests := map[string]struct {
		status int
		header string
		body   string
		auth   func(*Auth)
		kind   fault.Kind
		want   string
	}{
		"not approved":         {400, "", body("invalid_grant", "user hasn't approved this consumer"), nil, fault.Denied, "sync@acme.example is not approved for the app; set Permitted Users"},
		"wrong audience":       {400, "", body("invalid_grant", "audience is invalid"), nil, fault.Denied, "the audience https://login.salesforce.com is not this kind of organization's; write auth.audience: https://test.salesforce.com"},
		"expired assertion":    {400, "Date: Sat, 21 Nov 2026 12:00:10 GMT", body("invalid_grant", "expired authorization code"), nil, fault.Denied, "compare this machine's clock with the real time"},
		"another key":          {400, "Date: Sat, 21 Nov 2026 12:00:10 GMT", body("invalid_grant", "invalid assertion"), nil, fault.Denied, "upload the certificate that belongs to private_key"},
		"a key or a clock":     {400, "Date: unknown", body("invalid_grant", "invalid assertion"), nil, fault.Denied, "compare this machine's clock with the real time (NTP), and private_key"},
		"not at a login host":  {400, "", body("invalid_grant", "request not supported on this domain"), clientAuth, fault.Denied, "write login_url: https://YOUR-DOMAIN.my.salesforce.com"},
		"a run-as user":        {400, "", body("invalid_grant", "authentication failure"), clientAuth, fault.Denied, "check that the user whom the app runs as is active"},
		"our clock is ahead":   {400, "Date: Sat, 21 Nov 2026 11:50:00 GMT", body("invalid_grant", "invalid assertion"), nil, fault.Denied, "this machine's clock is 10m0s ahead of Salesforce's"},
		"a little ahead":       {400, "Date: Sat, 21 Nov 2026 11:59:00 GMT", body("invalid_grant", "invalid assertion"), nil, fault.Denied, "this machine's clock is 1m0s ahead of Salesforce's"},
		"ahead by what it may": {400, "Date: Sat, 21 Nov 2026 11:59:35 GMT", body("invalid_grant", "invalid assertion"), nil, fault.Denied, "our signature is not the app's"},
		"behind within a life": {400, "Date: Sat, 21 Nov 2026 12:02:20 GMT", body("invalid_grant", "invalid assertion"), nil, fault.Denied, "our signature is not the app's"},
		"our clock is behind":  {400, "Date: Sat, 21 Nov 2026 12:04:00 GMT", body("invalid_grant", "invalid assertion"), nil, fault.Denied, "this machine's clock is 4m0s behind Salesforce's"},
		"some other grant":     {400, "Date: Sat, 21 Nov 2026 12:00:00 GMT", body("invalid_grant", "authentication failure"), nil, fault.Denied, "check that auth.username (sync@acme.example) exists here"},
		"unknown app":          {400, "", body("invalid_client_id", "client identifier invalid"), nil, fault.Denied, "it knows no app with this client_id"},
		"wrong certificate":    {400, "", body("invalid_client", "invalid client credentials"), nil, fault.Denied, "upload the certificate that belongs to private_key"},
		"wrong secret":         {401, "", body("invalid_client", "invalid client credentials"), clientAuth, fault.Denied, "client_id or client_secret is wrong"},
		"no run-as user":       {400, "Date: Sat, 21 Nov 2026 12:00:00 GMT", body("invalid_grant", "no client credentials user enabled"), clientAuth, fault.Denied, "the app has no user to run as"},
		"not for this user":    {400, "", body("invalid_app_access", "user is not admin approved to access this app"), nil, fault.Denied, "add the user's profile or permission set"},
		"inactive user":        {400, "", body("inactive_user", "user is inactive"), nil, fault.Denied, "the integration user is inactive or frozen; activate sync@acme.example"},
		"flow not enabled":     {400, "", body("unsupported_grant_type", "grant type not supported"), nil, fault.Denied, "the app does not allow this way to log in (jwt)"},
		"too many logins":      {403, "", body("invalid_grant", "login rate exceeded"), nil, fault.Throttled, "too many logins of this user"},
		"no such page":         {404, "", "<html>", nil, fault.Invalid, "there is no login at this address; check login_url"},
		"something new":        {400, "", body("brand_new", "what?"), nil, fault.Denied, "(brand_new): look it up in Setup, Login History"},
		"a code with no sense": {400, "", body("<b>hush</b>", "what?"), nil, fault.Denied, "(status 400): "},
		"down":                 {503, "", "<html>", nil, fault.Unavailable, "status 503 Service Unavailable"},
		"success without id":   {200, "", `{"access_token":"hush!","instance_url":"https://acme.my.salesforce.com"}`, nil, fault.Invalid, "its id names no organization; is login_url right?"},
		"success, not JSON":    {200, "", `<html>hush`, nil, fault.Invalid, "it is not JSON; is login_url right?"},
		"sent off to http":     {200, "", `{"access_token":"hush!","instance_url":"http://acme.example","id":"https://x/id/00Dxx0000001gERAAY/0"}`, nil, fault.Invalid, "its instance_url begins with http"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, map[string][]reply{logins: {{status: tt.status, header: tt.header, body: tt.body}}})
			src := s.source(func(o *Options) {
				o.Auth = jwtAuth()
				if tt.auth != nil {
					tt.auth(&o.Auth)
				}
			})
			_, err := src.Describe(t.Context())
			if fault.KindOf(err) != tt.kind || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("Describe = %v, want %s with %q", err, tt.kind, tt.want)
			}
			if strings.Contains(err.Error(), "hush") {
				t.Errorf("the error tells a secret: %v", err)
			}
		})
	}
}

func clientAuth(a *Auth) {
	*a = Auth{Type: ClientCredentials, ClientID: "3MVG9app", Username: "", Secret: func() (secret.Text, error) { return secret.New("hush"), nil }}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*Options)
		want   string
	}{
		"client credentials at the login host": {func(o *Options) { clientAuth(&o.Auth); o.LoginURL = "https://login.salesforce.com" }, "login.salesforce.com takes no client credentials; write the organization's My Domain"},
		"plain http":                           {func(o *Options) { o.LoginURL = "http://acme.my.salesforce.com" }, "login_url begins with http; a login goes over https only"},
		"a path":                               {func(o *Options) { o.LoginURL = "https://acme.my.salesforce.com/x" }, "login_url is not an address such as"},
		"no client id":                         {func(o *Options) { o.Auth.ClientID = "" }, "auth.client_id is required"},
		"no user":                              {func(o *Options) { o.Auth.Username = "" }, "auth.username is required"},
		"an old version":                       {func(o *Options) { o.Version = "v30.0" }, "api_version: v30.0 is too old"},
		"no version":                           {func(o *Options) { o.Version = "62" }, `api_version: "62" is not a version such as v62.0`},
		"more than all":                        {func(o *Options) { o.Share = 1.5 }, "daily_share is a part"},
		"an unknown way":                       {func(o *Options) { o.Auth.Type = "password" }, `auth.type: "password" is not one of jwt or client_credentials`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opt := Options{Auth: jwtAuth(), LoginURL: "https://acme.my.salesforce.com"}
			tt.change(&opt)
			_, err := New(opt)
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("New = %v, want %q", err, tt.want)
			}
		})
	}
}

func TestKeysThatAreNone(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]string{
		"hush": "is not an RSA key in PEM form",
		"-----BEGIN ENCRYPTED PRIVATE KEY-----\nhush\n-----END ENCRYPTED PRIVATE KEY-----\n": "is locked with a passphrase",
		"-----BEGIN CERTIFICATE-----\nhush\n-----END CERTIFICATE-----\n":                     "is the public half",
		"-----BEGIN EC PRIVATE KEY-----\nhush\n-----END EC PRIVATE KEY-----\n":               "is for elliptic curves",
	} {
		_, err := privateKey(secret.New(words))
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("privateKey(%.30q) = %v, want %q", words, err, want)
		}
	}
	oneLine := secret.New(strings.ReplaceAll(testPEM().Reveal(), "\n", `\n`))
	if _, err := privateKey(oneLine); err != nil {
		t.Errorf("a key as environments carry it: %v", err)
	}
}

func FuzzParseSession(f *testing.F) {
	f.Add([]byte(`{"access_token":"a!b","instance_url":"https://acme.my.salesforce.com","id":"https://login.salesforce.com/id/00Dxx0000001gERAAY/005xx000001SwiUAAS"}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := parseSession(body)
		if err == nil && (got.token.Empty() || got.instance.Host == "" || len(got.organization) != 18) {
			t.Errorf("parseSession(%q) = %v", body, got)
		}
	})
}
