package helpdesktest

import (
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
)

var refusingLaws = []law{
	{"what is not offered fails as unsupported", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Create)
		d.must(org("001A"))
		for _, c := range d.notOffered() {
			o := d.apply(c)[c.ID]
			if o.State != helpdesk.Failed || fault.KindOf(o.Err) != fault.Unsupported {
				d.Errorf("%s %s %v: got %s (%v), want it failed as unsupported", c.Op, c.Ref, c.Deltas, o.State, o.Err)
			}
		}
	}},
	{"what is refused says which object it was", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Update)
		c := change(helpdesk.Update, helpdesk.Organization, "001NotThere", "", d.Field, text("x"))
		o := d.apply(c)[c.ID]
		if o.State != helpdesk.Failed || fault.KindOf(o.Err) != fault.NotFound || !strings.Contains(o.Err.Error(), "001NotThere") {
			d.Errorf("an update of what is not there: got %s %v, want it failed as not found, naming 001NotThere", o.State, o.Err)
		}
	}},
	{"one bad change among good ones stays alone", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Create)
		for what, bad := range d.badChanges() {
			good := org("001G" + what)
			more := org("001H" + what)
			out := d.apply(good, bad, more)
			if o := out[bad.ID]; o.State != helpdesk.Failed || fault.KindOf(o.Err) != fault.Invalid {
				d.Errorf("%s: got %s (%v), want it failed as invalid", what, o.State, o.Err)
			}
			if out[good.ID].State != helpdesk.Applied || out[more.ID].State != helpdesk.Applied {
				d.Errorf("%s: the changes around it are %+v and %+v, want both applied", what, out[good.ID], out[more.ID])
			}
			if got, err := d.target.Get(d.Context(), helpdesk.Organization, []string{bad.Ref.Key}); err != nil || len(got) != 0 {
				d.Errorf("%s: it left %v (%v), want nothing", what, got, err)
			}
		}
	}},
	{"a name that another organization holds is refused where names are unique", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Create)
		if !d.caps.UniqueNames {
			d.Skip("names need not be unique here")
		}
		d.must(org("001A"))
		c := change(helpdesk.Create, helpdesk.Organization, "001B", "", helpdesk.Name, text("NAME of 001a"))
		o := d.apply(c)[c.ID]
		if k := fault.KindOf(o.Err); o.State != helpdesk.Failed || k != fault.Raced && k != fault.Invalid {
			d.Errorf("got %s (%v), want it failed as raced or invalid", o.State, o.Err)
		}
	}},
	{"an organization with an open ticket is not deleted", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Create, helpdesk.Delete)
		f, ok := d.target.(interface{ SetOpenTickets(id string, n int) })
		if !ok {
			d.Skip("the target's own tests open tickets")
		}
		ids := d.must(org("001A"))
		f.SetOpenTickets(ids[0], 1)
		del := change(helpdesk.Delete, helpdesk.Organization, "001A", ids[0])
		if o := d.apply(del)[del.ID]; o.State != helpdesk.Failed || fault.KindOf(o.Err) != fault.Unsafe {
			d.Errorf("got %s (%v), want it failed as unsafe", o.State, o.Err)
		}
		d.get(helpdesk.Organization, "001A")
	}},
}

// notOffered returns changes that the target's capabilities exclude.
func (d *desk) notOffered() []helpdesk.Change {
	out := []helpdesk.Change{
		change(helpdesk.Update, helpdesk.Organization, "001A", "", "field:nobody_declared_this", text("x")),
		change(helpdesk.Update, helpdesk.Organization, "001A", "", "no_such_thing", text("x")),
	}
	for _, k := range []helpdesk.Kind{helpdesk.Organization, helpdesk.User, helpdesk.Membership} {
		for _, op := range []helpdesk.Op{helpdesk.Create, helpdesk.Update, helpdesk.Retire, helpdesk.Delete, helpdesk.Merge} {
			if !d.caps.Can(k, op) {
				out = append(out, change(op, k, "001A/003A", "", helpdesk.Name, text("x")))
			}
		}
	}
	for _, p := range []string{helpdesk.TagPrefix, helpdesk.DomPrefix, helpdesk.GroupPrefix} {
		if !slices.Contains(d.caps.Families, p) {
			out = append(out, change(helpdesk.Update, helpdesk.Organization, "001A", "", p+"x.example", helpdesk.BoolOf(true)))
		}
	}
	for i := range out {
		out[i].ID += string(rune('a' + i))
	}
	return out
}

// badChanges returns creates with a value that the target says it cannot take, by
// what is wrong with them.
func (d *desk) badChanges() map[string]helpdesk.Change {
	out := map[string]helpdesk.Change{}
	add := func(what, field string, v helpdesk.Value) {
		c := change(helpdesk.Create, helpdesk.Organization, "001Bad"+what, "", field, v)
		if field != helpdesk.Name {
			c = org("001Bad"+what, field, v)
		}
		c.ID += what
		out[what] = c
	}
	add("NotText", d.Field, text("a\x00b"))
	add("NotUTF8", d.Field, text("a\xffb"))
	for _, s := range d.caps.Specs[helpdesk.Organization] {
		if s.Type == helpdesk.Choice {
			add("NotOffered", s.Name, helpdesk.ChoiceOf("nobody offers this"))
		}
		if s.Type == helpdesk.Decimal {
			add("TextForNumber", s.Name, text("many"))
		}
		if s.MaxLen > 0 && s.Type == helpdesk.Text {
			add("TooLong"+s.Name, s.Name, text(strings.Repeat("ü", s.MaxLen+1)))
		}
		for _, c := range s.Bars {
			add("Barred"+s.Name, s.Name, text("Bright "+string(c)+" Fresh"))
		}
	}
	empty := change(helpdesk.Create, helpdesk.Organization, "001BadNameless", "", helpdesk.Name, helpdesk.Value{})
	out["Nameless"] = empty
	return out
}
