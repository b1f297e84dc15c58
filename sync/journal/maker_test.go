package journal

import (
	"maps"
	"testing"
)

func TestMakers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		partners := must(d.Pipeline(t.Context(), "partners", "crm", "support"))(t)
		user := func(contact string) Claim { return Claim{Kind: ClaimUser, Value: contact, Ref: contact} }
		makers := func() map[string]string {
			return must(d.Makers(t.Context(), "support", d.pipe.ID, []string{"c1", "c2", "c3", "c9"}))(t)
		}
		if got := makers(); len(got) != 0 {
			t.Errorf("before anything was mapped: %v", got)
		}
		d.mapped(d.pipe, Mapped{Account: "A", Claims: []Claim{mail("jo@a.example", "c1"), user("c1"), user("c2")}}, Mapped{Account: "B", Claims: []Claim{mail("al@b.example", "c9")}})
		d.mapped(partners, Mapped{Account: "C", Claims: []Claim{user("c3"), user("c1")}})
		if got, want := makers(), map[string]string{"c1": "A", "c2": "A"}; !maps.Equal(got, want) {
			t.Errorf("makers %v, want %v", got, want)
		}
		d.mapped(d.pipe, Mapped{Account: "A", Claims: []Claim{user("c2")}})
		d.mapped(d.pipe, Mapped{Account: "D", Claims: []Claim{user("c1")}})
		if got, want := makers(), map[string]string{"c1": "D", "c2": "A"}; !maps.Equal(got, want) {
			t.Errorf("after one moved, makers %v, want %v", got, want)
		}
		if got := d.contests(); len(got) != 0 {
			t.Errorf("one contact in two pipelines is contested: %v", got)
		}
	})
}
