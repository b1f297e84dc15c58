package mapping

import (
	"fmt"
	"slices"
	"strings"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/near"
	"github.com/desksync/desksync/sla"
)

// chargeSlots are the places of a subscription's columns; -1: not read.
type chargeSlots struct{ id, product, quantity, start, end, status, arr int }

// entitle evaluates charges and the override of the plan.
func (w *Worker) entitle() {
	w.chargeOf = w.chargeOf[:0]
	if w.m.charge.product >= 0 {
		for i := range w.g.Subscriptions {
			w.readCharge(&w.g.Subscriptions[i])
		}
	}
	w.m.rules.EvaluateInto(&w.sla, w.chargeOf, w.sortOverrides(), w.today)
	w.boundary(w.sla.Next)
}

// readCharge reads one subscription. One that cannot be read leaves the plan in
// doubt unless its status counts for nothing anyway.
func (w *Worker) readCharge(r *crm.Record) {
	at := w.m.charge
	c := sla.Charge{ID: r.ID, Product: at.text(r, at.product), Status: at.text(r, at.status)}
	if id := at.text(r, at.id); id != "" {
		c.ID = id
	}
	var err error
	if c.Start, err = parseDay(at.text(r, at.start)); err != nil {
		w.badCharge(r, w.m.spec.Charge.Start, err)
	}
	if c.End, err = parseDay(at.text(r, at.end)); err != nil {
		w.badCharge(r, w.m.spec.Charge.End, err)
	}
	if c.Quantity, err = w.chargeNumber(r, at.quantity); err != nil {
		w.badQuantity(r, err)
	}
	if c.ARR, err = w.chargeMoney(r); err != nil {
		w.find("bad_amount", r.ID, fmt.Sprintf("charge %s: %s: %v; it counts as 0", r.ID, w.m.spec.Charge.ARR, err))
	}
	w.chargeOf = append(w.chargeOf, c)
}

func (chargeSlots) text(r *crm.Record, at int) string {
	if at < 0 {
		return ""
	}
	return r.Values[at]
}

func (w *Worker) chargeNumber(r *crm.Record, at int) (float64, error) {
	v, err := parseFloat(w.m.charge.text(r, at))
	f, _ := v.(float64) // 0 where the cell is empty
	return f, err
}

func (w *Worker) chargeMoney(r *crm.Record) (float64, error) {
	f, err := w.chargeNumber(r, w.m.charge.arr)
	if err != nil || f == 0 || w.m.spec.Money.Base == "" {
		return f, err
	}
	rate, err := w.rate(r)
	return exchange(f, rate), err
}

func (w *Worker) badCharge(r *crm.Record, column string, err error) {
	if w.ignoredStatus(r) {
		return
	}
	w.doubt = true
	w.find("bad_charge", r.ID, fmt.Sprintf("charge %s: %s: %v; the plan and all that follows from it stays as it is until the CRM is mended", r.ID, column, err))
}

func (w *Worker) badQuantity(r *crm.Record, err error) {
	if w.ignoredStatus(r) {
		return
	}
	w.noSeats = true
	w.find("bad_amount", r.ID, fmt.Sprintf("charge %s: %s: %v; the seats stay as they are until the CRM is mended", r.ID, w.m.spec.Charge.Quantity, err))
}

func (w *Worker) ignoredStatus(r *crm.Record) bool {
	status := w.m.charge.text(r, w.m.charge.status)
	return slices.ContainsFunc(w.m.rules.Inactive(), func(s string) bool { return strings.EqualFold(s, status) })
}

// sortOverrides notes the boundaries of all overrides, keeps those that act on a
// field today, and returns the one that the plan follows.
func (w *Worker) sortOverrides() *sla.Override {
	w.fields = w.fields[:0]
	var plan *sla.Override
	for i := range w.g.Overrides {
		o := &w.g.Overrides[i]
		w.boundary(o.Next(w.today))
		switch {
		case !o.Acts(w.today):
		case o.Field != sla.PlanField:
			w.overrideField(o)
		case w.m.rules.Rank(o.Value) == 0:
			w.find("unknown_plan", sla.PlanField, fmt.Sprintf("the override of the plan to %q (%s) does nothing: no plan has that name%s",
				o.Value, o.Source, near.Meant(o.Value, w.m.rules.PlanNames())))
		case plan != nil:
			w.findHidden(o, plan.Source)
		default:
			plan = o
		}
	}
	return plan
}

// overrideField keeps an override of a field unless an earlier one has it.
func (w *Worker) overrideField(o *sla.Override) {
	name := w.m.fieldName(o.Field)
	if name == "" {
		w.find("unknown_field", o.Field, fmt.Sprintf("the override of %q (%s) does nothing: no rule has a field of that name%s", o.Field, o.Source, near.Meant(o.Field, w.m.overridable)))
		return
	}
	kept := *o
	kept.Field = name
	if i := slices.IndexFunc(w.fields, func(f sla.Override) bool { return f.Field == name }); i >= 0 {
		w.findHidden(o, w.fields[i].Source)
		return
	}
	w.fields = append(w.fields, kept)
}

func (w *Worker) findHidden(o *sla.Override, by string) {
	w.find("hidden_override", o.Field, fmt.Sprintf("the override of %s to %q (%s) does nothing: %s comes before it", o.Field, o.Value, o.Source, by))
}

func (w *Worker) find(code, subject, text string) {
	w.found = append(w.found, Finding{Code: code, Subject: subject, Text: text})
}

// override returns the override of the plan that acts; the zero one if none does.
func (w *Worker) override() sla.Override {
	if w.sla.Override == nil {
		return sla.Override{}
	}
	return *w.sla.Override
}

func (w *Worker) planSLA() string {
	if p, ok := w.m.rules.Plan(w.sla.Plan); ok && p.HasSLA() {
		return p.SLA
	}
	return ""
}

func (w *Worker) seatsOrNil() any {
	if len(w.sla.Active) == 0 {
		return nil
	}
	return w.sla.Seats
}

// onHold reports whether a plan named hold is in force: it stands beside the order.
func (w *Worker) onHold() bool {
	for _, name := range w.sla.Plans {
		if p, ok := w.m.rules.Plan(name); ok && p.Flag && p.Name == holdPlan {
			return true
		}
	}
	return false
}

const holdPlan = "hold"
