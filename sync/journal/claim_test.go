package journal

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/desksync/desksync/helpdesk"
)

func name(v string) Claim          { return Claim{Kind: ClaimName, Value: v} }
func domain(v string) Claim        { return Claim{Kind: ClaimDomain, Value: v} }
func mail(v, contact string) Claim { return Claim{Kind: ClaimEmail, Value: v, Ref: contact} }

// mapped stores what accounts claim and reports whether any claim changed.
func (d *desk) mapped(pipe Pipeline, rows ...Mapped) bool {
	d.t.Helper()
	return must(d.PutMapped(d.t.Context(), pipe.ID, pipe.Target, rows))(d.t)
}

func (d *desk) contests() map[string][]Holder {
	d.t.Helper()
	out := map[string][]Holder{}
	for c, err := range d.Contests(d.t.Context(), "support") {
		d.ok(err)
		out[fmt.Sprint(c.Kind, " ", c.Value)] = c.Holders
	}
	return out
}

func TestContests(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		partners := must(d.Pipeline(t.Context(), "partners", "crm", "support"))(t)
		elsewhere := must(d.Pipeline(t.Context(), "elsewhere", "crm", "other desk"))(t)
		p, q := d.pipe.ID, partners.ID
		d.mapped(d.pipe,
			Mapped{Account: "A", Claims: []Claim{name("acme"), domain("acme.example"), mail("jo@acme.example", "c1"), mail("al@acme.example", "c2")}},
			Mapped{Account: "B", Claims: []Claim{name("acme"), domain("b.example"), mail("jo@acme.example", "c3"), domain("acme")}},
			Mapped{Account: "C", Claims: []Claim{name("C"), mail("al@acme.example", "c2"), mail("x@c.example", "c4"), mail("x@c.example", "c5")}},
			Mapped{Account: "D", Claims: []Claim{name("d"), {Kind: ClaimOverride, Value: "D"}}},
		)
		d.mapped(partners, Mapped{Account: "A", Claims: []Claim{name("acme")}}, Mapped{Account: "D", Claims: []Claim{name("d"), {Kind: ClaimOverride, Value: "D"}}}, Mapped{Account: "E", Claims: []Claim{domain("b.example")}})
		d.mapped(elsewhere, Mapped{Account: "F", Claims: []Claim{name("d"), name("c")}})
		want := map[string][]Holder{
			"1 acme":            {{Pipeline: p, Account: "A"}, {Pipeline: p, Account: "B"}, {Pipeline: q, Account: "A"}},
			"2 b.example":       {{Pipeline: p, Account: "B"}, {Pipeline: q, Account: "E"}},
			"3 jo@acme.example": {{Pipeline: p, Account: "A", Ref: "c1"}, {Pipeline: p, Account: "B", Ref: "c3"}},
			"3 x@c.example":     {{Pipeline: p, Account: "C", Ref: "c4"}, {Pipeline: p, Account: "C", Ref: "c5"}},
		}
		if got := d.contests(); !reflect.DeepEqual(got, want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
		d.mapped(d.pipe, Mapped{Account: "B", Claims: []Claim{name("b")}}, Mapped{Account: "C"})
		d.mapped(d.pipe, Mapped{Account: "B", Claims: []Claim{domain("acme.example")}})
		want = map[string][]Holder{"2 acme.example": {{Pipeline: p, Account: "A"}, {Pipeline: p, Account: "B"}}}
		if got := d.contests(); !reflect.DeepEqual(got, want) {
			t.Errorf("after a change got %v, want %v", got, want)
		}
		wanted := must(d.WantedElsewhere(t.Context(), "support", d.pipe.ID, []string{"A", "B", "C", "D", "E"}))(t)
		if !reflect.DeepEqual(wanted, map[string]string{"A": "partners", "D": "partners", "E": "partners"}) {
			t.Errorf("wanted elsewhere %v", wanted)
		}
		if wanted := must(d.WantedElsewhere(t.Context(), "support", partners.ID, []string{"C", "D"}))(t); !reflect.DeepEqual(wanted, map[string]string{"D": "customers"}) {
			t.Errorf("wanted elsewhere %v", wanted)
		}
	})
}

func TestClaimsAreWrittenOnlyWhereTheyDiffer(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		a := Mapped{Account: "A", Next: 739000, Claims: []Claim{name("acme"), domain("acme.example")}}
		tests := []struct {
			about string
			row   Mapped
			want  bool
		}{
			{"the first time", a, true},
			{"the same again", a, false},
			{"in another order", Mapped{Account: "A", Next: 739000, Claims: []Claim{domain("acme.example"), name("acme"), name("acme")}}, false},
			{"another boundary day", Mapped{Account: "A", Next: 739001, Claims: a.Claims}, false},
			{"one claim less", Mapped{Account: "A", Claims: a.Claims[:1]}, true},
			{"a new account that claims nothing", Mapped{Account: "B"}, false},
			{"no claim any more", Mapped{Account: "A"}, true},
		}
		for _, tt := range tests {
			if got := d.mapped(d.pipe, tt.row); got != tt.want {
				t.Errorf("%s: claims changed is %v, want %v", tt.about, got, tt.want)
			}
		}
	})
}

