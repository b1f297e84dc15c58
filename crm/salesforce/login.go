package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/httpx"
	"github.com/desksync/desksync/internal/secret"
)

// session is what a login returned.
type session struct {
	token        secret.Text
	instance     *url.URL // where the organization answers
	organization string   // its id, 18 characters
}

// tokenPath is the same on every host (OAuth Endpoints).
const tokenPath = "/services/oauth2/token"

// login asks for a session, again where the answer ends early. That is safe: a token that
// nobody uses lapses.
func (s *Source) login(ctx context.Context) (got *session, err error) {
	err = s.persist(call{method: http.MethodPost, path: tokenPath}, nothing, func() (_ bool, err error) {
		got, err = s.loginOnce(ctx)
		_, cut := errors.AsType[*restart](err)
		return cut && ctx.Err() == nil, err
	})
	return got, err
}

func (s *Source) loginOnce(ctx context.Context) (*session, error) {
	form, err := s.opt.Auth.form(s.loginURL, s.opt.Now())
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(httpx.Repeatable(ctx), http.MethodPost, s.loginURL.String()+tokenPath, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fault.New("salesforce.login", fault.Invalid, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	resp, err := s.http.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, s.refused(resp)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, httpx.MaxErrorBody))
	if err != nil {
		return nil, &restart{err}
	}
	got, err := parseSession(body)
	if err != nil {
		return nil, fault.New("salesforce.login", fault.Invalid, fmt.Errorf("%s answered the login with something else than a session: %w; is login_url right?", s.loginURL.Host, err))
	}
	if got.instance.Scheme != "https" && s.loginURL.Scheme == "https" {
		return nil, fault.New("salesforce.login", fault.Denied, fmt.Errorf("%s sends us on to an address without https, where the session could be read; that is not Salesforce", s.loginURL.Host))
	}
	return got, nil
}

// parseSession reads a token reply. Its errors never quote it.
func parseSession(body []byte) (*session, error) {
	var reply struct {
		Token    string `json:"access_token"`
		Instance string `json:"instance_url"`
		ID       string `json:"id"`
	}
	if err := json.Unmarshal(body, &reply); err != nil {
		return nil, errors.New("it is not JSON")
	}
	if reply.Token == "" || strings.ContainsAny(reply.Token, " \r\n\x00") {
		return nil, errors.New("it has no access_token")
	}
	instance, err := address(reply.Instance)
	if err != nil {
		return nil, fmt.Errorf("its instance_url %w", err)
	}
	org, err := organizationOf(reply.ID)
	if err != nil {
		return nil, err
	}
	return &session{token: secret.New(reply.Token), instance: instance, organization: org}, nil
}

// organizationOf reads the organization from the identity address, whose path is
// /id/ORGANIZATION/USER (Identity URLs).
func organizationOf(identity string) (string, error) {
	u, err := url.Parse(identity)
	if err != nil {
		return "", errors.New("its id is no address")
	}
	_, path, found := strings.Cut(u.Path, "/id/")
	org, _, _ := strings.Cut(path, "/")
	if !found {
		return "", errors.New("its id names no organization")
	}
	id, err := crm.ParseID(org[:min(len(org), 15)]) // the rest is a checksum, and nothing is looked up by it
	if err != nil || !strings.HasPrefix(id, "00D") {
		return "", errors.New("its id names no organization")
	}
	return id, nil
}

// refused turns the answer to a login into a failure with its remedy.
func (s *Source) refused(resp *http.Response) error {
	body := httpx.ErrorBody(resp)
	now := s.opt.Now()
	r := refusal{status: resp.StatusCode, auth: s.opt.Auth, host: s.loginURL.Host, loginHost: isLoginHost(s.loginURL.Hostname()), audience: s.opt.Auth.audience(s.loginURL)}
	if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		r.skew, r.heard = now.Sub(at), true
	}
	var e struct {
		Code string `json:"error"`
		Text string `json:"error_description"`
	}
	_ = json.Unmarshal(body, &e) // what is no JSON has no code
	r.code, r.text = e.Code, strings.ToLower(e.Text)
	if r.code == "" && (resp.StatusCode >= http.StatusInternalServerError || resp.StatusCode == http.StatusTooManyRequests) {
		return httpx.StatusError(resp, now)
	}
	kind, what := r.explain()
	wait, _ := httpx.RetryAfter(resp.Header, now)
	f := fault.New("salesforce.login", kind, errors.New(what))
	if kind == fault.Throttled {
		f.RetryAfter = max(wait, time.Hour)
	}
	return f
}
