package zendesk

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"

	"github.com/desksync/desksync/sandbox/zendesk/account"
)

func unauthorized() reply {
	return jsonReply(http.StatusUnauthorized, textError{Error: "Couldn't authenticate you"})
}

// authenticate finds out who calls. Nobody is let through here: a route may be for anybody.
func (s *Sandbox) authenticate(c *call) (reply, bool) {
	kind, credentials, _ := strings.Cut(c.header.Get("Authorization"), " ")
	switch strings.ToLower(kind) {
	case "":
		return reply{}, true
	case "basic":
		c.who = s.byToken(credentials)
	case "bearer":
		t := s.tokens[credentials]
		if t == nil || !t.expires.IsZero() && !s.account.At().Before(t.expires) {
			return jsonReply(http.StatusUnauthorized, map[string]string{
				"error": "invalid_token", "error_description": "The access token provided is expired, revoked, malformed or invalid for other reasons.",
			}), false
		}
		c.who, c.scopes = s.account.UserByEmail(AdminEmail), t.scopes
	}
	if c.who == nil || c.who.Suspended {
		return unauthorized(), false
	}
	return reply{}, true
}

// byToken knows email/token:secret; passwords are no longer taken (reference §1).
func (s *Sandbox) byToken(credentials string) *account.User {
	raw, err := base64.StdEncoding.DecodeString(credentials)
	if err != nil || s.settings.TokensDisabled {
		return nil
	}
	name, secret, _ := strings.Cut(string(raw), ":")
	email, isToken := strings.CutSuffix(name, "/token")
	if !isToken || secret != APIToken {
		return nil
	}
	return s.account.UserByEmail(email)
}

// checkRole refuses end users everywhere but about themselves, and agents what is for
// administrators.
func (s *Sandbox) checkRole(c *call) (reply, bool) {
	if c.route.anonymous || c.who.Role == account.Admin || c.who.Role == account.Agent && !c.route.admin {
		return reply{}, false
	}
	return noAccess(), true
}

// checkScope holds the scopes of a bearer token against the call.
func (s *Sandbox) checkScope(c *call) (reply, bool) {
	if c.scopes == nil || c.route.anonymous {
		return reply{}, false
	}
	access := "write"
	if c.method == http.MethodGet {
		access = "read"
	}
	resource := s.resource(c.route)
	if slices.Contains(c.scopes, access) || slices.Contains(c.scopes, resource+":"+access) {
		return reply{}, false
	}
	return jsonReply(http.StatusForbidden, textError{"Forbidden", "You are missing the following required scopes: " + access}), true
}

// resource is what a scope names: the first part of the path. Whether that of organizations
// covers memberships and fields is not published; a setting says.
func (s *Sandbox) resource(r *route) string {
	first := r.segments[0]
	switch {
	case first == "incremental":
		return r.segments[1]
	case s.settings.MembershipScope && strings.HasPrefix(first, "organization_"):
		return "organizations"
	}
	return first
}
