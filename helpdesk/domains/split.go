package domains

import (
	"slices"
	"strings"
	"unicode"
)

// Split returns the entries of a list whose parts stand apart by ";", ",", space
// or a new line, as multi-select fields and people write them. Empty entries are
// left out; order is kept and nothing is cleaned.
func Split(list string) []string { return strings.FieldsFunc(list, between) }

func between(c rune) bool {
	switch c {
	case ';', ',', '|', '\u3001', '\uff0c', '\uff1b', '\ufeff', '\u200b':
		return true
	}
	return unicode.IsSpace(c)
}

// CleanList splits a list and cleans its entries: the names once each in order
// of bytes, and a refusal for every entry that is none.
func (r *Rules) CleanList(list string) (names []string, refused []error) {
	for _, entry := range Split(list) {
		name, err := r.Clean(entry)
		if err != nil {
			refused = append(refused, err)
			continue
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names), refused
}
