package config_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/internal/secret"
)

func env(m map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := m[name]; return v, ok }
}

func TestSecretsResolveLate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "dsn"), []byte("postgres://u:hunter2@h/db?sslmode=disable\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ text, want string }{
		"a variable":              {"postgres://u:${PW}@h/db?sslmode=disable", "postgres://u:hunter2@h/db?sslmode=disable"},
		"a file":                  {"file:dsn", "postgres://u:hunter2@h/db?sslmode=disable"},
		"SQLite beside the file":  {"sqlite:x.db", "sqlite:" + filepath.Join(dir, "x.db")},
		"SQLite with a full path": {"sqlite:/var/x.db", "sqlite:/var/x.db"},
		"SQLite in memory":        {"sqlite::memory:", "sqlite::memory:"},
	}
	from := secret.Source{Dir: dir, Lookup: env(map[string]string{"PW": "hunter2"})}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s config.Secret
			if err := s.UnmarshalText([]byte(tt.text)); err != nil {
				t.Fatal(err)
			}
			got, err := s.DSN(from)
			if err != nil || got.Reveal() != tt.want {
				t.Errorf("%q resolves to %q, %v; want %q", tt.text, got.Reveal(), err, tt.want)
			}
		})
	}
}

func TestSecretsPrintAsStars(t *testing.T) {
	t.Parallel()
	f, err := config.Parse("desksync.yaml", []byte(strings.Replace(good, "sqlite:support.db", `"postgres://u:hunter2@h/db?sslmode=disable"`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(f.Targets)
	if err != nil {
		t.Fatal(err)
	}
	target := *f.Targets.Get("support")
	texts := []string{string(encoded), f.Text()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		texts = append(texts, fmt.Sprintf(verb, target.Database), fmt.Sprintf(verb, any(target)), fmt.Sprintf(verb, any(f.Targets)))
	}
	for _, s := range texts {
		if strings.Contains(s, "hunter2") || strings.Contains(s, "68756e74657232") {
			t.Errorf("the password is in %s", s)
		}
	}
}

func TestUnresolved(t *testing.T) {
	t.Parallel()
	src := strings.Replace(good, "sqlite:support.db", `"postgres://u:${PW}@${HOST}/db?sslmode=disable"`, 1)
	src = strings.Replace(src, "sqlite:desksync.db", "file:no-such-file", 1)
	src = strings.Replace(src, "dir: ./crm", `dir: "${EXPORTS}/crm"`, 1)
	f, err := config.Parse("desksync.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	got := f.Unresolved(f.Secrets(env(map[string]string{"HOST": "db"}))).Error()
	for _, want := range []string{
		"desksync.yaml:2:10: journal.dsn: the secret file no-such-file ",
		"desksync.yaml:4:26: sources.crm.dir: the environment variable EXPORTS is not set",
		"desksync.yaml:8:16: targets.support.database: the environment variable PW is not set; ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nlacks %q", got, want)
		}
	}
	if strings.Contains(got, "HOST is") {
		t.Errorf("HOST is set: %s", got)
	}
}
