package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

var (
	spoken   = regexp.MustCompile(`(?:\x60|: |\(|or |with |then |run |write )desksync ((?:--?[a-z-]+ ?|[a-z]+ ?)+)`)
	notWords = regexp.MustCompile(`^(alone|and|cannot|does|has|holds|is|keeps|made|never|puts|remembers|shows|that|was|writes|wrote)$`)
)

// TestEveryCommandThatIsNamedExists reads the commands that messages and pages tell
// people to run, and asks whether there is such a command with such flags.
func TestEveryCommandThatIsNamedExists(t *testing.T) {
	t.Parallel()
	root := (&app{}).root()
	found := 0
	for name, text := range ourTexts(t) {
		for _, m := range commandsIn(text) {
			words := strings.Fields(m[1])
			if notWords.MatchString(words[0]) {
				continue
			}
			found++
			if why := unknownIn(root, words); why != "" {
				t.Errorf("%s names `desksync %s`: %s", name, strings.Join(words, " "), why)
			}
		}
	}
	if found < 50 {
		t.Errorf("only %d commands were found; the pattern is not right any more", found)
	}
}

// commandsIn are the commands in a text. Of most lines it is plain at once that they name none.
func commandsIn(text string) [][]string {
	var out [][]string
	for line := range strings.Lines(text) {
		if strings.Contains(line, "desksync ") {
			out = append(out, spoken.FindAllStringSubmatch(line, -1)...)
		}
	}
	return out
}

// ourTexts are our programs and pages, without what tests and generators wrote.
func ourTexts(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(repo, func(path string, entry fs.DirEntry, err error) error {
		ext := filepath.Ext(path)
		if err != nil || entry.IsDir() || ext != ".go" && ext != ".md" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		out[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// unknownIn says what of a command line there is not.
func unknownIn(root *cobra.Command, words []string) string {
	c := root
	for _, w := range words {
		flag := strings.TrimLeft(w, "-")
		switch sub, _, err := c.Find([]string{w}); {
		case flag != w && c.Flag(flag) == nil && c.Flags().ShorthandLookup(flag[:1]) == nil:
			return c.CommandPath() + " has no flag " + w
		case flag != w:
		case err == nil && sub != c:
			c = sub
		case c == root:
			return "there is no such command"
		default:
			return "" // an argument
		}
	}
	return ""
}
