package adopt

import (
	"strings"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fold"
)

// index finds objects of one kind by what may speak for them; values are places in held.
type index struct {
	kind     helpdesk.Kind
	keys     map[string]bool // of all that is wanted
	held     []Held
	byKey    map[string]int   // external id as it stands there; helpdesks keep them unique
	byID     map[string][]int // record's id, from external id or field
	byLetter map[string][]int // id of 15 characters in small letters
	byName   map[string][]int
	byDomain map[string][]int
	byMail   map[string][]int
}

func newIndex(kind helpdesk.Kind, wanted []Wanted, held []Held) *index {
	x := &index{
		kind: kind, keys: make(map[string]bool, len(wanted)), held: held, byKey: map[string]int{}, byID: map[string][]int{}, byLetter: map[string][]int{},
		byName: map[string][]int{}, byDomain: map[string][]int{}, byMail: map[string][]int{},
	}
	for i := range wanted {
		x.keys[wanted[i].Ref.Key] = true
	}
	for i := range held {
		x.add(i, &held[i])
	}
	return x
}

func (x *index) add(i int, h *Held) {
	if h.Key != "" {
		x.byKey[h.Key] = i
	}
	for id := range x.idsOf(h) {
		x.byID[id] = append(x.byID[id], i)
	}
	for _, text := range []string{h.Key, h.FieldID} {
		if text = strings.TrimSpace(text); len(text) == 15 {
			put(x.byLetter, strings.ToLower(text), i)
		}
	}
	put(x.byName, fold.Name(h.Name), i)
	put(x.byMail, strings.ToLower(h.Email), i)
	for _, d := range h.Domains {
		put(x.byDomain, strings.ToLower(d), i)
	}
}

// put notes a place once; nothing is found by an empty text.
func put(m map[string][]int, text string, i int) {
	if at := m[text]; text != "" && (len(at) == 0 || at[len(at)-1] != i) {
		m[text] = append(at, i)
	}
}

// idsOf are the ids of records that an object carries, with where they stand.
func (x *index) idsOf(h *Held) map[string]Evidence {
	out := map[string]Evidence{}
	if id := x.id(h.Key); id != "" {
		out[id] |= ByExternalID
	}
	if id := x.id(h.FieldID); id != "" {
		out[id] |= ByIDField
	}
	return out
}

// id reads the id of a record in either form; empty: the text is none.
func (x *index) id(text string) string {
	text = strings.TrimSpace(text)
	if x.keys[text] {
		return text
	}
	if id, err := crm.ParseID(text); err == nil {
		return id
	}
	if id, ok := crm.RestoreCase(text); ok {
		return id
	}
	return ""
}

// owner is the record that an object belongs to by its external id, or else by its id
// field; empty: to none.
func (x *index) owner(h *Held) string {
	if id := x.id(h.Key); id != "" {
		return id
	}
	if h.Key != "" {
		return ""
	}
	return x.id(h.FieldID)
}

// label names an object for people: organization 7001.
func (x *index) label(i int) string { return string(x.kind) + " " + x.held[i].ID }

// labels names several, in the order in which they are held.
func (x *index) labels(list []int) string {
	ids := make([]string, len(list))
	for n, i := range list {
		ids[n] = x.held[i].ID
	}
	if len(ids) == 1 {
		return string(x.kind) + " " + ids[0]
	}
	return string(x.kind) + "s " + strings.Join(ids[:len(ids)-1], ", ") + " and " + ids[len(ids)-1]
}
