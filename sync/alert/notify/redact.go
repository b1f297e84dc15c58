package notify

import (
	"net/url"
	"slices"
	"strings"

	"github.com/desksync/desksync/internal/secret"
)

// shortest is the length from which a piece of a secret counts as one: shorter ones,
// such as "services" in a path, would mask half of the words.
const shortest = 9

// redact takes secrets out of a text, and the telling pieces of those that are
// addresses: libraries put them together anew in their errors.
func redact(text string, secrets ...secret.Text) string {
	var words []string
	for _, s := range secrets {
		if !s.Empty() {
			words = append(words, pieces(s.Reveal())...)
		}
	}
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	for _, w := range words {
		text = strings.ReplaceAll(text, w, "***")
	}
	return text
}

func pieces(s string) []string {
	out := []string{s, url.QueryEscape(s), url.PathEscape(s)}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return out
	}
	if u.RawQuery != "" {
		out = append(out, u.RawQuery)
	}
	for _, path := range []string{u.Path, u.EscapedPath()} {
		if len(path) >= shortest {
			out = append(out, path)
		}
		for _, part := range strings.FieldsFunc(path, func(r rune) bool { return r == '/' || r == '@' }) {
			if len(part) >= shortest {
				out = append(out, part)
			}
		}
	}
	return out
}
