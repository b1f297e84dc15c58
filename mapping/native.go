package mapping

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/desksync/desksync/crm"
)

// Most rules only compare texts and choose between them. They are turned into
// plain functions, which do without the virtual machine and without putting
// values into interfaces. What a rule means is still what the machine makes of it:
// a test holds both against each other.

// truthFunc and textFunc evaluate a rule that yields true or false, or a text;
// the second result of a text is false where there is none.
type (
	truthFunc func(w *Worker) (bool, error)
	textFunc  func(w *Worker) (string, bool, error)
)

// truth translates a condition; nil if it is beyond these functions.
func (b *builder) truth(node ast.Node) truthFunc {
	switch n := node.(type) {
	case *ast.BoolNode:
		v := n.Value
		return func(*Worker) (bool, error) { return v, nil }
	case *ast.IdentifierNode:
		return b.truthOfSlot(n)
	case *ast.UnaryNode:
		if inner := b.truth(n.Node); inner != nil && (n.Operator == "not" || n.Operator == "!") {
			return func(w *Worker) (bool, error) { v, err := inner(w); return !v, err }
		}
	case *ast.BinaryNode:
		return b.truthOfBinary(n)
	}
	return nil
}

// truthOfSlot reads what is never empty; a column that may be stands before ??.
func (b *builder) truthOfSlot(n *ast.IdentifierNode) truthFunc {
	if n.Value == "plan.expired" {
		return func(w *Worker) (bool, error) { return w.sla.Expired, nil }
	}
	return nil
}

func (b *builder) truthOfBinary(n *ast.BinaryNode) truthFunc {
	switch n.Operator {
	case "==", "!=":
		return b.equality(n)
	case "in":
		return b.membership(n)
	case "??":
		return b.orElseTruth(n)
	}
	left, right := b.truth(n.Left), b.truth(n.Right)
	if left == nil || right == nil {
		return nil
	}
	switch n.Operator {
	case "and", "&&":
		return func(w *Worker) (bool, error) {
			if v, err := left(w); err != nil || !v {
				return false, err
			}
			return right(w)
		}
	case "or", "||":
		return func(w *Worker) (bool, error) {
			if v, err := left(w); err != nil || v {
				return v, err
			}
			return right(w)
		}
	}
	return nil
}

// orElseTruth is X ?? true and X ?? false, for a checkbox column or any condition.
func (b *builder) orElseTruth(n *ast.BinaryNode) truthFunc {
	or, ok := n.Right.(*ast.BoolNode)
	if !ok {
		return nil
	}
	if id, isSlot := n.Left.(*ast.IdentifierNode); isSlot {
		if s := b.slots[id.Value]; s != nil && s.scope != groupScope && s.typ == crm.Bool && !s.loose {
			return func(w *Worker) (bool, error) { return w.checkbox(s, or.Value) }
		}
	}
	return b.truth(n.Left) // never empty
}

func (w *Worker) checkbox(s *slot, or bool) (bool, error) {
	switch text := w.text(s); text {
	case "":
		return or, nil
	case "true", "false":
		return text == "true", nil
	default:
		v, err := s.bool(text)
		b, _ := v.(bool)
		return b, err
	}
}

func (b *builder) equality(n *ast.BinaryNode) truthFunc {
	want := n.Operator == "=="
	left, right := b.text(n.Left), b.text(n.Right)
	if left == nil || right == nil {
		return b.sameTruth(n, want)
	}
	return func(w *Worker) (bool, error) {
		x, okX, err := left(w)
		if err != nil {
			return false, err
		}
		y, okY, err := right(w)
		return (okX == okY && x == y) == want, err
	}
}

// sameTruth is X == true and the like.
func (b *builder) sameTruth(n *ast.BinaryNode, want bool) truthFunc {
	left, right := b.truth(n.Left), b.truth(n.Right)
	if left == nil || right == nil {
		return nil
	}
	return func(w *Worker) (bool, error) {
		x, err := left(w)
		if err != nil {
			return false, err
		}
		y, err := right(w)
		return (x == y) == want, err
	}
}

