package org

import "strings"

const digits62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// firstNumber is that of the first record of an object, so that ids look lived in and
// letters of both cases occur.
const firstNumber = 20_000

// makeID builds the 18-character id of record n of the object with this prefix.
func makeID(prefix string, n int) string {
	b := []byte(prefix + "5g0000000000")
	for i, v := len(b)-1, n+firstNumber; v > 0; i, v = i-1, v/62 {
		b[i] = digits62[v%62]
	}
	return string(b) + checksum(string(b))
}

// checksum is the last three characters of an id, which tell its letter case.
func checksum(id15 string) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
	out := make([]byte, 3)
	for block := range out {
		bits := 0
		for j := range 5 {
			if c := id15[block*5+j]; c >= 'A' && c <= 'Z' {
				bits |= 1 << j
			}
		}
		out[block] = letters[bits]
	}
	return string(out)
}

// fullID turns an id of 15 or 18 characters into that of 18; false where it is none. The
// suffix mends the letter case of the first 15, as Salesforce does.
func fullID(id string) (string, bool) {
	if len(id) != 15 && len(id) != 18 || strings.Trim(id, digits62) != "" {
		return "", false
	}
	if len(id) == 15 {
		return id + checksum(id), true
	}
	want := strings.ToUpper(id[15:])
	if checksum(id[:15]) == want {
		return id[:15] + want, true
	}
	return mendCase(id[:15], want)
}

func mendCase(id15, suffix string) (string, bool) {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
	b := []byte(strings.ToLower(id15))
	for i := range b {
		bits := strings.IndexByte(letters, suffix[i/5])
		if bits >= 0 && bits&(1<<(i%5)) != 0 {
			b[i] = strings.ToUpper(string(b[i]))[0]
		}
	}
	return string(b) + suffix, checksum(string(b)) == suffix
}

// numberOf reads which record of its object an id names.
func numberOf(id string) (int, bool) {
	if len(id) != 18 || id[3:6] != "5g0" {
		return 0, false
	}
	v := 0
	for _, c := range []byte(id[6:15]) {
		v = v*62 + strings.IndexByte(digits62, c)
	}
	return v - firstNumber, v >= firstNumber
}

// ID is the id of record n of the object with this prefix; jobs and cursors have such
// ids as well.
func ID(prefix string, n int) string { return makeID(prefix, n) }
