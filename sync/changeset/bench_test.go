package changeset

import (
	"fmt"
	"io"
	"testing"

	"github.com/desksync/desksync/helpdesk"
)

// wide is an organization with 45 fields: 40 columns and 5 tags.
func wide() (helpdesk.Shape, helpdesk.Fields) {
	s := helpdesk.Shape{Fields: map[string]*helpdesk.Rule{}, Families: map[string]helpdesk.Family{}}
	var fields helpdesk.Fields
	for i := range 39 {
		name := fmt.Sprintf("field:column_number_%02d", i)
		s.Fields[name] = &helpdesk.Rule{Path: "organizations.fields." + name, Origin: fmt.Sprintf("Account.Column_%02d__c", i), OnDrift: helpdesk.Hold}
		fields = append(fields, helpdesk.Field{Name: name, Value: helpdesk.TextOf(fmt.Sprintf("value %d", i)), Rule: s.Fields[name]})
	}
	s.Fields["name"] = &helpdesk.Rule{Path: "organizations.name", Origin: "Account.Name"}
	fields = append(fields, helpdesk.Field{Name: "name", Value: helpdesk.TextOf("Acme"), Rule: s.Fields["name"]})
	tags := &helpdesk.Rule{Path: "organizations.tags", Origin: "sla.tags"}
	s.Families["tag:"] = helpdesk.Family{Rule: tags, Owned: []string{"expired"}}
	for i := range 5 {
		fields = append(fields, helpdesk.Field{Name: fmt.Sprintf("tag:plan_%d", i), Value: helpdesk.BoolOf(true), Rule: tags})
	}
	return s, fields.Sort()
}

func BenchmarkDiff(b *testing.B) {
	shape, fields := wide()
	c := New(helpdesk.Capabilities{Ops: ops()}, map[helpdesk.Kind]helpdesk.Shape{helpdesk.Organization: shape})
	want := &helpdesk.Object{Ref: helpdesk.Ref{Kind: helpdesk.Organization, Key: "001Aa000003DGb2IAG"}, Fields: fields}
	have := fields.With("tag:vip", yes).With("field:not_ours", gold)
	moved := have.With("field:column_number_07", gold)
	opt := DiffOptions{MayCreate: true, Day: today, Policies: holding}
	for name, k := range map[string]Known{
		"in step": here(have, fields),
		"moved":   here(moved, fields.With("field:column_number_07", gold)),
		"create":  {},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Diff(want, k, opt)
			}
		})
	}
}

// changes is a changeset of n updates with three fields each.
func changes(n int) func(yield func(*helpdesk.Change) bool) {
	return func(yield func(*helpdesk.Change) bool) {
		ch := comparer().Diff(org("field:level=gold", "field:aar#31200", "tag:gold"), here(f("field:level=silver", "field:aar#4800"), f("field:level=silver", "field:aar#4800")), DiffOptions{}).Change
		for i := range n {
			one := *ch
			one.Ref.Key = fmt.Sprintf("001Aa%013d", i)
			one.Account, one.Name = one.Ref.Key, fmt.Sprintf("Customer %d", i)
			if !yield(&one) {
				return
			}
		}
	}
}

func BenchmarkText100000(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		p := NewPrinter(io.Discard, TextOptions{Width: 120, Color: true})
		for ch := range changes(100_000) {
			if err := p.Print(Entry{Change: ch, PolicyFrom: "Standard", PolicyTo: "Priority"}); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkJSON100000(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		e := NewEncoder(io.Discard)
		for ch := range changes(100_000) {
			if err := e.Encode(Entry{Change: ch}); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkID(b *testing.B) {
	shape, fields := wide()
	c := New(helpdesk.Capabilities{}, map[helpdesk.Kind]helpdesk.Shape{helpdesk.Organization: shape})
	ch := c.Diff(&helpdesk.Object{Ref: helpdesk.Ref{Kind: helpdesk.Organization, Key: "001A"}, Fields: fields}, Known{}, DiffOptions{MayCreate: true}).Change
	b.ReportAllocs()
	for b.Loop() {
		ID(ch)
	}
}
