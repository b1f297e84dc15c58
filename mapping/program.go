package mapping

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/checker/nature"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/optimizer"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"

	"github.com/desksync/desksync/crm"
)

// maxNodes bounds a rule's size; real ones have tens of nodes.
const maxNodes = 2000

// form says how a rule is evaluated: most need no virtual machine.
type form uint8

const (
	constant    form = iota
	plainColumn      // a column of a record, and nothing else
	computed         // plan.name, sla.tags and the like, and nothing else
	truthful         // translated to a truthFunc
	textual          // translated to a textFunc
	compiled
)

// program is a compiled rule.
type program struct {
	Expr
	reads
	form   form
	value  any   // constant
	slot   *slot // plainColumn, computed
	yes    truthFunc
	text   textFunc
	code   *vm.Program
	kind   kind   // what the checker says it yields
	leaves []leaf // what it may yield
}

// kind is what a rule yields, as far as can be told without running it.
type kind uint8

const (
	anyKind kind = iota
	nothingKind
	textKind
	numberKind
	boolKind
	dateKind
	listKind
	recordKind
)

var kindNames = [...]string{"anything", "nothing", "text", "a number", "true or false", "a date", "a list", "a record"}

func (k kind) String() string { return kindNames[k] }

// builder compiles the rules of one mapping and collects what they read.
type builder struct {
	env    *environment
	plans  []string            // names of the catalogue
	places map[crm.Role]string // where columns stand, for messages
	slots  map[string]*slot
	list   []*slot

	ratesMove   bool // what a currency is worth depends on the day
	machineOnly bool // translate nothing: for the test that holds both against each other
}

// program compiles a rule; nil if it has faults.
func (b *builder) program(e Expr, a audience) (p *program, problems []Problem) {
	defer func() { // the language's compiler panics on some texts that it cannot read
		if r := recover(); r != nil {
			p, problems = nil, []Problem{e.problem(0, fmt.Sprintf("the rule cannot be read: %v", r), "write it more simply")}
		}
	}()
	cfg := typedConfig(b.env.typed[a])
	tree, err := checker.ParseCheck(e.Text, cfg)
	if err != nil {
		return nil, b.explain(e, a, tree, err)
	}
	if found := b.unknownColumns(e, tree); len(found) > 0 {
		return nil, found // the checker overlooks some behind ??
	}
	if at := environmentAt(tree.Node); at >= 0 {
		return nil, []Problem{e.problem(at, "$env is not for rules", "name what you want, such as account.Name")}
	}
	p = &program{Expr: e, kind: kindOf(tree.Node), leaves: leavesOf(tree.Node)}
	if p.kind == recordKind {
		return nil, []Problem{e.problem(0, "a record is not a value", "name one of its columns, such as account.Name")}
	}
	rw := &rewriter{b: b, p: p}
	rw.rewrite(&tree.Node)
	if len(rw.problems) > 0 {
		return nil, rw.problems
	}
	return p, b.finish(p, tree)
}

// finish chooses the cheapest way to evaluate a rewritten rule.
func (b *builder) finish(p *program, tree *parser.Tree) []Problem {
	if v, ok := literal(tree.Node); ok {
		p.form, p.value = constant, v
		return nil
	}
	if id, ok := tree.Node.(*ast.IdentifierNode); ok {
		if s, ok := b.slots[id.Value]; ok {
			p.form, p.slot = plainColumn, s
			if s.scope == groupScope {
				p.form = computed
			}
			return nil
		}
	}
	return b.translate(p, tree)
}

// translate makes a function of a rule, or failing that a program for the machine.
func (b *builder) translate(p *program, tree *parser.Tree) []Problem {
	if p.yes = b.truth(tree.Node); p.yes != nil && !b.machineOnly {
		p.form = truthful
		return nil
	}
	if p.text = b.text(tree.Node); p.text != nil && !b.machineOnly {
		p.form = textual
		return nil
	}
	p.form = compiled
	var err error
	if p.code, err = compileTree(tree); err != nil {
		return []Problem{p.problem(offsetOf(err), sentence(err), "")}
	}
	return nil
}

