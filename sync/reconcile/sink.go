package reconcile

import (
	"cmp"
	"context"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sla"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// Ranks of changes: names first, so that swaps and chains of names stand together; last
// who joins as a user whom another account makes in this run.
const (
	rankNames = 0
	rankRest  = 1
	rankJoins = 2
)

// sink gathers what the comparison of one page found and stores it at once.
type sink struct {
	*pass
	objects   *journal.Objects
	leavers   map[string]string                // contacts whose memberships end → what they are called
	links     map[helpdesk.Ref]changeset.Known // strangers recognised as ours
	others    map[string]string                // account → another pipeline that wants it
	now       *subject
	withheld  map[string]string // contacts of the account whose e-mail is in conflict: the reason
	leftAlone map[string]string // contacts whose users the target lets no sync write: why
	nobody    map[string]bool   // contacts of other accounts who are no users, and are not made ones
	coming    map[string]bool   // those of them who are made users in this run
	changes   []journal.ChangeRow
	bodies    []*instruction // of the changes; packed when they are stored, beside the comparing of the next page
	items     []journal.Item
	inherited map[string]string // contact → the one that is gone, whose user is its now
	tickets   map[string]int    // not closed, by target id; nil: not known
	created   bool              // the account's organization is created in this run
	todo      bool              // something of the account at hand is to be done or held
	again     []string          // accounts that the next run compares again, whatever moved until then
	standings []journal.Standing
}

func (s *sink) begin(sub *subject) {
	s.settleAccount()
	s.now, s.withheld = sub, map[string]string{}
}

// settleAccount counts the account just done, if it has an organization of ours.
func (s *sink) settleAccount() {
	if s.now != nil && s.now.org != nil && s.now.org.Pipeline == s.pipe.ID && (s.todo || s.now.unread != nil) {
		s.busy++
	}
	s.now, s.todo, s.created = nil, false, false
}

func (s *sink) store(ctx context.Context) error {
	for i, in := range s.bodies {
		s.changes[i].Body = in.pack()
	}
	if err := s.journal.AddChanges(ctx, s.run, s.changes); err != nil {
		return err
	}
	s.pass.again = append(s.pass.again, s.again...)
	if err := s.putStandings(ctx); err != nil {
		return err
	}
	return s.putItems(ctx, s.items)
}

// knownOf is what is known of an object: its row, or a stranger recognised as ours.
func (s *sink) knownOf(o *journal.Object, want *helpdesk.Object) changeset.Known {
	if k, found := s.links[want.Ref]; o == nil || found {
		k.Decisions = decisionsFor(s.now.decisions, want.Ref)
		return k
	}
	k := changeset.Known{TargetID: o.TargetID, Have: o.Have, Exists: o.HaveState != journal.HaveGone, Linked: true}
	if o.Written {
		k.Last = o.Last
		if k.Last == nil {
			k.Last = helpdesk.Fields{}
		}
	}
	if _, loose := o.Have.Get(changeset.LinkField); loose {
		k.Linked, k.Have = false, o.Have.Without(changeset.LinkField)
	}
	if has := (helpdesk.Object{Ref: want.Ref, Fields: k.Have}); k.Exists && has.IsAside() {
		name, _ := k.Have.Get(helpdesk.Name)
		k.Last = k.Last.With(helpdesk.Name, name) // ours, and cut off: nobody edited it
	}
	k.MovedBy = movedBy(o, s.now.basis)
	k.Writes24h = s.corrections(o)
	k.Decisions = decisionsFor(s.now.decisions, want.Ref)
	return k
}

func movedBy(o *journal.Object, b basis) string {
	switch {
	case o.Source != b.source:
		return changeset.BySource
	case len(o.Digest) != len(b.rules) || o.Digest[:16] != b.rules[:16]:
		return changeset.ByRule
	case o.Digest != b.rules:
		return changeset.ByOverride
	default:
		return changeset.ByClock
	}
}

func (s *sink) corrections(o *journal.Object) map[string]int {
	if len(o.Corrected) == 0 {
		return nil
	}
	out, since := map[string]int{}, s.opt.Now().Add(-24*time.Hour)
	for _, c := range o.Corrected {
		if c.At.After(since) {
			out[c.Field]++
		}
	}
	return out
}

func decisionsFor(all []journal.Decision, ref helpdesk.Ref) []changeset.Decision {
	var out []changeset.Decision
	for _, d := range all {
		if d.Kind == ref.Kind && d.Key == ref.Key && d.Action != journal.ActionOverride && d.Action != ActionAssign && d.Action != ActionApart {
			out = append(out, changeset.Decision{
				ID: d.ID, Field: d.Field, Action: changeset.Action(d.Action), Want: d.Want, Until: d.Until, Reason: d.Reason, Author: d.Author,
			})
		}
	}
	return out
}

// verdict stores what a comparison found about one object.
func (s *sink) verdict(o *journal.Object, kind helpdesk.Kind, v changeset.Verdict) {
	for i := range v.Items {
		s.items = append(s.items, itemOf(&v.Items[i]))
		s.todo = true
	}
	s.spent = append(s.spent, v.Spent...)
	in := instruction{basis: s.now.basis, notes: v.Notes, fresh: o == nil}
	switch {
	case v.Change != nil:
		in.Change = *v.Change
		in.reverts = s.reverts(&in.Change)
		s.todo = true
	case o != nil && (len(v.Notes) > 0 || v.Forget || v.InStep && !o.Written):
		in.Change = helpdesk.Change{Op: opNote, Ref: helpdesk.Ref{Kind: kind, Key: o.Key}, Account: s.now.group.ID, TargetID: o.TargetID}
		in.end = endOf(o, &v)
	default:
		return
	}
	if in.Account == "" {
		in.Account = s.now.group.ID
	}
	s.add(&in)
}

// reverts lists the decisions to write something once that the change carries out.
func (s *sink) reverts(c *helpdesk.Change) []int64 {
	var out []int64
	for _, d := range s.now.decisions {
		if d.Action != string(changeset.Revert) || d.Kind != c.Ref.Kind || d.Key != c.Ref.Key || changeset.Held(c) {
			continue
		}
		for x := range c.Writes() {
			if d.Field == x.Field || d.Field == "" {
				out = append(out, d.ID)
				break
			}
		}
	}
	return out
}

// endOf says what becomes of the record of an object that is let go as a whole.
func endOf(o *journal.Object, v *changeset.Verdict) ending {
	switch {
	case !v.Forget:
		return endNot
	case o.HaveState == journal.HaveGone:
		return endRecord
	default:
		return endPassOver
	}
}

func (s *sink) add(in *instruction) {
	s.seq++
	class := s.compare.ClassOf(&in.Change, s.facts(in))
	s.created = s.created || in.Op == helpdesk.Create && in.Ref.Kind == helpdesk.Organization
	if in.Op != opNote {
		if s.outOfScope(in.Account, s.now.result.NotYet) {
			in.Hold = changeset.Hold(changeset.HoldScope, "outside the pipeline's scope")
		}
		s.rep.Summary.Add(&in.Change)
		s.rep.Digest.Add(&in.Change)
		if !changeset.Held(&in.Change) {
			s.rep.Guarded.Add(&in.Change, class, s.now.result.ARR)
			s.impact(in, class)
		}
	}
	row := s.row(&in.Change)
	if s.joinsLate(in.Ref) {
		row.Rank = rankJoins
	}
	row.Class, row.ARR = classBits(in, class), s.now.result.ARR
	s.changes = append(s.changes, row)
	s.bodies = append(s.bodies, in)
}

// row is what the journal keeps of the last change, but for its body.
func (p *pass) row(c *helpdesk.Change) journal.ChangeRow {
	return journal.ChangeRow{Rank: rankOf(c), Seq: p.seq, Account: c.Account, Kind: c.Ref.Kind, Key: c.Ref.Key, Op: c.Op, Hold: c.Hold}
}

// plain is the class of changes that no guard of their own watches; only a guard that
// holds the whole run holds them. It lies above the classes of changeset.
const plain = 1 << 16

// everything holds all that is written.
const everything = uint32(changeset.Everything) | plain

func classBits(in *instruction, class changeset.Class) uint32 {
	if in.Op == opNote {
		return uint32(class)
	}
	return uint32(class) | plain
}

// facts is what the class of a change depends on besides the change.
func (s *sink) facts(in *instruction) changeset.Facts {
	f := changeset.Facts{Rank: s.rank, NewAccount: s.created}
	if s.now.org != nil {
		f.MovedBy = movedBy(s.now.org, in.basis)
	}
	f.PolicyChanged = in.Ref.Kind == helpdesk.Organization && s.now.policyFrom != s.now.policyTo
	return f
}

// impact counts the organization whose policy a change moves.
func (s *sink) impact(in *instruction, class changeset.Class) {
	if in.Ref.Kind == helpdesk.Organization {
		s.rep.Impact.Add(s.now.policyFrom, s.now.policyTo, s.now.result.ARR, class)
	}
}

// reroute notes the SLA policy before and after.
func (s *sink) reroute(sub *subject, k changeset.Known, v *changeset.Verdict) {
	if v.Change == nil || !k.Exists && v.Change.Op != helpdesk.Create {
		return
	}
	after := changeset.Apply(k.Have, v.Change)
	sub.policyFrom, sub.policyTo = s.policyOf(k.Have), s.policyOf(after)
}

// policyOf is the policy that a ticket with the organization's tags would get.
func (p *pass) policyOf(f helpdesk.Fields) string {
	policy, _ := p.Rules.PolicyFor(sla.Ticket{Tags: f.Family(helpdesk.TagPrefix)})
	return policy.Name
}

// claimedElsewhere reports whether the pipeline that wrote an organization still wants it.
func (s *sink) claimedElsewhere(o *journal.Object) bool { return s.others[o.Key] != "" }

func rankOf(c *helpdesk.Change) int {
	if c.Op == helpdesk.Update && c.Ref.Kind == helpdesk.Organization {
		for d := range c.Writes() {
			if d.Field == helpdesk.Name {
				return rankNames
			}
		}
	}
	return rankRest
}

func (s *sink) absent(o *journal.Object, kind helpdesk.Kind, m changeset.Missing) {
	m.Ref, m.Account, m.Day = helpdesk.Ref{Kind: kind, Key: o.Key}, s.now.group.ID, s.day
	m.Policies = s.policies()
	name, _ := o.Have.Get(helpdesk.Name)
	m.Name = cmp.Or(m.Name, name.Text())
	m.OpenTickets = s.openTickets(o)
	k := s.knownOf(o, &helpdesk.Object{Ref: m.Ref})
	s.verdict(o, kind, s.compare.Absent(k, m))
}

func (s *sink) finding(f mapping.Finding) {
	s.rep.Findings++
	if f.Code == "unknown_product" && f.ARR != 0 {
		f.Text += " (the account's ARR is " + changeset.Money(f.ARR, s.Mapper.Spec().Money.Base) + ")"
	}
	s.items = append(s.items, journal.Item{
		Class: journal.ItemFinding, Code: f.Code, Account: s.now.group.ID, Kind: helpdesk.Organization, Key: s.now.group.ID, Field: f.Subject, Text: f.Text,
	})
}

func (s *sink) conflict(c *conflict) {
	s.todo = true
	i := c.item(s.names)
	s.rep.conflict(i.Field)
	s.items = append(s.items, i)
}

func itemOf(i *changeset.Item) journal.Item {
	return journal.Item{
		Class: journal.ItemClass(i.Class), Code: i.Code, Account: i.Account, Kind: i.Ref.Kind, Key: i.Ref.Key, Field: i.Field,
		Value: "", Body: i.Last.Pack(i.Have.Pack(i.Want.Pack(nil))), Text: i.Text,
	}
}
