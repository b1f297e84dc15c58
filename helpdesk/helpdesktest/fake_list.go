package helpdesktest

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"strconv"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
)

// Objects implements helpdesk.Target. Incremental listings leave out what Apply
// wrote, as the law allows.
func (f *Fake) Objects(ctx context.Context, k helpdesk.Kind, since helpdesk.Cursor) iter.Seq2[helpdesk.Page, error] {
	return func(yield func(helpdesk.Page, error) bool) {
		pages, err := f.pages(ctx, k, since)
		if err != nil {
			yield(helpdesk.Page{}, err)
			return
		}
		for _, p := range pages {
			if err := ctx.Err(); err != nil {
				yield(helpdesk.Page{}, fault.New("fake.objects", fault.Unavailable, err))
				return
			}
			if !yield(p, nil) {
				return
			}
		}
	}
}

func (f *Fake) pages(ctx context.Context, k helpdesk.Kind, since helpdesk.Cursor) ([]helpdesk.Page, error) {
	if err := f.ask(ctx, Request{Op: "objects", Ref: helpdesk.Ref{Kind: k}, Since: since}); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.caps.Ops[k]; !ok {
		return nil, fault.New("fake.objects", fault.Unsupported, errors.New("no objects of kind "+string(k)))
	}
	if since == "" || !f.caps.Incremental[k] {
		return f.cut(f.sorted(k), nil, since, true), nil
	}
	from, err := strconv.ParseInt(string(since), 10, 64)
	if err != nil {
		return nil, fault.New("fake.objects", fault.Invalid, err)
	}
	var gone []string
	for _, s := range f.gone[k] {
		if s.seq > from {
			gone = append(gone, s.id)
		}
	}
	moved := slices.DeleteFunc(f.sorted(k), func(h *held) bool { return h.seq <= from })
	return f.cut(moved, gone, since, false), nil
}

// cut makes pages of a listing. Only the last one moves the cursor on.
func (f *Fake) cut(list []*held, gone []string, since helpdesk.Cursor, full bool) []helpdesk.Page {
	pages := []helpdesk.Page{{Gone: gone, Next: since}}
	for chunk := range slices.Chunk(list, f.opt.PageSize) {
		p := helpdesk.Page{Next: since}
		for _, h := range chunk {
			p.Objects = append(p.Objects, h.copy())
		}
		pages = append(pages, p)
	}
	if len(pages) > 1 && len(gone) == 0 {
		pages = pages[1:]
	}
	last := &pages[len(pages)-1]
	last.Complete, last.Next = full, helpdesk.Cursor(strconv.FormatInt(f.seq, 10))
	return pages
}

// Held returns the objects of a kind, oldest first, without asking the fake: it is
// not in the log.
func (f *Fake) Held(k helpdesk.Kind) []helpdesk.Object {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []helpdesk.Object
	for _, h := range f.sorted(k) {
		out = append(out, h.copy())
	}
	return out
}

// Put lets someone else make or replace an object, found by its id, else by its
// key. It returns the id. A membership needs the key of an organization and a user
// that are there.
func (f *Fake) Put(o helpdesk.Object) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	h := f.objects[o.Ref.Kind][o.ID]
	if h == nil {
		h = f.byKey(o.Ref.Kind, o.Ref.Key)
	}
	if h == nil {
		h = &held{Object: helpdesk.Object{ID: cmp.Or(o.ID, f.newID())}}
		f.objects[o.Ref.Kind][h.ID] = h
	}
	old := h.Ref
	h.Ref, h.Fields = o.Ref, slices.Clone(o.Fields).Sort()
	f.index(h, old)
	f.tie(h)
	f.touch(h)
	return h.ID
}

// Edit lets someone else change one field; the empty value takes it away. It
// reports whether the object is there.
func (f *Fake) Edit(k helpdesk.Kind, id, field string, v helpdesk.Value) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	h := f.objects[k][id]
	if h == nil {
		return false
	}
	h.set(field, v)
	f.touch(h)
	return true
}

// Remove lets someone else delete an object.
func (f *Fake) Remove(k helpdesk.Kind, id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drop(k, id)
}

// SetOpenTickets says how many tickets of an organization are not closed.
func (f *Fake) SetOpenTickets(id string, n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tickets[id] = n
}

func (f *Fake) newID() string {
	f.lastID++
	return strconv.FormatInt(f.lastID, 10)
}

// touch marks an object as changed by others.
func (f *Fake) touch(h *held) {
	f.seq++
	h.seq = f.seq
}

// tie finds the user and the organization of a membership.
func (f *Fake) tie(h *held) {
	if h.Ref.Kind != helpdesk.Membership {
		return
	}
	account, contact := helpdesk.SplitMember(h.Ref.Key)
	if u := f.byKey(helpdesk.User, contact); u != nil {
		h.owner = u.ID
	}
	if o := f.byKey(helpdesk.Organization, account); o != nil {
		h.group = o.ID
	}
}

// drop deletes an object and what cannot be without it.
func (f *Fake) drop(k helpdesk.Kind, id string) {
	h := f.objects[k][id]
	if h == nil {
		return
	}
	delete(f.objects[k], id)
	f.index(h, h.Ref)
	f.seq++
	f.gone[k] = append(f.gone[k], stone{f.seq, id})
	for _, m := range f.sorted(helpdesk.Membership) {
		if k == helpdesk.Organization && m.group == id || k == helpdesk.User && m.owner == id {
			f.drop(helpdesk.Membership, m.ID)
		}
	}
	if k == helpdesk.Membership && h.isDefault() {
		f.moveDefault(h.owner)
	}
}

// moveDefault makes a user's oldest membership the default one.
func (f *Fake) moveDefault(user string) {
	for _, m := range f.sorted(helpdesk.Membership) {
		if m.owner == user {
			m.set(helpdesk.Default, helpdesk.BoolOf(true))
			f.touch(m)
			return
		}
	}
}

func (h *held) isDefault() bool {
	v, _ := h.Fields.Get(helpdesk.Default)
	return v.True()
}

// set puts a field where it belongs; empty values, false tags and what is wanted
// away are not kept.
func (h *held) set(field string, v helpdesk.Value) {
	if v.IsEmpty() || v == helpdesk.None || isPart(field) && !v.True() {
		h.Fields = h.Fields.Without(field)
		return
	}
	h.Fields = h.Fields.With(field, v)
}
