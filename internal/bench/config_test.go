package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

const sampleConfig = `# yaml-language-server: $schema=./desksync.schema.json
version: 1
journal: sqlite:desksync.db            # or PostgreSQL
sources:
  crm:
    type: csv
    dir: ./crm
    complete: manifest
    columns: {subscriptions: {account: "Account__c"}}
targets:
  support: {type: sqldesk, database: "sqlite:support.db", edition: enterprise}
  public:
    type: sqldesk
    database: ${DSN}
plans:                                 # best first
  - {plan: ultimate, sla: Priority, products: [Ultimate (SaaS), "on"]}
grace: 15d
pipelines:
  customers:
    to: support
    schedule: {full: "15 3 * * *"}
    organizations:
      fields:
        aar: 'plan.expired ? 0 : account.CARR__c'
        segment: lower(account.Segment__c) ?? "unknown"
        restricted: account.Restricted__c == "Restricted Party"
    guards: {downgrades: {count: 10, share: 0.5%}, retires: 5%}
    start: 2026-11-21
`

func TestRewriteChangesDatabasesAndSourceOnly(t *testing.T) {
	t.Parallel()
	var asked []string
	got, err := rewrite([]byte(sampleConfig), "/data/crm", func(name string) (string, error) {
		asked = append(asked, name)
		return "sqlite:/work/" + name + ".db", nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"journal", "store-support", "store-public"}; !cmp.Equal(asked, want) {
		t.Errorf("databases asked for: %q; want %q", asked, want)
	}
	want := strings.NewReplacer("sqlite:desksync.db", "sqlite:/work/journal.db", "./crm", "/data/crm", "sqlite:support.db", "sqlite:/work/store-support.db", "${DSN}", "sqlite:/work/store-public.db").Replace(sampleConfig)
	if diff := cmp.Diff(decode(t, want), decode(t, string(got))); diff != "" {
		t.Errorf("rewritten (-want +got):\n%s\n%s", diff, got)
	}
}

func TestRewriteOfAJournalInFull(t *testing.T) {
	t.Parallel()
	text := strings.Replace(sampleConfig, "journal: sqlite:desksync.db", "journal: {dsn: sqlite:desksync.db, keep: 1}", 1)
	got, err := rewrite([]byte(text), "d", func(name string) (string, error) { return name, nil })
	if err != nil || !strings.Contains(string(got), "dsn: journal") {
		t.Errorf("rewrite = %v\n%s\nwant the journal's dsn replaced", err, got)
	}
}

func TestRewriteRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ old, new, says string }{
		"a file without a journal":      {"journal:", "diary:", "it has no journal"},
		"a file without a CSV source":   {"type: csv", "type: salesforce", "no source of type csv"},
		"a file without a store":        {"type: sqldesk", "type: zendesk", "no target of type sqldesk"},
		"a file that is no YAML at all": {"version: 1", "version: [", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := rewrite([]byte(strings.ReplaceAll(sampleConfig, tt.old, tt.new)), "d", func(string) (string, error) { return "x", nil })
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("rewrite: %v; want an error that says %q", err, tt.says)
			}
		})
	}
	_, err := rewrite([]byte(sampleConfig), "d", func(string) (string, error) { return "", errors.New("no database") })
	if err == nil || !strings.Contains(err.Error(), "no database") {
		t.Errorf("rewrite without databases: %v; want that there is none", err)
	}
}

func decode(t *testing.T, text string) map[string]any {
	t.Helper()
	var out map[string]any
	if err := yaml.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return out
}

func TestRewriteOfTheExampleKeepsItsRules(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", "gitlab", "desksync.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := rewrite(text, "./crm", func(name string) (string, error) { return "sqlite:" + name + ".db", nil })
	if err != nil {
		t.Fatal(err)
	}
	want, have := decode(t, string(text)), decode(t, string(got))
	for _, part := range []string{"version", "plans", "grace", "sla_policies", "subscriptions", "money", "overrides", "pipelines", "sources"} {
		if diff := cmp.Diff(want[part], have[part]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", part, diff)
		}
	}
}

func TestTargetOf(t *testing.T) {
	t.Parallel()
	if got, err := targetOf([]byte(sampleConfig), "customers"); err != nil || got != "support" {
		t.Errorf("targetOf = %q, %v; want support", got, err)
	}
	if _, err := targetOf([]byte(sampleConfig), "partners"); err == nil || !strings.Contains(err.Error(), "-pipeline") {
		t.Errorf("targetOf no pipeline: %v; want what to do", err)
	}
}
