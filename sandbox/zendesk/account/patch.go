package account

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// Patch is the object of a request: what is not in it stays as it is.
type Patch map[string]json.RawMessage

// Text reads a string, a number as its digits, and null as nothing.
func (p Patch) Text(key string) (string, *Problem) {
	raw := p[key]
	if isNull(raw) {
		return "", nil
	}
	if raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9' {
		return string(raw), nil
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return "", badValue(key)
	}
	return s, nil
}

// ID reads a number, or a string of digits; null is 0.
func (p Patch) ID(key string) (int64, *Problem) {
	text, err := p.Text(key)
	if err != nil || text == "" {
		return 0, err
	}
	n, bad := strconv.ParseInt(text, 10, 64)
	if bad != nil {
		return 0, badValue(key)
	}
	return n, nil
}

// Flag reads a boolean; null is false.
func (p Patch) Flag(key string) (bool, *Problem) {
	switch string(bytes.Trim(p[key], `"`)) {
	case "true":
		return true, nil
	case "false", "null", "":
		return false, nil
	}
	return false, badValue(key)
}

// Words reads a list of strings without blanks and repeats; null is none. A string is
// taken as words, as the vendor does.
func (p Patch) Words(key string) ([]string, *Problem) {
	raw := p[key]
	if isNull(raw) {
		return nil, nil
	}
	var list []string
	if raw[0] == '"' {
		text, err := p.Text(key)
		if err != nil {
			return nil, err
		}
		list = strings.Fields(text)
	} else if json.Unmarshal(raw, &list) != nil {
		return nil, badValue(key)
	}
	var out []string
	for _, w := range list {
		if w = strings.TrimSpace(w); w != "" && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out, nil
}

// Object reads a nested object.
func (p Patch) Object(key string) (Patch, *Problem) {
	var out Patch
	if isNull(p[key]) {
		return nil, nil
	}
	if json.Unmarshal(p[key], &out) != nil {
		return nil, badValue(key)
	}
	return out, nil
}

// keys are in an order that does not change from call to call.
func (p Patch) keys() []string {
	out := make([]string, 0, len(p))
	for k := range p {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func isNull(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }
