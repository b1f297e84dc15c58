package dbx

import (
	"errors"
	"regexp"
	"strings"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Violation is a row that a rule of the schema refused.
type Violation struct {
	Rule       Rule
	Table      string
	Columns    []string // of a unique key, in its order; empty where the database does not say
	Constraint string   // the constraint's or index's name; SQLite names only checks and indexes over expressions
}

// Rule is a kind of constraint.
type Rule string

// The rules.
const (
	Unique     Rule = "unique"
	ForeignKey Rule = "foreign key"
	Check      Rule = "check"
	NotNull    Rule = "not null"
)

// Violated says which rule of the schema err is about, if it is about one.
func Violated(err error) (Violation, bool) {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return sqliteViolation(e)
	}
	if e := pq.As(err); e != nil {
		return postgresViolation(e)
	}
	return Violation{}, false
}

// IsUnique reports whether err says that a row with that key is there already.
func IsUnique(err error) bool {
	v, ok := Violated(err)
	return ok && v.Rule == Unique
}

func postgresViolation(e *pq.Error) (Violation, bool) {
	rule, ok := map[pqerror.Code]Rule{
		pqerror.UniqueViolation: Unique, pqerror.ForeignKeyViolation: ForeignKey,
		pqerror.CheckViolation: Check, pqerror.NotNullViolation: NotNull,
	}[e.Code]
	v := Violation{Rule: rule, Table: e.Table, Constraint: e.Constraint}
	if e.Column != "" {
		v.Columns = []string{e.Column}
	}
	if key, _, found := strings.Cut(strings.TrimPrefix(e.Detail, "Key ("), ")="); found {
		v.Columns = strings.Split(key, ", ")
	}
	return v, ok
}

// sqliteText is "… UNIQUE constraint failed: table.a, table.b (2067)".
var sqliteText = regexp.MustCompile(`.*constraint failed: (?:index )?'?([^'(]*?)'? \(\d+\)$`)

func sqliteViolation(e *sqlite.Error) (Violation, bool) {
	rule, ok := map[int]Rule{
		sqlite3.SQLITE_CONSTRAINT_UNIQUE: Unique, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY: Unique, sqlite3.SQLITE_CONSTRAINT_ROWID: Unique,
		sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY: ForeignKey, sqlite3.SQLITE_CONSTRAINT_CHECK: Check, sqlite3.SQLITE_CONSTRAINT_NOTNULL: NotNull,
	}[e.Code()]
	v := Violation{Rule: rule}
	text := ""
	if m := sqliteText.FindStringSubmatch(e.Error()); m != nil {
		text = m[1]
	}
	if !strings.Contains(text, ".") {
		v.Constraint = text
		return v, ok
	}
	for column := range strings.SplitSeq(text, ", ") {
		table, name, _ := strings.Cut(column, ".")
		v.Table, v.Columns = table, append(v.Columns, name)
	}
	return v, ok
}
