package helpdesktest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"sync"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
)

// Fake is a helpdesk in memory that obeys the laws. Whatever it is asked is in its
// log; others can edit it behind the sync's back; and it fails on demand.
type Fake struct {
	mu      sync.Mutex
	caps    helpdesk.Capabilities
	opt     FakeOptions
	objects map[helpdesk.Kind]map[string]*held // by the fake's own id
	keys    map[helpdesk.Ref]*held             // by CRM id
	gone    map[helpdesk.Kind][]stone
	tickets map[string]int
	jobs    map[string]helpdesk.Outcome // by token
	log     []Request
	faults  []*Fault
	seq     int64
	lastID  int64
}

// FakeOptions say what kind of helpdesk the fake is. Zero options give one that can
// do everything at once.
type FakeOptions struct {
	Capabilities func(*helpdesk.Capabilities) // changes what it can do
	Background   bool                         // answers "sent" first, as helpdesks with jobs do
	PageSize     int                          // objects per page; default 100
}

// held is one object. Its keys and fields are what a listing shows.
type held struct {
	helpdesk.Object
	seq   int64 // when others last touched it
	owner string
	group string // memberships: the ids of user (owner) and organization (group)
}

type stone struct {
	seq int64
	id  string
}

var (
	_ helpdesk.Target        = (*Fake)(nil)
	_ helpdesk.Settler       = (*Fake)(nil)
	_ helpdesk.TicketCounter = (*Fake)(nil)
)

// NewFake returns an empty helpdesk.
func NewFake(opt FakeOptions) *Fake {
	f := &Fake{
		caps: everything(), opt: opt,
		objects: map[helpdesk.Kind]map[string]*held{helpdesk.Organization: {}, helpdesk.User: {}, helpdesk.Membership: {}},
		keys:    map[helpdesk.Ref]*held{},
		gone:    map[helpdesk.Kind][]stone{},
		tickets: map[string]int{},
		jobs:    map[string]helpdesk.Outcome{},
	}
	f.opt.PageSize = cmp.Or(opt.PageSize, 100)
	if opt.Capabilities != nil {
		opt.Capabilities(&f.caps)
	}
	return f
}

// everything is what a fake can do unless told otherwise.
func everything() helpdesk.Capabilities {
	field := func(name string, t helpdesk.Type) helpdesk.Spec {
		return helpdesk.Spec{Name: helpdesk.FieldPrefix + name, Type: t}
	}
	level := field("support_level", helpdesk.Choice)
	for _, v := range []string{"ultimate", "gold", "premium", "silver", "starter", "expired"} {
		level.Choices = append(level.Choices, helpdesk.Option{Value: v, Label: v})
	}
	text := func(name string, limit int) helpdesk.Spec {
		return helpdesk.Spec{Name: name, Type: helpdesk.Text, MaxLen: limit}
	}
	flag := func(name string) helpdesk.Spec {
		return helpdesk.Spec{Name: name, Type: helpdesk.Bool, ZeroIsEmpty: true}
	}
	return helpdesk.Capabilities{
		Account: "fake:1",
		Ops: map[helpdesk.Kind][]helpdesk.Op{
			helpdesk.Organization: {helpdesk.Create, helpdesk.Update, helpdesk.Retire, helpdesk.Delete, helpdesk.Merge},
			helpdesk.User:         {helpdesk.Create, helpdesk.Update},
			helpdesk.Membership:   {helpdesk.Create, helpdesk.Update, helpdesk.Retire},
		},
		Specs: map[helpdesk.Kind][]helpdesk.Spec{
			helpdesk.Organization: {
				{Name: helpdesk.Name, Type: helpdesk.Text, MaxLen: 255, Bars: "|"},
				text(helpdesk.Notes, 10_000), level,
				field("account_owner", helpdesk.Text), field("aar", helpdesk.Decimal), field("seats", helpdesk.Integer),
				field("support_hold", helpdesk.Bool), field("expiration_date", helpdesk.Date), field("mark_for_deletion", helpdesk.Bool),
				field("ignore_deletion", helpdesk.Bool),
			},
			helpdesk.User:       {text(helpdesk.Name, 255), text(helpdesk.Email, 254)},
			helpdesk.Membership: {flag(helpdesk.Default), text(helpdesk.Position, 255), flag(helpdesk.Manager)},
		},
		Batch:       100,
		Incremental: map[helpdesk.Kind]bool{helpdesk.Organization: true, helpdesk.User: true, helpdesk.Membership: true},
		UniqueNames: true, MultiOrg: true, MaxMemberships: 300,
		Families: []string{helpdesk.TagPrefix, helpdesk.DomPrefix, helpdesk.GroupPrefix},
	}
}

// Describe implements helpdesk.Target.
func (f *Fake) Describe(ctx context.Context) (helpdesk.Capabilities, error) {
	if err := f.ask(ctx, Request{Op: "describe"}); err != nil {
		return helpdesk.Capabilities{}, err
	}
	return f.caps, nil
}

// Get implements helpdesk.Target.
func (f *Fake) Get(ctx context.Context, k helpdesk.Kind, keys []string) ([]helpdesk.Object, error) {
	if err := f.ask(ctx, Request{Op: "get", Ref: helpdesk.Ref{Kind: k}, Keys: keys}); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []helpdesk.Object
	for _, key := range slices.Compact(slices.Sorted(slices.Values(keys))) {
		if h := f.byKey(k, key); h != nil {
			out = append(out, h.copy())
		}
	}
	return out, nil
}

// OpenTickets implements helpdesk.TicketCounter.
func (f *Fake) OpenTickets(ctx context.Context, ids []string) (map[string]int, error) {
	if err := f.ask(ctx, Request{Op: "tickets", Keys: ids}); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	out := map[string]int{}
	for _, id := range ids {
		if n := f.tickets[id]; n > 0 {
			out[id] = n
		}
	}
	return out, nil
}

// sorted returns the objects of a kind by id.
func (f *Fake) sorted(k helpdesk.Kind) []*held {
	return slices.SortedFunc(maps.Values(f.objects[k]), func(a, b *held) int {
		x, _ := strconv.ParseInt(a.ID, 10, 64) // the fake's own ids are numbers
		y, _ := strconv.ParseInt(b.ID, 10, 64) // as above
		return cmp.Compare(x, y)
	})
}

func (h *held) copy() helpdesk.Object {
	o := h.Object
	o.Fields = slices.Clone(o.Fields)
	return o
}

// byKey returns the object that carries a CRM id.
func (f *Fake) byKey(k helpdesk.Kind, key string) *held {
	return f.keys[helpdesk.Ref{Kind: k, Key: key}]
}

// index keeps byKey in step when an object gets, changes or loses its CRM id.
func (f *Fake) index(h *held, old helpdesk.Ref) {
	if f.keys[old] == h {
		delete(f.keys, old)
	}
	if h.Ref.Key != "" && f.objects[h.Ref.Kind][h.ID] == h {
		f.keys[h.Ref] = h
	}
}

func refuse(kind fault.Kind, ref helpdesk.Ref, err error) error {
	return &fault.Error{Op: "fake.apply", Kind: kind, Ref: ref.String(), Err: err}
}
