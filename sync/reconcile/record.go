package reconcile

import (
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// objectAfter is what is recorded of an object once its change has been made.
func (p *pass) objectAfter(in *instruction, before *journal.Object, id string) *journal.Object {
	o := journal.Object{Kind: in.Ref.Kind, Key: in.Ref.Key}
	if before != nil {
		o = *before
	}
	if in.Op == helpdesk.Create && o.HaveState == journal.HaveGone {
		o.Have, o.HaveState, o.Marked = nil, journal.NeverSeen, 0 // another object than the one that vanished
	}
	o.Account, o.Pipeline, o.Written = in.Account, p.pipe.ID, true
	o.Last = changeset.Remember(changeset.Record(o.Last, &in.Change), in.notes)
	o.Have = changeset.Apply(o.Have, &in.Change)
	if in.links() {
		o.Have = o.Have.Without(changeset.LinkField) // it carries our id from now on
	}
	if id != "" {
		o.TargetID = id
	}
	if in.end == endPassOver {
		o.Pipeline = 0 // whoever wants it compares with what was written, and takes that back
	}
	if in.Op != opNote {
		o.Run, o.At = p.run.ID, p.opt.Now()
	}
	o.Source, o.Digest = in.basis.source, in.basis.rules
	p.stamp(&o, in)
	return &o
}

// links reports whether the instruction ties an object to its account.
func (in *instruction) links() bool {
	for d := range in.Writes() {
		if d.Field == changeset.LinkField {
			return true
		}
	}
	return false
}

// stamp notes the mark's day and the corrections of drift.
func (p *pass) stamp(o *journal.Object, in *instruction) {
	kept := o.Corrected[:0:0]
	for _, c := range o.Corrected {
		if c.At.After(p.opt.Now().Add(-24 * time.Hour)) {
			kept = append(kept, c)
		}
	}
	for d := range in.Writes() {
		if d.Cause == helpdesk.Drifted || d.Cause == helpdesk.Clashed {
			kept = append(kept, journal.Corrected{Field: d.Field, At: p.opt.Now()})
		}
		if d.Field == p.Mark.Field && p.Mark.Field != "" {
			o.Marked = 0
			if d.Want.True() {
				o.Marked = p.day
			}
		}
	}
	o.Corrected = kept
}
