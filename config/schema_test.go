package config_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/desksync/desksync/config"
)

func compiled(t *testing.T, text []byte) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// valid reports what the schema has against a file, as an editor would show it.
func valid(t *testing.T, s *jsonschema.Schema, src string) error {
	t.Helper()
	b, err := yaml.YAMLToJSON([]byte(src))
	if err != nil {
		return err
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

func TestShippedFilesAreValid(t *testing.T) {
	t.Parallel()
	s := compiled(t, config.Schema())
	for _, name := range []string{"../examples/gitlab/desksync.yaml", "../examples/demo/desksync.yaml"} {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := valid(t, s, string(src)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		f, err := config.Load(name)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := f.LoadOverrides(f.Secrets(nil)); err != nil {
			t.Error(err)
		}
		for pipeline, p := range f.Pipelines.All() {
			if _, err := f.Protected(pipeline, p, f.Secrets(nil)); err != nil {
				t.Error(err)
			}
		}
	}
	var first strings.Builder
	if err := config.Init(&first, nil); err != nil {
		t.Fatal(err)
	}
	for what, src := range map[string]string{"the first file": first.String(), "the good file of these tests": good} {
		if err := valid(t, s, src); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestBothRefuse holds the schema and the loader together: what an editor marks
// is what the program refuses.
func TestBothRefuse(t *testing.T) {
	t.Parallel()
	s := compiled(t, config.Schema())
	tests := map[string]struct{ old, with string }{
		"an unknown key":                  {"on_found: hold", "on_fund: hold"},
		"a policy missing":                {"      on_clash: hold\n", ""},
		"no policy at all":                {good[strings.Index(good, "    policy:"):strings.Index(good, "    mark: {field")], ""},
		"no source":                       {"sources:\n  crm: {type: csv, dir: ./crm}\n", ""},
		"no folder":                       {", dir: ./crm", ""},
		"no version":                      {"version: 1\n", ""},
		"another version":                 {"version: 1", "version: 2"},
		"a type of source":                {"type: csv", "type: salesforce"},
		"a number for a name":             {"from: crm", "from: 3"},
		"a text for a list":               {"owned: [expired]", "owned: expired"},
		"a time":                          {"sla_policies:", "grace: fortnight\nsla_policies:"},
		"a share":                         {"mark: {field: mark}", "guards: {retires: lots}"},
		"an amount below nothing":         {"mark: {field: mark}", "guards: {downgrades: {arr: -1}}"},
		"a rate":                          {"sla_policies:", "money: {base: USD, rates: {EUR: -1}}\nsla_policies:"},
		"a dated rate":                    {"sla_policies:", "money: {base: USD, rates: {EUR: [{from: 2026-01-01, rate: -1}]}}\nsla_policies:"},
		"a dated rate without its day":    {"sla_policies:", "money: {base: USD, rates: {EUR: [{rate: 1.1}]}}\nsla_policies:"},
		"a currency":                      {"sla_policies:", "money: {base: usd}\nsla_policies:"},
		"an owner":                        {"level: plan.name", "level: {value: plan.name, owner: me}"},
		"the type of a field":             {"mark: {type: checkbox}", "mark: {type: flag}"},
		"the type of a column":            {"dir: ./crm", "dir: ./crm, columns: {accounts: {types: {A: money}}}"},
		"ids to protect that are no list": {"mark: {field: mark}", "mark: {field: mark, protect: all}"},
		"nothing":                         {"name: account.Name", "name:"},
		"a mapping for an expression":     {"level: plan.name", "level: {from: plan.name}"},
		"how many memberships":            {"database:", "max_memberships: 0\n    database:"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := strings.Replace(good, tt.old, tt.with, 1)
			if src == good {
				t.Fatalf("the good file has no %q", tt.old)
			}
			if err := valid(t, s, src); err == nil {
				t.Error("the schema takes it")
			}
			if _, err := config.Parse("desksync.yaml", []byte(src)); err == nil {
				t.Error("the loader takes it")
			}
		})
	}
}
