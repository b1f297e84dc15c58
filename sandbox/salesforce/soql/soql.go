// Package soql reads statements of the Salesforce Object Query Language: SELECT with
// fields, parent paths, sub-queries and COUNT(), WHERE, ORDER BY, LIMIT and OFFSET, as the
// SOQL and SOSL Reference describes them. It knows no objects and no data: whether a
// field exists is for the caller to say, with the position that stands beside each name.
// Aggregates, GROUP BY, TYPEOF and functions are refused.
package soql

import "strings"

// MaxStatement is how many characters a statement may have (App Limits Cheatsheet, SOQL).
const MaxStatement = 100_000

// MaxString is how many characters a string in WHERE may have (the same page).
const MaxString = 4000

// MaxLevels is how many parents a path may climb (SOQL guide, Relationship Queries).
const MaxLevels = 5

// MaxSubqueries is how many sub-queries a statement may have (the same page).
const MaxSubqueries = 20

// Query is a statement, or a sub-query of one.
type Query struct {
	Select []Item
	Count  bool // SELECT COUNT(), then Select is empty
	From   string
	FromAt int // where From stands, in characters from 0
	Where  Expr
	Order  []Order
	Limit  int // -1: none
	Offset int
}

// Item is one entry of the SELECT list: a path, or a sub-query.
type Item struct {
	Path Path
	Sub  *Query
}

// Path names a field, through parents where it has more than one step.
type Path struct {
	Steps []string
	At    int
}

func (p Path) String() string { return strings.Join(p.Steps, ".") }

// Order is one entry of ORDER BY.
type Order struct {
	Path      Path
	Desc      bool
	NullsLast bool
}

// Expr is a condition: And, Or, Not, Compare, In or Includes.
type Expr interface{ expr() }

// And holds when all its conditions do.
type And []Expr

// Or holds when one of its conditions does.
type Or []Expr

// Not holds when its condition does not.
type Not struct{ Of Expr }

// Compare holds when the field stands so to the value. Op is one of = != < <= > >= LIKE.
type Compare struct {
	Path  Path
	Op    string
	Value Value
}

// In holds when the field has one of the values, or one that a sub-select yields.
type In struct {
	Path   Path
	Not    bool
	Values []Value
	Sub    *Query
}

// Includes holds when a multi-select picklist has all values of one of the sets.
type Includes struct {
	Path     Path
	Excludes bool
	Sets     [][]string
	At       int // where the keyword stands
}

func (And) expr()      {}
func (Or) expr()       {}
func (Not) expr()      {}
func (Compare) expr()  {}
func (In) expr()       {}
func (Includes) expr() {}
