package salesforce_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/sandbox/salesforce"
	"github.com/desksync/desksync/sandbox/salesforce/org"
)

func sign(t *testing.T, key *rsa.PrivateKey, alg string, claims m) string {
	t.Helper()
	part := func(v any) string {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	text := part(m{"alg": alg, "typ": "JWT"}) + "." + part(claims)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func (r *rig) jwt(host, assertion string) answer {
	r.t.Helper()
	return r.form(host, url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion}})
}

func Test01TokenEndpointByJWT(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{})
	key, err := r.PrivateKey()
	if err != nil {
		t.Fatal(err)
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	good := func() m {
		return m{"iss": salesforce.ConsumerKey, "sub": org.Username(0), "aud": "https://login.salesforce.com", "exp": r.now.Add(3 * time.Minute).Unix()}
	}
	with := func(claim string, v any) m { c := good(); c[claim] = v; return c }
	for name, claims := range map[string]m{"number": good(), "string": with("exp", "1795255260"), "fraction": with("exp", json.Number("1795255259.75")), "list": with("aud", []string{"https://login.salesforce.com"})} {
		for _, host := range []string{r.LoginURL, r.InstanceURL} {
			a := r.jwt(host, sign(t, key, "RS256", claims))
			if a.status != http.StatusOK {
				t.Errorf("%s: %d %s", name, a.status, a.body)
				continue
			}
			if a.get("refresh_token") != nil || a.get("issued_at") != nil || a.get("signature") != nil || a.text("token_type") != "Bearer" || a.text("instance_url") != r.InstanceURL ||
				!strings.Contains(a.text("access_token"), "!") || !strings.HasPrefix(a.text("id"), r.LoginURL+"/id/00D") {
				t.Errorf("%s: %s", name, a.body)
			}
		}
	}
	tests := map[string]struct {
		assertion, code, text string
	}{
		"signed by another key": {sign(t, other, "RS256", good()), "invalid_grant", "invalid assertion"},
		"another algorithm":     {sign(t, key, "none", good()), "invalid_grant", "invalid assertion"},
		"no JWT":                {"x.y", "invalid_grant", "invalid assertion"},
		"another app":           {sign(t, key, "RS256", with("iss", "x")), "invalid_client_id", "client identifier invalid"},
		"its own host":          {sign(t, key, "RS256", with("aud", r.LoginURL)), "invalid_grant", "audience is invalid"},
		"test for production":   {sign(t, key, "RS256", with("aud", "https://test.salesforce.com")), "invalid_grant", "audience is invalid"},
		"expired by a fraction": {sign(t, key, "RS256", with("exp", float64(r.now.Unix())-0.25)), "invalid_grant", "expired"},
		"no time at all":        {sign(t, key, "RS256", with("exp", "NaN")), "invalid_grant", "expired"},
		"expired":               {sign(t, key, "RS256", with("exp", r.now.Unix())), "invalid_grant", "expired"},
		"too far ahead":         {sign(t, key, "RS256", with("exp", r.now.Add(181*time.Second).Unix())), "invalid_grant", "invalid assertion"},
		"not approved":          {sign(t, key, "RS256", with("sub", org.Username(1))), "invalid_grant", "user hasn't approved this consumer"},
		"nobody":                {sign(t, key, "RS256", with("sub", "x@y")), "invalid_grant", "user hasn't approved this consumer"},
	}
	for name, tt := range tests {
		a := r.jwt(r.LoginURL, tt.assertion)
		if a.status != http.StatusBadRequest || a.text("error") != tt.code || !strings.Contains(a.text("error_description"), tt.text) {
			t.Errorf("%s: %d %s, want %s %q", name, a.status, a.body, tt.code, tt.text)
		}
	}
	r.admin("POST", "/app", m{"approved": []string{org.Username(3)}})
	if a := r.jwt(r.LoginURL, sign(t, key, "RS256", with("sub", org.Username(3)))); a.text("error") != "inactive_user" {
		t.Errorf("user 3 is not active: %s", a.body)
	}
}

func Test01TokenEndpointByOtherFlows(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{})
	app := func(more ...string) url.Values {
		v := url.Values{"client_id": {salesforce.ConsumerKey}, "client_secret": {salesforce.ConsumerSecret}}
		for i := 0; i < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return v
	}
	a := r.form(r.InstanceURL, app("grant_type", "client_credentials"))
	if a.text("signature") == "<nil>" || len(a.text("issued_at")) != 13 {
		t.Errorf("client credentials: %s", a.body)
	}
	refresh := r.admin("POST", "/refresh-token", m{}).text("refresh_token")
	if a := r.form(r.LoginURL, app("grant_type", "refresh_token", "refresh_token", refresh)); a.status != http.StatusOK || a.get("refresh_token") != nil {
		t.Errorf("refresh: %d %s", a.status, a.body)
	}
	r.set(m{"rotate_refresh_tokens": true})
	fresh := r.form(r.LoginURL, app("grant_type", "refresh_token", "refresh_token", refresh)).text("refresh_token")
	tests := map[string]struct {
		host   string
		values url.Values
		code   string
		text   string
	}{
		"credentials at login": {r.LoginURL, app("grant_type", "client_credentials"), "invalid_grant", "request not supported on this domain"},
		"wrong secret":         {r.InstanceURL, app("grant_type", "client_credentials", "client_secret", "x"), "invalid_client", "invalid client credentials"},
		"wrong key":            {r.InstanceURL, app("grant_type", "client_credentials", "client_id", "x"), "invalid_client_id", "client identifier invalid"},
		"spent refresh token":  {r.LoginURL, app("grant_type", "refresh_token", "refresh_token", refresh), "invalid_grant", "expired access/refresh token"},
		"password":             {r.LoginURL, app("grant_type", "password"), "invalid_grant", "authentication failure"},
		"unknown grant":        {r.LoginURL, app("grant_type", "magic"), "unsupported_grant_type", "not supported"},
		"no grant":             {r.LoginURL, app(), "invalid_request", "missing"},
	}
	for name, tt := range tests {
		a := r.form(tt.host, tt.values)
		if a.status != http.StatusBadRequest || a.text("error") != tt.code || !strings.Contains(a.text("error_description"), tt.text) {
			t.Errorf("%s: %d %s, want %s %q", name, a.status, a.body, tt.code, tt.text)
		}
	}
	if a := r.form(r.LoginURL, app("grant_type", "refresh_token", "refresh_token", fresh)); a.status != http.StatusOK {
		t.Errorf("the rotated token: %d %s", a.status, a.body)
	}
}

