package secret_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/secret"
)

// vault returns a source with a few variables and files, and its folder.
func vault(t *testing.T) (secret.Source, string) {
	t.Helper()
	dir := t.TempDir()
	for name, body := range map[string]string{
		"token": "hush\n", "windows": "hush\r\n", "notepad": "\uFEFFhush\r\n", "only": "\uFEFF\n", "key.pem": "line 1\nline 2\n\n", "nothing": "\n", "open": "hush", "big": strings.Repeat("x", 70_000),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(dir, "open"), 0o666); err != nil {
		t.Fatal(err)
	}
	vars := map[string]string{"TOKEN": "hush", "DIR": dir, "EMPTY": ""}
	return secret.Source{Dir: dir, Lookup: func(k string) (string, bool) { v, ok := vars[k]; return v, ok }}, dir
}

func TestResolve(t *testing.T) {
	t.Parallel()
	src, dir := vault(t)
	tests := map[string]struct{ value, want string }{
		"plain words":              {"hush", "hush"},
		"nothing":                  {"", ""},
		"a variable":               {"${TOKEN}", "hush"},
		"a variable within":        {"Bearer ${TOKEN}!", "Bearer hush!"},
		"two variables":            {"${TOKEN}${TOKEN}", "hushhush"},
		"an escaped variable":      {"$${TOKEN}", "${TOKEN}"},
		"a dollar alone":           {"pa$$word$", "pa$$word$"},
		"a file":                   {"file:token", "hush"},
		"a file by full path":      {"file:" + dir + "/token", "hush"},
		"a file of a variable":     {"file:${DIR}/token", "hush"},
		"a line end of Windows":    {"file:windows", "hush"},
		"a mark of UTF-8":          {"file:notepad", "hush"},
		"only the last line end":   {"file:key.pem", "line 1\nline 2\n"},
		"a word that looks like …": {"profile:token", "profile:token"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := src.Resolve(tt.value); err != nil || got.Reveal() != tt.want {
				t.Errorf("Resolve(%q) = %q, %v, want %q", tt.value, got.Reveal(), err, tt.want)
			}
		})
	}
}

func TestResolveRefuses(t *testing.T) {
	t.Parallel()
	src, dir := vault(t)
	tests := map[string]struct{ value, want string }{
		"a variable not set":   {"${NO_TOKEN}", "the environment variable NO_TOKEN is not set; set it, or name a file with file:PATH"},
		"two, both named":      {"${A}${B}", "A is not set"},
		"an empty variable":    {"${EMPTY}", "EMPTY is empty"},
		"a variable left open": {"hush${TOKEN", "written ${NAME}"},
		"a variable no name":   {"hush${TO KEN}", "written ${NAME}"},
		"no file":              {"file:", "names no file"},
		"a file not there":     {"file:gone", "the secret file " + dir + "/gone does not exist"},
		"a folder":             {"file:" + dir, "is a folder"},
		"an empty file":        {"file:nothing", "is empty"},
		"a mark and no more":   {"file:only", "is empty"},
		"a file for everyone":  {"file:open", "every user of this machine may change the secret file " + dir + "/open; close it with: chmod o-w " + dir + "/open"},
		"a file far too big":   {"file:big", "more than 65536 bytes"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := src.Resolve(tt.value)
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("Resolve(%q) = %v, want invalid with %q", tt.value, err, tt.want)
			}
			if strings.Contains(err.Error(), "hush") || !got.Empty() {
				t.Errorf("Resolve(%q) shows the words: %v", tt.value, err)
			}
		})
	}
}

func TestResolveNamesEveryMissingVariable(t *testing.T) {
	t.Parallel()
	src, _ := vault(t)
	_, err := src.Expand("${A} and ${B}")
	if err == nil || !strings.Contains(err.Error(), "variable A ") || !strings.Contains(err.Error(), "variable B ") {
		t.Errorf("Expand = %v, want both A and B", err)
	}
}

func TestResolveReadsTheEnvironment(t *testing.T) {
	t.Setenv("DESKSYNC_TEST_SECRET", "hush")
	if got, err := (secret.Source{}).Resolve("${DESKSYNC_TEST_SECRET}"); err != nil || got.Reveal() != "hush" {
		t.Errorf("Resolve = %q, %v", got.Reveal(), err)
	}
}

func TestResolveSaysWhenAFileIsClosedToUs(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root reads everything")
	}
	src, dir := vault(t)
	if err := os.Chmod(filepath.Join(dir, "token"), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := src.Resolve("file:token"); err == nil || !strings.Contains(err.Error(), "this user may not read the secret file") {
		t.Errorf("Resolve of a closed file = %v", err)
	}
}

func FuzzExpand(f *testing.F) {
	for _, s := range []string{"", "${TOKEN}", "$${TOKEN}", "${", "$", "a${TOKEN}b${TOKEN}", "${TO KEN}", "$$${TOKEN}"} {
		f.Add(s)
	}
	src := secret.Source{Lookup: func(k string) (string, bool) { return "x", k == "TOKEN" }}
	f.Fuzz(func(t *testing.T, value string) {
		got, err := src.Expand(value)
		if err == nil && !strings.Contains(value, "${") && got != value {
			t.Errorf("Expand(%q) = %q: nothing to replace, and yet changed", value, got)
		}
	})
}
