package helpdesktest

import (
	"fmt"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
)

var peopleLaws = []law{
	{"users and memberships are made, listed and read by key", func(d *desk) {
		d.people()
		d.must(org("001A"))
		users := d.must(user("003A"))
		var fields []any
		if _, ok := d.caps.Spec(helpdesk.Membership, helpdesk.Position); ok {
			fields = append(fields, helpdesk.Position, text("Engineer"))
		}
		members := d.must(member("001A", "003A", fields...))
		listed, _, _ := d.list(helpdesk.User, "")
		d.holds(listed[users[0]], helpdesk.Email, text("003a@customer.example"))
		listed, _, _ = d.list(helpdesk.Membership, "")
		if got := listed[members[0]].Ref.Key; got != "001A/003A" {
			d.Errorf("the membership is listed as %q, want 001A/003A", got)
		}
		if got := d.get(helpdesk.Membership, "001A/003A"); len(fields) > 0 {
			d.holds(got, helpdesk.Position, text("Engineer"))
		}
		d.must(user("003A"), member("001A", "003A", fields...))
		if again, _, _ := d.list(helpdesk.Membership, ""); len(again) != 1 {
			d.Errorf("the same person joined twice: %v", again)
		}
	}},
	{"an account, its people and their memberships can come in one call", func(d *desk) {
		d.people()
		d.must(org("001A"), user("003A"), member("001A", "003A"), user("003B"), member("001A", "003B"))
		if listed, _, _ := d.list(helpdesk.Membership, ""); len(listed) != 2 {
			d.Errorf("got %d memberships, want 2", len(listed))
		}
	}},
	{"nobody joins what is not there", func(d *desk) {
		d.people()
		d.must(org("001A"), user("003A"))
		for _, c := range []helpdesk.Change{member("001X", "003A"), member("001A", "003X")} {
			if o := d.apply(c)[c.ID]; o.State != helpdesk.Failed || fault.KindOf(o.Err) != fault.NotFound {
				d.Errorf("%s: got %s (%v), want it failed as not found", c.Ref, o.State, o.Err)
			}
		}
	}},
	{"a user has one default organization at most, and it moves when that one goes", func(d *desk) {
		d.people()
		d.needs(helpdesk.Membership, helpdesk.Retire)
		if _, ok := d.caps.Spec(helpdesk.Membership, helpdesk.Default); !ok || d.caps.MaxMemberships == 1 {
			d.Skip("no default organization here")
		}
		d.must(org("001A"), org("001B"), user("003A"), member("001A", "003A"), member("001B", "003A", helpdesk.Default, helpdesk.BoolOf(true)))
		d.holds(d.get(helpdesk.Membership, "001A/003A"), helpdesk.Default, helpdesk.BoolOf(false))
		d.holds(d.get(helpdesk.Membership, "001B/003A"), helpdesk.Default, helpdesk.BoolOf(true))
		d.must(change(helpdesk.Retire, helpdesk.Membership, "001B/003A", ""))
		d.holds(d.get(helpdesk.Membership, "001A/003A"), helpdesk.Default, helpdesk.BoolOf(true))
	}},
	{"a retired membership is gone, its user is not, and once more is no fault", func(d *desk) {
		d.people()
		d.needs(helpdesk.Membership, helpdesk.Retire)
		d.must(org("001A"), user("003A"), member("001A", "003A"))
		out := change(helpdesk.Retire, helpdesk.Membership, "001A/003A", "")
		d.must(out)
		d.must(out)
		if listed, _, _ := d.list(helpdesk.Membership, ""); len(listed) != 0 {
			d.Errorf("still listed: %v", listed)
		}
		d.get(helpdesk.User, "003A")
	}},
	{"a user with the e-mail is taken once and never stolen", func(d *desk) {
		d.people()
		first := d.must(user("003A"))
		thief := user("003B")
		thief.Deltas[0].Want = text("003A@Customer.example")
		if o := d.apply(thief)[thief.ID]; o.State != helpdesk.Failed || o.Err == nil {
			d.Errorf("a second contact with the e-mail: got %s (%v), want it failed", o.State, o.Err)
		}
		if got := d.get(helpdesk.User, "003A"); got.ID != first[0] {
			d.Errorf("contact 003A is user %s now, was %s", got.ID, first[0])
		}
	}},
	{"a user passes to the contact that stands for the one it was, and to nobody else", func(d *desk) {
		d.people()
		d.needs(helpdesk.User, helpdesk.Update)
		d.must(org("001A"))
		ids := d.must(user("003A"), member("001A", "003A"))
		pass := change(helpdesk.Update, helpdesk.User, "003B", ids[0])
		pass.Was = "003X"
		if o := d.apply(pass)[pass.ID]; o.State != helpdesk.Failed || o.Err == nil {
			d.Errorf("the user of 003A passes on as that of 003X: %s (%v), want it failed", o.State, o.Err)
		}
		pass.Was = "003A"
		d.must(pass)
		d.must(pass)
		if got := d.get(helpdesk.User, "003B"); got.ID != ids[0] {
			d.Errorf("contact 003B is user %s, want %s", got.ID, ids[0])
		}
		if got, err := d.target.Get(d.Context(), helpdesk.User, []string{"003A"}); err != nil || len(got) != 0 {
			d.Errorf("contact 003A still has %v (%v)", got, err)
		}
		if got := d.get(helpdesk.Membership, "001A/003B"); got.ID != ids[1] {
			d.Errorf("the membership is %s, want %s", got.ID, ids[1])
		}
	}},
	{"who is never written is shown with the reason, as nobody's, and stays as they are", func(d *desk) {
		d.people()
		if d.Spared == nil {
			d.Skip("everybody may be written here")
		}
		id := d.Spared(d.T, d.target, "003a@customer.example")
		listed, _, _ := d.list(helpdesk.User, "")
		before := listed[id]
		if why, _ := before.Fields.Get(helpdesk.Spared); why.IsEmpty() || before.Ref.Key != "" {
			d.Errorf("user %s is shown as %q with the reason %q, want no id and a reason", id, before.Ref.Key, why.Text())
		}
		d.must(org("001A"))
		c := user("003A")
		out := d.apply(c, member("001A", "003A"))
		if o := out[c.ID]; o.State != helpdesk.Skipped || fault.KindOf(o.Err) != fault.Unsupported {
			d.Errorf("writing them gives %s (%v), want it skipped as unsupported", o.State, o.Err)
		}
		after, _, _ := d.list(helpdesk.User, "")
		if !after[id].Fields.Equal(before.Fields) || after[id].Ref.Key != "" {
			d.Errorf("user %s was %v and is %v", id, before, after[id])
		}
		if members, _, _ := d.list(helpdesk.Membership, ""); len(members) != 0 {
			d.Errorf("they joined: %v", members)
		}
	}},
	{"nobody is put into more organizations than there may be, and that is left to people", func(d *desk) {
		d.people()
		limit := d.caps.MaxMemberships
		if limit == 0 || limit > 5 {
			d.Skip("no limit, or one that the target's own tests reach")
		}
		d.must(user("003A"))
		for i := range limit {
			key := fmt.Sprintf("001A%d", i)
			d.must(org(key), member(key, "003A"))
		}
		d.must(org("001X"))
		c := member("001X", "003A")
		if o := d.apply(c)[c.ID]; o.State != helpdesk.Skipped || fault.KindOf(o.Err) != fault.Unsafe {
			d.Errorf("one more than %d: got %s (%v), want it skipped as unsafe", limit, o.State, o.Err)
		}
	}},
}

func (d *desk) people() {
	d.Helper()
	d.needs(helpdesk.Organization, helpdesk.Create)
	d.needs(helpdesk.User, helpdesk.Create)
	d.needs(helpdesk.Membership, helpdesk.Create)
}
