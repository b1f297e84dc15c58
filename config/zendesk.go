package config

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/desksync/desksync/internal/day"
)

// ZendeskAuth says who logs in to Zendesk.
type ZendeskAuth struct {
	// An OAuth client of the account; or an API token, which Zendesk ends on 2027-04-30 and lets nobody create any more.
	Type string `yaml:"type" jsonschema:"enum=client_credentials,enum=api_token,default=client_credentials"`
	// For client_credentials: the unique identifier of the OAuth client.
	ClientID string `yaml:"client_id"`
	// For client_credentials: the secret of the OAuth client.
	ClientSecret Secret `yaml:"client_secret"`
	// For client_credentials: what the token may do; read and write if left out. One that only reads is enough for mode: observe.
	Scopes []string `yaml:"scopes"`
	// For api_token: whose token it is; it acts as this person.
	Email string `yaml:"email"`
	// For api_token: the token.
	Token Secret `yaml:"token"`
	// The day on which this login stops, such as 2027-01-31, where somebody set one. It is told 30, 15 and 7 days before.
	Ends day.Day `yaml:"ends"`
}

// The keys of a target that belong to one type; the others belong to all.
var targetKeys = map[string][]string{
	"sqldesk": {"database", "edition", "max_memberships", "unique_names", "batch_size", "agents_manage_organizations", "sla_policies"},
	"zendesk": {"subdomain", "url", "auth", "rate_share", "rate_limit", "jobs", "on_address_change", "audit_every"},
}

// unnamed reports whether the file leaves it to the helpdesk which fields there are.
func (t *Target) unnamed() bool { return t.Type == "zendesk" && len(t.Fields) == 0 }

var subdomain = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)

// checkTargetKeys reports keys of another type of target.
func (f *File) checkTargetKeys(path string, t *Target) {
	for _, kind := range []string{"sqldesk", "zendesk"} {
		for _, key := range targetKeys[kind] {
			if t.Type != kind && f.doc.Has(path+"."+key) {
				f.doc.ReportKey(path+"."+key, "is for type: "+kind, "remove it, or write type: "+kind)
			}
		}
	}
}

func (f *File) checkStore(path string, t *Target) {
	if !f.doc.Has(path+".database") && !f.doc.Faulty(path) {
		f.doc.ReportKey(path, "database is required", "write database: sqlite:FILE or a postgres:// address")
	}
	f.checkDSN(path+".database", t.Database)
	f.checkApart(path+".database", t.Database)
	f.checkPolicies(path+".sla_policies", t.SLAPolicies)
	f.checkEdition(path, t)
}

func (f *File) checkZendesk(path string, t *Target) {
	switch has, hasURL := f.doc.Has(path+".subdomain"), f.doc.Has(path+".url"); {
	case !has && !hasURL && !f.doc.Faulty(path):
		f.doc.ReportKey(path, "subdomain is required", "write subdomain: acme for https://acme.zendesk.com")
	case has && hasURL:
		f.doc.ReportKey(path+".url", "stands beside subdomain", "keep one of them")
	case hasURL:
		f.checkZendeskURL(path+".url", t.URL)
	case has && !subdomain.MatchString(t.Subdomain) && !f.doc.Faulty(path+".subdomain"):
		f.doc.Report(path+".subdomain", fmt.Sprintf("%q is no subdomain", t.Subdomain), "write acme for https://acme.zendesk.com")
	}
	if t.RateShare <= 0 && !f.doc.Faulty(path+".rate_share") {
		f.doc.Report(path+".rate_share", "allows no call at all", "write a share above 0%, such as 50%")
	}
	if t.Auth == nil {
		if !f.doc.Faulty(path) {
			f.doc.ReportKey(path, "auth is required", `write auth: {type: client_credentials, client_id: …, client_secret: "${ZD_SECRET}"}`)
		}
		return
	}
	f.checkZendeskAuth(path+".auth", t.Auth)
}

// checkZendeskURL lets secrets go over the network encrypted only.
func (f *File) checkZendeskURL(path, text string) {
	if strings.Contains(text, "${") {
		return // known only when it is looked up
	}
	if !private(text) {
		f.doc.Report(path, fmt.Sprintf("%q is no address of a helpdesk", text), "write https://HOST; http:// only for a stand-in on this machine")
	}
}

// private reports whether nobody between here and an address can read what goes there: it
// is encrypted, or stays on this machine.
func private(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http" && thisMachine(u.Hostname()))
}

func thisMachine(host string) bool {
	return slices.Contains([]string{"127.0.0.1", "::1", "localhost"}, host)
}

func (f *File) checkZendeskAuth(path string, a *ZendeskAuth) {
	has := func(key string) bool { return f.doc.Has(path + "." + key) }
	if has("token") && !has("type") && !has("client_id") && !has("client_secret") {
		f.doc.ReportKey(path, "an OAuth client logs in where no type is written, and here is a token", "write type: api_token")
		return
	}
	token := a.Type == "api_token"
	for _, k := range []struct {
		key   string
		needs bool
		fix   string
	}{
		{"client_id", !token, "copy the unique identifier of the OAuth client"},
		{"client_secret", !token, "copy the secret of the OAuth client"},
		{"email", token, "write whose token it is"},
		{"token", token, "write the API token"},
	} {
		switch {
		case k.needs && !has(k.key) && a.Type != "":
			f.doc.ReportKey(path, fmt.Sprintf("%s is required for type: %s", k.key, a.Type), k.fix)
		case !k.needs && has(k.key) && a.Type != "":
			f.doc.ReportKey(path+"."+k.key, "is not used for type: "+a.Type, "remove it")
		}
	}
}
