package helpdesktest

import (
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
)

var mergingLaws = []law{
	{"who offers to merge says beforehand what that would do", func(d *desk) {
		_, previews := d.target.(helpdesk.Merger)
		if offers := d.caps.Can(helpdesk.Organization, helpdesk.Merge); offers && !previews {
			d.Error("the target offers to merge organizations and is no helpdesk.Merger")
		}
	}},
	{"a merged organization is gone, and what it held is lost", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Create, helpdesk.Merge)
		ids := d.must(org("001L", d.parts("lost", d.Field, text("of the loser"))...), org("001W", d.parts("kept", d.Field, text("of the winner"))...))
		if got := d.must(mergeInto("001W", ids...)); got[0] != ids[1] {
			d.Errorf("the outcome names organization %s, want the winner %s", got[0], ids[1])
		}
		if objects, _, _ := d.list(helpdesk.Organization, ""); len(objects) != 1 {
			d.Errorf("after the merge %d organizations are listed, want the winner alone", len(objects))
		}
		winner := d.get(helpdesk.Organization, "001W")
		d.holds(winner, helpdesk.Name, text("Name of 001W"))
		d.holds(winner, d.Field, text("of the winner"))
		for _, prefix := range d.families() {
			d.holds(winner, prefix+"kept.example", helpdesk.BoolOf(true))
			d.holds(winner, prefix+"lost.example", helpdesk.BoolOf(prefix == helpdesk.DomPrefix))
		}
	}},
	{"a merge that was made is made", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Create, helpdesk.Merge)
		ids := d.must(org("001L"), org("001W", d.parts("kept")...))
		before := d.get(helpdesk.Organization, "001W")
		d.must(mergeInto("001W", ids...))
		d.must(mergeInto("001W", ids...))
		if after := d.get(helpdesk.Organization, "001W"); !after.Fields.Equal(before.Fields) {
			d.Errorf("the winner holds %v, before it held %v", after.Fields, before.Fields)
		}
	}},
	{"what cannot be merged is refused and stays as it is", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Create, helpdesk.Merge)
		ids := d.must(org("001L"), org("001W"))
		for what, tt := range map[string]struct {
			change helpdesk.Change
			kind   fault.Kind
		}{
			"into itself":              {mergeInto("001L", ids[0], ids[0]), fault.Invalid},
			"into what is not there":   {mergeInto("001X", ids...), fault.NotFound},
			"the loser has another id": {mergeInto("001W", ids[1], ids[1]), fault.Raced},
			"the winner, too":          {mergeInto("001W", ids[0], ids[0]), fault.Raced},
		} {
			if o := d.apply(tt.change)[tt.change.ID]; o.State != helpdesk.Failed || fault.KindOf(o.Err) != tt.kind {
				d.Errorf("%s: got %s (%v), want it failed as %s", what, o.State, o.Err, tt.kind)
			}
		}
		if objects, _, _ := d.list(helpdesk.Organization, ""); len(objects) != 2 {
			d.Errorf("%d organizations are left, want both", len(objects))
		}
	}},
	{"in whatever organizations a user was, the winner has them once and one is the default", func(d *desk) {
		d.people()
		d.needs(helpdesk.Organization, helpdesk.Merge)
		ids := d.must(org("001L"), org("001W"), org("001X"))
		was, defaults := d.everyMembership()
		preview, err := d.target.(helpdesk.Merger).PreviewMerge(d.Context(), ids[0], ids[1]) //nolint:forcetypeassert // a law of its own
		if n := strings.Count(strings.Join(was, " "), "001L/"); err != nil || preview.Users != n {
			d.Errorf("the preview tells of %d users (%v), want %d", preview.Users, err, n)
		}
		d.must(mergeInto("001W", ids[:2]...))
		var now []string
		listed, _, _ := d.list(helpdesk.Membership, "")
		for _, m := range listed {
			now = append(now, m.Ref.Key)
			_, contact := helpdesk.SplitMember(m.Ref.Key)
			v, _ := m.Fields.Get(helpdesk.Default)
			if want := passed(defaults[contact]); v.True() != (want == m.Ref.Key) {
				d.Errorf("%s is the default one: %v; want that to be %s", m.Ref.Key, v.True(), want)
			}
		}
		var want []string
		for _, key := range was {
			want = append(want, passed(key))
		}
		slices.Sort(want)
		slices.Sort(now)
		if want = slices.Compact(want); !slices.Equal(now, want) {
			d.Errorf("the memberships are %v\nwant %v", now, want)
		}
	}},
	{"the preview tells the domains, and writes nothing", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Create, helpdesk.Merge)
		if !slices.Contains(d.caps.Families, helpdesk.DomPrefix) {
			d.Skip("no domains here")
		}
		yes := helpdesk.BoolOf(true)
		ids := d.must(org("001L", helpdesk.DomPrefix+"both.example", yes, helpdesk.DomPrefix+"loser.example", yes), org("001W", helpdesk.DomPrefix+"both.example", yes))
		before, _, _ := d.list(helpdesk.Organization, "")
		got, err := d.target.(helpdesk.Merger).PreviewMerge(d.Context(), ids[0], ids[1]) //nolint:forcetypeassert // a law of its own
		if err != nil || !slices.Equal(got.Domains, []string{"loser.example"}) {
			d.Errorf("the preview tells of the domains %v (%v), want loser.example", got.Domains, err)
		}
		after, _, _ := d.list(helpdesk.Organization, "")
		for id, o := range before {
			if !o.Fields.Equal(after[id].Fields) {
				d.Errorf("the preview changed %s: %v, before %v", o.Ref, after[id].Fields, o.Fields)
			}
		}
	}},
	{"what a merge moved is listed as somebody else's doing", func(d *desk) {
		d.people()
		d.needs(helpdesk.Organization, helpdesk.Merge)
		if !d.caps.Incremental[helpdesk.Organization] || !d.caps.Incremental[helpdesk.Membership] {
			d.Skip("the target lists in full only")
		}
		ids := d.must(org("001L", d.parts("moved")...), org("001W"), user("003A"), member("001L", "003A"))
		_, _, orgs := d.list(helpdesk.Organization, "")
		_, _, members := d.list(helpdesk.Membership, "")
		d.must(mergeInto("001W", ids[:2]...))
		moved, _, _ := d.list(helpdesk.Membership, members.Next)
		if !slices.ContainsFunc(values(moved), func(o helpdesk.Object) bool { return o.Ref.Key == "001W/003A" }) {
			d.Errorf("the membership that moved is not listed: %v", moved)
		}
		listed, _, _ := d.list(helpdesk.Organization, orgs.Next)
		if o, ok := listed[ids[1]]; slices.Contains(d.caps.Families, helpdesk.DomPrefix) && (!ok || !o.Fields.Equal(d.get(helpdesk.Organization, "001W").Fields)) {
			d.Errorf("the winner is not listed with its new domain: %v", listed)
		}
	}},
}

