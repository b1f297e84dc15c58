package domains

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// The limits of RFC 1035 section 2.3.4, in bytes of the lookup form.
const (
	maxName  = 253
	maxLabel = 63
	maxInput = 4 * maxName // of what idna is asked, as its time grows with the square
)

// lookup returns the IDNA lookup form of a name (RFC 5891 section 5) without a
// dot at the end, or why it has none.
func lookup(s string) (name, why string) {
	if len(s) > maxInput {
		return "", tooLong(len(s))
	}
	if plain(s) {
		return strings.TrimSuffix(strings.ToLower(s), "."), ""
	}
	if c, bad := stranger(s); bad {
		return "", character(c)
	}
	name, err := idna.Lookup.ToASCII(s)
	if err != nil {
		return "", strings.TrimPrefix(err.Error(), "idna: ")
	}
	return strings.TrimSuffix(name, "."), ""
}

// plain reports names of ASCII letters, digits and hyphens for which the lookup
// form is the lower-case form. It spares nearly all names the general way.
func plain(s string) bool {
	start := 0
	for i := range len(s) {
		switch c := s[i]; {
		case isLetter(c) || isDigit(c):
		case c == '.':
			start = i + 1
		case c == '-':
			if i == start || i+1 == len(s) || s[i+1] == '.' || i-start == 3 && s[i-1] == '-' {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// stranger returns the first character that no domain name has: of ASCII, and
// the mark for bytes that are no text, which idna would let through.
func stranger(s string) (rune, bool) {
	for _, c := range s {
		if c == utf8.RuneError || c < utf8.RuneSelf && c != '.' && c != '-' && !isLetter(byte(c)) && !isDigit(byte(c)) {
			return c, true
		}
	}
	return 0, false
}

func character(c rune) string {
	if c == utf8.RuneError {
		return "it has bytes that are not UTF-8 text"
	}
	return fmt.Sprintf("it has the character %q", c)
}

func tooLong(n int) string {
	return fmt.Sprintf("it has %d characters, and a name has at most %d", n, maxName)
}

// shape says what keeps a name in lookup form from being a domain with a
// registry above it; 0 if nothing does.
func shape(name string) (reason Reason, why string) {
	if isIP(name) {
		return IP, ""
	}
	if len(name) > maxName {
		return NotDomain, tooLong(len(name))
	}
	labels, last := 0, ""
	for label := range strings.SplitSeq(name, ".") {
		switch {
		case label == "":
			return NotDomain, "it has nothing between two dots"
		case len(label) > maxLabel:
			return NotDomain, fmt.Sprintf("the part %s… has %d characters, and a part has at most %d", label[:12], len(label), maxLabel)
		}
		labels, last = labels+1, label
	}
	switch {
	case labels < 2:
		return SingleLabel, ""
	case allDigits(last):
		return NotDomain, "it ends in a number"
	}
	return 0, ""
}

// isIP tells addresses from names without parsing every name: an address ends
// in a digit or has colons.
func isIP(name string) bool {
	name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	if name == "" || !isDigit(name[len(name)-1]) && strings.IndexByte(name, ':') < 0 {
		return false
	}
	_, err := netip.ParseAddr(name)
	return err == nil
}
