package reconcile

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/adopt"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// FieldTally says of how many objects a field is as the rules want it, empty, or another.
// Tags, domains and groups are counted by element, all of a family together.
type FieldTally struct {
	Kind      helpdesk.Kind
	Field     string
	Equal     int
	Empty     int // the helpdesk has nothing there
	Different int
	Examples  []string // of different ones, two at most: Acme has "gold", the rules want "silver"
}

// maxExamples is how many differing objects are shown of a field.
const maxExamples = 2

// propose matches what is wanted with what is held, and compares the fields.
func (a *adoption) propose(ctx context.Context) error {
	for _, kind := range adopted {
		var wanted []adopt.Wanted
		for i := range a.wanted {
			if a.wanted[i].Ref.Kind == kind {
				wanted = append(wanted, a.wanted[i])
			}
		}
		list := adopt.Propose(kind, wanted, a.held[kind])
		a.out.Lone[kind] = lone(a.held[kind], list)
		a.out.Proposals = append(a.out.Proposals, list...)
	}
	return a.tally(ctx)
}

// lone counts the objects that a sync may write and that nothing is proposed for.
func lone(held []adopt.Held, list []adopt.Proposal) int {
	taken := map[string]bool{}
	for i := range list {
		if h := list[i].Held; h != nil {
			taken[h.ID] = true
		}
	}
	n := 0
	for i := range held {
		if !taken[held[i].ID] && held[i].Spared == "" {
			n++
		}
	}
	return n
}

// tally compares the fields of everything that is linked, or proposed.
func (a *adoption) tally(ctx context.Context) error {
	t := &tallies{adoption: a, partners: map[helpdesk.Ref]*adopt.Held{}, fields: map[[2]string]*FieldTally{}}
	for i := range a.out.Proposals {
		if p := &a.out.Proposals[i]; p.Held != nil {
			t.partners[p.Ref] = p.Held
		}
	}
	err := a.eachWanted(ctx, func(subjects []subject) error { return t.page(ctx, subjects) })
	a.out.Fields = slices.SortedFunc(maps.Values(t.byField()), func(x, y FieldTally) int {
		return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(strings.TrimPrefix(x.Field, helpdesk.FieldPrefix), strings.TrimPrefix(y.Field, helpdesk.FieldPrefix)))
	})
	return err
}

type tallies struct {
	*adoption
	partners map[helpdesk.Ref]*adopt.Held
	fields   map[[2]string]*FieldTally
	seen     map[helpdesk.Ref]bool
}

func (t *tallies) byField() map[[2]string]FieldTally {
	out := make(map[[2]string]FieldTally, len(t.fields))
	for k, f := range t.fields {
		out[k] = *f
	}
	return out
}

// page compares the objects of a page of accounts.
func (t *tallies) page(ctx context.Context, subjects []subject) error {
	for _, kind := range adopted {
		var want []*helpdesk.Object
		var opt []changeset.DiffOptions
		for i := range subjects {
			for _, o := range objectsOf(&subjects[i], kind) {
				if t.partners[o.Ref] != nil && !t.seen[o.Ref] {
					want, opt = append(want, o), append(opt, t.diffOptions(&subjects[i]))
				}
			}
		}
		have, err := t.have(ctx, kind, want)
		if err != nil {
			return err
		}
		for i, o := range want {
			t.compareOne(o, have[o.Ref], opt[i])
		}
	}
	return nil
}

func objectsOf(s *subject, kind helpdesk.Kind) []*helpdesk.Object {
	if kind == helpdesk.Organization {
		return []*helpdesk.Object{&s.result.Org}
	}
	out := make([]*helpdesk.Object, len(s.result.Users))
	for i := range s.result.Users {
		out[i] = &s.result.Users[i]
	}
	return out
}

// have reads what the partners of wanted objects hold.
func (t *tallies) have(ctx context.Context, kind helpdesk.Kind, want []*helpdesk.Object) (map[helpdesk.Ref]helpdesk.Fields, error) {
	refs, ids, keys := map[string]helpdesk.Ref{}, []string(nil), []string(nil)
	for _, o := range want {
		h := t.partners[o.Ref]
		refs[h.ID] = o.Ref
		if h.Stored == "" {
			ids = append(ids, h.ID)
		} else {
			keys = append(keys, h.Stored)
		}
	}
	out := map[helpdesk.Ref]helpdesk.Fields{}
	for part := range slices.Chunk(sortedUnique(ids), journal.MaxPage) {
		strangers, err := t.journal.Strangers(ctx, t.TargetName, kind, part)
		if err != nil {
			return nil, err
		}
		for i := range strangers {
			out[refs[strangers[i].TargetID]] = strangers[i].Fields
		}
	}
	for part := range slices.Chunk(sortedUnique(keys), journal.MaxPage) {
		list, err := t.stored(ctx, kind, part)
		if err != nil {
			return nil, err
		}
		for i := range list {
			out[refs[list[i].TargetID]] = list[i].Have.Without(changeset.LinkField)
		}
	}
	return out, nil
}

func (t *tallies) stored(ctx context.Context, kind helpdesk.Kind, keys []string) ([]journal.Object, error) {
	if kind == helpdesk.User {
		found, err := t.journal.ObjectsOf(ctx, t.TargetName, nil, keys)
		return found.Users, err
	}
	found, err := t.journal.ObjectsOf(ctx, t.TargetName, keys, nil)
	return found.Organizations, err
}

// compareOne counts the fields of one object, as if desksync had never written it.
func (t *tallies) compareOne(want *helpdesk.Object, have helpdesk.Fields, opt changeset.DiffOptions) {
	if t.seen == nil {
		t.seen = map[helpdesk.Ref]bool{}
	}
	if t.seen[want.Ref] {
		return
	}
	t.seen[want.Ref] = true
	v := t.compare.Diff(want, changeset.Known{TargetID: t.partners[want.Ref].ID, Have: have, Exists: true, Linked: true}, opt)
	for _, n := range v.Notes {
		if !n.Forget {
			t.of(want.Ref.Kind, n.Field).Equal++
		}
	}
	if v.Change == nil {
		return
	}
	for _, d := range v.Change.Deltas {
		f := t.of(want.Ref.Kind, d.Field)
		if d.Have.IsEmpty() {
			f.Empty++
			continue
		}
		f.Different++
		if len(f.Examples) < maxExamples {
			f.Examples = append(f.Examples, example(v.Change.Name, &d))
		}
	}
}

// families name the elements of a list together.
var families = map[string]string{helpdesk.TagPrefix: "tags", helpdesk.DomPrefix: "domains", helpdesk.GroupPrefix: "groups"}

func (t *tallies) of(kind helpdesk.Kind, field string) *FieldTally {
	for prefix, name := range families {
		if strings.HasPrefix(field, prefix) {
			field = name
		}
	}
	key := [2]string{string(kind), field}
	if t.fields[key] == nil {
		t.fields[key] = &FieldTally{Kind: kind, Field: field}
	}
	return t.fields[key]
}

func example(name string, d *helpdesk.Delta) string {
	if d.Want.IsEmpty() || d.Want == helpdesk.None {
		return fmt.Sprintf("%s has %s, and no rule wants it", name, d.Field)
	}
	return fmt.Sprintf("%s has %q, the rules want %q", name, fault.Clip(d.Have.Text()), fault.Clip(d.Want.Text()))
}
