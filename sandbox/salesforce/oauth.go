package salesforce

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// session is a login that has not ended.
type session struct {
	user string // id
	used time.Time
}

// oauthError is the body of a refusal by the token endpoint: an object, not the array of
// the REST API.
type oauthError struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

type grant struct {
	AccessToken string `json:"access_token"`
	Refresh     string `json:"refresh_token,omitempty"`
	Signature   string `json:"signature,omitempty"`
	Scope       string `json:"scope"`
	InstanceURL string `json:"instance_url"`
	ID          string `json:"id"`
	TokenType   string `json:"token_type"`
	IssuedAt    string `json:"issued_at,omitempty"`
}

// token answers the token endpoint (Identify Your Users, OAuth Endpoints).
func (s *Server) token(q *request) reply {
	form, err := url.ParseQuery(string(q.body))
	if err != nil || q.method != http.MethodPost {
		return refused("invalid_request", "must use HTTP POST with a form")
	}
	switch kind := form.Get("grant_type"); kind {
	case "urn:ietf:params:oauth:grant-type:jwt-bearer":
		return s.byJWT(form.Get("assertion"))
	case "client_credentials":
		return s.byCredentials(q, form)
	case "refresh_token":
		return s.byRefresh(form)
	case "password":
		return refused("invalid_grant", "authentication failure")
	case "":
		return refused("invalid_request", "missing required grant type")
	}
	return refused("unsupported_grant_type", "grant type not supported")
}

func refused(code, why string) reply { return jsonReply(http.StatusBadRequest, oauthError{code, why}) }

// byCredentials serves the client credentials flow, which the login host refuses.
func (s *Server) byCredentials(q *request, form url.Values) reply {
	if q.host == "login" {
		return refused("invalid_grant", "request not supported on this domain")
	}
	id, secret := form.Get("client_id"), form.Get("client_secret")
	if user, password, ok := q.basicAuth(); ok {
		id, secret = user, password
	}
	if id != ConsumerKey {
		return refused("invalid_client_id", "client identifier invalid")
	}
	if subtle.ConstantTimeCompare([]byte(secret), []byte(ConsumerSecret)) != 1 {
		return refused("invalid_client", "invalid client credentials")
	}
	if s.app.runAs == "" {
		return refused("invalid_grant", "no client credentials user enabled")
	}
	user, bad := s.userOf(s.app.runAs)
	if bad != nil {
		return *bad
	}
	return s.issue(user, true, "")
}

func (s *Server) byRefresh(form url.Values) reply {
	if form.Get("client_id") != ConsumerKey {
		return refused("invalid_client_id", "client identifier invalid")
	}
	if secret := form.Get("client_secret"); secret != "" && secret != ConsumerSecret {
		return refused("invalid_client", "invalid client credentials")
	}
	old := form.Get("refresh_token")
	user, ok := s.refresh[old]
	if !ok {
		return refused("invalid_grant", "expired access/refresh token")
	}
	fresh := ""
	if s.settings.RotateRefresh {
		delete(s.refresh, old)
		fresh = s.newRefresh(user)
	}
	return s.issue(user, true, fresh)
}

func (s *Server) newRefresh(user string) string {
	token := "5Aep861" + rand.Text()
	s.refresh[token] = user
	return token
}

// userOf finds an active user by login.
func (s *Server) userOf(username string) (id string, bad *reply) {
	id, active, ok := s.world.UserByName(username)
	switch {
	case !ok:
		r := refused("invalid_grant", "user hasn't approved this consumer")
		return "", &r
	case !active:
		r := refused("inactive_user", "user is inactive")
		return "", &r
	}
	return id, nil
}

// issue opens a session. Only flows other than JWT bearer tell when, and sign it.
func (s *Server) issue(user string, signed bool, refresh string) reply {
	now := s.world.Now()
	token := s.world.ID[:15] + "!AQ4AQ" + rand.Text() + "." + rand.Text()
	s.sessions[token] = &session{user: user, used: now}
	g := grant{
		AccessToken: token, Refresh: refresh, Scope: "api id", InstanceURL: s.instance, TokenType: "Bearer",
		ID: s.login + "/id/" + s.world.ID + "/" + user,
	}
	if signed {
		g.IssuedAt = strconv.FormatInt(now.UnixMilli(), 10)
		mac := hmac.New(sha256.New, []byte(ConsumerSecret))
		mac.Write([]byte(g.ID + g.IssuedAt))
		g.Signature = base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return jsonReply(http.StatusOK, g)
}

// authenticate finds the session of a request; each use makes it last longer.
func (s *Server) authenticate(q *request) (*session, bool) {
	token, ok := q.bearer()
	found := s.sessions[token]
	if !ok || found == nil {
		return nil, false
	}
	now := s.world.Now()
	if now.Sub(found.used) >= time.Duration(s.settings.SessionSeconds)*time.Second {
		delete(s.sessions, token)
		return nil, false
	}
	found.used = now
	return found, true
}