func Test01SessionsEnd(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{})
	const soql = "SELECT Id FROM User LIMIT 1"
	r.set(m{"session_seconds": 900})
	for range 3 { // each use makes it last longer
		r.pass(14 * time.Minute)
		if a := r.query(soql); a.status != http.StatusOK {
			t.Fatalf("used every 14 minutes: %d %s", a.status, a.body)
		}
	}
	r.pass(15 * time.Minute)
	r.query(soql).refused(http.StatusUnauthorized, "INVALID_SESSION_ID", "Session expired or invalid")
	r.login()
	r.admin("POST", "/expire", m{})
	r.query(soql).refused(http.StatusUnauthorized, "INVALID_SESSION_ID", "Session expired or invalid")
	r.token = ""
	r.query(soql).refused(http.StatusUnauthorized, "INVALID_SESSION_ID", "Session expired or invalid")
}

func Test02HostsAndVersions(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{})
	if r.LoginURL == r.InstanceURL {
		t.Errorf("one host for both: %s", r.LoginURL)
	}
	if a := r.do("GET", r.LoginURL+v62+"/limits", nil); a.status != http.StatusNotFound {
		t.Errorf("the login host serves data: %d", a.status)
	}
	token := r.token
	r.token = ""
	a := r.do("GET", r.InstanceURL+"/services/data/", nil)
	var list []struct{ Label, URL, Version string }
	if err := json.Unmarshal(a.body, &list); err != nil || len(list) < 30 || list[len(list)-1].Version != "67.0" || list[len(list)-1].Label != "Summer '26" || list[len(list)-3].Label != "Winter '26" || list[0].URL != "/services/data/v31.0" {
		t.Errorf("versions: %v: %.200s … %v", err, a.body, list[len(list)-1])
	}
	if a.header.Get("Sforce-Limit-Info") != "" {
		t.Error("the list of versions bears Sforce-Limit-Info")
	}
	r.token = token
	for path, status := range map[string]int{"/services/data/v99.0/limits": 404, "/services/data/v62/limits": 404, "/services/data/v30.0/limits": 410, v62 + "/nothing": 404, v62 + "/limits": 200} {
		if a := r.do("GET", r.InstanceURL+path, nil); a.status != status {
			t.Errorf("%s: %d, want %d", path, a.status, status)
		}
	}
	r.api("POST", "/limits", m{}).refused(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "HTTP Method 'POST' not allowed. Allowed are GET")
}

func Test03Quota(t *testing.T) {
	t.Parallel()
	r := newRig(t, salesforce.Options{})
	info := func(a answer) string { return strings.Join(a.header["Sforce-Limit-Info"], "") }
	if got := info(r.api("GET", "/limits", nil)); got != "api-usage=1/100000" {
		t.Errorf("first call: %q", got)
	}
	if got := info(r.query("SELEKT")); got != "api-usage=2/100000" {
		t.Errorf("a refused call: %q", got)
	}
	if got := r.api("GET", "/limits", nil); got.text("DailyApiRequests.Remaining") != "99997" || got.text("DailyApiRequests.Max") != "100000" {
		t.Errorf("limits: %s", got.body)
	}
	r.admin("POST", "/usage", m{"api_used": 99_999})
	if a := r.query("SELECT Id FROM User"); a.status != http.StatusOK {
		t.Errorf("the last call of the day: %d", a.status)
	}
	r.query("SELECT Id FROM User").refused(http.StatusForbidden, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
	r.pass(24*time.Hour + time.Minute)
	r.login()
	if got := info(r.query("SELECT Id FROM User")); got != "api-usage=1/100000" {
		t.Errorf("a day later: %q", got)
	}
	r.set(m{"bulk_job_limit": 1})
	job := m{"operation": "query", "query": "SELECT Id FROM User"}
	if a := r.api("POST", "/jobs/query", job); a.status != http.StatusOK {
		t.Errorf("first job: %d %s", a.status, a.body)
	}
	r.api("POST", "/jobs/query", job).refused(http.StatusBadRequest, "LIMIT_EXCEEDED", "Max bulk v2 query jobs (1) per 24 hrs has been reached")
}
