package mapping

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/domains"
	"github.com/desksync/desksync/internal/near"
)

// organization compiles the fields and families of organizations.
func (c *compilation) organization() {
	shape := helpdesk.Shape{Fields: map[string]*helpdesk.Rule{}, Families: map[string]helpdesk.Family{}}
	c.m.shapes[helpdesk.Organization] = shape
	name := FieldRule{Name: helpdesk.Name, Native: true, Expr: c.spec.Name, Owner: c.spec.Named.Owner, Policies: c.spec.Named.Policies}
	if strings.TrimSpace(name.Expr.Text) == "" {
		c.problems = append(c.problems, Problem{Path: "organizations.name", Msg: "organizations have no rule for their name", Fix: "write name: account.Name"})
	}
	c.m.name = c.scalar(helpdesk.Organization, shape, name, forAccount)
	for _, r := range c.spec.Fields {
		f := c.scalar(helpdesk.Organization, shape, r, forAccount)
		if f != nil {
			c.watch(f.prog)
		}
	}
	c.family(shape, c.spec.Tags, &family{prefix: helpdesk.TagPrefix, code: "bad_tag", split: betweenTags, clean: cleanTag, cached: true})
	c.family(shape, c.spec.Domains.Family, &family{prefix: helpdesk.DomPrefix, code: "bad_domain", split: domains.Separates, clean: c.cleanDomain()})
	c.family(shape, c.spec.Groups, &family{prefix: helpdesk.GroupPrefix, code: "bad_group", split: betweenGroups, clean: cleanGroup, cached: true})
	c.coupledTags()
	slices.SortFunc(c.m.steps, func(a, b step) int { return strings.Compare(a.at(), b.at()) })
	for full := range shape.Fields {
		c.m.overridable = append(c.m.overridable, strings.TrimPrefix(full, helpdesk.FieldPrefix))
	}
	slices.Sort(c.m.overridable)
}

func (s step) at() string {
	if s.family != nil {
		return s.family.prefix
	}
	return s.field.name
}

func (c *compilation) cleanDomain() func(string) (string, error) {
	if c.spec.CleanDomain != nil {
		return c.spec.CleanDomain
	}
	return lowerDomain
}

// scalar compiles the rule of one field, enters it in the shape, and for
// organizations in the steps; nil if it has faults.
func (c *compilation) scalar(k helpdesk.Kind, shape helpdesk.Shape, r FieldRule, a audience) *field {
	f := &field{name: r.Name, line: r.Native && r.Name == helpdesk.Name}
	if !r.Native {
		f.name = helpdesk.FieldPrefix + r.Name
	}
	if shape.Fields[f.name] != nil {
		c.fault(r.Expr, 0, "the field "+r.Name+" has two rules", "keep one")
		return nil
	}
	f.rule = c.helpdeskRule(r.Expr, r.Owner, r.Policies)
	shape.Fields[f.name] = f.rule
	spec, known := c.target(k, f.name, r)
	f.conv = newConverter(spec, known)
	if r.Owner == helpdesk.OwnerHelpdesk {
		c.enter(k, f)
		return f
	}
	f.prog = c.rule(r.Expr, a, "")
	if f.prog == nil {
		if strings.TrimSpace(r.Expr.Text) == "" && r.Name != helpdesk.Name {
			c.fault(r.Expr, 0, "the field "+r.Name+" has no rule", "write what it shall hold, or owner: helpdesk")
		}
		return nil
	}
	c.describe(f.rule, f.prog)
	c.suits(f)
	c.enter(k, f)
	return f
}

func (c *compilation) enter(k helpdesk.Kind, f *field) {
	if k == helpdesk.Organization {
		c.m.steps = append(c.m.steps, step{field: f})
		c.m.width++
	}
}

func (c *compilation) helpdeskRule(e Expr, owner helpdesk.Owner, p Policies) *helpdesk.Rule {
	return &helpdesk.Rule{
		Path: e.Path, Line: e.Line, Owner: owner,
		OnFound: cmp.Or(p.OnFound, c.spec.Policies.OnFound),
		OnDrift: cmp.Or(p.OnDrift, c.spec.Policies.OnDrift),
		OnClash: cmp.Or(p.OnClash, c.spec.Policies.OnClash),
	}
}

// describe says on a rule what its program reads.
func (c *compilation) describe(r *helpdesk.Rule, p *program) {
	r.Origin, r.Plan, r.Level = p.origin(), p.plan, p.level()
}

// target finds what the target says of a field. Without any field it is not
// connected, and nothing is known.
func (c *compilation) target(k helpdesk.Kind, name string, r FieldRule) (helpdesk.Spec, bool) {
	specs := c.caps.Specs[k]
	if len(specs) == 0 {
		return helpdesk.Spec{}, false
	}
	spec, ok := c.caps.Spec(k, name)
	if !ok {
		c.fault(r.Expr, 0, fmt.Sprintf("the target has no %s field %s%s", k, r.Name, near.Meant(r.Name, fieldNames(specs))), "create it in the helpdesk, or name one it has")
	}
	if spec.ReadOnly && r.Owner != helpdesk.OwnerHelpdesk {
		c.fault(r.Expr, 0, "the target does not let the field "+r.Name+" be written", "leave the rule out, or write owner: helpdesk")
	}
	return spec, ok
}

func fieldNames(specs []helpdesk.Spec) []string {
	out := make([]string, len(specs))
	for i, s := range specs {
		out[i] = strings.TrimPrefix(s.Name, helpdesk.FieldPrefix)
	}
	return out
}

