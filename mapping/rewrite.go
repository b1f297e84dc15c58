package mapping

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/near"
)

// rewriter turns a checked rule into one that reads slots. Its first walk
// replaces columns and functions; its second finds records that were left as they
// are; both use the types that the checker inferred.
type rewriter struct {
	b        *builder
	p        *program
	problems []Problem
}

func (r *rewriter) rewrite(node *ast.Node) {
	ast.Walk(node, visitor(r.replace))
	ast.Walk(node, visitor(r.bare))
}

type visitor func(*ast.Node)

// Visit implements ast.Visitor.
func (v visitor) Visit(node *ast.Node) { v(node) }

func (r *rewriter) replace(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.MemberNode:
		r.member(node, n)
	case *ast.IdentifierNode:
		r.identifier(node, n)
	case *ast.CallNode:
		r.call(n)
	case *ast.BinaryNode:
		r.binary(node, n)
	case *ast.UnaryNode:
		if n.Operator == "not" || n.Operator == "!" {
			orFalse(&n.Node)
		}
	case *ast.ConditionalNode:
		orFalse(&n.Cond)
	case *ast.BuiltinNode:
		r.predicate(n)
	}
}

// member replaces account.Name by its slot, and the column of a list's element
// by one step with the whole name.
func (r *rewriter) member(node *ast.Node, n *ast.MemberNode) {
	if id, ok := n.Node.(*ast.IdentifierNode); ok {
		key := id.Value + "." + propertyOf(n)
		if s, ok := computedSlots[key]; ok {
			r.computed(node, key, s)
			return
		}
	}
	s, prefix, ok := recordOf(n.Node)
	if !ok {
		r.unclear(n)
		return
	}
	c, ok := r.b.env.column(scopeRoles[s], prefix+propertyOf(n))
	if !ok {
		return // part of a path
	}
	sl := r.b.slot(s, c)
	r.p.dated = r.p.dated || r.b.ratesMove && c.Type == crm.Money
	if s.listed() {
		r.element(n, sl, strings.Count(prefix, "."))
		return
	}
	r.p.note(sl)
	ast.Patch(node, &ast.IdentifierNode{Value: sl.key})
}

// unclear refuses the column of something of which the checker lost sight: it
// would read as empty for ever.
func (r *rewriter) unclear(n *ast.MemberNode) {
	id, isID := n.Node.(*ast.IdentifierNode)
	if n.Method || propertyOf(n) == "" || n.Node.Type().Kind() != reflect.Interface || isID && r.b.slots[id.Value] != nil {
		return
	}
	r.fault(n, "nobody can tell whose column "+propertyOf(n)+" is", "read it from an element directly, as in contacts[0]."+propertyOf(n)+" or find(contacts, …)."+propertyOf(n))
}

// element makes one step of the path to a column of an element, which is the key
// it has in the element.
func (r *rewriter) element(n *ast.MemberNode, s *slot, steps int) {
	r.p.elements = append(r.p.elements, s)
	for range steps {
		inner, ok := n.Node.(*ast.MemberNode)
		if !ok {
			r.fault(n, s.name+" has to be read in one step", "write "+s.name+" behind the element itself")
			return
		}
		n.Node, n.Optional = inner.Node, n.Optional || inner.Optional
	}
	n.Property = &ast.StringNode{Value: s.name}
}

func (r *rewriter) identifier(node *ast.Node, n *ast.IdentifierNode) {
	if s, ok := computedSlots[n.Value]; ok && !recordNames[n.Value] {
		r.computed(node, n.Value, s)
	}
}

// computed replaces a name by the slot of what is computed for the account.
func (r *rewriter) computed(node *ast.Node, key string, c computedSlot) {
	s := r.b.computed(key, c)
	r.p.note(s)
	r.p.plan = r.p.plan || c.plan
	r.p.seats = r.p.seats || key == "sla.seats"
	r.p.today = r.p.today || c.today
	r.p.dated = r.p.dated || c.today
	r.p.contacts = r.p.contacts || key == "contacts"
	r.p.charges = r.p.charges || key == "subscriptions"
	ast.Patch(node, &ast.IdentifierNode{Value: s.key})
}

// call hands the worker to the functions that need it.
func (r *rewriter) call(n *ast.CallNode) {
	id, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		return
	}
	f, ok := ownFunction(id.Value)
	if !ok || !f.worker {
		return
	}
	s := r.b.computed(workerKey, computedSlots[workerKey])
	r.p.note(s)
	r.p.dated = r.p.dated || f.name != "money" || r.b.ratesMove
	r.p.money = r.p.money || f.name == "money"
	n.Arguments = append([]ast.Node{&ast.IdentifierNode{Value: s.key}}, n.Arguments...)
}

