package zendesk

import (
	"slices"
	"strings"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fold"
)

// lane is a sort of work; works of one lane can share a call. In this order they go
// first: what makes room, then what others need.
type lane uint8

const (
	memberRemove lane = iota
	orgDelete
	orgMerge
	orgUpdate
	orgCreate
	userUpdate
	userCreate
	memberCreate
	memberDefault
	lanes
)

var laneNames = [...]string{
	memberRemove: "remove memberships", orgDelete: "delete organizations", orgMerge: "merge organizations", orgUpdate: "update organizations",
	orgCreate: "create organizations", userUpdate: "update users", userCreate: "create users", memberCreate: "create memberships", memberDefault: "make memberships the default",
}

// alone reports a lane whose works take a call each.
func (l lane) alone() bool {
	return l == orgDelete || l == orgMerge || l == memberDefault
}

// work is one change on its way.
type work struct {
	change helpdesk.Change // without its deltas
	writes []write         // which are here
	had    string          // the name that its organization has until now, where it writes another
	lane   lane
	after  []*work // which go first
	riders []*work // create of a user: the membership that comes with it
	aside  string  // a name that it takes for a moment; it stands for no change of its own

	id        int64 // of the organization or user, once known
	user, org int64 // of a membership, once known
	home      int64 // of a membership that is not there: its user's default organization, once seen
	cleared   bool  // its name is known to be nobody's, or on its way to be
	sent      bool  // it is under way, or was
	alone     bool  // it is sent by itself: in company it was refused
	lost      int   // how often nothing was heard of it
	done, ok  bool

	seen   *organization // what it was when it was read ahead
	seenAt time.Time
}

// write is what of a delta is on its way: thousands of changes are in hand, and most of
// each is why it is made.
type write struct {
	Field string
	Want  helpdesk.Value
}

func newWork(c helpdesk.Change) *work {
	w := &work{change: c, lane: laneOf(&c), writes: make([]write, 0, len(c.Deltas))}
	for d := range c.Writes() {
		w.writes = append(w.writes, write{d.Field, d.Want})
		if d.Field == helpdesk.Name {
			w.had = d.Have.Text()
		}
	}
	w.change.Deltas = nil
	return w
}

func (w *work) ready() bool {
	return !slices.ContainsFunc(w.after, func(x *work) bool { return !x.done })
}

// laneOf says which lane makes a change.
func laneOf(c *helpdesk.Change) lane {
	switch {
	case c.Ref.Kind == helpdesk.Organization && c.Op == helpdesk.Create:
		return orgCreate
	case c.Ref.Kind == helpdesk.Organization && c.Op == helpdesk.Delete:
		return orgDelete
	case c.Ref.Kind == helpdesk.Organization && c.Op == helpdesk.Merge:
		return orgMerge
	case c.Ref.Kind == helpdesk.Organization:
		return orgUpdate
	case c.Ref.Kind == helpdesk.User && c.Op == helpdesk.Create:
		return userCreate
	case c.Ref.Kind == helpdesk.User:
		return userUpdate
	case c.Op == helpdesk.Retire:
		return memberRemove
	case c.Op == helpdesk.Update:
		return memberDefault
	default:
		return memberCreate
	}
}

// want returns what a change writes into a field.
func (w *work) want(field string) (helpdesk.Value, bool) {
	for _, d := range w.writes {
		if d.Field == field {
			return d.Want, true
		}
	}
	return helpdesk.Value{}, false
}

// takes returns the folded name that a work gives its organization; empty: none.
func (w *work) takes() string {
	if w.lane != orgCreate && w.lane != orgUpdate {
		return ""
	}
	v, _ := w.want(helpdesk.Name)
	return fold.Name(v.Text())
}

// frees returns the folded name that nobody has any more once a work is done.
func (w *work) frees() string {
	switch w.lane {
	case orgDelete, orgMerge:
		return fold.Name(w.change.Name)
	case orgUpdate:
		return fold.Name(w.had)
	}
	return ""
}

// check refuses what could never be written.
func (s *sight) check(w *work) error {
	c := &w.change
	if !s.caps.Can(c.Ref.Kind, c.Op) {
		return unsupported("Zendesk does not offer to %s a %s", c.Op, c.Ref.Kind)
	}
	if !plainText(c.Ref.Key) || len(c.Ref.Key) > maxName || c.Op == helpdesk.Create && c.Ref.Key == "" {
		return wrong("%q cannot be a CRM id", clip(c.Ref.Key))
	}
	for _, d := range w.writes {
		if err := s.checkWrite(c.Ref.Kind, d); err != nil {
			return err
		}
	}
	name, named := w.want(helpdesk.Name)
	switch {
	case c.Ref.Kind != helpdesk.Organization || !named && c.Op != helpdesk.Create:
		return nil
	case strings.TrimSpace(name.Text()) == "":
		return wrong("an organization needs a name")
	}
	return nil
}

func (s *sight) checkWrite(k helpdesk.Kind, d write) error {
	if tag, ok := strings.CutPrefix(d.Field, helpdesk.TagPrefix); ok && k == helpdesk.Organization {
		return checkPart("tag", tag, d.Want)
	}
	if domain, ok := strings.CutPrefix(d.Field, helpdesk.DomPrefix); ok && k == helpdesk.Organization {
		return checkPart("domain", domain, d.Want)
	}
	spec, ok := s.caps.Spec(k, d.Field)
	if !ok {
		return unsupported("there is no field %s of a %s in Zendesk; if it is a custom one, desksync target prepare makes it", d.Field, k)
	}
	return fits(spec, d.Want)
}

func checkPart(what, name string, v helpdesk.Value) error {
	switch {
	case name == "" || !plainText(name) || strings.ContainsAny(name, " \t\r\n,"):
		return wrong("%q cannot be a %s: it is empty or has a space or a comma in it", clip(name), what)
	case v.Type() != helpdesk.Bool && !v.IsEmpty() && v != helpdesk.None:
		return wrong("the %s %s is there or not; it cannot be the %s %q", what, name, v.Type(), clip(v.Text()))
	}
	return nil
}
