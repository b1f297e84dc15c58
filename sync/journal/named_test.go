package journal

import (
	"slices"
	"testing"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
)

// carrier is an organization that carries the id of an account in a field only.
func carrier(target, account string) HavePut {
	return HavePut{
		Key: account, TargetID: target, Fields: text("name", "n"+target), Loose: helpdesk.Field{Name: "link", Value: helpdesk.TextOf("field id")},
		Claims: []Claim{{Kind: ClaimID, Value: account}},
	}
}

// carriers lists the organizations that carry the id of A.
func (d *desk) carriers() []string {
	d.t.Helper()
	found := must(d.Carriers(d.t.Context(), "support", []string{"A", "B"}))(d.t)
	var out []string
	for _, s := range found["A"] {
		out = append(out, s.TargetID)
	}
	return out
}

func TestWhoCarriesAnIDInAFieldIsAStrangerThatNamesTheAccount(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		d.put(run, row(crm.Account, "A", "A", "a"), row(crm.Account, "B", "B", "b"))
		put := func(want []string, dirty bool, puts ...HavePut) {
			t.Helper()
			d.sql("DELETE FROM dirty")
			must(d.PutHave(t.Context(), run, helpdesk.Organization, puts, ""))(t)
			if got := d.carriers(); !slices.Equal(got, want) {
				t.Errorf("A is carried by %v, want %v", got, want)
			}
			if got := slices.Contains(d.dirty(), "A"); got != dirty {
				t.Errorf("A is dirty: %v, want %v", got, dirty)
			}
		}
		put([]string{"1"}, true, carrier("1", "A"))
		put([]string{"1"}, false, carrier("1", "A"))
		put([]string{"1", "2"}, true, carrier("2", "A"), carrier("3", "B"))
		put([]string{"1"}, true, HavePut{TargetID: "2", Gone: true})
		put(nil, true, HavePut{TargetID: "1", Fields: text("name", "n1")})
		put([]string{"1"}, true, carrier("1", "A"))
		put(nil, true, HavePut{Key: "A", TargetID: "1", Fields: text("name", "n1")})
		put([]string{"4"}, true, carrier("4", "A"))
		put([]string{"4"}, true, carrier("1", "A")) // ours all the same
		if o := d.organization("A"); o.TargetID != "1" || len(o.Have) != 2 {
			t.Errorf("A is %+v", o)
		}
	})
}

func TestAListingForgetsWhoIsNotThereAndTellsTheAccount(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		d.put(run, row(crm.Account, "A", "A", "a"))
		must(d.PutHave(t.Context(), run, helpdesk.Organization, []HavePut{carrier("1", "A"), carrier("2", "A")}, ""))(t)
		d.sql("DELETE FROM dirty")
		d.ok(d.BeginListing(t.Context(), run, helpdesk.Organization))
		must(d.PutHave(t.Context(), run, helpdesk.Organization, []HavePut{carrier("2", "A")}, ""))(t)
		must(d.EndListing(t.Context(), run, helpdesk.Organization))(t)
		if got := d.carriers(); !slices.Equal(got, []string{"2"}) || !slices.Equal(d.dirty(), []string{"A"}) {
			t.Errorf("A is carried by %v, and dirty are %v", got, d.dirty())
		}
	})
}

func TestWhetherAnybodyIsSparedAtAll(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		some := func(want bool) {
			t.Helper()
			if got := must(d.HasSpared(t.Context(), "support"))(t); got != want {
				t.Errorf("somebody is spared: %v, want %v", got, want)
			}
		}
		some(false)
		must(d.PutHave(t.Context(), run, helpdesk.Organization, []HavePut{carrier("1", "A")}, ""))(t)
		some(false)
		agent := HavePut{Key: "ann", TargetID: "51", Loose: helpdesk.Field{Name: helpdesk.SparedAs, Value: helpdesk.TextOf("ann")}, Claims: []Claim{{Kind: ClaimContact, Value: "ann"}}}
		must(d.PutHave(t.Context(), run, helpdesk.User, []HavePut{agent}, ""))(t)
		some(true)
		must(d.PutHave(t.Context(), run, helpdesk.User, []HavePut{{TargetID: "51", Gone: true}}, ""))(t)
		some(false)
	})
}
