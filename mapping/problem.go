package mapping

import (
	"cmp"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/near"
)

func (e Expr) problem(offset int, msg, fix string) Problem {
	return Problem{Path: e.Path, Line: e.Line, Column: e.Column, Offset: offset, Msg: msg, Fix: fix}
}

// explain turns what the checker says into faults that name the remedy. Columns
// that do not exist are all reported; of other faults the first.
func (b *builder) explain(e Expr, a audience, tree *parser.Tree, err error) []Problem {
	if tree != nil && tree.Node != nil {
		if found := b.unknownColumns(e, tree); len(found) > 0 {
			return found
		}
	}
	msg, fix := reword(sentence(err))
	if name, ok := strings.CutPrefix(msg, "unknown name "); ok {
		msg, fix = b.unknownName(name, a)
	}
	return []Problem{e.problem(offsetOf(err), msg, fix)}
}

func (b *builder) unknownColumns(e Expr, tree *parser.Tree) []Problem {
	var found []Problem
	ast.Walk(&tree.Node, visitor(func(node *ast.Node) {
		n, ok := (*node).(*ast.MemberNode)
		if !ok || propertyOf(n) == "" {
			return
		}
		if id, ok := n.Node.(*ast.IdentifierNode); ok {
			if fields := fieldsOf(id.Value); len(fields) > 0 && !slices.Contains(fields, propertyOf(n)) {
				found = append(found, e.problem(n.Property.Location().From, id.Value+" has no field "+propertyOf(n)+near.Meant(propertyOf(n), fields),
					"it has "+join(fields)))
			}
		}
		s, prefix, ok := recordOf(n.Node)
		if !ok {
			return
		}
		if _, known := n.Node.Nature().Fields[propertyOf(n)]; !known {
			found = append(found, b.unknownColumn(e, n, s, prefix+propertyOf(n)))
		}
	}))
	slices.SortStableFunc(found, func(x, y Problem) int { return cmp.Compare(x.Offset, y.Offset) })
	return found
}

func (b *builder) unknownColumn(e Expr, n *ast.MemberNode, s scope, name string) Problem {
	role := scopeRoles[s]
	msg := "the source has no column " + name + " on " + string(role) + "s"
	if !s.listed() {
		msg = scopeNames[s] + " has no field " + name
	}
	meant, fix := b.otherColumn(role, name)
	return e.problem(n.Property.Location().From, msg+meant, fix)
}

// otherColumn says where a column was looked for and which was meant, or what to do.
func (b *builder) otherColumn(role crm.Role, name string) (meant, fix string) {
	near := near.Meant(name, b.env.columnNames(role))
	if b.env.reveal != "" {
		return " that the source's login can see" + near, "correct the name, or " + b.env.reveal
	}
	fix = "name a column that the source shows to this login"
	if place := b.places[role]; place != "" {
		meant, fix = " ("+place+")", "name a column of that file"
	}
	if near != "" {
		return meant + near, ""
	}
	return meant, fix
}

func (b *builder) unknownName(name string, a audience) (msg, fix string) {
	switch {
	case roleNamed(name) != "":
		if role := roleNamed(name); !b.env.offers(role) {
			return "the source has no " + string(role) + "s", "leave the rule out, or let the source offer them"
		}
		return "there is no " + name + " here", "a single contact or relation is known only in the rules of members"
	case slices.Contains(withheldBuiltins, name):
		return "the function " + name + " is not for rules", "use today, before, after or daysUntil for dates"
	}
	var known []string
	for k := range b.env.typed[a] {
		known = append(known, k)
	}
	for _, f := range functions {
		known = append(known, f.name)
	}
	slices.Sort(known)
	return "there is no " + name + near.Meant(name, known), "columns are written account.NAME, and text stands in quotes: \"" + name + "\""
}

// roleNamed is the role of what a rule calls by a name; none for another name.
func roleNamed(name string) crm.Role {
	switch name {
	case "contact", "contacts":
		return crm.Contact
	case "relation":
		return crm.Relation
	case "subscriptions":
		return crm.Subscription
	case "team":
		return crm.Team
	}
	return ""
}

// plain puts the checker's words for types into those of the file.
func plain(s string) string {
	return typeWords.ReplaceAllStringFunc(s, func(word string) string { return plainWords[word] })
}

var (
	typeWords  = regexp.MustCompile(`map\[string\](?:interface \{\}|any)|\[\](?:interface \{\}|any)|interface \{\}|\b(?:float64|int|string|bool|time\.Time)\b`)
	plainWords = map[string]string{
		"float64": "number", "int": "number", "string": "text", "bool": "true/false", "time.Time": "date", "interface {}": "anything",
		"map[string]interface {}": "record", "map[string]any": "record", "[]interface {}": "list", "[]any": "list",
	}
)

// sentence is the first line of an error, without its place.
func sentence(err error) string {
	var fe *file.Error
	if errors.As(err, &fe) {
		return plain(fe.Message)
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	return plain(line)
}

func offsetOf(err error) int {
	var fe *file.Error
	if errors.As(err, &fe) {
		return fe.From
	}
	return 0
}
