package mapping

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/domains"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/near"
	"github.com/desksync/desksync/sla"
)

// StepKind says what a step of an explanation is about.
type StepKind string

// The kinds of steps, in the order in which they come.
const (
	StepSkip      StepKind = "skip"     // no object is wanted at all
	StepGone      StepKind = "gone"     // what becomes of the organization then
	StepOverride  StepKind = "override" // of the plan, or of the field
	StepCharge    StepKind = "because"  // the charge that decides the plan
	StepOver      StepKind = "over"     // another active charge
	StepIdle      StepKind = "idle"     // a charge that counts for nothing today, and why
	StepRow       StepKind = "row"      // the catalogue row of the charge before it
	StepTags      StepKind = "tags"     // SLA tags and why
	StepPolicy    StepKind = "policy"   // the SLA policy and why
	StepRule      StepKind = "rule"     // the rule's text
	StepColumn    StepKind = "column"   // a column that the rule reads
	StepFinding   StepKind = "finding"  // what stands in the way
	StepNext      StepKind = "next"     // the next day on which the clock may change the result
	stepsExpected          = 16
)

// Step is one stop on the way to a value.
type Step struct {
	Kind StepKind `json:"kind"`
	Text string   `json:"text"`           // one clause for people
	Note string   `json:"note,omitempty"` // a second one, of why; may be empty
	Path string   `json:"path,omitempty"` // place in the configuration or the overrides file, if it has one
	Line int      `json:"line,omitempty"` // in the configuration
	Role crm.Role `json:"role,omitempty"` // the record it was read from, if any…
	ID   string   `json:"id,omitempty"`   // …
}

// Explanation says how an account came by the value of a field.
type Explanation struct {
	Account string
	Field   string // full name
	Day     day.Day
	Skip    string         // why nothing is wanted; see Result.Skip
	Left    bool           // see Result.Left
	Value   helpdesk.Value // what is wanted
	Opinion bool           // false: the rules have no opinion on the field
	Rule    *helpdesk.Rule
	Steps   []Step
	SLA     sla.Trace // all charges and policies, for those who want more than Steps
}

// Explain maps an account and keeps the way to one field: its name as people
// write it, or "plan". A field that nobody maps is an error.
func (m *Mapper) Explain(g *Group, on day.Day, name string) (Explanation, error) {
	full := m.fieldName(name)
	if full == "" && name != sla.PlanField {
		return Explanation{}, fmt.Errorf("mapping: no rule has a field %s%s", name, m.suggestExplained(name))
	}
	w := m.NewWorker()
	res, err := w.Map(g, on)
	if err != nil {
		return Explanation{}, err
	}
	x := Explanation{Account: g.Account.ID, Field: full, Day: on, Skip: res.Skip, Left: res.Left, Steps: make([]Step, 0, stepsExpected)}
	x.SLA = m.rules.Trace(w.chargeOf, w.planOverride(), on)
	if res.Skip != "" {
		x.add(Step{Kind: StepSkip, Text: res.Skip})
	}
	if full == "" {
		x.Field, x.Value, x.Opinion = sla.PlanField, helpdesk.TextOf(res.SLA.Plan), res.SLA.Plan != ""
		w.explainPlan(&x)
	} else {
		w.explainField(&x, res)
	}
	w.explainFindings(&x, res)
	if res.Next != 0 {
		x.add(Step{Kind: StepNext, Text: res.Next.String(), Note: "the next day on which the date alone may change something"})
	}
	return x, nil
}

// suggestExplained is what may have been meant, else all that can be explained: besides
// the fields the elements of families, one by one.
func (m *Mapper) suggestExplained(name string) string {
	var elements []string
	for _, prefix := range slices.Sorted(maps.Keys(m.families)) {
		elements = append(elements, prefix+"NAME")
	}
	for _, name := range []string{m.spec.Mark.Field, m.spec.Mark.Exempt} {
		if name != "" {
			elements = append(elements, name)
		}
	}
	return m.suggestField(name, elements...)
}

func (x *Explanation) add(s Step) { x.Steps = append(x.Steps, s) }

// planOverride is the override of the plan that acts; those that do not act have
// nothing to explain.
func (w *Worker) planOverride() *sla.Override { return w.sla.Override }