// mergeInto is a change that merges 001L into another organization; ids are theirs.
func mergeInto(winner string, ids ...string) helpdesk.Change {
	c := change(helpdesk.Merge, helpdesk.Organization, "001L", ids[0])
	c.ID += strings.Join(append(ids, winner), "-")
	c.Into, c.IntoID = winner, ids[1]
	return c
}

// passed is the key of a membership once 001L was merged into 001W.
func passed(key string) string {
	if contact, ok := strings.CutPrefix(key, "001L/"); ok {
		return "001W/" + contact
	}
	return key
}

// families are the prefixes that organizations take here.
func (d *desk) families() []string {
	return slices.DeleteFunc([]string{helpdesk.TagPrefix, helpdesk.DomPrefix, helpdesk.GroupPrefix}, func(p string) bool { return !slices.Contains(d.caps.Families, p) })
}

// parts are names and values of an element of each family, and more behind them.
func (d *desk) parts(name string, more ...any) []any {
	var out []any
	for _, prefix := range d.families() {
		out = append(out, prefix+name+".example", helpdesk.BoolOf(true))
	}
	return append(out, more...)
}

// everyMembership makes a user for each way to be in some of three organizations with
// one of them as the default. It returns the keys of the memberships, and of each
// contact the default one.
func (d *desk) everyMembership() (keys []string, defaults map[string]string) {
	defaults = map[string]string{}
	for set := 1; set < 8; set++ {
		var in []string
		for i, account := range []string{"001L", "001W", "001X"} {
			if set&(1<<i) != 0 {
				in = append(in, account)
			}
		}
		if n := d.caps.MaxMemberships; n > 0 && len(in) > n {
			continue
		}
		for i := range in {
			contact := strings.ReplaceAll("003"+strings.Join(in, "")+in[i], "001", "")
			d.must(user(contact))
			for _, account := range in {
				d.must(member(account, contact, helpdesk.Default, helpdesk.BoolOf(account == in[i])))
				keys = append(keys, helpdesk.MemberKey(account, contact))
			}
			d.must(change(helpdesk.Update, helpdesk.Membership, helpdesk.MemberKey(in[i], contact), "", helpdesk.Default, helpdesk.BoolOf(true)))
			defaults[contact] = helpdesk.MemberKey(in[i], contact)
		}
	}
	return keys, defaults
}

func values(m map[string]helpdesk.Object) []helpdesk.Object {
	out := make([]helpdesk.Object, 0, len(m))
	for _, o := range m {
		out = append(out, o)
	}
	return out
}
