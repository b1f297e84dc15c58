package changeset

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Impact counts organizations and ARR by the SLA policy they leave and the one
// they come to. The zero Impact is empty and ready.
type Impact struct {
	Currency string // of the ARR, such as USD
	moves    map[route]Tally
}

// route is what moves are counted by.
type route struct {
	from, to string
	class    Class
	held     bool
}

// Move is one row of an Impact.
type Move struct {
	From  string  `json:"from"` // empty: no policy
	To    string  `json:"to"`
	Count int     `json:"organizations"`
	ARR   float64 `json:"arr"`
	Held  bool    `json:"held,omitempty"` // a guard holds it: nothing moves before someone approves
}

// Add counts an organization whose change is of a class; nothing happens where both
// policies are the same.
func (i *Impact) Add(from, to string, arr float64, class Class) {
	if from != to {
		i.count(route{from: from, to: to, class: class}, Tally{1, arr})
	}
}

// Remove takes out an organization that was added and does not move after all.
func (i *Impact) Remove(from, to string, arr float64, class Class) {
	if from != to {
		i.count(route{from: from, to: to, class: class}, Tally{-1, -arr})
	}
}

func (i *Impact) count(r route, t Tally) {
	if i.moves == nil {
		i.moves = map[route]Tally{}
	}
	sum := i.moves[r]
	i.moves[r] = Tally{sum.Count + t.Count, sum.ARR + t.ARR}
	if i.moves[r].Count == 0 {
		delete(i.moves, r)
	}
}

// Hold notes that a guard holds the moves of a class.
func (i *Impact) Hold(class Class) {
	for r, t := range maps.Clone(i.moves) {
		if r.class&class != 0 && !r.held {
			delete(i.moves, r)
			r.held = true
			i.count(r, t)
		}
	}
}

// Moves returns the rows, ordered by From, then To; those that are held last.
func (i *Impact) Moves() []Move {
	var sum Impact
	for r, t := range i.moves {
		r.class = 0
		sum.count(r, t)
	}
	out := make([]Move, 0, len(sum.moves))
	for r, t := range sum.moves {
		out = append(out, Move{From: r.from, To: r.to, Count: t.Count, ARR: t.ARR, Held: r.held})
	}
	slices.SortFunc(out, compareMoves)
	return out
}

func compareMoves(a, b Move) int {
	if a.Held != b.Held {
		if b.Held {
			return -1
		}
		return 1
	}
	return cmp.Or(strings.Compare(a.From, b.From), strings.Compare(a.To, b.To))
}

// String returns the line for people: "SLA: 3 organizations ($412k ARR) gain
// Priority, none loses a policy; held: 1 organization ($9k ARR) loses Standard".
func (i *Impact) String() string {
	var parts, held []string
	lost := false
	for _, m := range i.Moves() {
		if m.Held {
			held = append(held, i.clause(m))
			continue
		}
		parts = append(parts, i.clause(m))
		lost = lost || m.To == ""
	}
	switch {
	case len(parts) == 0:
		parts = []string{"no policy changes"}
	case !lost:
		parts = append(parts, "none loses a policy")
	}
	out := "SLA: " + strings.Join(parts, ", ")
	if len(held) > 0 {
		out += "; held: " + strings.Join(held, ", ")
	}
	return out
}

func (i *Impact) clause(m Move) string {
	who := plural(m.Count, "organization", "organizations") + " (" + Money(m.ARR, i.Currency) + " ARR) "
	s := "s"
	if m.Count > 1 {
		s = ""
	}
	switch {
	case m.From == "":
		return who + "gain" + s + " " + m.To
	case m.To == "":
		return who + "lose" + s + " " + m.From
	default:
		return who + "move" + s + " from " + m.From + " to " + m.To
	}
}
