// Package fold brings names that people take for one to one form. The rules claim
// names by it and the store keeps them unique by it, so there is only this one.
package fold

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Name returns a name as names are compared: without space at its ends and double
// space inside, without regard to case and to how a character is encoded. Accents
// count. Two organizations of one folded name are a conflict.
func Name(s string) string {
	if folded, ok := ascii(s); ok {
		return folded
	}
	s = cases.Fold().String(norm.NFKC.String(s))
	return strings.Join(strings.FieldsFunc(norm.NFKC.String(s), unseen), " ")
}

// unseen is space, and what stands for nothing at all.
func unseen(r rune) bool { return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' }

// ascii serves most names without tables.
func ascii(s string) (string, bool) {
	b := make([]byte, 0, len(s))
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 0x80:
			return "", false
		case c == ' ' || c >= '\t' && c <= '\r':
			if len(b) > 0 && b[len(b)-1] != ' ' {
				b = append(b, ' ')
			}
			continue
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		}
		b = append(b, c)
	}
	if len(b) > 0 && b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	return string(b), true
}