func (w *Worker) explainField(x *Explanation, res Result) {
	if i := slices.IndexFunc(res.Org.Fields, func(f helpdesk.Field) bool { return f.Name == x.Field }); i >= 0 {
		x.Value, x.Rule, x.Opinion = res.Org.Fields[i].Value, res.Org.Fields[i].Rule, true
	}
	p, rule := w.m.programOf(x.Field)
	if x.Rule == nil {
		x.Rule = rule
	}
	if o := w.overrideOf(x.Field); o != nil {
		x.add(overrideStep(o, "acts on the field, whatever the rule yields"))
	}
	if p == nil {
		x.add(Step{Kind: StepRule, Text: "the helpdesk owns the field: it is never written", Path: rule.Path, Line: rule.Line})
		return
	}
	x.add(Step{Kind: StepRule, Text: p.Text, Path: p.Path, Line: p.Line})
	w.explainColumns(x, p)
	w.explainLists(x, p)
	if p.plan {
		w.explainPlan(x)
	}
}

// programOf returns the program and the rule of a field of the organization.
func (m *Mapper) programOf(name string) (*program, *helpdesk.Rule) {
	for _, s := range m.steps {
		switch {
		case s.family != nil && strings.HasPrefix(name, s.family.prefix):
			return s.family.prog, s.family.rule
		case s.field != nil && s.field.name == name:
			return s.field.prog, s.field.rule
		}
	}
	return nil, &helpdesk.Rule{}
}

func (w *Worker) explainColumns(x *Explanation, p *program) {
	for _, s := range p.slots {
		r := w.records[s.scope]
		if s.scope == groupScope || r == nil {
			continue
		}
		x.add(Step{Kind: StepColumn, Text: s.key + " is " + s.shown(r), Note: w.moneyNote(s, r), Role: r.Role, ID: r.ID})
	}
}

func (w *Worker) moneyNote(s *slot, r *crm.Record) string {
	code := w.m.currency(r)
	if s.typ != crm.Money || code == "" || code == w.m.spec.Money.Base {
		return ""
	}
	rate, err := w.rate(r)
	if err != nil {
		return err.Error()
	}
	note := fmt.Sprintf("in %s, 1 %s is %s %s", code, code, shortRate(rate), w.m.spec.Money.Base)
	if origin := w.worth[code].origin; origin != "" {
		note += ": " + origin
	}
	if _, told := w.m.told[code]; told && w.m.said != w.today {
		note += ", as it was said on " + w.m.said.String()
	}
	return note
}

// shortRate is a rate to ten decimals: what was divided has no end.
func shortRate(rate float64) string {
	return strings.TrimRight(strings.TrimRight(strconv.FormatFloat(rate, 'f', 10, 64), "0"), ".")
}

// explainPlan tells the way from charges to the policy.
func (w *Worker) explainPlan(x *Explanation) {
	if o := w.sla.Override; o != nil {
		x.add(overrideStep(o, "acts before the order of plans and before tags"))
	}
	best := true
	for _, c := range x.SLA.Charges {
		switch {
		case c.State != sla.Counts && c.State != sla.InGrace:
			x.add(chargeStep(StepIdle, c, idleNote(c)))
		case best && w.sla.Override == nil && c.Plan != nil && c.Plan.Name == w.sla.Plan:
			x.add(chargeStep(StepCharge, c, graceNote(c)))
			best = false
		default:
			x.add(chargeStep(StepOver, c, w.orderNote(c)))
		}
		if c.Plan != nil {
			x.add(rowStep(c.Plan))
		}
	}
	w.explainPolicy(x)
}

func overrideStep(o *sla.Override, note string) Step {
	span := ""
	if o.From != 0 {
		span += " from " + o.From.String()
	}
	if o.Until != 0 {
		span += " until " + o.Until.String()
	}
	return Step{Kind: StepOverride, Text: fmt.Sprintf("%q%s by %s: %s", o.Value, span, o.Author, o.Reason), Note: note, Path: o.Source}
}

func chargeStep(k StepKind, c sla.ChargeTrace, note string) Step {
	return Step{Kind: k, Text: chargeText(c), Note: note, Role: crm.Subscription, ID: c.Charge.ID}
}

func chargeText(c sla.ChargeTrace) string {
	parts := []string{fmt.Sprintf("charge %s %q", c.Charge.ID, c.Charge.Product)}
	if c.Charge.Quantity != 0 {
		parts = append(parts, strconv.FormatFloat(c.Charge.Quantity, 'f', -1, 64)+" seats")
	}
	return strings.Join(append(parts, span(c.Charge), string(c.State)), ", ")
}