func (r *rewriter) binary(node *ast.Node, n *ast.BinaryNode) {
	switch n.Operator {
	case "and", "&&", "or", "||":
		orFalse(&n.Left)
		orFalse(&n.Right)
	case "<", "<=", ">", ">=":
		r.until(node, n)
	case "==", "!=":
		r.planNames(n)
		emptyIsZero(&n.Left, n.Right)
		emptyIsZero(&n.Right, n.Left)
		r.until(node, n)
	case "in":
		r.planNames(n)
		if list, ok := n.Right.(*ast.ArrayNode); ok && slices.ContainsFunc(list.Nodes, isEmptyText) {
			orElse(&n.Left, &ast.StringNode{})
		}
	}
}

// emptyIsZero makes account.Name == "" true of an empty column, and a checkbox
// that is empty the same as one that is not set: what everyone means who writes it.
func emptyIsZero(node *ast.Node, other ast.Node) {
	switch {
	case isEmptyText(other) && !isEmptyText(*node):
		orElse(node, &ast.StringNode{})
	case isTruth(other) && !isTruth(*node):
		orFalse(node)
	}
}

func isTruth(node ast.Node) bool {
	_, ok := node.(*ast.BoolNode)
	return ok
}

func isEmptyText(node ast.Node) bool {
	s, ok := node.(*ast.StringNode)
	return ok && s.Value == ""
}

// until replaces daysUntil(d) < n, whose next change can be told, by one call.
func (r *rewriter) until(node *ast.Node, n *ast.BinaryNode) {
	call, limit, op := n.Left, n.Right, n.Operator
	if _, ok := call.(*ast.IntegerNode); ok {
		call, limit, op = n.Right, n.Left, mirrored[n.Operator]
	}
	c, isCall := call.(*ast.CallNode)
	l, isInt := limit.(*ast.IntegerNode)
	if !isCall || !isInt {
		return
	}
	if id, ok := c.Callee.(*ast.IdentifierNode); !ok || id.Value != "daysUntil" || len(c.Arguments) != 2 {
		return
	}
	ast.Patch(node, &ast.CallNode{
		Callee:    &ast.IdentifierNode{Value: untilFunction},
		Arguments: []ast.Node{c.Arguments[0], c.Arguments[1], &ast.StringNode{Value: op}, &ast.IntegerNode{Value: l.Value}},
	})
}

// planNames refuses plan.name == "ultimat", which would never be true.
func (r *rewriter) planNames(n *ast.BinaryNode) {
	name, value := n.Left, n.Right
	if _, ok := name.(*ast.StringNode); ok {
		name, value = value, name
	}
	if id, ok := name.(*ast.IdentifierNode); !ok || id.Value != planName || len(r.b.plans) == 0 {
		return
	}
	named := []ast.Node{value}
	if list, ok := value.(*ast.ArrayNode); ok {
		named = list.Nodes
	}
	for _, x := range named {
		if text, ok := x.(*ast.StringNode); ok && !slices.Contains(r.b.plans, text.Value) {
			r.fault(text, fmt.Sprintf("no plan is named %q%s", text.Value, near.Meant(text.Value, r.b.plans)), "write the name of a row of plans")
		}
	}
}

// boolPredicates are the functions over lists whose condition must be true or false.
var boolPredicates = map[string]bool{
	"all": true, "none": true, "any": true, "one": true, "filter": true, "count": true,
	"find": true, "findIndex": true, "findLast": true, "findLastIndex": true,
}

func (r *rewriter) predicate(n *ast.BuiltinNode) {
	if !boolPredicates[n.Name] || len(n.Arguments) < 2 {
		return
	}
	if p, ok := n.Arguments[1].(*ast.PredicateNode); ok {
		orFalse(&p.Node)
	}
}

// orFalse makes an empty condition false.
func orFalse(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.BoolNode:
		return
	case *ast.UnaryNode:
		return
	case *ast.BinaryNode:
		if n.Operator != "??" {
			return
		}
	}
	orElse(node, &ast.BoolNode{})
}

// orElse puts a value in place of nothing.
func orElse(node *ast.Node, value ast.Node) {
	or := &ast.BinaryNode{Operator: "??", Left: *node, Right: value}
	or.SetLocation((*node).Location())
	*node = or
}

// bare refuses records that are used as a whole; parent may be compared with nil.
func (r *rewriter) bare(node *ast.Node) {
	n, ok := (*node).(*ast.IdentifierNode)
	if !ok || !recordNames[n.Value] {
		return
	}
	if s, ok := computedSlots[n.Value]; ok {
		r.p.parent = true
		r.computed(node, n.Value, s)
		return
	}
	r.fault(n, n.Value+" is a record, not a value", "name one of its columns, such as "+n.Value+".Name")
}

func (r *rewriter) fault(n ast.Node, msg, fix string) {
	r.problems = append(r.problems, r.p.problem(n.Location().From, msg, fix))
}

// recordOf says which record a node is, from the type that the checker gave it.
func recordOf(node ast.Node) (scope, string, bool) {
	n := node.Nature()
	if n.TypeData == nil {
		return 0, "", false
	}
	for key := range n.Fields {
		if s, prefix, ok := unmark(key); ok {
			return s, prefix, true
		}
	}
	return 0, "", false
}

func propertyOf(n *ast.MemberNode) string {
	if s, ok := n.Property.(*ast.StringNode); ok {
		return s.Value
	}
	return ""
}
