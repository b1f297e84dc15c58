package mapping

import (
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"

	"github.com/desksync/desksync/crm"
)

// openColumns adds the columns that rules name and the schema does not. A path
// from an element of a list is added to every role that elements may have.
func openColumns(columns map[crm.Role][]column, spec Spec) {
	for _, role := range crm.Roles {
		if columns[role] == nil {
			columns[role] = []column{}
		}
	}
	add := func(role crm.Role, name string) {
		e := environment{columns: columns}
		if _, known := e.column(role, name); !known && name != "" && e.offers(role) {
			columns[role] = append(columns[role], column{Column: crm.Column{Name: name}, loose: true})
		}
	}
	for _, e := range spec.exprs() {
		tree, err := parser.Parse(e.Text)
		if err == nil {
			inner := map[ast.Node]bool{}
			ast.Walk(&tree.Node, visitor(func(n *ast.Node) { markInner(*n, inner) }))
			ast.Walk(&tree.Node, visitor(func(n *ast.Node) { addPath(*n, inner, add) }))
		}
	}
	ch := spec.Charge
	for _, name := range []string{ch.ID, ch.Product, ch.Quantity, ch.Start, ch.End, ch.Status, ch.ARR} {
		add(crm.Subscription, name)
	}
}

// NamedColumns lists the columns that rules name, as they spell them, whether or not
// all of the rules can be compiled.
func NamedColumns(spec Spec) map[crm.Role][]string {
	columns := map[crm.Role][]column{}
	openColumns(columns, spec)
	out := map[crm.Role][]string{}
	for role, list := range columns {
		for _, c := range list {
			out[role] = append(out[role], c.Name)
		}
	}
	return out
}

// exprs lists every expression of a mapping.
func (s Spec) exprs() []Expr {
	m := s.Members
	out := []Expr{
		s.Only, s.Wanted, s.Create, s.Scope, s.Retain.From, s.Name, s.Tags.From, s.Tags.When, s.Domains.From, s.Groups.From, s.ARR,
		s.Related.Who, s.Related.Position, s.Related.Manager, m.Who, m.Name, m.Email, m.Position, m.Manager, m.Order,
	}
	for _, f := range append(append([]FieldRule(nil), s.Fields...), m.UserFields...) {
		out = append(out, f.Expr)
	}
	return out
}

// markInner notes the steps of a path that are not its last.
func markInner(node ast.Node, inner map[ast.Node]bool) {
	if n, ok := node.(*ast.MemberNode); ok && propertyOf(n) != "" {
		inner[n.Node] = true
	}
}

func addPath(node ast.Node, inner map[ast.Node]bool, add func(crm.Role, string)) {
	if _, ok := node.(*ast.MemberNode); !ok || inner[node] {
		return
	}
	path, base := "", node
	for {
		n, ok := base.(*ast.MemberNode)
		if !ok || propertyOf(n) == "" {
			break
		}
		if path != "" {
			path = "." + path
		}
		path, base = propertyOf(n)+path, n.Node
	}
	for _, role := range rolesOf(base) {
		add(role, path)
	}
}

// rolesOf says which records the beginning of a path may be.
func rolesOf(base ast.Node) []crm.Role {
	id, ok := base.(*ast.IdentifierNode)
	if !ok {
		return []crm.Role{crm.Contact, crm.Subscription, crm.Team}
	}
	switch id.Value {
	case "account", "parent", "root":
		return []crm.Role{crm.Account}
	case "contact":
		return []crm.Role{crm.Contact}
	case "relation":
		return []crm.Role{crm.Relation}
	}
	return nil
}
