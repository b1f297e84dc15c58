package journal

import (
	"reflect"
	"testing"
)

func TestBearers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		bears := func(v string) Claim { return Claim{Kind: ClaimBears, Value: v} }
		partners := must(d.Pipeline(t.Context(), "partners", "crm", "support"))(t)
		d.mapped(d.pipe,
			Mapped{Account: "A", Claims: []Claim{name("acme"), bears("bolt")}},
			Mapped{Account: "B", Claims: []Claim{name("bolt"), bears("nobody else's")}},
			Mapped{Account: "C", Claims: []Claim{name("crate"), bears("c"), domain("c")}},
		)
		d.mapped(partners, Mapped{Account: "D", Claims: []Claim{name("bolt"), bears("acme")}})
		d.ok(d.PutStrangers(t.Context(), "support", []Stranger{{Kind: "organization", TargetID: "7", Claims: []Claim{name("acme")}}}))
		bear, want, err := d.Bearers(t.Context(), "support")
		d.ok(err)
		p, q := d.pipe.ID, partners.ID
		if got := map[string][]Holder{"acme": {{Pipeline: q, Account: "D"}}, "bolt": {{Pipeline: p, Account: "A"}}}; !reflect.DeepEqual(bear, got) {
			t.Errorf("who goes by them: %v, want %v", bear, got)
		}
		if got := map[string][]Holder{"acme": {{Pipeline: p, Account: "A"}}, "bolt": {{Pipeline: p, Account: "B"}, {Pipeline: q, Account: "D"}}}; !reflect.DeepEqual(want, got) {
			t.Errorf("who wants them: %v, want %v", want, got)
		}
		d.mapped(d.pipe, Mapped{Account: "A", Claims: []Claim{name("bolt")}})
		if bear, _, err := d.Bearers(t.Context(), "support"); err != nil || len(bear) != 0 {
			t.Errorf("once the names are as they are wanted: %v, %v", bear, err)
		}
		if bear, _, err := d.Bearers(t.Context(), "never heard of"); err != nil || len(bear) != 0 {
			t.Errorf("of an unknown target: %v, %v", bear, err)
		}
	})
}
