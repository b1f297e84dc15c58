package changeset

import (
	"strings"

	"github.com/desksync/desksync/helpdesk"
)

// Class says what a guard may hold about a change; a change may have several.
type Class uint32

// The classes.
const (
	Creates    Class = 1 << iota // an organization is created, or something inside a new one
	Updates                      // an organization is updated
	Retires                      // an organization is marked or deleted
	Removals                     // a membership is removed
	Domains                      // domains of an organization are added or removed
	Downgrades                   // the level falls and no date announced it
	Reroutes                     // another SLA policy would match
	Everything Class = 1<<iota - 1
)

// Facts is what a class depends on besides the change itself.
type Facts struct {
	Rank          func(plan string) int // place in the plan order, best first from 0; negative: not in it
	MovedBy       string                // as in Known: what ByClock lowers was announced in advance
	PolicyChanged bool                  // the SLA policy before and after differ
	NewAccount    bool                  // the account's organization is created in the same run
}

// ClassOf returns the classes of a change. Held deltas do not count: they are not
// about to happen.
func (c *Comparer) ClassOf(ch *helpdesk.Change, f Facts) Class {
	if ch == nil || Held(ch) {
		return 0
	}
	class := opClass(ch)
	if f.NewAccount {
		class |= Creates
	}
	if f.PolicyChanged {
		class |= Reroutes
	}
	if ch.Ref.Kind == helpdesk.Organization && writes(ch, helpdesk.DomPrefix) {
		class |= Domains
	}
	if c.drops(ch, f) {
		class |= Downgrades
	}
	return class
}

func opClass(ch *helpdesk.Change) Class {
	organization := ch.Ref.Kind == helpdesk.Organization
	switch {
	case ch.Ref.Kind == helpdesk.Membership && (ch.Op == helpdesk.Retire || ch.Op == helpdesk.Delete):
		return Removals
	case !organization:
		return 0
	case ch.Op == helpdesk.Create:
		return Creates
	case ch.Op == helpdesk.Update:
		return Updates
	default:
		return Retires
	}
}

// writes reports whether a field behind prefix is about to be written.
func writes(ch *helpdesk.Change, prefix string) bool {
	for d := range ch.Writes() {
		if strings.HasPrefix(d.Field, prefix) {
			return true
		}
	}
	return false
}

// drops reports whether a level is about to fall that no date announced.
func (c *Comparer) drops(ch *helpdesk.Change, f Facts) bool {
	for d := range ch.Writes() {
		announced := f.MovedBy == ByClock && (d.Cause == helpdesk.Moved || d.Cause == helpdesk.Withdrawn)
		if !announced && c.isLevel(ch.Ref.Kind, d.Field) && lower(d.Want, d.Have, f.Rank) {
			return true
		}
	}
	return false
}

// Lowers reports whether the change would lower the level last written, or take
// plan tags away where no field holds the level. Held deltas count.
func (c *Comparer) Lowers(ch *helpdesk.Change, rank func(plan string) int) bool {
	if ch == nil {
		return false
	}
	for _, d := range ch.Deltas {
		before := d.Last
		if before.IsEmpty() {
			before = d.Have
		}
		if c.isLevel(ch.Ref.Kind, d.Field) && lower(d.Want, before, rank) {
			return true
		}
	}
	return len(c.kind(ch.Ref.Kind).level) == 0 && c.dropsTag(ch)
}

func (c *Comparer) dropsTag(ch *helpdesk.Change) bool {
	for _, d := range ch.Deltas {
		r := c.kind(ch.Ref.Kind).rule(d.Field)
		if d.Cause == helpdesk.Withdrawn && r != nil && r.Plan && strings.HasPrefix(d.Field, helpdesk.TagPrefix) {
			return true
		}
	}
	return false
}

func (c *Comparer) isLevel(k helpdesk.Kind, field string) bool {
	r := c.kind(k).shape.Fields[field]
	return r != nil && r.Level
}

// lower reports whether want stands below before in the plan order. A level that
// the order does not name is not compared; no level at all is below every one.
func lower(want, before helpdesk.Value, rank func(string) int) bool {
	if rank == nil {
		return false
	}
	from := rank(before.Text())
	if from < 0 {
		return false
	}
	to := rank(want.Text())
	return want.IsEmpty() || to > from
}
