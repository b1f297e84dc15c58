package crm

import "fmt"

const suffixAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

// Suffix returns the three characters that make a 15-character Salesforce id
// safe to compare without case: each says which letters of a group of five are
// capital. Source: reference of Salesforce ids, developer.salesforce.com.
func Suffix(id15 string) string {
	var out [3]byte
	for group := range out {
		bits := 0
		for i := range 5 {
			if c := id15[group*5+i]; c >= 'A' && c <= 'Z' {
				bits |= 1 << i
			}
		}
		out[group] = suffixAlphabet[bits]
	}
	return string(out[:])
}

// ParseID reads an id of 15 or 18 characters and returns the 18-character form.
// A wrong checksum is an error that names the right one.
func ParseID(s string) (string, error) {
	if len(s) != 15 && len(s) != 18 {
		return "", fmt.Errorf("the id %s has %d characters; a Salesforce id has 15 or 18", s, len(s))
	}
	for i := range len(s) {
		if !alphanumeric(s[i]) {
			return "", fmt.Errorf("the id %s has the character %q; a Salesforce id has only letters and digits", s, s[i])
		}
	}
	suffix := Suffix(s[:15])
	if len(s) == 18 && s[15:] != suffix {
		return "", fmt.Errorf("the id %s has a wrong checksum (%s ends in %s)", s, s[:15], suffix)
	}
	return s[:15] + suffix, nil
}

// ShortID returns the 15-character form of an 18-character id.
func ShortID(id string) string {
	if len(id) != 18 {
		return id
	}
	return id[:15]
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}
