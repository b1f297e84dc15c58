package wire

import (
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/desksync/desksync/config"
)

const zendeskFile = `version: 1
journal: sqlite:desksync.db
sources:
  crm: {type: csv, dir: none, complete: declared}
targets:
  support:
    type: zendesk
    subdomain: acme
    auth: {client_id: a, client_secret: b}
    fields: {level: {type: dropdown, options: [gold, expired]}}
plans: [{plan: gold, tag: sla_gold, sla: none, products: [Gold]}, {plan: expired, sla: none}]
grace: 0d
sla_policies: []
subscriptions: {product: Product, start: Start, end: End}
pipelines:
  customers:
    from: crm
    to: support
    organizations:
      name: account.Name
      RULE
    policy: {on_found: hold, on_drift: hold, on_clash: hold, on_gone: {lost: hold, left: hold, deleted: hold}}
`

// TestRulesForZendeskAreCheckedByWhatItHas: what every account has, and the fields of the
// file.
func TestRulesForZendeskAreCheckedByWhatItHas(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string]string{
		"details: account.Name":              "",
		"notes: account.Name":                "",
		"shared_tickets: account.Rank == 1":  "",
		"shared_comments: account.Rank == 1": "",
		"fields: {level: plan.name}":         "",
		"summary: account.Name":              "has no organization field summary",
		"contact: account.Name":              "has no organization field contact",
		"fields: {plan: plan.name}":          "has no organization field plan",
		"fields: {level: 12}":                "level",
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			file, err := config.Parse("desksync.yaml", []byte(strings.Replace(zendeskFile, "RULE", rule, 1)))
			if err != nil {
				t.Fatal(err)
			}
			w, err := New(file, "customers", Env{Now: time.Now, Lookup: func(string) (string, bool) { return "", false }, Log: zerolog.Nop()})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.CheckOffline(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := file.Err(); want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("the check says %v, want %q", err, want)
			}
		})
	}
}