func TestStrangersContest(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		d.mapped(d.pipe, Mapped{Account: "A", Claims: []Claim{name("acme"), mail("jo@acme.example", "c1")}})
		puts := []HavePut{
			{TargetID: "119", Fields: text("name", "Acme"), Claims: []Claim{name("acme"), domain("acme.example")}},
			{TargetID: "120", Fields: text("name", "Other"), Claims: []Claim{name("other"), domain("acme.example")}},
		}
		must(d.PutHave(t.Context(), run, helpdesk.Organization, puts, "1"))(t)
		must(d.PutHave(t.Context(), run, helpdesk.User, []HavePut{{TargetID: "119", Fields: text("email", "jo@acme.example"), Claims: []Claim{mail("jo@acme.example", "")}}}, "1"))(t)
		want := map[string][]Holder{
			"1 acme":            {{TargetID: "119"}, {Pipeline: d.pipe.ID, Account: "A"}},
			"2 acme.example":    {{TargetID: "119"}, {TargetID: "120"}},
			"3 jo@acme.example": {{TargetID: "119"}, {Pipeline: d.pipe.ID, Account: "A", Ref: "c1"}},
		}
		if got := d.contests(); !reflect.DeepEqual(got, want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
		found := must(d.Strangers(t.Context(), "support", helpdesk.Organization, []string{"120", "119", "7"}))(t)
		if len(found) != 2 || found[0].TargetID != "119" || !found[0].Fields.Equal(text("name", "Acme")) || len(found[0].Claims) != 2 {
			t.Errorf("strangers %+v", found)
		}
		if page := must(d.StrangersAfter(t.Context(), "support", helpdesk.Organization, "119", 9))(t); len(page) != 1 || page[0].TargetID != "120" {
			t.Errorf("strangers after 119: %+v", page)
		}
		// 119 is linked, 120 renamed
		d.ok(d.Notes(t.Context(), run, []ObjectNote{{Object: Object{Kind: helpdesk.Organization, Key: "A", TargetID: "119"}}}))
		must(d.PutHave(t.Context(), run, helpdesk.Organization, []HavePut{{TargetID: "120", Fields: text("name", "New"), Claims: []Claim{name("new")}}}, "2"))(t)
		must(d.PutHave(t.Context(), run, helpdesk.User, []HavePut{{TargetID: "119", Gone: true}}, "2"))(t)
		if got := d.contests(); len(got) != 0 {
			t.Errorf("left over %v", got)
		}
		holders := must(d.Claimants(t.Context(), "support", ClaimName, "new"))(t)
		if !slices.Equal(holders, []Holder{{TargetID: "120"}}) || !holders[0].Stranger() {
			t.Errorf("claimants of new: %v", holders)
		}
		if holders := must(d.Claimants(t.Context(), "support", ClaimName, "nobody's"))(t); holders != nil {
			t.Errorf("claimants of a free name: %v", holders)
		}
	})
}

func TestStrangersPutByHand(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.ok(d.PutStrangers(t.Context(), "support", []Stranger{
			{Kind: helpdesk.User, TargetID: "1", Claims: []Claim{mail("a@b.example", "")}}, {Kind: helpdesk.Organization, TargetID: "1", Claims: []Claim{name("x")}},
		}))
		if got := must(d.Claimants(t.Context(), "support", ClaimEmail, "a@b.example"))(t); len(got) != 1 {
			t.Errorf("claimants %v", got)
		}
	})
}

func TestValuesOfOneHashDoNotContest(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.mapped(d.pipe, Mapped{Account: "A", Claims: []Claim{name("one")}}, Mapped{Account: "B", Claims: []Claim{name("two")}})
		if len(d.contests()) != 0 {
			t.Fatal("a contest before the collision")
		}
		_, err := d.db.Exec(d.db.Rebind(`UPDATE claim SET hash = ? WHERE account = 'B'`), hashOf("one"))
		d.ok(err)
		if got := d.contests(); len(got) != 0 {
			t.Errorf("two values of one hash contest: %v", got)
		}
	})
}

func TestMoreContestsThanOnePage(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		var rows []Mapped
		for i := range 2*contestPage + 7 {
			for _, side := range []string{"a", "b"} {
				rows = append(rows, Mapped{Account: fmt.Sprint(side, i), Claims: []Claim{name(fmt.Sprint("name ", i)), domain(fmt.Sprint(side, i, ".example"))}})
			}
		}
		d.mapped(d.pipe, rows...)
		if got := d.contests(); len(got) != 2*contestPage+7 {
			t.Errorf("%d contests, want %d", len(got), 2*contestPage+7)
		}
		n := 0
		for range d.Contests(t.Context(), "support") {
			if n++; n == 3 {
				break
			}
		}
		if n != 3 {
			t.Errorf("stopped after %d", n)
		}
	})
}

func TestContestsOfAnUnknownTarget(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		for c, err := range d.Contests(t.Context(), "never heard of") {
			t.Errorf("got %v, %v", c, err)
		}
	})
}
