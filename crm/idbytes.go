package crm

// AppendID appends the 18-character form of an id of 15 or 18 characters, and
// reports whether it is one. It is ParseID for a million rows: it allocates nothing,
// and leaves the sentence on what is wrong to ParseID.
func AppendID(dst, id []byte) ([]byte, bool) {
	if len(id) != 15 && len(id) != 18 {
		return dst, false
	}
	for _, c := range id {
		if !alphanumeric(c) {
			return dst, false
		}
	}
	suffix := suffixOf(id)
	if len(id) == 18 && string(id[15:]) != string(suffix[:]) {
		return dst, false
	}
	return append(append(dst, id[:15]...), suffix[:]...), true
}

func suffixOf(id []byte) [3]byte {
	var out [3]byte
	for group := range out {
		bits := 0
		for i, c := range id[group*5 : group*5+5] {
			if c >= 'A' && c <= 'Z' {
				bits |= 1 << i
			}
		}
		out[group] = suffixAlphabet[bits]
	}
	return out
}

// RestoreCase gives an 18-character id that some tool wrote in capitals only, or
// in small letters only, its case back: the last three characters say which letters
// were capital. It reports false for any other text.
func RestoreCase(s string) (string, bool) {
	if len(s) != 18 || hasLower(s[:15]) == hasUpper(s[:15]) {
		return s, false
	}
	id := []byte(s)
	for group, c := range []byte(s[15:]) {
		bits := suffixBits(c)
		if bits < 0 {
			return s, false
		}
		for i := range 5 {
			at := group*5 + i
			if id[at] = withCase(id[at], bits&(1<<i) != 0); id[at] == 0 {
				return s, false
			}
		}
		id[15+group] = suffixAlphabet[bits]
	}
	return string(id), true
}

// withCase returns a letter in the case asked for; 0 where a digit should be a
// capital, or for what is neither letter nor digit.
func withCase(c byte, upper bool) byte {
	switch {
	case !alphanumeric(c), c <= '9' && upper:
		return 0
	case c <= '9':
		return c
	case upper:
		return c &^ 0x20
	default:
		return c | 0x20
	}
}

func suffixBits(c byte) int {
	if c >= 'a' && c <= 'z' {
		c &^= 0x20
	}
	for bits := range len(suffixAlphabet) {
		if suffixAlphabet[bits] == c {
			return bits
		}
	}
	return -1
}

func hasLower(s string) bool { return hasBetween(s, 'a', 'z') }
func hasUpper(s string) bool { return hasBetween(s, 'A', 'Z') }

func hasBetween(s string, from, to byte) bool {
	for i := range len(s) {
		if s[i] >= from && s[i] <= to {
			return true
		}
	}
	return false
}
