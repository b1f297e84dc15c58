package soql

import (
	"fmt"
	"strings"
)

// window is how much of the statement an error shows on each side of the fault.
const window = 40

// Malformed is a statement that cannot be read: MALFORMED_QUERY. Message is the text
// Salesforce would answer with.
type Malformed struct{ Message string }

func (e *Malformed) Error() string { return e.Message }

// Point words a fault as Salesforce does: a piece of the statement, a caret below the
// place, the place in numbers, and what is wrong there.
func Point(text string, at int, what string) string {
	runes := []rune(text)
	at = min(at, len(runes))
	from, to := max(0, at-window), min(len(runes), at+window)
	row, column := place(runes, at)
	snippet := strings.Map(oneLine, string(runes[from:to]))
	return fmt.Sprintf("\n%s\n%s^\nERROR at Row:%d:Column:%d\n%s", snippet, strings.Repeat(" ", at-from), row, column, what)
}

func oneLine(r rune) rune {
	if r == '\n' || r == '\r' || r == '\t' {
		return ' '
	}
	return r
}

// place counts rows and columns from 1.
func place(runes []rune, at int) (row, column int) {
	row, column = 1, 1
	for _, r := range runes[:at] {
		column++
		if r == '\n' {
			row, column = row+1, 1
		}
	}
	return row, column
}

// unexpected says which token is out of place. Of the first word of a statement
// Salesforce names no place.
func unexpected(text string, t token) error {
	if t.at == 0 {
		return &Malformed{"unexpected token: " + t.text}
	}
	name := t.text
	if t.kind == end {
		name = "<EOF>"
	}
	return &Malformed{Point(text, t.at, "unexpected token: '"+name+"'")}
}
