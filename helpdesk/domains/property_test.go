package domains

import (
	"strings"
	"testing"

	"golang.org/x/net/idna"
	"pgregory.net/rapid"
)

var builtIn Rules

// label draws the parts of names: letters of several scripts, digits, hyphens.
var label = rapid.StringOfN(rapid.RuneFrom([]rune("abczxn019-ABCäöéßñжяλ例子日")), 1, 12, -1)

var messy = rapid.Custom(func(t *rapid.T) string {
	pre := rapid.SampledFrom([]string{"", "www.", "https://", "http://www.", "*.", ".", "@", " <", "mailto:", "www.www.", "\ufeff"}).Draw(t, "before")
	post := rapid.SampledFrom([]string{"", ".", "/", "/a@b", ":443", "?q", "> ", "。"}).Draw(t, "after")
	return pre + strings.Join(rapid.SliceOfN(label, 1, 4).Draw(t, "labels"), ".") + post
})

func TestPropertyCleanIsIdempotent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(messy, rapid.String()).Draw(t, "text")
		once, err := builtIn.Clean(text)
		if err != nil {
			return
		}
		if twice, err := builtIn.Clean(once); err != nil || twice != once {
			t.Fatalf("Clean(%q) = %q; cleaned again %q, %v", text, once, twice, err)
		}
	})
}

func TestPropertyAllFormsOfANameAreOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := strings.Join(rapid.SliceOfN(label, 1, 3).Draw(t, "labels"), ".") + ".example"
		want, err := builtIn.Clean(name)
		if err != nil {
			return
		}
		unicode, err := idna.Lookup.ToUnicode(want)
		if err != nil {
			t.Fatalf("Clean(%q) = %q, which has no other form: %v", name, want, err)
		}
		forms := []string{want, strings.ToUpper(want), unicode, strings.ToUpper(name), "www." + name, strings.ReplaceAll(name, ".", "。")}
		for _, form := range forms {
			if strings.Contains(form, "SS") && !strings.Contains(name, "SS") || strings.Contains(form, "ẞ") {
				continue // the capital of ß is another letter
			}
			if got, err := builtIn.Clean(form); err != nil || got != want {
				t.Fatalf("Clean(%q) = %q, but of its form %q it is %q, %v", name, want, form, got, err)
			}
		}
	})
}

// The quick way of lookup must never differ from idna itself.
func TestPropertyPlainNamesAreTheirLookupForm(t *testing.T) {
	t.Parallel()
	ascii := rapid.StringOfN(rapid.RuneFrom([]rune("abxn09-.AXN")), 1, 20, -1)
	rapid.Check(t, func(t *rapid.T) {
		s := ascii.Draw(t, "name")
		want, err := idna.Lookup.ToASCII(s)
		if got := strings.ToLower(s); plain(s) && (err != nil || got != want) {
			t.Fatalf("plain(%q), and its lookup form is %q, %v; want %q", s, want, err, got)
		}
	})
}