// suits checks what a rule may yield against what its field can hold.
func (c *compilation) suits(f *field) {
	p := f.prog
	if !f.conv.takes(p.kind) {
		c.fault(p.Expr, 0, fmt.Sprintf("the rule yields %s, and the field %s is %s", p.kind, f.name, article(f.conv.typ)), "convert it, or name another field")
		return
	}
	for _, l := range p.leaves {
		c.suitsLeaf(f, l)
	}
	if p.form == constant {
		f.fixed, _ = f.conv.value(p.value)
	}
}

func (c *compilation) suitsLeaf(f *field, l leaf) {
	p := f.prog
	if !f.conv.takes(l.kind) {
		c.fault(p.Expr, l.offset, fmt.Sprintf("this yields %s, and the field %s is %s", l.kind, f.name, article(f.conv.typ)), "convert it, or name another field")
		return
	}
	if l.literal {
		if _, err := f.conv.value(l.value); err != nil {
			c.fault(p.Expr, l.offset, fmt.Sprintf("the field %s does not take this: %v", f.name, err), "write a value that it takes")
		}
	}
	if l.planName && f.conv.typ == helpdesk.Choice {
		c.offersPlans(f, l)
	}
}

// offersPlans checks that a dropdown has an option for every plan.
func (c *compilation) offersPlans(f *field, l leaf) {
	var missing []string
	for _, p := range c.m.rules.Plans() {
		if _, ok := f.conv.choices[p.Name]; !ok && !p.Flag {
			missing = append(missing, p.Name)
		}
	}
	if len(missing) > 0 {
		c.fault(f.prog.Expr, l.offset, fmt.Sprintf("the dropdown %s does not offer the plans %s", f.name, join(missing)), "add the options in the helpdesk, or give the rule other values")
	}
}

// family compiles the rule of a list.
func (c *compilation) family(shape helpdesk.Shape, spec Family, f *family) {
	if strings.TrimSpace(spec.From.Text) == "" && len(spec.Owned) == 0 {
		return
	}
	if len(c.caps.Specs) > 0 && !slices.Contains(c.caps.Families, f.prefix) {
		c.fault(spec.From, 0, "the target takes no "+strings.TrimSuffix(f.prefix, ":")+"s on organizations", "leave them out")
		return
	}
	f.rule = c.helpdeskRule(spec.From, helpdesk.OwnerCRM, spec.Policies)
	f.owned, f.when = c.owned(spec, f), c.condition(spec.When, forAccount)
	shape.Families[f.prefix] = helpdesk.Family{Rule: f.rule, Owned: f.owned}
	f.prog = &program{Expr: spec.From, form: constant}
	if strings.TrimSpace(spec.From.Text) != "" {
		f.prog = c.rule(spec.From, forAccount, "a list or a text", listKind, textKind)
	}
	if f.prog == nil {
		return
	}
	c.describe(f.rule, f.prog)
	c.m.families[f.prefix] = f
	c.m.steps = append(c.m.steps, step{family: f})
	if f.prefix != helpdesk.DomPrefix {
		c.watch(f.prog)
		c.watch(f.when)
	}
}

func (c *compilation) owned(spec Family, f *family) []string {
	var out []string
	for _, raw := range spec.Owned {
		name, err := f.clean(raw)
		if err != nil {
			c.fault(spec.From, 0, "owned: "+err.Error(), "")
			continue
		}
		out = append(out, name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// coupledTags refuses a plan's tag that an option or checkbox of the target sets
// by itself: two would write one tag.
func (c *compilation) coupledTags() {
	tags := c.m.families[helpdesk.TagPrefix]
	if tags == nil || !tags.prog.plan {
		return
	}
	for _, p := range c.m.rules.Plans() {
		tag := p.SLATag()
		if by := coupled(c.caps.Specs[helpdesk.Organization], tag); by != "" && tag != "" {
			c.problems = append(c.problems, Problem{
				Path: fmt.Sprintf("plans[%d].tag", p.Index), Line: p.Line,
				Msg: fmt.Sprintf("the tag %s of the plan %s is also set by %s: two would write it", tag, p.Name, by),
				Fix: "give the plan another tag: tag: sla_" + tag,
			})
		}
	}
}

func coupled(specs []helpdesk.Spec, tag string) string {
	for _, s := range specs {
		if s.Tag == tag {
			return "the checkbox " + s.Name
		}
		for _, o := range s.Choices {
			if o.Tag == tag {
				return "the option " + o.Value + " of " + s.Name
			}
		}
	}
	return ""
}

// leaf is one thing that a rule may yield.
type leaf struct {
	offset   int
	kind     kind
	literal  bool
	value    any
	planName bool
}

// leavesOf notes what a rule may yield: both branches of a condition, both sides
// of ??.
func leavesOf(node ast.Node) []leaf {
	switch n := node.(type) {
	case *ast.ConditionalNode:
		return append(leavesOf(n.Exp1), leavesOf(n.Exp2)...)
	case *ast.BinaryNode:
		if n.Operator == "??" {
			return append(leavesOf(n.Left), leavesOf(n.Right)...)
		}
	case *ast.ChainNode:
		return leavesOf(n.Node)
	case *ast.VariableDeclaratorNode:
		return leavesOf(n.Expr)
	case *ast.SequenceNode:
		return leavesOf(n.Nodes[len(n.Nodes)-1])
	}
	l := leaf{offset: node.Location().From, kind: kindOf(node)}
	l.value, l.literal = literal(node)
	if m, ok := node.(*ast.MemberNode); ok {
		id, isID := m.Node.(*ast.IdentifierNode)
		l.planName = isID && id.Value+"."+propertyOf(m) == planName
	}
	return []leaf{l}
}
