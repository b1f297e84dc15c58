package changeset

import (
	"cmp"
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
)

// Absence says why an object that was written is no longer wanted.
type Absence string

// The causes of absence that may be acted on. What is withheld (unreadable, in
// conflict, out of scope) is never passed here.
const (
	Deleted Absence = "deleted" // the CRM's tombstone, or merged away
	Lost    Absence = "lost"    // missing from a complete read
	Left    Absence = "left"    // present, and no longer wanted
)

// GonePolicy says what becomes of an object whose account went.
type GonePolicy string

// The policies; unset means hold.
const (
	GoneHold   GonePolicy = "hold"
	GoneMark   GonePolicy = "mark"
	GoneDelete GonePolicy = "delete"
)

// Mark says how organizations are retired: marked, waiting, deleted.
type Mark struct {
	Field       string          // checkbox that marks for deletion, such as "field:mark_for_deletion"
	Exempt      string          // checkbox that exempts from deletion; may be empty
	DeleteAfter int             // days between mark and deletion; 0 with GoneMark: never
	Never       bool            // nothing is ever deleted
	Protect     map[string]bool // keys that are neither marked nor deleted
	MarkedOn    day.Day         // when desksync marked this object; no day: not known
}

// Missing is an object that is not wanted any more.
type Missing struct {
	Ref         helpdesk.Ref
	Account     string // empty: the account part of the key
	Name        string // for people
	Absence     Absence
	Why         string // "left: retention ended 2024-12-20"; empty: the absence
	Policy      GonePolicy
	Mark        Mark
	OpenTickets int      // not closed; negative: not known
	WantedBy    string   // another pipeline on the same target that wants it: ownership passes over
	Elsewhere   []string // fields of domains that another account keeps: they do not stay on what is retired
	Day         day.Day
	Policies    Policies
}

// Absent returns what becomes of an object that is wanted no more. An object that
// desksync never wrote is never touched, and a user is never deleted.
func (c *Comparer) Absent(k Known, m Missing) Verdict {
	opt := DiffOptions{Day: m.Day, Policies: m.Policies, Account: m.Account, Mark: m.Mark}
	d := differ{c: c, kind: c.kind(m.Ref.Kind), ref: m.Ref, known: &k, opt: &opt, op: helpdesk.Retire}
	d.name, d.why = cmp.Or(m.Name, NameOf(k.Have, k.Last)), cmp.Or(m.Why, string(m.Absence))
	switch {
	case k.Last == nil:
		d.spendObject()
	case m.WantedBy != "":
		d.forget("it passes over to pipeline " + m.WantedBy + ", which wants it")
	case !k.Exists:
		d.v.Forget = true
	case m.Ref.Kind == helpdesk.User, m.Mark.Protect[m.Ref.Key]:
	case m.Ref.Kind == helpdesk.Membership:
		d.remove(m)
	default:
		d.retire(m)
	}
	return d.verdict()
}

// remove ends a membership. Its deltas carry what it held, for undo.
func (d *differ) remove(m Missing) {
	for _, f := range d.known.Last {
		if h, ok := d.known.Have.Get(f.Name); ok && !h.IsEmpty() {
			d.deltas = append(d.deltas, helpdesk.Delta{Field: f.Name, Have: h, Last: f.Value, Cause: helpdesk.Gone, Origin: d.why})
		}
	}
	d.force = true
	d.wholly(helpdesk.Gone, m.hold())
}

// retire marks an organization and, when its time has come, deletes it.
func (d *differ) retire(m Missing) {
	have, _ := d.known.Have.Get(m.Mark.Field)
	switch {
	case m.Mark.Field == "" && m.hold() == "":
		d.force = true
		d.wholly(helpdesk.Gone, Hold(HoldPolicy, "no mark field is configured; set mark.field"))
	case m.hold() != "" && !have.True():
		d.holdMark(m)
	case m.hold() != "":
	case have.True() && m.due():
		d.drop(m)
	default:
		d.mark(m)
		d.giveAway(m)
	}
}

// giveAway takes from an organization that is retired the domains that we put there and that
// another one keeps: a domain on both would map nobody. Of one that is marked already it is
// an update like any other.
func (d *differ) giveAway(m Missing) {
	if len(d.deltas) == 0 {
		d.op = helpdesk.Update
	}
	for _, field := range m.Elsewhere {
		have, _ := d.known.Have.Get(field)
		last, wrote := d.known.Last.Get(field)
		t := triple{field: field, rule: d.kind.rule(field), have: have, last: last, wrote: wrote, named: true}
		if wrote && have.True() && last.True() {
			delta := d.delta(t, helpdesk.Withdrawn)
			delta.Origin = "another account keeps it: " + d.why
			d.deltas = append(d.deltas, delta)
		}
	}
	slices.SortFunc(d.deltas, func(a, b helpdesk.Delta) int { return strings.Compare(a.Field, b.Field) })
}

