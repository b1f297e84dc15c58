package salesforce

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var reference = regexp.MustCompile(`@\{(\w+)\.([\w.\[\]]+)\}`)

// fillPart puts answers of earlier parts where an address and a body refer to them, and
// names the first reference that has no value.
func fillPart(p part, before []partResult) (address, body, missing string) {
	address, missing = fill(p.URL, before)
	body, other := fill(string(p.Body), before)
	return address, body, cmp.Or(missing, other)
}

// halted answers for a part that refers to what is not there, or to a part that failed.
// The REST guide names neither code nor wording; both are from memory and unverified.
func halted(ref string) reply {
	name, _, _ := strings.Cut(ref, ".")
	return fail(http.StatusBadRequest, "PROCESSING_HALTED", "Invalid reference specified. No value for "+ref+" found in "+name)
}

// fill puts answers of earlier parts where a text refers to them: @{part.records[0].Id}.
func fill(text string, before []partResult) (filled, missing string) {
	filled = reference.ReplaceAllStringFunc(text, func(ref string) string {
		m := reference.FindStringSubmatch(ref)
		i := slices.IndexFunc(before, func(r partResult) bool { return r.ReferenceID == m[1] && r.Status < http.StatusBadRequest })
		if i >= 0 {
			if found, ok := lookInto(before[i].Body, m[2]); ok {
				return found
			}
		}
		missing = cmp.Or(missing, m[1]+"."+m[2])
		return ref
	})
	return filled, missing
}

// lookInto finds a text, a number or a truth value in an answer.
func lookInto(body json.RawMessage, path string) (string, bool) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber() // as it is written
	var v any
	if d.Decode(&v) != nil {
		return "", false
	}
	for _, step := range strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' }) {
		switch at := v.(type) {
		case map[string]any:
			v = at[step]
		case []any:
			n, err := strconv.Atoi(step)
			if err != nil || n >= len(at) {
				return "", false
			}
			v = at[n]
		default:
			return "", false
		}
	}
	switch v.(type) {
	case string, json.Number, bool:
		return fmt.Sprint(v), true
	}
	return "", false
}
