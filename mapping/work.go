package mapping

import (
	"fmt"
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/fold"
	"github.com/desksync/desksync/internal/near"
	"github.com/desksync/desksync/sla"
)

// Claims returns what an account would hold alone, without mapping the rest of it.
func (w *Worker) Claims(g *Group, on day.Day) (Claims, error) {
	if err := w.begin(g, on); err != nil {
		return Claims{}, err
	}
	var c Claims
	if w.m.arr != nil && w.m.arr.dated {
		_, _ = w.run(w.m.arr)
	}
	if c.Skip, c.Left = w.scope(); c.Skip == "" {
		w.claim(&c)
		c.Unmade = w.unmade()
		w.watch()
	}
	c.Next = w.next
	return c, nil
}

func (w *Worker) claim(c *Claims) {
	if f, ok := w.fieldOf(w.m.name); ok && !f.Value.IsEmpty() && f.Value != helpdesk.None {
		c.DisplayName = f.Value.Text()
		c.Name = fold.Name(c.DisplayName)
	}
	if d := w.m.families[helpdesk.DomPrefix]; d != nil && w.evaluate(d) {
		c.Domains = slices.Clone(w.texts)
	}
	w.choose()
	if len(w.people) > 0 {
		c.Emails = make([]EmailClaim, len(w.people))
	}
	for i, x := range w.people {
		c.Emails[i] = EmailClaim{Email: x.folded, Contact: x.record.ID}
	}
}

// watch evaluates the rules that claims do without and that look at the day, so
// that the next boundary is that of the whole mapping.
func (w *Worker) watch() {
	for _, p := range w.m.watched {
		_, _ = w.run(p)
	}
	if w.m.peopleWatched {
		w.appendPeople(&Result{})
	}
}

// Map returns what the rules make of an account. The result shares no memory
// with the worker. An error means that the group itself is unusable; a rule that
// fails is a finding.
func (w *Worker) Map(g *Group, on day.Day) (Result, error) {
	if err := w.begin(g, on); err != nil {
		return Result{}, err
	}
	res := Result{Org: helpdesk.Object{Ref: helpdesk.Ref{Kind: helpdesk.Organization, Key: g.Account.ID}}}
	res.ARR = w.arr()
	res.NotYet = w.notYet()
	if res.Skip, res.Left = w.scope(); res.Skip == "" {
		res.MayCreate = w.mayCreate()
		res.Org.Fields = w.organization()
		if _, named := res.Org.Fields.Get(helpdesk.Name); !named {
			res.MayCreate = false
		}
		w.choose()
		w.appendPeople(&res)
		w.remark()
	}
	res.SLA, res.Next, res.Over, res.Withheld = cloneResult(&w.sla), w.next, w.over, w.withheld
	res.Findings = w.found
	for i := range res.Findings {
		res.Findings[i].ARR = res.ARR
	}
	return res, nil
}

// scope decides whether the account is wanted at all; see Result.Skip and Result.Left.
func (w *Worker) scope() (skip string, left bool) {
	for _, c := range []struct {
		p    *program
		skip string
	}{{w.m.only, "not in scope: only"}, {w.m.wanted, "left: wanted is false"}} {
		yes, err := w.truth(c.p)
		if err == nil && w.doubt && c.p != nil && c.p.plan {
			err = errDoubt
		}
		if err != nil {
			return w.withholdAll(c.p, err), false
		}
		if !yes {
			return c.skip, true
		}
	}
	return w.retained()
}

var errDoubt = fmt.Errorf("a charge cannot be read")

func (w *Worker) withholdAll(p *program, err error) string {
	w.find("rule_failed", p.Path, fmt.Sprintf("%s: %v; the account is left as it is", p.Path, err))
	return "withheld: " + p.Path + ": " + err.Error()
}

// retained reports whether the time for which the account is kept has run out.
func (w *Worker) retained() (skip string, left bool) {
	p := w.m.retain
	if p == nil {
		return "", false
	}
	v, err := w.run(p)
	var from day.Day
	if err == nil {
		from, err = dayOf(v)
	}
	if err == nil && w.doubt && p.plan {
		err = errDoubt
	}
	if err != nil {
		return w.withholdAll(p, err), false
	}
	if from == 0 {
		return "", false
	}
	gone := w.m.spec.Retain.over(from)
	w.boundary(gone)
	if w.today < gone {
		return "", false
	}
	return "left: retention ended " + gone.String(), true
}