// holdMark shows the mark that the policy holds, ready for whoever approves it.
func (d *differ) holdMark(m Missing) {
	d.force = true
	if m.Mark.Field != "" {
		d.deltas = append(d.deltas, d.delta(d.checkbox(m.Mark.Field), helpdesk.Gone))
	}
	d.wholly(helpdesk.Gone, m.hold())
}

// mark compares the mark like any other field, so that one taken off by hand is drift.
func (d *differ) mark(m Missing) {
	t := d.checkbox(m.Mark.Field)
	cause := causeOf(t)
	if cause == helpdesk.InStep {
		d.inStep(t)
		return
	}
	if cause == helpdesk.New || cause == helpdesk.Moved {
		cause = helpdesk.Gone
	}
	d.decide(d.delta(t, cause), d.policyHold(t, cause))
}

// checkbox returns the triple of a checkbox that is wanted set; unset is empty.
func (d *differ) checkbox(field string) triple {
	have, _ := d.known.Have.Get(field)
	last, wrote := d.known.Last.Get(field)
	t := triple{field: field, rule: d.kind.rule(field), want: helpdesk.BoolOf(true), last: last, wrote: wrote, named: true}
	if !have.IsZero() {
		t.have = have
	}
	if last.IsZero() {
		t.last = helpdesk.Value{}
	}
	return t
}

// drop deletes an organization whose waiting time is over; while a ticket is not
// closed, it is exempted and stays.
func (d *differ) drop(m Missing) {
	exempt, _ := d.known.Have.Get(m.Mark.Exempt)
	switch {
	case exempt.True():
	case m.OpenTickets == 0:
		d.delete(m, "")
	case m.OpenTickets < 0 || m.Mark.Exempt == "":
		d.delete(m, Hold(HoldTickets, m.tickets()))
	default:
		delta := d.delta(d.checkbox(m.Mark.Exempt), helpdesk.Gone)
		delta.Origin = "not deleted: " + m.tickets()
		d.deltas = append(d.deltas, delta)
		d.item(Item{Class: ItemFinding, Code: "exempted", Field: m.Mark.Exempt, Want: delta.Want, Text: "was due to be deleted and is exempted: " + m.tickets()})
	}
}

// delete removes an organization; its one delta says why, and since when it is marked.
func (d *differ) delete(m Missing, hold string) {
	d.op, d.force = helpdesk.Delete, true
	delta := d.delta(d.checkbox(m.Mark.Field), helpdesk.Gone)
	delta.Origin += "; marked on " + m.Mark.MarkedOn.String()
	d.deltas = append(d.deltas, delta)
	d.wholly(helpdesk.Gone, hold)
}

// hold returns why the policy holds; empty: it acts.
func (m Missing) hold() string {
	if m.Policy == GoneMark || m.Policy == GoneDelete {
		return ""
	}
	if m.Ref.Kind == helpdesk.Membership {
		return Hold(HoldPolicy, "members.on_gone")
	}
	return Hold(HoldPolicy, "on_gone."+string(m.Absence))
}

// due reports whether a marked organization may be deleted now.
func (m Missing) due() bool {
	return m.Mark.Over(m.Day) && m.Mark.Wait(m.Policy) > 0
}

// Over reports whether the time between mark and deletion is over on a day.
func (m Mark) Over(on day.Day) bool {
	return !m.Never && m.MarkedOn != 0 && on-m.MarkedOn >= day.Day(max(1, m.DeleteAfter))
}

// Wait is how many days lie between mark and deletion under a policy: at least one, counted
// from the day on which we marked it. 0: it is never deleted.
func (m Mark) Wait(policy GonePolicy) int {
	if m.Never || policy != GoneDelete && m.DeleteAfter <= 0 {
		return 0
	}
	return max(1, m.DeleteAfter)
}

func (m Missing) tickets() string {
	if m.OpenTickets < 0 {
		return "the number of its tickets that are not closed is not known"
	}
	return plural(m.OpenTickets, "ticket is", "tickets are") + " not closed"
}
