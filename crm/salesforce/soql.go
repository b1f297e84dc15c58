package salesforce

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/desksync/desksync/crm"
)

// Limits of statements: SOQL and SOSL Limits; HTTP header and URI size.
const (
	maxStatement = 100_000 // characters
	maxWhere     = 4_000   // characters of a condition
	maxURI       = 16_384  // bytes of address and headers together
	headerRoom   = 4_096   // what we leave to the headers, the session among them
)

// statement is a SELECT that reads one object.
type statement struct {
	text    string
	object  string
	columns []string // as they stand in SELECT
	count   string   // the same with COUNT()
	from    string   // what stands behind FROM, without the condition
	where   string   // the condition; empty: none
	scoped  bool     // it has USING SCOPE
}

// narrowed is a statement for other columns of the same object, under these conditions
// and no other.
func (st statement) narrowed(columns []string, conditions ...string) statement {
	var where []string
	for _, c := range conditions {
		if c != "" {
			where = append(where, c)
		}
	}
	out := statement{object: st.object, columns: columns, from: st.from, where: strings.Join(where, " AND ")}
	out.text = "SELECT " + strings.Join(columns, ", ") + " FROM " + st.from + " WHERE " + out.where
	return out
}

// condition is the statement's own one, ready to stand beside others.
func (st statement) condition() string {
	if st.where == "" {
		return ""
	}
	return "(" + st.where + ")"
}

// write makes the statement for an object, its columns and its condition. Names have
// been checked; the condition is the user's own.
func write(object string, columns []string, where string) statement {
	from := " FROM " + object
	if where = strings.TrimSpace(where); where != "" {
		from += " WHERE (" + where + ")"
	}
	return statement{
		text: "SELECT " + strings.Join(columns, ", ") + from, object: object, columns: columns, count: "SELECT COUNT()" + from,
		from: object, where: where,
	}
}

// queryPath is the resource that answers a statement.
func queryPath(resource, text string) string { return resource + "?q=" + url.QueryEscape(text) }

// fitsREST reports whether a statement can stand in an address.
func fitsREST(path string) bool { return len(path) <= maxURI-headerRoom }

// Quote writes text as a SOQL literal: nothing in it ends the literal. Source: SOQL,
// "Quoted String Escape Sequences".
func Quote(text string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for _, c := range text {
		switch c {
		case '\\', '\'', '"':
			b.WriteByte('\\')
			b.WriteRune(c)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		case '\b':
			b.WriteString(`\b`)
		case '\f':
			b.WriteString(`\f`)
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('\'')
	return b.String()
}

// parseStatement reads a whole statement of the user's: one object, plain fields, and
// at most a condition. What would make rows that cannot be counted, told apart or read
// by Bulk is refused with the reason.
func parseStatement(text string) (statement, error) {
	list, err := tokens(text)
	if err != nil {
		return statement{}, err
	}
	if len(text) > maxStatement {
		return statement{}, fmt.Errorf("has %s characters; Salesforce takes %s", crm.Count(len(text)), crm.Count(maxStatement))
	}
	if len(list) == 0 || !list[0].is("SELECT") {
		return statement{}, errors.New("does not begin with SELECT")
	}
	st := statement{text: strings.TrimSpace(text)}
	at := 1
	for ; at < len(list) && !list[at].is("FROM"); at++ {
		t := list[at]
		switch {
		case t.text == "(" || t.depth > 0:
			return st, errors.New("selects more than plain fields; leave out functions and sub-queries, and give child objects a role of their own")
		case t.text == "," && list[at-1].text == ",", t.text == "," && at == 1:
			return st, errors.New("has a comma too many")
		case t.text == ",":
		case at > 1 && list[at-1].text != ",":
			return st, fmt.Errorf("has %q where a comma or FROM is due; aliases are not read", t.text)
		case !fieldPath.MatchString(t.text):
			return st, fmt.Errorf("selects %q, which is not a field", clip(t.text))
		default:
			st.columns = append(st.columns, t.text)
		}
	}
	if at+1 >= len(list) || !apiName.MatchString(list[at+1].text) || len(st.columns) == 0 {
		return st, errors.New("has no fields, or no FROM with an object")
	}
	st.object = list[at+1].text
	st.count = "SELECT COUNT() " + strings.TrimSpace(text[list[at].at:])
	st.from, st.where = halves(text, list[at+1:])
	st.scoped = len(list) > at+2 && list[at+2].is("USING")
	return st, checkRest(list[at+2:])
}

// halves returns what stands between FROM and WHERE, and behind WHERE.
func halves(text string, list []token) (from, where string) {
	text, begin := strings.TrimRight(text, " \t\r\n"), list[0].at
	for _, t := range list {
		if t.is("WHERE") {
			return strings.TrimSpace(text[begin:t.at]), strings.TrimSpace(text[t.at+len("WHERE"):])
		}
	}
	return text[begin:], ""
}

// checkRest looks at what follows the object.
func checkRest(list []token) error {
	if len(list) >= 3 && list[0].is("USING") && list[1].is("SCOPE") {
		list = list[3:]
	}
	if len(list) == 0 {
		return nil
	}
	if !list[0].is("WHERE") {
		if e := clause(list[0]); e != nil {
			return e
		}
		return fmt.Errorf("has %q where WHERE is due; aliases are not read", clip(list[0].text))
	}
	if len(list) == 1 {
		return errors.New("has nothing behind WHERE")
	}
	return clauses(list[1:])
}

// checkCondition refuses a condition that is none, or that ends before its end.
func checkCondition(where string) error {
	list, err := tokens(where)
	if err != nil {
		return err
	}
	if len(list) > 0 && list[0].is("WHERE") {
		return errors.New("begin behind the word WHERE")
	}
	return clauses(list)
}

func clauses(list []token) error {
	for _, t := range list {
		if err := clause(t); err != nil {
			return err
		}
	}
	return nil
}

// clause refuses what may follow a condition in SOQL and would falsify a read.
func clause(t token) error {
	if t.depth > 0 || t.quoted {
		return nil
	}
	for _, word := range []struct{ is, why string }{
		{"ORDER", "leave out ORDER BY: rows are sorted on disk, and Bulk cannot split a query that sorts"},
		{"LIMIT", "leave out LIMIT: what is cut off would be taken for lost"},
		{"OFFSET", "leave out OFFSET: what is cut off would be taken for lost"},
		{"GROUP", "leave out GROUP BY: records are read one by one"},
		{"HAVING", "leave out HAVING: records are read one by one"},
		{"ALL", "leave out ALL ROWS: deleted records are read by themselves"},
		{"FOR", "leave out FOR VIEW and its like: reading must not change anything"},
		{"WITH", "leave out WITH: what the user may see decides"},
		{"UPDATE", "leave out UPDATE: reading must not change anything"},
	} {
		if t.is(word.is) {
			return errors.New(word.why)
		}
	}
	return nil
}
