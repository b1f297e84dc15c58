package zendesk

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/httpx"
	"github.com/desksync/desksync/internal/secret"
)

const tokenPath = "/oauth/tokens"

// session is what a login gave.
type session struct {
	header string    // of every call; a secret
	until  time.Time // when it is renewed; zero: never
}

// login gets a session. It is safe to repeat: a token that nobody uses lapses.
func (t *Target) login(ctx context.Context) (*session, error) {
	if t.opt.Auth.legacy() {
		return t.legacyLogin()
	}
	words, err := t.opt.Auth.Secret()
	if err != nil {
		return nil, err
	}
	began := t.opt.Now()
	resp, err := t.askToken(ctx, words)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		return nil, t.refused(resp)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, httpx.MaxErrorBody))
	if err != nil {
		return nil, err
	}
	return t.granted(body, began)
}

func (t *Target) legacyLogin() (*session, error) {
	words, err := t.opt.Auth.Token()
	if err != nil {
		return nil, err
	}
	pair := t.opt.Auth.Email + "/token:" + words.Reveal()
	return &session{header: "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))}, nil
}

func (t *Target) askToken(ctx context.Context, words secret.Text) (*http.Response, error) {
	a := t.opt.Auth
	body, err := json.Marshal(map[string]any{
		"grant_type": "client_credentials", "client_id": a.ClientID, "client_secret": words.Reveal(),
		"scope": strings.Join(a.Scopes, " "), "expires_in": int(a.Lifetime / time.Second),
	})
	if err != nil {
		return nil, fault.New("zendesk.login", fault.Invalid, errors.New("the login cannot be written as JSON"))
	}
	req, err := http.NewRequestWithContext(httpx.Repeatable(ctx), http.MethodPost, t.base.String()+tokenPath, bytes.NewReader(body))
	if err != nil {
		return nil, fault.New("zendesk.login", fault.Invalid, errors.New("the address of the login cannot be read"))
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	return t.http.Do(req)
}

// granted reads the answer to a login. Its errors never quote it.
func (t *Target) granted(body []byte, began time.Time) (*session, error) {
	var got struct {
		Token   string `json:"access_token"`
		Scope   string `json:"scope"`
		Expires int64  `json:"expires_in"`
	}
	if err := json.Unmarshal(body, &got); err != nil || got.Token == "" || strings.ContainsAny(got.Token, " \r\n\x00") {
		return nil, fault.New("zendesk.login", fault.Invalid, fmt.Errorf("%s answered the login with something else than a token; is the address right?", t.base.Host))
	}
	a := t.opt.Auth
	if less := missing(a.Scopes, strings.Fields(got.Scope)); got.Scope != "" && len(less) > 0 {
		return nil, fault.New("zendesk.login", fault.Denied, fmt.Errorf("%s gave no right to %s; give the OAuth client %s these scopes (Admin Center, Apps and integrations, APIs, OAuth clients), or correct auth.scopes: a misspelt scope is granted by nobody", t.base.Host, strings.Join(less, ", "), a.ClientID))
	}
	life := a.Lifetime
	if got.Expires > 0 {
		life = min(time.Duration(got.Expires)*time.Second, longestToken)
	}
	return &session{header: "Bearer " + got.Token, until: began.Add(life - margin(life))}, nil
}

// margin is how long before its end a token is renewed.
func margin(life time.Duration) time.Duration { return min(life/5, 5*time.Minute) }

// refused turns the answer to a login into a failure with its remedy. The codes are
// those of OAuth 2.0 (RFC 6749, section 5.2).
func (t *Target) refused(resp *http.Response) error {
	f := read(resp, httpx.ErrorBody(resp), t.opt.Now())
	a := t.opt.Auth
	kind, fix := fault.Denied, "check auth.client_id and auth.client_secret"
	switch {
	case f.code == "invalid_client":
		fix = "auth.client_id or auth.client_secret is wrong, or the client is not confidential; copy the identifier and the secret of the OAuth client again"
	case f.code == "invalid_scope":
		fix = "the OAuth client " + a.ClientID + " may not have all of " + strings.Join(a.Scopes, ", ") + "; widen the client's scopes in the Admin Center, or narrow auth.scopes"
	case f.code == "unauthorized_client", f.code == "unsupported_grant_type":
		fix = "the OAuth client " + a.ClientID + " may not log in by itself; make it confidential and allow client credentials"
	case f.code == "invalid_grant":
		fix = "the user who owns the OAuth client " + a.ClientID + " may not log in; make an active admin its owner"
	case f.status == http.StatusNotFound:
		kind, fix = fault.Invalid, "there is no login at this address; check url"
	case f.status == http.StatusTooManyRequests || f.status >= http.StatusInternalServerError:
		return httpx.StatusError(resp, t.opt.Now())
	}
	return fault.New("zendesk.login", kind, fmt.Errorf("%s refused the login (%s): %s", t.base.Host, f.shown(), fix))
}
