package changeset

import (
	"cmp"
	"strings"

	"github.com/desksync/desksync/helpdesk"
)

// differ compares one object.
type differ struct {
	c     *Comparer
	kind  *kind
	ref   helpdesk.Ref
	known *Known
	opt   *DiffOptions
	op    helpdesk.Op
	name  string
	why   string // origin of what no rule wants; empty: the rule's
	v     Verdict

	deltas []helpdesk.Delta
	hold   string // on the whole change
	force  bool   // there is a change even without deltas
}

// Diff compares a wanted object with what is known of it. want.Fields must be
// sorted. The table of causes stands in docs/concepts.md; the first row that
// matches wins.
func (c *Comparer) Diff(want *helpdesk.Object, k Known, opt DiffOptions) Verdict {
	d := differ{c: c, kind: c.kind(want.Ref.Kind), ref: want.Ref, known: &k, opt: &opt, op: helpdesk.Update}
	d.name = cmp.Or(opt.Name, NameOf(want.Fields, k.Have))
	if !k.Exists {
		d.missing(want.Fields)
		return d.verdict()
	}
	d.spendObject()
	if k.Linked || d.link() {
		d.walk(want.Fields)
	}
	return d.verdict()
}

// link ties an object that was found to its account, and reports whether there is
// anything to compare: not where somebody decided to keep it as it is. An object
// whose link is held is not written at all.
func (d *differ) link() bool {
	delta := helpdesk.Delta{Field: LinkField, Want: helpdesk.TextOf(d.ref.Key), Cause: helpdesk.Linked, Origin: "found by " + linkedBy(d.ref.Kind)}
	dec, ok := d.standing(LinkField, delta.Want)
	if ok && dec.Action == Keep {
		return false
	}
	if ok {
		delta.Cause, delta.Hold, _ = rule(dec, delta.Cause, "")
	}
	if d.hold = delta.Hold; d.hold != "" {
		d.item(heldItem(delta, false, dec))
	}
	d.deltas = append(d.deltas, delta)
	return true
}

// kind returns what is known about a kind; of an unknown one no rule names anything.
func (c *Comparer) kind(k helpdesk.Kind) *kind {
	if kd, ok := c.kinds[k]; ok {
		return kd
	}
	return newKind(helpdesk.Shape{}, nil)
}

func linkedBy(k helpdesk.Kind) string {
	if k == helpdesk.User {
		return "e-mail"
	}
	return "its id field or name"
}

// missing serves a wanted object that the target does not hold.
func (d *differ) missing(want helpdesk.Fields) {
	d.op = helpdesk.Create
	vanished := d.known.Last != nil
	if !d.opt.MayCreate {
		d.v.Absent = true
		if vanished {
			d.forget("it vanished from the helpdesk, and is not to be created again")
		}
		return
	}
	cause := helpdesk.New
	if vanished {
		cause = helpdesk.Drifted
	}
	d.deltas = make([]helpdesk.Delta, 0, len(want))
	for _, f := range want {
		d.createField(f, cause)
	}
	d.force = true
	d.wholly(cause, d.policyHold(triple{}, cause))
}

func (d *differ) createField(f helpdesk.Field, cause helpdesk.Cause) {
	v := settled(d.kind.norm(f.Name, f.Value))
	r := f.Rule
	if r == nil {
		r = d.kind.rule(f.Name)
	}
	if v.IsEmpty() || d.silent(f.Name) || r != nil && r.Owner == helpdesk.OwnerHelpdesk {
		return
	}
	last, _ := d.known.Last.Get(f.Name)
	t := triple{field: f.Name, rule: r, want: v, last: last}
	if len(d.known.Decisions) > 0 && d.kept(f.Name) {
		d.deltas = append(d.deltas, d.delta(t, cause)) // there is nothing left to keep
		return
	}
	d.decide(d.delta(t, cause), "")
}

// kept reports whether somebody decided to keep what the helpdesk holds.
func (d *differ) kept(field string) bool {
	dec, ok := d.decision(field)
	return ok && dec.Action == Keep
}

