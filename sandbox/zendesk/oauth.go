package zendesk

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// token is an access token; a zero expires is never.
type token struct {
	scopes  []string
	expires time.Time
}

func oauthError(status int, code, description string) reply {
	return jsonReply(status, map[string]string{"error": code, "error_description": description})
}

// oauth gives tokens by client credentials. A misspelt scope is given too, and opens
// nothing; one beyond the client's is refused (reference §2).
func (s *Sandbox) oauth(c *call) reply {
	if c.method != http.MethodPost {
		return noEndpoint()
	}
	form, err := c.form()
	switch {
	case err != nil:
		return oauthError(http.StatusBadRequest, "invalid_request", "The request is malformed")
	case form["grant_type"] != "client_credentials":
		return oauthError(http.StatusBadRequest, "unsupported_grant_type", "The grant type is not supported by this sandbox")
	case form["client_id"] != ClientID || form["client_secret"] != ClientSecret:
		return oauthError(http.StatusUnauthorized, "invalid_client", "Client authentication failed")
	}
	scopes := strings.Fields(form["scope"])
	if len(scopes) == 0 || !s.within(scopes) {
		return oauthError(http.StatusBadRequest, "invalid_scope", "The requested scope is invalid, unknown, or malformed.")
	}
	return s.grant(scopes, form["expires_in"])
}

func (s *Sandbox) within(scopes []string) bool {
	for _, scope := range scopes {
		if len(s.opt.Scopes) > 0 && known(scope) && !slices.Contains(s.opt.Scopes, scope) {
			return false
		}
	}
	return true
}

// known says whether a scope is spelt like one.
func known(scope string) bool {
	resource, access, of := strings.Cut(scope, ":")
	if !of {
		access, resource = resource, "organizations"
	}
	return slices.Contains([]string{"read", "write"}, access) && slices.Contains([]string{"organizations", "users", "webhooks", "tickets", "auditlogs"}, resource)
}

func (s *Sandbox) grant(scopes []string, expiresIn string) reply {
	t := &token{scopes: scopes}
	answer := map[string]any{"access_token": fmt.Sprintf("sandbox-access-%d-%d", s.account.At().Unix(), s.next()), "token_type": "bearer", "scope": strings.Join(scopes, " ")}
	if expiresIn != "" {
		n, err := strconv.Atoi(expiresIn)
		if err != nil || n < 300 || n > 172_800 {
			return oauthError(http.StatusBadRequest, "invalid_request", "expires_in must be between 300 and 172800")
		}
		t.expires = s.account.At().Add(time.Duration(n) * time.Second)
		if s.settings.EchoExpiry {
			answer["expires_in"] = n
		}
	}
	s.tokens[answer["access_token"].(string)] = t //nolint:forcetypeassert // made above
	return ok(answer)
}

// form reads a body of JSON or of form values: both are taken in the wild.
func (c *call) form() (map[string]string, error) {
	out := map[string]string{}
	if !strings.HasPrefix(c.header.Get("Content-Type"), "application/json") {
		values, err := url.ParseQuery(string(c.body))
		for k := range values {
			out[k] = values.Get(k)
		}
		return out, err
	}
	var body map[string]any
	if err := json.Unmarshal(c.body, &body); err != nil {
		return nil, err
	}
	for k, v := range body {
		if v != nil {
			out[k] = fmt.Sprint(v)
		}
	}
	return out, nil
}
