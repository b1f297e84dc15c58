package zendesk

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/secret"
)

// TokensEnd is the day on which API tokens stop (OAuth migration guide).
var TokensEnd = day.Date(2027, time.April, 30)

// InsteadOfToken says what to log in with once API tokens stop.
const InsteadOfToken = "make an OAuth client (Admin Center, Apps and integrations, APIs, OAuth clients) and set auth.client_id and auth.client_secret"

// Auth says who logs in: an OAuth client, or, as long as there are such, an API token.
// Secrets are asked for at every login, so that a changed file is read again.
type Auth struct {
	ClientID string                      // the OAuth client's identifier
	Secret   func() (secret.Text, error) // the OAuth client's secret
	Scopes   []string                    // default read and write
	Lifetime time.Duration               // of the token that is asked for, 5 minutes to 2 days; default DefaultLifetime

	Email string                      // legacy: whose API token it is
	Token func() (secret.Text, error) // legacy: the API token
}

// Lifetimes that a token may have (OAuth, "Create Token for Grant Type").
const (
	shortestToken = 5 * time.Minute
	longestToken  = 48 * time.Hour
)

func (a Auth) filled() Auth {
	a.Lifetime = cmp.Or(a.Lifetime, DefaultLifetime)
	if len(a.Scopes) == 0 {
		a.Scopes = []string{"read", "write"}
	}
	return a
}

func (a Auth) legacy() bool { return a.Token != nil }

func (a Auth) check() error {
	switch {
	case a.legacy() && a.Secret != nil:
		return errors.New("auth: an OAuth client or an API token logs in, not both; take the token out")
	case a.legacy() && !strings.Contains(a.Email, "@"):
		return errors.New("auth.email: an API token belongs to a user; write the user's e-mail address")
	case a.legacy():
		return nil
	case a.ClientID == "" || a.Secret == nil:
		return errors.New("auth: client_id and client_secret are required; make an OAuth client in the Admin Center (Apps and integrations, APIs, OAuth clients)")
	case a.Lifetime < shortestToken || a.Lifetime > longestToken:
		return errors.New("auth.lifetime: a token lives for 5 minutes to 2 days")
	}
	return nil
}

// missing returns the scopes that were asked for and not given. A token with read may
// read everything, so it has organizations:read too.
func missing(asked, given []string) []string {
	var out []string
	for _, s := range asked {
		_, verb, found := strings.Cut(s, ":")
		if !slices.Contains(given, s) && !(found && slices.Contains(given, verb)) {
			out = append(out, s)
		}
	}
	return out
}
