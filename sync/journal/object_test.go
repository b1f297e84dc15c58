package journal

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/fault"
)

func (d *desk) notes(run Run, list ...Object) {
	d.t.Helper()
	var notes []ObjectNote
	for _, o := range list {
		notes = append(notes, ObjectNote{Object: o})
	}
	d.ok(d.Notes(d.t.Context(), run, notes))
}

// org is an organization written once, that holds what was written.
func (d *desk) org(key, id string, last helpdesk.Fields) Object {
	return Object{Kind: helpdesk.Organization, Key: key, TargetID: id, Pipeline: d.pipe.ID, Last: last, Written: true, Have: last}
}

func (d *desk) organization(key string) *Object {
	d.t.Helper()
	o := must(d.ObjectsOf(d.t.Context(), "support", []string{key}, nil))(d.t)
	return o.Organization(key)
}

func TestObjectsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		full := Object{
			Kind: helpdesk.Organization, Key: "A", Account: "A", TargetID: "119", Pipeline: d.pipe.ID,
			Last:    helpdesk.Fields{{Name: "field:aar", Value: helpdesk.DecimalOf(31200.5)}, {Name: "name", Value: helpdesk.TextOf("Ä 社")}, {Name: "tag:gold", Value: helpdesk.BoolOf(true)}},
			Written: true, Have: text("name", "someone's"), HaveState: HaveDiffers, Run: run.ID, At: d.clock.Now(),
			Source: "00112233445566778899aabbccddeeff", Digest: "ffeeddccbbaa99887766554433221100", Marked: day.MustParse("2026-11-20"),
			Corrected: []Corrected{{"name", d.clock.Now()}, {"field:aar", d.clock.Now().Add(time.Hour)}},
		}
		same := d.org("B", "120", text("name", "b"))
		never := Object{Kind: helpdesk.User, Key: "c1", Account: "A", Last: text("email", "x"), Written: true}
		found := Object{Kind: helpdesk.Membership, Key: helpdesk.MemberKey("A", "c1"), Have: text("position", "boss")}
		gone := Object{Kind: helpdesk.Membership, Key: helpdesk.MemberKey("A", "c2"), Last: text("position", "p"), Written: true, HaveState: HaveGone}
		empty := Object{Kind: helpdesk.Membership, Key: helpdesk.MemberKey("AB", "c2"), Written: true, Last: helpdesk.Fields{}, Have: helpdesk.Fields{}}
		d.notes(run, full, same, never, found, gone, empty)
		got := must(d.ObjectsOf(t.Context(), "support", []string{"B", "A"}, []string{"c1", "c9"}))(t)
		if o := got.Organization("A"); !reflect.DeepEqual(*o, full) {
			t.Errorf("got  %+v\nwant %+v", *o, full)
		}
		if o := got.Organization("B"); o.HaveState != HaveSame || !o.Have.Equal(same.Last) || !o.Written {
			t.Errorf("in step: %+v", o)
		}
		if o := got.User("c1"); o.HaveState != NeverSeen || !o.Have.Equal(never.Last) || o.Account != "A" || got.User("c9") != nil {
			t.Errorf("never seen: %+v", o)
		}
		m := got.MembersOf("A")
		if len(m) != 2 || m[0].Written || !m[0].Have.Equal(found.Have) || m[0].Account != "A" || m[1].HaveState != HaveGone || m[1].Have != nil || len(got.MembersOf("B")) != 0 {
			t.Errorf("members of A: %+v", m)
		}
		if got := must(d.ObjectsOf(t.Context(), "support", []string{"AB"}, nil))(t); len(got.Members) != 1 || !got.Members[0].Written || got.Members[0].HaveState != HaveSame {
			t.Errorf("members of AB: %+v", got.Members)
		}
		if o, ok := must2(d.ObjectByTarget(t.Context(), "support", helpdesk.Organization, "120"))(t); !ok || o.Key != "B" {
			t.Errorf("by target id: %+v", o)
		}
		if n := must(d.CountObjects(t.Context(), "support", d.pipe.ID, helpdesk.Organization))(t); n != 2 {
			t.Errorf("%d organizations, want 2", n)
		}
		page := must(d.ObjectsAfter(t.Context(), "support", helpdesk.Membership, "A/c1", 9))(t)
		if len(page) != 2 || page[0].Key != "A/c2" {
			t.Errorf("memberships after A/c1: %+v", page)
		}
	})
}

func TestForgottenObjectIsGoneFromTheJournal(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		d.notes(run, d.org("A", "1", text("name", "a")), d.org("B", "2", text("name", "b")))
		d.ok(d.Notes(t.Context(), run, []ObjectNote{{Object: Object{Kind: helpdesk.Organization, Key: "A"}, Forget: true}}))
		if d.organization("A") != nil || d.organization("B") == nil {
			t.Error("not the one object was forgotten")
		}
	})
}

