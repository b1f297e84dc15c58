package changeset

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/desksync/desksync/helpdesk"
)

// Summary counts the changes of a run for its closing lines. The zero Summary is
// empty and ready.
type Summary struct {
	Todo      map[helpdesk.Kind]map[helpdesk.Op]int `json:"todo"`     // changes with something to write
	Causes    map[helpdesk.Cause]int                `json:"causes"`   // deltas to write, by cause
	Held      int                                   `json:"held"`     // deltas, or whole changes, that wait for a decision
	Snoozed   int                                   `json:"snoozed"`  // those of them that nobody wants to hear of yet
	Withheld  int                                   `json:"withheld"` // the same, because of a conflict or an open merge
	Guarded   map[string]int                        `json:"guarded"`  // changes that a guard holds as a whole, by its name
	Conflicts int                                   `json:"conflicts"`
	InStep    int                                   `json:"in_step"` // organizations with nothing to do
	Chosen    bool                                  `json:"-"`       // these changes were chosen; nobody looked at the other organizations
}

// Add counts a change. Conflicts and what is in step are the caller's to count.
func (s *Summary) Add(ch *helpdesk.Change) {
	if !Held(ch) {
		s.todo(ch.Ref.Kind, ch.Op)
	}
	if ch.Hold != "" {
		s.hold(ch.Hold)
		return
	}
	for i := range ch.Deltas {
		switch d := &ch.Deltas[i]; {
		case d.Hold != "":
			s.hold(d.Hold)
		case s.Causes == nil:
			s.Causes = map[helpdesk.Cause]int{d.Cause: 1}
		default:
			s.Causes[d.Cause]++
		}
	}
}

func (s *Summary) todo(k helpdesk.Kind, op helpdesk.Op) {
	if s.Todo == nil {
		s.Todo = map[helpdesk.Kind]map[helpdesk.Op]int{}
	}
	if s.Todo[k] == nil {
		s.Todo[k] = map[helpdesk.Op]int{}
	}
	s.Todo[k][op]++
}

// Remove takes out a change that was added with something to do and nothing held as a whole.
func (s *Summary) Remove(ch *helpdesk.Change) {
	s.Todo[ch.Ref.Kind][ch.Op]--
	for d := range ch.Writes() {
		s.Causes[d.Cause]--
	}
	for i := range ch.Deltas {
		if reason := ch.Deltas[i].Hold; reason != "" {
			s.unhold(reason)
		}
	}
}

// Guard counts as held by a guard what was added as something to do.
func (s *Summary) Guard(guard string, ch *helpdesk.Change) {
	if Held(ch) {
		return
	}
	if s.Guarded == nil {
		s.Guarded = map[string]int{}
	}
	s.Guarded[guard]++
	s.Todo[ch.Ref.Kind][ch.Op]--
}

// Idle reports whether nothing is to be done and nothing held.
func (s *Summary) Idle() bool { return s.Writes() == 0 && s.Held == 0 && len(s.Guarded) == 0 }

func (s *Summary) hold(reason string)   { s.countHold(reason, 1) }
func (s *Summary) unhold(reason string) { s.countHold(reason, -1) }

func (s *Summary) countHold(reason string, n int) {
	if k := HoldKind(reason); k == HoldConflict || k == HoldMerge {
		s.Withheld += n
		return
	}
	if HoldKind(reason) == HoldSnoozed {
		s.Snoozed += n
	}
	s.Held += n
}

// Writes returns how many changes have something to write.
func (s *Summary) Writes() int {
	n := 0
	for _, ops := range s.Todo {
		for _, c := range ops {
			n += c
		}
	}
	return n
}

// String returns the line for people: "61 organizations to update, 2 to create, 1 to
// mark; 1 held, 1 conflict, 11,139 in step".
func (s *Summary) String() string {
	todo := strings.Join(s.todos(), ", ")
	if todo == "" {
		todo = "nothing to do"
	}
	var rest []string
	for _, guard := range slices.Sorted(maps.Keys(s.Guarded)) {
		rest = append(rest, count(s.Guarded[guard])+" held by guard "+strconv.Quote(guard))
	}
	if s.Held > 0 {
		rest = append(rest, count(s.Held)+" held")
	}
	if s.Conflicts > 0 {
		rest = append(rest, plural(s.Conflicts, "conflict", "conflicts"))
	}
	if !s.Chosen {
		rest = append(rest, count(s.InStep)+" in step")
	}
	if len(rest) == 0 {
		return todo
	}
	return todo + "; " + strings.Join(rest, ", ")
}

// readingOrder is the order in which people read what is to do.
var readingOrder = []helpdesk.Op{helpdesk.Update, helpdesk.Create, helpdesk.Merge, helpdesk.Retire, helpdesk.Delete}

// todos renders "61 organizations to update", "2 to create", kind by kind; the
// first of a kind names it.
func (s *Summary) todos() []string {
	var out []string
	for _, k := range []helpdesk.Kind{helpdesk.Organization, helpdesk.User, helpdesk.Membership} {
		named := false
		for _, op := range readingOrder {
			n := s.Todo[k][op]
			if n == 0 {
				continue
			}
			what := count(n)
			if !named {
				what = plural(n, string(k), string(k)+"s")
			}
			named = true
			out = append(out, what+" to "+opVerb(k, op))
		}
	}
	return out
}

// opVerb is what people call an operation on a kind.
func opVerb(k helpdesk.Kind, op helpdesk.Op) string {
	switch {
	case op == helpdesk.Retire && k == helpdesk.Organization:
		return "mark"
	case op == helpdesk.Retire && k == helpdesk.Membership:
		return "remove"
	default:
		return string(op)
	}
}