// field acts on one compared field.
func (d *differ) field(t triple) {
	if t.rule != nil && t.rule.Owner == helpdesk.OwnerCreate {
		return
	}
	if t.rule != nil && t.rule.Owner == helpdesk.OwnerHelpdesk {
		t.named = false
	}
	switch cause := causeOf(t); cause {
	case "":
	case helpdesk.InStep:
		d.inStep(t)
	case helpdesk.LetGo:
		d.letGo(t)
	default:
		d.decide(d.delta(t, cause), d.policyHold(t, cause))
	}
}

func (d *differ) delta(t triple, cause helpdesk.Cause) helpdesk.Delta {
	return helpdesk.Delta{
		Field: t.field, Want: settled(t.want), Have: t.have, Last: t.last,
		Cause: cause, Origin: d.origin(t, cause),
	}
}

// origin says where a wanted value comes from, and what moved it.
func (d *differ) origin(t triple, cause helpdesk.Cause) string {
	if t.want == helpdesk.None && d.marks(t.field) {
		return "wanted again"
	}
	o := cmp.Or(d.why, d.kind.origin(t.rule))
	if cause != helpdesk.Moved && cause != helpdesk.Withdrawn && cause != helpdesk.Clashed {
		return o
	}
	switch d.known.MovedBy {
	case ByRule:
		return o + "; the rule changed"
	case ByClock:
		return o + "; its day came"
	case ByOverride:
		return o + "; an override changed"
	default:
		return o
	}
}

// inStep notes a value that is as wanted, and closes the decisions that led there.
func (d *differ) inStep(t triple) {
	if t.want == helpdesk.None {
		d.note(Note{Field: t.field, Forget: true})
		return
	}
	if !t.wrote || !same(t.want, t.last) {
		d.note(Note{Field: t.field, Value: t.want})
	}
	if dec, ok := d.decision(t.field); ok && (dec.Action == Revert || dec.Action == Adopt) {
		d.spend(dec)
	}
}

// letGo forgets what we wrote and somebody else took over, and reports it once.
func (d *differ) letGo(t triple) {
	d.note(Note{Field: t.field, Forget: true})
	if !t.last.IsEmpty() || !t.have.IsEmpty() {
		d.item(letGoItem(t))
	}
}

func (d *differ) note(n Note) { d.v.Notes = append(d.v.Notes, n) }

// verdict puts the change together.
func (d *differ) verdict() Verdict {
	if len(d.deltas) > 0 || d.force {
		ch := &helpdesk.Change{
			Op: d.op, Ref: d.ref, Account: d.account(), TargetID: d.known.TargetID,
			Name: cmp.Or(d.name, d.ref.Key), Deltas: d.deltas, Hold: d.hold,
		}
		if d.op == helpdesk.Create {
			ch.TargetID = ""
		}
		d.unsupported(ch)
		ch.ID = ID(ch)
		d.v.Change = ch
	}
	d.v.InStep = d.v.Change == nil && len(d.v.Items) == 0 && !d.v.Absent
	return d.v
}

// unsupported holds what the target cannot do at all.
func (d *differ) unsupported(ch *helpdesk.Change) {
	if ch.Hold == "" && d.c.caps.Ops != nil && !d.c.caps.Can(ch.Ref.Kind, ch.Op) {
		ch.Hold = Hold(HoldUnsupported, "this helpdesk cannot "+string(ch.Op)+" "+string(ch.Ref.Kind)+"s")
	}
}

func (d *differ) account() string {
	if d.opt.Account != "" {
		return d.opt.Account
	}
	if d.ref.Kind == helpdesk.User {
		return ""
	}
	account, _, _ := strings.Cut(d.ref.Key, "/")
	return account
}

// NameOf returns what people call an object.
func NameOf(lists ...helpdesk.Fields) string {
	for _, field := range []string{helpdesk.Name, helpdesk.Email} {
		for _, f := range lists {
			if v, ok := f.Get(field); ok && !settled(v).IsEmpty() {
				return v.Text()
			}
		}
	}
	return ""
}
