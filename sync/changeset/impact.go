package changeset

import (
	"maps"
	"slices"
	"strings"
)

// Impact counts organizations and ARR by the SLA policy they leave and the one
// they come to. The zero Impact is empty and ready.
type Impact struct {
	Currency string // of the ARR, such as USD
	moves    map[[2]string]Tally
}

// Move is one row of an Impact.
type Move struct {
	From  string  `json:"from"` // empty: no policy
	To    string  `json:"to"`
	Count int     `json:"organizations"`
	ARR   float64 `json:"arr"`
}

// Add counts an organization; nothing happens where both policies are the same.
func (i *Impact) Add(from, to string, arr float64) {
	if from == to {
		return
	}
	if i.moves == nil {
		i.moves = map[[2]string]Tally{}
	}
	t := i.moves[[2]string{from, to}]
	i.moves[[2]string{from, to}] = Tally{t.Count + 1, t.ARR + arr}
}

// Moves returns the rows, ordered by From, then To.
func (i *Impact) Moves() []Move {
	keys := slices.SortedFunc(maps.Keys(i.moves), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	out := make([]Move, 0, len(keys))
	for _, k := range keys {
		out = append(out, Move{From: k[0], To: k[1], Count: i.moves[k].Count, ARR: i.moves[k].ARR})
	}
	return out
}

// String returns the line for people: "SLA: 3 organizations ($412k ARR) gain
// Priority, none loses a policy".
func (i *Impact) String() string {
	var parts []string
	lost := false
	for _, m := range i.Moves() {
		parts = append(parts, i.clause(m))
		lost = lost || m.To == ""
	}
	if len(parts) == 0 {
		return "SLA: no policy changes"
	}
	if !lost {
		parts = append(parts, "none loses a policy")
	}
	return "SLA: " + strings.Join(parts, ", ")
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
