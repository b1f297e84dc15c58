package domains

import (
	"iter"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// suffix is the public suffix of a name.
type suffix struct {
	name  string
	icann bool   // of a registry; otherwise of the private section
	rule  string // the line of the public suffix list; only for names that are suffixes themselves
}

// suffixOf returns the public suffix of name, and whether name itself is one. A
// top-level domain that the list does not know (acme.internal) is a suffix too.
func suffixOf(name string) (s suffix, is bool) {
	s.name, s.icann = publicsuffix.PublicSuffix(name)
	if s.name == name {
		s.rule, is = ruleOf(name), true
	}
	return s, is
}

// ruleOf tells the two kinds of rule apart by asking for a sibling that no list
// names: only a wildcard makes a suffix of it.
func ruleOf(name string) string {
	_, parent, ok := strings.Cut(name, ".")
	if !ok {
		return name
	}
	sibling := "no-such-sibling." + parent
	if got, _ := publicsuffix.PublicSuffix(sibling); got == sibling {
		return "*." + parent
	}
	return name
}

func (s suffix) reason() Reason {
	if s.icann {
		return Registry
	}
	return PrivateSuffix
}

// suffixes yields name and the names above it, longest first, down to two
// labels: eu.acme.com, acme.com. It does not allocate.
func suffixes(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for {
			i := strings.IndexByte(name, '.')
			if i < 0 || !yield(name) {
				return
			}
			name = name[i+1:]
		}
	}
}
