package domains

import "unicode"

// Separates reports what stands between the names of a list, as multi-select fields
// and people write them.
func Separates(c rune) bool {
	switch c {
	case ';', ',', '|', '\u3001', '\uff0c', '\uff1b', '\ufeff', '\u200b':
		return true
	}
	return unicode.IsSpace(c)
}