// truth evaluates a condition; none is true, an empty one false.
func (w *Worker) truth(p *program) (bool, error) {
	if p == nil {
		return true, nil
	}
	if p.form == truthful {
		return p.yes(w)
	}
	v, err := w.run(p)
	if err != nil || v == nil {
		return false, err
	}
	b, ok := v.(bool)
	if !ok {
		return false, fmt.Errorf("%s is neither true nor false", show(v))
	}
	return b, nil
}

// notYet reports whether the account is outside the scope; where its rule fails, too.
func (w *Worker) notYet() bool {
	yes, err := w.truth(w.m.scope)
	if w.doubt && w.m.scope != nil && w.m.scope.plan {
		err = errDoubt
	}
	if err != nil {
		w.find("rule_failed", w.m.scope.Path, fmt.Sprintf("%s: %v; nothing is written", w.m.scope.Path, err))
	}
	return err != nil || !yes
}

// unmade reports whether the rules are sure that the account gets no new organization.
// One in doubt may get one tomorrow.
func (w *Worker) unmade() bool {
	yes, err := w.truth(w.m.create)
	return err == nil && !yes && (!w.doubt || !w.m.create.plan)
}

func (w *Worker) mayCreate() bool {
	yes, err := w.truth(w.m.create)
	if w.doubt && w.m.create != nil && w.m.create.plan {
		return false
	}
	if err != nil {
		w.find("rule_failed", w.m.create.Path, fmt.Sprintf("%s: %v; nothing is created", w.m.create.Path, err))
		return false
	}
	return yes
}

// arr is the account's yearly amount in base currency: by its rule, or the sum
// over what is active.
func (w *Worker) arr() float64 {
	if w.m.arr == nil {
		sum := 0.0
		for _, g := range w.sla.Active {
			sum += g.Charge.ARR
		}
		for _, c := range w.sla.Unknown {
			sum += c.ARR
		}
		return sum
	}
	v, err := w.run(w.m.arr)
	if err == nil && v != nil {
		v, err = toNumber(v)
	}
	if err != nil {
		w.find("no_arr", w.m.arr.Path, fmt.Sprintf("%s: %v; the account counts as 0 in sums", w.m.arr.Path, err))
		return 0
	}
	f, _ := v.(float64)
	return f
}

// organization maps the organization's fields, in order of name.
func (w *Worker) organization() helpdesk.Fields {
	fields := make(helpdesk.Fields, 0, w.m.width+len(w.sla.Tags)+2)
	for _, s := range w.m.steps {
		if s.family != nil {
			fields = w.appendFamily(fields, s.family)
			continue
		}
		f, ok := w.fieldOf(s.field)
		if ok && s.field == w.m.name {
			ok = w.named(f.Value)
		}
		if ok {
			fields = append(fields, f)
		}
	}
	return fields
}

// named refuses an organization without a name: what exists keeps the one it has.
func (w *Worker) named(v helpdesk.Value) bool {
	if !v.IsEmpty() && v != helpdesk.None {
		return true
	}
	w.withheld = append(w.withheld, helpdesk.Name)
	w.find("no_name", helpdesk.Name, fmt.Sprintf("%s: the account %s has no name; it is not created", w.m.name.prog.Path, w.g.Account.ID))
	return false
}

// remark adds the findings about plans.
func (w *Worker) remark() {
	for _, c := range w.sla.Unknown {
		w.find("unknown_product", c.Product, w.unknownProduct(c))
	}
	if len(w.sla.Tags) > 0 && w.sla.Policy == "" && len(w.m.rules.Policies()) > 0 {
		w.find("no_policy", join(w.sla.Tags), fmt.Sprintf("no SLA policy matches the tags %s", join(w.sla.Tags)))
	}
}

func (w *Worker) unknownProduct(c sla.Charge) string {
	return fmt.Sprintf("charge %s is active, and no catalogue row has its product %q%s; it grants nothing until one does", c.ID, c.Product, w.meant(c.Product))
}

func cloneResult(r *sla.Result) sla.Result {
	c := *r
	c.Tags, c.Plans, c.Products = slices.Clone(r.Tags), slices.Clone(r.Plans), slices.Clone(r.Products)
	c.Active, c.Unknown = slices.Clone(r.Active), slices.Clone(r.Unknown)
	return c
}

// meant suggests a product; the search is long, and many accounts may hold the
// same unknown one.
func (w *Worker) meant(product string) string {
	if s, ok := w.near[product]; ok {
		return s
	}
	s := near.Meant(product, w.m.rules.Products())
	if len(w.near) < maxNames {
		w.near[strings.Clone(product)] = s
	}
	return s
}
