package journal

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// alerts redacts what is known of alerts and what was, or will be, told of them.
func (f *forgetting) alerts(ctx context.Context) error {
	for _, table := range []string{"alert", "outbox"} {
		var rows []struct {
			ID   int64
			Body string
		}
		err := f.j.inTx(ctx, "journal.forget", func(t *tx) error {
			if err := t.all(ctx, &rows, `SELECT id, body FROM `+table+` ORDER BY id`); err != nil {
				return err
			}
			for _, r := range rows {
				body := f.json(r.Body)
				if body == r.Body {
					continue
				}
				f.counts[table]++
				if _, err := t.exec(ctx, `UPDATE `+table+` SET body = ? WHERE id = ?`, body, r.ID); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// quoted is a string of JSON, with the colon behind it if it is a key.
var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"(?:\s*:)?`)

// json redacts addresses and names within JSON: what stands in a sentence cannot be told
// from a name by itself, so that every mention goes. Keys are no names.
func (f *forgetting) json(s string) string {
	return quoted.ReplaceAllStringFunc(s, func(q string) string {
		var text string
		if strings.HasSuffix(q, ":") || json.Unmarshal([]byte(q), &text) != nil {
			return f.text(q)
		}
		out := f.text(text)
		for name := range f.names {
			out = withoutWord(out, name)
		}
		if b, err := json.Marshal(out); err == nil && out != text {
			return string(b)
		}
		return q
	})
}

// withoutWord redacts a name wherever it stands by itself: who is called An leaves Andy.
func withoutWord(s, name string) string {
	var b strings.Builder
	for rest := s; ; {
		i := strings.Index(rest, name)
		if i < 0 {
			return b.String() + rest
		}
		before, _ := utf8.DecodeLastRuneInString(b.String() + rest[:i])
		after, _ := utf8.DecodeRuneInString(rest[i+len(name):])
		b.WriteString(rest[:i])
		if ofWord(before) || ofWord(after) {
			b.WriteString(name)
		} else {
			b.WriteString(Forgotten)
		}
		rest = rest[i+len(name):]
	}
}

func ofWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