func typedConfig(names any) *conf.Config {
	cfg := conf.CreateNew()
	options := append(functionOptions(true), expr.Env(names), expr.MaxNodes(maxNodes), expr.AsAny(), expr.Patch(visitor(typeEnds)))
	return configure(cfg, options)
}

// untypedConfig is the second configuration of a rule: its types have been checked, and
// without them the machine chooses instructions that bear an empty value.
func untypedConfig() *conf.Config {
	options := append(functionOptions(false), expr.Env(map[string]any{}), expr.AllowUndefinedVariables())
	return configure(conf.CreateNew(), options)
}

func configure(cfg *conf.Config, options []expr.Option) *conf.Config {
	for _, o := range options {
		o(cfg)
	}
	for name := range cfg.Disabled {
		delete(cfg.Builtins, name)
	}
	return cfg
}

func compileTree(tree *parser.Tree) (*vm.Program, error) {
	ast.Walk(&tree.Node, forgetTypes{})
	cfg := untypedConfig()
	if _, err := checker.Check(tree, cfg); err != nil {
		return nil, err
	}
	if err := optimizer.Optimize(&tree.Node, cfg); err != nil {
		return nil, err
	}
	return compiler.Compile(tree, cfg)
}

// typeEnds turns first(x) and last(x), of which the checker cannot tell what they
// yield, into forms of which it can.
func typeEnds(node *ast.Node) {
	n, ok := (*node).(*ast.BuiltinNode)
	if !ok || len(n.Arguments) != 1 {
		return
	}
	name, ok := map[string]string{"first": "find", "last": "findLast"}[n.Name]
	if !ok {
		return
	}
	always := &ast.PredicateNode{Node: &ast.BoolNode{Value: true}}
	ast.Patch(node, &ast.BuiltinNode{Name: name, Arguments: []ast.Node{n.Arguments[0], always}})
}

// environmentAt returns the place of $env in a rule, or -1.
func environmentAt(node ast.Node) int {
	at := -1
	ast.Walk(&node, visitor(func(n *ast.Node) {
		if id, ok := (*n).(*ast.IdentifierNode); ok && id.Value == "$env" {
			at = id.Location().From
		}
	}))
	return at
}

type forgetTypes struct{}

// Visit implements ast.Visitor.
func (forgetTypes) Visit(node *ast.Node) { (*node).SetNature(nature.Nature{}) }

// literal returns the value of a rule that is nothing but a value.
func literal(node ast.Node) (any, bool) {
	switch n := node.(type) {
	case *ast.NilNode:
		return nil, true
	case *ast.StringNode:
		return n.Value, true
	case *ast.BoolNode:
		return n.Value, true
	case *ast.IntegerNode:
		return n.Value, true
	case *ast.FloatNode:
		return n.Value, true
	}
	return nil, false
}

func kindOf(node ast.Node) kind {
	n := node.Nature()
	switch {
	case n.Nil:
		return nothingKind
	case n.Type == nil:
		return anyKind
	case n.IsString():
		return textKind
	case n.IsTime():
		return dateKind
	case n.IsBool():
		return boolKind
	case n.IsNumber():
		return numberKind
	case n.IsArray():
		return listKind
	case n.IsMap():
		return recordKind
	default:
		return anyKind
	}
}

// origin names what a rule reads, such as Account.Tier__c; for a constant, itself.
func (p *program) origin() string {
	var out []string
	for _, s := range append(slices.Clone(p.slots), p.elements...) {
		if s.key == workerKey {
			continue
		}
		name := s.key
		if s.scope != groupScope {
			name = strings.ToUpper(name[:1]) + name[1:]
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	if len(out) == 0 {
		return p.Text
	}
	return join(out)
}

// level reports whether a rule yields the plan itself.
func (p *program) level() bool {
	return slices.ContainsFunc(p.leaves, func(l leaf) bool { return l.planName })
}

// note records that a rule reads a slot.
func (r *reads) note(s *slot) {
	if !slices.Contains(r.slots, s) {
		r.slots = append(r.slots, s)
	}
	r.parent = r.parent || s.scope == parentScope || s.scope == rootScope
}
