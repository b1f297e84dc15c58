package changeset

import (
	"cmp"

	"github.com/desksync/desksync/helpdesk"
)

// Contested is the number of corrections within a day from which a field is held:
// something else is writing it.
const Contested = 3

// policyHold returns why the policy holds a field; empty: it writes.
func (d *differ) policyHold(t triple, cause helpdesk.Cause) string {
	policy, name := d.policy(t.rule, cause)
	switch {
	case name == "":
		return ""
	case policy != helpdesk.Correct:
		return Hold(HoldPolicy, name)
	case cause != helpdesk.Found && d.known.Writes24h[t.field] >= Contested:
		return Hold(HoldContested, "corrected three times in a day; something else is writing it")
	default:
		return ""
	}
}

// policy returns the policy for a cause and its name; no name: none is asked for.
func (d *differ) policy(r *helpdesk.Rule, cause helpdesk.Cause) (helpdesk.Policy, string) {
	own, last := Policies{}, Policies{}
	if r != nil {
		own = Policies{r.OnFound, r.OnDrift, r.OnClash}
	} else {
		last = d.kind.common
	}
	general := d.opt.Policies
	switch cause {
	case helpdesk.Found:
		return cmp.Or(own.OnFound, general.OnFound, last.OnFound), "on_found"
	case helpdesk.Drifted:
		return cmp.Or(own.OnDrift, general.OnDrift, last.OnDrift), "on_drift"
	case helpdesk.Clashed:
		return cmp.Or(own.OnClash, general.OnClash, last.OnClash), "on_clash"
	default:
		return helpdesk.PolicyUnset, ""
	}
}

// decide lets decisions have the last word over a delta, and keeps it.
func (d *differ) decide(delta helpdesk.Delta, hold string) {
	if len(d.known.Decisions) == 0 {
		d.keep(delta, hold, false, Decision{})
		return
	}
	dec, ok := d.standing(delta.Field, delta.Want)
	if ok && dec.Action == Keep {
		return
	}
	quiet := false
	if ok {
		delta.Cause, hold, quiet = rule(dec, delta.Cause, hold)
	}
	d.keep(delta, hold, quiet, dec)
}

func (d *differ) keep(delta helpdesk.Delta, hold string, quiet bool, dec Decision) {
	delta.Hold = hold
	d.deltas = append(d.deltas, delta)
	if hold != "" {
		d.item(heldItem(delta, quiet, dec))
	}
}

// rule applies a standing decision to a cause and a hold.
func rule(dec Decision, cause helpdesk.Cause, hold string) (helpdesk.Cause, string, bool) {
	switch dec.Action {
	case Revert:
		return cause, "", false
	case Reject:
		return cause, Hold(HoldRejected, byWhom(dec)), false
	case Pin:
		return helpdesk.Undone, Hold(HoldUndone, "not written again until what is wanted changes, or it is released"), false
	case Snooze:
		if hold != "" {
			return cause, Hold(HoldSnoozed, "until "+dec.Until.String()), true
		}
	}
	return cause, hold, false
}

func byWhom(dec Decision) string {
	switch {
	case dec.Author == "":
		return dec.Reason
	case dec.Reason == "":
		return "by " + dec.Author
	default:
		return "by " + dec.Author + ": " + dec.Reason
	}
}

// decision returns the latest decision on a field.
func (d *differ) decision(field string) (Decision, bool) {
	for i := len(d.known.Decisions) - 1; i >= 0; i-- {
		if d.known.Decisions[i].Field == field {
			return d.known.Decisions[i], true
		}
	}
	return Decision{}, false
}

// standing returns the decision that still holds for this want; one that has
// lapsed is spent.
func (d *differ) standing(field string, want helpdesk.Value) (Decision, bool) {
	dec, ok := d.decision(field)
	if !ok {
		return Decision{}, false
	}
	lapsed := !same(settled(dec.Want), settled(want))
	if dec.Action == Snooze {
		lapsed = d.opt.Day > dec.Until
	}
	if lapsed {
		d.spend(dec)
		return Decision{}, false
	}
	return dec, true
}

func (d *differ) spend(dec Decision) { d.v.Spent = append(d.v.Spent, dec.ID) }

// spendObject closes decisions about an object as a whole: they were about its
// absence, and it is here and wanted.
func (d *differ) spendObject() {
	if dec, ok := d.decision(""); ok {
		d.spend(dec)
	}
}

// wholly decides over the change as a whole; hold is what the policy says.
func (d *differ) wholly(cause helpdesk.Cause, hold string) {
	dec, ok := d.objectDecision()
	if ok && dec.Action == Keep {
		d.deltas, d.force = nil, false
		return
	}
	quiet := false
	if ok {
		cause, hold, quiet = rule(dec, cause, hold)
	}
	if hold == "" {
		hold = d.identityHold()
	}
	d.hold = hold
	if hold != "" {
		d.item(heldItem(helpdesk.Delta{Want: d.objectWant(), Cause: cause, Hold: hold}, quiet, dec))
	}
}

// objectDecision returns the standing decision about the object as a whole.
func (d *differ) objectDecision() (Decision, bool) {
	if _, ok := d.decision(""); !ok {
		return Decision{}, false
	}
	return d.standing("", d.objectWant())
}

// objectWant stands for what the change as a whole writes.
func (d *differ) objectWant() helpdesk.Value {
	if d.op == helpdesk.Create {
		return objectWant(d.deltas)
	}
	return helpdesk.Value{}
}

// identityHold returns why a create cannot be made: its name or e-mail is held, or
// not known.
func (d *differ) identityHold() string {
	field := identity[d.ref.Kind]
	if d.op != helpdesk.Create || field == "" {
		return ""
	}
	for _, x := range d.deltas {
		if x.Field == field {
			return x.Hold
		}
	}
	return Hold(HoldIncomplete, "its "+field+" is not known")
}

// identity names the field without which a kind of object cannot be created.
var identity = map[helpdesk.Kind]string{helpdesk.Organization: helpdesk.Name, helpdesk.User: helpdesk.Email}