func TestHaveIsStoredWhereItDiffers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		d.put(run, row(crm.Account, "A", "A", "a"), row(crm.Account, "B", "B", "b"))
		d.sealAll(run)
		d.notes(run, d.org("A", "1", text("name", "a")))
		put := func(puts ...HavePut) int {
			t.Helper()
			return must(d.PutHave(t.Context(), run, helpdesk.Organization, puts, ""))(t)
		}
		steps := []struct {
			about   string
			put     HavePut
			changed int
			state   HaveState
			have    helpdesk.Fields
		}{
			{"as written", HavePut{Key: "A", TargetID: "1", Fields: text("name", "a")}, 0, HaveSame, text("name", "a")},
			{"edited", HavePut{Key: "A", TargetID: "1", Fields: text("name", "x")}, 1, HaveDiffers, text("name", "x")},
			{"edited, seen again", HavePut{Key: "A", TargetID: "1", Fields: text("name", "x")}, 0, HaveDiffers, text("name", "x")},
			{"put right by hand", HavePut{Key: "A", TargetID: "1", Fields: text("name", "a")}, 1, HaveSame, text("name", "a")},
			{"someone's tag beside ours", HavePut{Key: "A", TargetID: "1", Fields: text("name", "a", "tag:vip", "t")}, 1, HaveDiffers, text("name", "a", "tag:vip", "t")},
			{"under another id", HavePut{Key: "A", TargetID: "2", Fields: text("name", "a", "tag:vip", "t")}, 1, HaveDiffers, text("name", "a", "tag:vip", "t")},
			{"gone", HavePut{TargetID: "2", Gone: true}, 1, HaveGone, nil},
			{"still gone", HavePut{TargetID: "2", Gone: true}, 0, HaveGone, nil},
			{"back", HavePut{Key: "A", TargetID: "3", Fields: text("name", "a")}, 1, HaveSame, text("name", "a")},
			{"fields out of order", HavePut{Key: "A", TargetID: "3", Fields: helpdesk.Fields{{Name: "z"}, {Name: "a"}}}, 1, HaveDiffers, helpdesk.Fields{{Name: "a"}, {Name: "z"}}},
		}
		for _, s := range steps {
			d.sealAll(run)
			if n := put(s.put); n != s.changed {
				t.Errorf("%s: %d changed, want %d", s.about, n, s.changed)
			}
			o := d.organization("A")
			if o.HaveState != s.state || !o.Have.Equal(s.have) || !o.Last.Equal(text("name", "a")) {
				t.Errorf("%s: %+v, want state %d, have %v", s.about, o, s.state, s.have)
			}
			if got := d.dirty(); len(got) != s.changed {
				t.Errorf("%s: dirty %v", s.about, got)
			}
		}
		if n := put(HavePut{Key: "B", TargetID: "9", Fields: text("name", "b")}, HavePut{Key: "C", TargetID: "10", Fields: text("name", "c")}); n != 2 {
			t.Errorf("objects with our key that nobody wrote: %d changed, want 2", n)
		}
		if o := d.organization("B"); o == nil || o.Written || o.HaveState != HaveDiffers {
			t.Errorf("found: %+v", o)
		}
		if got := d.dirty(); !slices.Equal(got, []string{"A", "B"}) {
			t.Errorf("dirty %v: C belongs to no pipeline", got)
		}
	})
}

func TestHaveNeverSeenBecomesSeenInSilence(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		o := d.org("A", "1", text("name", "a"))
		o.Have = nil
		d.notes(run, o)
		if n := must(d.PutHave(t.Context(), run, helpdesk.Organization, []HavePut{{Key: "A", TargetID: "1", Fields: o.Last}}, ""))(t); n != 0 {
			t.Errorf("%d changed, want 0", n)
		}
		if got := d.organization("A"); got.HaveState != HaveSame {
			t.Errorf("state %d, want the same", got.HaveState)
		}
	})
}

func TestHaveMarksEveryPipelineThatHasTheAccount(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		partners := must(d.Pipeline(t.Context(), "partners", "crm", "support"))(t)
		elsewhere := must(d.Pipeline(t.Context(), "elsewhere", "crm", "other desk"))(t)
		for _, p := range []Pipeline{d.pipe, elsewhere} {
			r := run
			r.Pipeline = p.ID
			d.put(r, row(crm.Account, "A", "A", "a"))
			d.sealAll(r)
		}
		o := d.org("B", "2", text("name", "b"))
		o.Pipeline = partners.ID
		member := Object{Kind: helpdesk.Membership, Key: "A/c1", TargetID: "5", Last: text("position", "p"), Written: true, Pipeline: d.pipe.ID}
		user := Object{Kind: helpdesk.User, Key: "c1", Account: "A", TargetID: "6", Last: text("email", "p"), Written: true, Pipeline: d.pipe.ID}
		d.notes(run, o, member, user)
		must(d.PutHave(t.Context(), run, helpdesk.Organization, []HavePut{{Key: "B", TargetID: "2", Fields: text("name", "x")}}, ""))(t)
		if list := must(d.DirtyPage(t.Context(), partners.ID, "", 9))(t); !slices.Equal(list, []string{"B"}) || len(d.dirty()) != 0 {
			t.Errorf("partners dirty %v, customers %v", list, d.dirty())
		}
		for kind, put := range map[helpdesk.Kind]HavePut{helpdesk.Membership: {TargetID: "5", Gone: true}, helpdesk.User: {Key: "c1", TargetID: "6", Fields: text("email", "x")}} {
			d.sealAll(run)
			must(d.PutHave(t.Context(), run, kind, []HavePut{put}, ""))(t)
			if got := d.dirty(); !slices.Equal(got, []string{"A"}) {
				t.Errorf("%s: dirty %v, want A", kind, got)
			}
		}
		if n := must(d.DirtyCount(t.Context(), elsewhere.ID))(t); n != 0 {
			t.Errorf("%d dirty on another target", n)
		}
	})
}

func TestFeedGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		if c := must(d.Cursor(t.Context(), "support", helpdesk.User))(t); c != "" {
			t.Errorf("before the first page: %q", c)
		}
		must(d.PutHave(t.Context(), run, helpdesk.User, nil, "7"))(t)
		must(d.PutHave(t.Context(), run, helpdesk.User, nil, ""))(t)
		must(d.PutHave(t.Context(), run, helpdesk.Organization, nil, "3"))(t)
		if c := must(d.Cursor(t.Context(), "support", helpdesk.User))(t); c != "7" {
			t.Errorf("feed of users goes on at %q, want 7", c)
		}
	})
}

func TestFullListingFindsWhatIsGone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		_, err := d.EndListing(t.Context(), run, helpdesk.Organization)
		if err == nil || fault.KindOf(err) == fault.Raced {
			t.Errorf("ending a listing that never began: %v", err)
		}
		d.notes(run, d.org("A", "1", text("name", "a")), d.org("B", "2", text("name", "b")), d.org("C", "3", text("name", "c")))
		d.ok(d.PutStrangers(t.Context(), "support", []Stranger{
			{Kind: helpdesk.Organization, TargetID: "8", Claims: []Claim{name("x")}}, {Kind: helpdesk.Organization, TargetID: "9", Claims: []Claim{name("x")}},
		}))
		list := func(keys ...HavePut) {
			must(d.PutHave(t.Context(), run, helpdesk.Organization, keys, ""))(t)
		}
		d.ok(d.BeginListing(t.Context(), run, helpdesk.Organization))
		list(HavePut{Key: "B", TargetID: "2", Fields: text("name", "b")}) // this listing is cut off
		d.ok(d.BeginListing(t.Context(), run, helpdesk.Organization))
		list(HavePut{Key: "A", TargetID: "1", Fields: text("name", "a")})
		list(HavePut{TargetID: "8", Claims: []Claim{name("x")}}, HavePut{TargetID: "3", Gone: true})
		if n := must(d.EndListing(t.Context(), run, helpdesk.Organization))(t); n != 1 {
			t.Errorf("%d gone, want B alone: C was told to be gone before", n)
		}
		states := []HaveState{d.organization("A").HaveState, d.organization("B").HaveState, d.organization("C").HaveState}
		if !slices.Equal(states, []HaveState{HaveSame, HaveGone, HaveGone}) {
			t.Errorf("states of A, B and C: %v", states)
		}
		if got := d.dirty(); !slices.Equal(got, []string{"B", "C"}) {
			t.Errorf("dirty %v", got)
		}
		if left := must(d.StrangersAfter(t.Context(), "support", helpdesk.Organization, "", 9))(t); len(left) != 1 || left[0].TargetID != "8" {
			t.Errorf("strangers left %+v", left)
		}
		if at := must(d.LastListing(t.Context(), "support", helpdesk.Organization))(t); !at.Equal(d.clock.Now()) {
			t.Errorf("last full listing %v", at)
		}
		if n := must(d.PutHave(t.Context(), run, helpdesk.Organization, nil, "4"))(t); n != 0 {
			t.Errorf("after the listing %d changed", n)
		}
	})
}

func TestOneObjectTwiceInAPage(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		d.notes(run, d.org("A", "1", text("name", "a")), d.org("A", "2", text("name", "later")))
		if o := d.organization("A"); o.TargetID != "2" || !o.Last.Equal(text("name", "later")) {
			t.Errorf("noted twice it is %+v", o)
		}
		must(d.PutHave(t.Context(), run, helpdesk.Organization, []HavePut{
			{Key: "A", TargetID: "3", Fields: text("name", "made anew")}, {TargetID: "2", Gone: true}, {Key: "A", TargetID: "3", Fields: text("name", "and edited")},
		}, ""))(t)
		if o := d.organization("A"); o.TargetID != "3" || o.HaveState != HaveDiffers || !o.Have.Equal(text("name", "and edited")) {
			t.Errorf("deleted, made anew and edited it is %+v", o)
		}
	})
}
