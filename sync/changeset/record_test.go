package changeset

import (
	"testing"

	"github.com/desksync/desksync/helpdesk"
)

func TestRecordAndApply(t *testing.T) {
	t.Parallel()
	c := comparer()
	diff := func(k Known, want ...string) *helpdesk.Change {
		return c.Diff(org(want...), k, DiffOptions{Policies: correcting, MayCreate: true}).Change
	}
	known := here(f("name=A", "field:owner=Lee", "tag:old", "tag:vip", "tag:expired"), f("name=A", "field:owner=Lee", "tag:old"))
	update := diff(known, "name=Acme", "field:owner=-", "field:level=gold", "tag:gold")
	emptied := diff(here(f("name=A"), f("name=A")), "name=")
	partly := diff(known, "name=Acme", "field:owner=-", "tag:gold")
	Withhold(partly, "conflict: x", "name", "tag:gold")
	linked := diff(Known{Exists: true}, "name=Acme")
	vanished := Known{Last: f("name=A", "tag:old")}
	tests := map[string]struct {
		known      Known
		change     *helpdesk.Change
		last, have helpdesk.Fields
	}{
		"an update":                   {known, update, f("name=Acme", "field:level=gold", "tag:gold"), f("name=Acme", "field:owner=", "field:level=gold", "tag:gold", "tag:vip")},
		"a field wanted empty stays":  {here(f("name=A"), f("name=A")), emptied, f("name="), f("name=")},
		"held deltas are not written": {known, partly, f("name=A"), f("name=A", "field:owner=", "tag:vip")},
		"a link is no field":          {Known{}, linked, f("name=Acme"), f("name=Acme")},
		"a new object starts afresh":  {vanished, diff(vanished, "name=Acme"), f("name=Acme"), f("name=Acme")},
		"a deletion leaves nothing":   {known, &helpdesk.Change{Op: helpdesk.Delete}, nil, nil},
		"a removal leaves nothing":    {known, &helpdesk.Change{Op: helpdesk.Retire, Ref: member()}, nil, nil},
		"a held removal changes nothing": {
			known, &helpdesk.Change{Op: helpdesk.Retire, Ref: member(), Hold: "x", Deltas: []helpdesk.Delta{{Field: "name"}}}, known.Last, known.Have,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			last, have := Record(tt.known.Last, tt.change), Apply(tt.known.Have, tt.change)
			equal(t, "last written", last, tt.last)
			equal(t, "have", have, tt.have)
			if (last == nil) != (tt.last == nil) {
				t.Errorf("last written is nil: %t", last == nil)
			}
		})
	}
}

func TestRemember(t *testing.T) {
	t.Parallel()
	last := f("a=1", "b=2")
	got := Remember(last, []Note{{Field: "b", Forget: true}, {Field: "c", Value: gold}, {Field: "x", Forget: true}, {Field: "a"}})
	equal(t, "last written", got, f("a=", "c=gold"))
	equal(t, "the list it came from", last, f("a=1", "b=2"))
	if Remember(nil, nil) != nil || Remember(nil, []Note{{Field: "a"}}) == nil {
		t.Error("an object is written once there is something to note, not before")
	}
}
