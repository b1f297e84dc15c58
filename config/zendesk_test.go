package config_test

import (
	"strings"
	"testing"

	"github.com/desksync/desksync/config"
)

// zendeskFile is a small file with a Zendesk target of these keys.
func zendeskFile(keys string) string {
	start, rest, _ := strings.Cut(good, "  support:\n")
	_, rest, _ = strings.Cut(rest, "plans:\n")
	return start + "  support: {type: zendesk, " + keys + "}\nplans:\n" + rest
}

func TestMistakesInAZendeskTarget(t *testing.T) {
	t.Parallel()
	const login = "auth: {client_id: a, client_secret: b}"
	for name, tt := range map[string]struct{ keys, want string }{
		"right":                         {"subdomain: acme, " + login, ""},
		"an API token":                  {"subdomain: acme, auth: {type: api_token, email: a@b.example, token: t}", ""},
		"a token with its last day":     {"subdomain: acme, auth: {type: api_token, email: a@b.example, token: t, ends: 2027-01-31}", ""},
		"a last day that is none":       {"subdomain: acme, auth: {client_id: a, client_secret: b, ends: soon}", "auth.ends: "},
		"a stand-in":                    {"url: 'http://127.0.0.1:8470', " + login, ""},
		"no account":                    {login, "subdomain is required"},
		"two accounts":                  {"subdomain: acme, url: 'https://x.example', " + login, "url: stands beside subdomain"},
		"an address for a subdomain":    {"subdomain: acme.zendesk.com, " + login, `"acme.zendesk.com" is no subdomain`},
		"a secret in the open":          {"url: 'http://acme.zendesk.com', " + login, "https://HOST"},
		"no login":                      {"subdomain: acme", "auth is required"},
		"a client without its secret":   {"subdomain: acme, auth: {client_id: a}", "client_secret is required for type: client_credentials"},
		"a token without its owner":     {"subdomain: acme, auth: {type: api_token, token: t}", "email is required for type: api_token"},
		"a token without its type":      {"subdomain: acme, auth: {email: a@b.example, token: t}", "here is a token; write type: api_token"},
		"a secret that is not used":     {"subdomain: acme, auth: {type: api_token, email: a@b.example, token: t, client_secret: s}", "client_secret: is not used for type: api_token"},
		"a share of nothing":            {"subdomain: acme, rate_share: 0%, " + login, "allows no call at all"},
		"a key of the store":            {"subdomain: acme, edition: team, " + login, "edition: is for type: sqldesk"},
		"too many jobs":                 {"subdomain: acme, jobs: 31, " + login, "jobs: 31 is"},
		"an answer that there is not":   {"subdomain: acme, on_address_change: never, " + login, "on_address_change"},
		"scopes that suffice":           {"subdomain: acme, auth: {client_id: a, client_secret: b, scopes: [read, 'organizations:write', 'users:write']}", ""},
		"a token that only reads":       {"subdomain: acme, auth: {client_id: a, client_secret: b, scopes: [read]}", "scopes: are too few for the pipeline customers, which needs organizations:write"},
		"a field that cannot be chosen": {"subdomain: acme, fields: {level: {type: dropdown}}, " + login, "a dropdown needs options"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Parse("desksync.yaml", []byte(zendeskFile(tt.keys)))
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("%s: %v", tt.keys, err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("%s: %v, want %q", tt.keys, err, tt.want)
			}
		})
	}
}