func span(c sla.Charge) string {
	from, to := c.Start.String(), c.End.String()
	if from == "" {
		from = "always"
	}
	if to == "" {
		to = "without end"
		return from + " " + to
	}
	return from + " to " + to
}

func graceNote(c sla.ChargeTrace) string {
	if c.State != sla.InGrace {
		return ""
	}
	return "ended, and counts until " + c.Until.String()
}

func idleNote(c sla.ChargeTrace) string {
	switch c.State {
	case sla.Over:
		return "counted until " + c.Until.String()
	case sla.NotBegun:
		return "counts from " + c.Charge.Start.String()
	case sla.Ignored:
		return "status " + c.Charge.Status
	default:
		return "grants nothing; add the product under plans"
	}
}

func (w *Worker) orderNote(c sla.ChargeTrace) string {
	switch {
	case c.Plan.Flag:
		return "stands beside the order"
	case c.Plan.Name == w.sla.Plan && w.sla.Override == nil:
		return "the same plan"
	case c.SetAside:
		return "set aside by the override"
	case w.sla.Override != nil:
		return "gives way to the override"
	default:
		return "order: " + w.sla.Plan + " before " + c.Plan.Name
	}
}

func rowStep(p *sla.Plan) Step {
	text := fmt.Sprintf("catalogue row %d: %s, sla %s", p.Index+1, p.Name, orNone(p.SLA))
	if tag := p.SLATag(); tag != "" && tag != p.Name {
		text += ", tag " + tag
	}
	return Step{Kind: StepRow, Text: text, Path: fmt.Sprintf("plans[%d]", p.Index), Line: p.Line}
}

func (w *Worker) explainPolicy(x *Explanation) {
	res := x.SLA.Result
	if len(res.Plans) == 0 {
		return
	}
	x.add(Step{Kind: StepTags, Text: orNone(join(res.Tags)), Note: "of the plans in force: " + join(res.Plans)})
	var order []string
	for _, p := range x.SLA.Policies {
		order = append(order, p.Policy.Name)
		if p.Wins {
			x.add(Step{
				Kind: StepPolicy, Text: p.Policy.Name, Line: p.Policy.Line,
				Note: fmt.Sprintf("first of %s that the tags %s match", join(w.policyNames()), join(res.Tags)),
			})
			return
		}
	}
	if len(order) > 0 {
		x.add(Step{Kind: StepPolicy, Text: sla.None, Note: "none of " + join(order) + " takes these tags"})
	}
}

func (w *Worker) policyNames() []string {
	var out []string
	for _, p := range w.m.rules.Policies() {
		out = append(out, p.Name)
	}
	return out
}

// explainFindings adds those about the field, its family, or charges.
func (w *Worker) explainFindings(x *Explanation, res Result) {
	for _, f := range res.Findings {
		family, _, _ := strings.Cut(x.Field, ":")
		if f.Subject == x.Field || f.Subject == family+":" || x.planFinding(f.Code) || w.m.refuses(f, x.Field) {
			x.add(Step{Kind: StepFinding, Text: f.Text, Note: f.Code})
		}
	}
}

// refuses reports whether a finding is about an element that a rule gave and that cannot be.
func (m *Mapper) refuses(f Finding, name string) bool {
	for prefix, family := range m.families {
		element, ok := strings.CutPrefix(name, prefix)
		if !ok || f.Code != family.code {
			continue
		}
		_, err := family.clean(f.Subject)
		refusal, named := errors.AsType[*domains.Refusal](err)
		return strings.EqualFold(f.Subject, element) || named && refusal.Domain == element
	}
	return false
}

func (x *Explanation) planFinding(code string) bool {
	follows := x.Field == sla.PlanField || x.Rule != nil && x.Rule.Plan
	return follows && slices.Contains([]string{"unknown_product", "bad_charge", "unknown_plan", "hidden_override", "no_policy"}, code)
}

// suggestField is the field that may have been meant, else all there are, and what else.
func (m *Mapper) suggestField(name string, others ...string) string {
	known := append([]string{sla.PlanField}, m.overridable...)
	return cmp.Or(near.Meant(name, known), "; known are "+join(append(known, others...)))
}

func orNone(s string) string {
	if s == "" {
		return sla.None
	}
	return s
}
