package mapping

import (
	"fmt"
	"net/mail"
	"strings"

	"github.com/desksync/desksync/internal/fault"
)

// cleanEmail returns an address with its domain in lower case, or why it is none.
// What stands before the @ keeps its case: it is the mail server's. Nothing stays
// nothing.
func cleanEmail(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", nil
	}
	if !plainEmail(s) {
		a, err := mail.ParseAddress(s)
		if err != nil || a.Name != "" || a.Address != s {
			return "", fmt.Errorf("%q is not an e-mail address", fault.Clip(s))
		}
	}
	at := strings.LastIndexByte(s, '@')
	if domain := s[at+1:]; strings.ToLower(domain) != domain {
		return s[:at+1] + strings.ToLower(domain), nil
	}
	return s, nil
}

// plainEmail recognises, without building anything, addresses as nearly all are.
func plainEmail(s string) bool {
	at := strings.IndexByte(s, '@')
	if at < 1 || len(s) > 254 {
		return false
	}
	return plainDots(s[:at], "!#$%&'*+-/=?^_`{|}~") && strings.IndexByte(s[at+1:], '.') > 0 && plainDots(s[at+1:], "-")
}

// plainDots reports whether s is made of letters, digits and some more, in parts
// of at least one between single dots.
func plainDots(s, more string) bool {
	last := byte('.')
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9':
		case c == '.' && last != '.':
		case c != '.' && strings.IndexByte(more, c) >= 0:
		default:
			return false
		}
		last = c
	}
	return last != '.'
}
