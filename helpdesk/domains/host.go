package domains

import (
	"strings"
	"unicode"
)

// host returns what stands for the host name in text. It drops, in this order:
// space, quotes, brackets and invisible marks around it; a scheme ("https://",
// "//", "mailto:"); everything from the first "/", "\", "?" or "#" on; a leading
// "@"; a port; leading "*." and "."; one dot at the end. A name before the "@"
// is not dropped but told in local: one person's address does not speak for a
// domain.
func host(text string) (name string, local bool) {
	s := withoutScheme(strings.TrimFunc(text, around))
	if i := strings.IndexAny(s, `/\?#`); i >= 0 {
		s = s[:i]
	}
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		local, s = i > 0, s[i+1:]
	}
	s = withoutPort(strings.TrimFunc(s, around))
	return withoutWildcard(s), local
}

// around reports the characters that stand around names in lists and exports.
func around(c rune) bool {
	switch c {
	case '"', '\'', '<', '>', '(', ')', '`', '\u200b', '\u2060', '\ufeff', '\u201c', '\u201d':
		return true
	}
	return unicode.IsSpace(c)
}

func withoutScheme(s string) string {
	if i := strings.Index(s, "://"); i >= 0 && isScheme(s[:i]) {
		return s[i+3:]
	}
	if len(s) > 7 && strings.EqualFold(s[:7], "mailto:") {
		return s[7:]
	}
	return strings.TrimPrefix(s, "//")
}

func isScheme(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isLetter(c) && !isDigit(c) && c != '+' && c != '-' {
			return false
		}
	}
	return true
}

// withoutPort drops ":443". Colons of an IPv6 address stay, so that it is
// recognised as one.
func withoutPort(s string) string {
	i := strings.LastIndexByte(s, ':')
	if i < 0 || strings.IndexByte(s[:i], ':') >= 0 && s[i-1] != ']' || !allDigits(s[i+1:]) {
		return s
	}
	return s[:i]
}

func withoutWildcard(s string) string {
	for {
		rest, ok := strings.CutPrefix(s, "*.")
		if !ok {
			break
		}
		s = rest
	}
	return strings.TrimPrefix(s, ".")
}

func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