// membership is X in ["a", "b"], and "a" in a list of the SLA.
func (b *builder) membership(n *ast.BinaryNode) truthFunc {
	item := b.text(n.Left)
	if item == nil {
		return nil
	}
	if list, ok := literalTexts(n.Right); ok {
		return func(w *Worker) (bool, error) {
			x, ok, err := item(w)
			return ok && slices.Contains(list, x), err
		}
	}
	id, ok := n.Right.(*ast.IdentifierNode)
	if !ok || slaLists[id.Value] == nil {
		return nil
	}
	list := slaLists[id.Value]
	return func(w *Worker) (bool, error) {
		x, ok, err := item(w)
		return ok && slices.Contains(list(w), x), err
	}
}

var slaLists = map[string]func(w *Worker) []string{
	"sla.products": func(w *Worker) []string { return w.sla.Products },
	"sla.tags":     func(w *Worker) []string { return w.sla.Tags },
	"sla.plans":    func(w *Worker) []string { return w.sla.Plans },
}

func literalTexts(node ast.Node) ([]string, bool) {
	n, ok := node.(*ast.ArrayNode)
	if !ok {
		return nil, false
	}
	var out []string
	for _, x := range n.Nodes {
		s, ok := x.(*ast.StringNode)
		if !ok {
			return nil, false
		}
		out = append(out, s.Value)
	}
	return out, true
}

// text translates a rule that yields a text; nil if it is beyond these functions.
func (b *builder) text(node ast.Node) textFunc {
	switch n := node.(type) {
	case *ast.StringNode:
		v := n.Value
		return func(*Worker) (string, bool, error) { return v, true, nil }
	case *ast.NilNode:
		return func(*Worker) (string, bool, error) { return "", false, nil }
	case *ast.IdentifierNode:
		return b.textOfSlot(n)
	case *ast.ConditionalNode:
		return b.choice(n)
	case *ast.BinaryNode:
		if n.Operator == "??" {
			return b.orElseText(n)
		}
	case *ast.CallNode:
		return b.textOfCall(n)
	}
	return nil
}

func (b *builder) textOfSlot(n *ast.IdentifierNode) textFunc {
	s := b.slots[n.Value]
	switch {
	case s == nil:
		return nil
	case s.key == planName:
		return func(w *Worker) (string, bool, error) { return w.sla.Plan, w.sla.Plan != "", nil }
	case s.key == "sla.policy":
		return func(w *Worker) (string, bool, error) { return w.sla.Policy, w.sla.Policy != "", nil }
	case s.scope == groupScope || s.typ != crm.Text || s.loose:
		return nil
	}
	return func(w *Worker) (string, bool, error) {
		text := w.text(s)
		return text, text != "", nil
	}
}

func (b *builder) choice(n *ast.ConditionalNode) textFunc {
	cond, yes, no := b.truth(n.Cond), b.text(n.Exp1), b.text(n.Exp2)
	if cond == nil || yes == nil || no == nil {
		return nil
	}
	return func(w *Worker) (string, bool, error) {
		v, err := cond(w)
		if err != nil {
			return "", false, err
		}
		if v {
			return yes(w)
		}
		return no(w)
	}
}

func (b *builder) orElseText(n *ast.BinaryNode) textFunc {
	left, right := b.text(n.Left), b.text(n.Right)
	if left == nil || right == nil {
		return nil
	}
	return func(w *Worker) (string, bool, error) {
		if s, ok, err := left(w); ok || err != nil {
			return s, ok, err
		}
		return right(w)
	}
}

// textFunctions are those of our functions that make text of text; empty is none.
var textFunctions = map[string]func(string) string{
	"lower": strings.ToLower, "upper": strings.ToUpper, "trim": strings.TrimSpace, "short_id": crm.ShortID,
}

func (b *builder) textOfCall(n *ast.CallNode) textFunc {
	id, ok := n.Callee.(*ast.IdentifierNode)
	if !ok || len(n.Arguments) != 1 || textFunctions[id.Value] == nil {
		return nil
	}
	f, inner := textFunctions[id.Value], b.text(n.Arguments[0])
	if inner == nil {
		return nil
	}
	return func(w *Worker) (string, bool, error) {
		s, ok, err := inner(w)
		if !ok || err != nil {
			return "", false, err
		}
		s = f(s)
		return s, s != "", nil
	}
}
