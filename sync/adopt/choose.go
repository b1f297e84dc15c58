package adopt

import (
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fold"
)

// Choice is a link that somebody chose and nothing speaks against.
type Choice struct {
	Wanted
	Held *Held
}

// Chosen is what became of the rows of a file.
type Chosen struct {
	Links   []Choice
	Already int // linked so already
	Open    int // still a question mark
	Refused []Problem
}

// Choose compares the rows that say yes with what is wanted and held now, and returns
// the links to make. What has moved since the file was written is refused: the CRM or the
// helpdesk has the object no more, it belongs to another one, or it goes by another name
// and only the name spoke for it.
func Choose(rows []Row, wanted []Wanted, held map[helpdesk.Kind][]Held) Chosen {
	c := chooser{wanted: map[helpdesk.Ref]*Wanted{}, held: map[helpdesk.Ref]*Held{}, index: map[helpdesk.Kind]*index{}}
	wanted = distinct(wanted)
	for i := range wanted {
		c.wanted[wanted[i].Ref] = &wanted[i]
	}
	for kind, list := range held {
		var ours []Wanted
		for i := range wanted {
			if wanted[i].Ref.Kind == kind {
				ours = append(ours, wanted[i])
			}
		}
		c.index[kind] = newIndex(kind, ours, list)
		for i := range list {
			c.held[helpdesk.Ref{Kind: kind, Key: list[i].ID}] = &list[i]
		}
	}
	var out Chosen
	for i := range rows {
		c.row(&rows[i], &out)
	}
	return out
}

type chooser struct {
	wanted map[helpdesk.Ref]*Wanted
	held   map[helpdesk.Ref]*Held // by kind and the helpdesk's id
	index  map[helpdesk.Kind]*index
}

func (c *chooser) row(r *Row, out *Chosen) {
	switch r.Link {
	case Ask:
		out.Open++
		return
	case Linked:
		out.Already++
		return
	case Yes:
	default:
		return
	}
	w, h := c.wanted[r.Ref()], c.held[helpdesk.Ref{Kind: r.Kind, Key: r.TargetID}]
	switch why := c.refuse(r, w, h); {
	case why != "":
		out.Refused = append(out.Refused, Problem{r.Line, why})
	case h.Key == w.Ref.Key:
		out.Already++
	default:
		out.Links = append(out.Links, Choice{*w, h})
	}
}

// refuse says why a row cannot be followed; empty: it can.
func (c *chooser) refuse(r *Row, w *Wanted, h *Held) string {
	key := r.Ref().Key
	switch {
	case w == nil:
		return record(r.Kind) + " " + key + " is not one that the rules want"
	case h == nil:
		return "the helpdesk has no " + string(r.Kind) + " " + r.TargetID
	case h.Key == key:
		return ""
	case h.Spared != "":
		return h.Spared
	}
	x := c.index[r.Kind]
	if i, ok := x.byKey[key]; ok {
		return record(r.Kind) + " " + key + " is linked to " + x.label(i) + " already"
	}
	if owner := x.id(h.Key); owner != "" && owner != key && (x.keys[owner] || !sameLetters(owner, key)) {
		return string(r.Kind) + " " + h.ID + " belongs to " + record(r.Kind) + " " + owner + ", and is never taken from it"
	}
	if x.idsOf(h)[key] != 0 {
		return "" // an id speaks for it, whatever it is called
	}
	if now := label(w.Name, w.Email); renamed(r.Name, now) {
		return record(r.Kind) + " " + key + " is called " + now + " now, and was " + r.Name + "; look again"
	}
	if now := label(h.Name, h.Email); renamed(r.TargetName, now) {
		return string(r.Kind) + " " + h.ID + " is called " + now + " now, and was " + r.TargetName + "; look again"
	}
	return ""
}

// sameLetters reports whether two ids are one but for letter case.
func sameLetters(a, b string) bool {
	return len(a) >= 15 && len(b) >= 15 && strings.EqualFold(a[:15], b[:15])
}

// renamed reports whether a name that stood in the file is another one now; where people
// wrote an id there is none.
func renamed(was, now string) bool { return was != "" && fold.Name(was) != fold.Name(now) }
