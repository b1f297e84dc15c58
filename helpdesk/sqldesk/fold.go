package sqldesk

import (
	"strings"
	"unicode/utf8"
)

// foldEmail brings an address or domain to the form under which it is compared.
func foldEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// plainText reports whether both databases can hold s as text.
func plainText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// plainDomain is the least that a domain must be: labels of letters, digits and
// hyphens with a dot between them.
func plainDomain(s string) (string, error) {
	d := strings.TrimSuffix(foldEmail(s), ".")
	labels := strings.Split(d, ".")
	if len(labels) < 2 || len(d) > 253 {
		return "", invalid("domain", "%q is not a domain; write it like acme.example", s)
	}
	for _, l := range labels {
		if l == "" || len(l) > 63 || strings.Trim(l, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" && isASCII(l) || !plainText(l) {
			return "", invalid("domain", "%q is not a domain; write it like acme.example", s)
		}
	}
	return d, nil
}

// goodEmail reports whether s can be an e-mail address: one @ with something on
// both sides, no space and no control character.
func goodEmail(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	return ok && local != "" && domain != "" && len(s) <= 254 && plainText(s) &&
		!strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`,;<>()[]"`, r) }) &&
		!strings.Contains(domain, "@") && !strings.HasPrefix(domain, ".") && !strings.HasSuffix(domain, ".") && !strings.Contains(domain, "..")
}

// domainOf returns the part of an address behind the @, folded.
func domainOf(email string) string {
	_, domain, _ := strings.Cut(foldEmail(email), "@")
	return domain
}
