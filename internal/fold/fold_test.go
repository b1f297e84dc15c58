package fold_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/desksync/desksync/internal/fold"
)

func TestNamesThatPeopleTakeForOneFoldToOneForm(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"Acme":              "acme",
		"  ACME \t  Inc\n":  "acme inc",
		"Straße":            "strasse",
		"Ünïon":             "ünïon",
		"U\u0308nion":       "ünion",
		"ＡＣＭＥ":              "acme",
		"İstanbul":          "i̇stanbul",
		"a\u00a0b\u200b c":  "a b c",
		"\ufeffAcme\u200b":  "acme",
		"":                  "",
		"Σίσυφος":           "σίσυφοσ",
		"ﬁne":               "fine",
		"O’Neil \u2003 Ltd": "o’neil ltd",
	}
	for in, want := range tests {
		if got := fold.Name(in); got != want {
			t.Errorf("Name(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestSpaceCaseAndEncodingNeverTellTwoNamesApart writes made-up names in two ways.
func TestSpaceCaseAndEncodingNeverTellTwoNamesApart(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(51, 1)) //nolint:gosec // repeatable
	letters := []rune("aZ9&é\u0301ßﬁΣǅＡ中한\u1100İ .\u00a0\u200b\ufeff\u2003\t")
	for range 20_000 {
		name := make([]rune, random.IntN(12))
		for i := range name {
			name[i] = letters[random.IntN(len(letters))]
		}
		checkFold(t, string(name))
	}
}

func FuzzName(f *testing.F) {
	for _, s := range []string{"Acme Inc", "a\u200bb", "\ufeffÜ", "U\u0308", "ﬁ", "İ", "ǅ", "ᾳ\u0345", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkFold(t, s) })
}

// checkFold: what was folded stays, shows no double space, and is the same however
// the name was encoded and spaced.
func checkFold(t *testing.T, s string) {
	t.Helper()
	once := fold.Name(s)
	if again := fold.Name(once); again != once {
		t.Errorf("Name(%q) = %q, and of that %q", s, once, again)
	}
	if once != strings.Join(strings.Fields(once), " ") {
		t.Errorf("Name(%q) = %q: space at an end, or twice", s, once)
	}
	if !utf8.ValidString(s) {
		return
	}
	for _, way := range []string{norm.NFD.String(s), norm.NFC.String(s), " \u200b" + s + "\ufeff\t", strings.ReplaceAll(s, " ", "  ")} {
		if got := fold.Name(way); got != once {
			t.Errorf("Name(%q) = %q, but Name(%q) = %q", s, once, way, got)
		}
	}
}
