package domains

import (
	"strings"
	"testing"
)

func FuzzClean(f *testing.F) {
	for _, seed := range []string{
		"acme.com", "https://www.Acme.com:8443/about?x=1#top", "jane@acme.com", "*.acme.com", "Bücher.example", "xn--bcher-kva.example",
		"ａｃｍｅ。ｃｏｍ", "10.0.0.1", "[2001:db8::1]:443", "co.uk", "github.io", "gmail.com", "acme..com", "www.www.com.", "a\xff.b", "-.-", "xn--", "例子.中国", "1.2.3.4.",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		name, err := builtIn.Clean(text)
		if err != nil {
			if name != "" || strings.ContainsAny(err.Error(), "\n\r\x00\x1b") {
				t.Fatalf("Clean(%q) = %q, %q; want no name and one line", text, name, err)
			}
			return
		}
		if again, err := builtIn.Clean(name); err != nil || again != name {
			t.Fatalf("Clean(%q) = %q; cleaned again %q, %v", text, name, again, err)
		}
		if reason, why := shape(name); reason != 0 || strings.ToLower(name) != name || !plainOrPuny(name) {
			t.Fatalf("Clean(%q) = %q, which is not in lookup form: %v %s", text, name, reason, why)
		}
	})
}

func plainOrPuny(name string) bool {
	for i := range len(name) {
		if c := name[i]; c != '.' && c != '-' && !isLetter(c) && !isDigit(c) {
			return false
		}
	}
	return true
}
