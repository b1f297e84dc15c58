package helpdesktest

import (
	"slices"

	"github.com/desksync/desksync/helpdesk"
)

var feedLaws = []law{
	{"an incremental listing shows what others edited", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Create)
		d.incremental()
		ids := d.must(org("001A"), org("001B"))
		_, _, last := d.list(helpdesk.Organization, "")
		d.Edit(d.T, d.target, helpdesk.Organization, ids[1], d.Field, text("by hand"))
		objects, _, next := d.list(helpdesk.Organization, last.Next)
		o, ok := objects[ids[1]]
		if !ok {
			d.Fatalf("the edited organization %s is not among %v", ids[1], objects)
		}
		d.holds(o, d.Field, text("by hand"))
		if objects, _, _ := d.list(helpdesk.Organization, next.Next); len(objects) != 0 {
			d.Errorf("the listing after it shows %v again, want nothing", objects)
		}
	}},
	{"an edit is not lost behind a write of our own", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Create, helpdesk.Update)
		d.incremental()
		ids := d.must(org("001A"))
		_, _, last := d.list(helpdesk.Organization, "")
		d.Edit(d.T, d.target, helpdesk.Organization, ids[0], d.Field, text("by hand"))
		d.must(change(helpdesk.Update, helpdesk.Organization, "001A", ids[0], helpdesk.Name, text("Renamed")))
		objects, _, _ := d.list(helpdesk.Organization, last.Next)
		if o, ok := objects[ids[0]]; !ok {
			d.Error("the edit before our own write is not listed")
		} else {
			d.holds(o, d.Field, text("by hand"))
		}
	}},
	{"what others deleted is listed as gone", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Create)
		if d.Remove == nil || !d.caps.Incremental[helpdesk.Organization] {
			d.Skip("nobody else deletes here, or the target does not tell")
		}
		ids := d.must(org("001A"), org("001B"))
		_, _, last := d.list(helpdesk.Organization, "")
		d.Remove(d.T, d.target, helpdesk.Organization, ids[0])
		_, gone, next := d.list(helpdesk.Organization, last.Next)
		if !slices.Equal(gone, []string{ids[0]}) {
			d.Errorf("gone are %v, want %s", gone, ids[0])
		}
		if _, gone, _ := d.list(helpdesk.Organization, next.Next); len(gone) != 0 {
			d.Errorf("the listing after it says gone again: %v", gone)
		}
	}},
	{"our own writes may be left out of incremental listings, never of full ones", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Create)
		_, _, last := d.list(helpdesk.Organization, "")
		ids := d.must(org("001A"))
		if objects, _, next := d.list(helpdesk.Organization, ""); objects[ids[0]].ID == "" || !next.Complete {
			d.Errorf("a full listing leaves out what we wrote: %v", objects)
		}
		if !d.caps.Incremental[helpdesk.Organization] {
			return
		}
		objects, gone, _ := d.list(helpdesk.Organization, last.Next)
		if o, ok := objects[ids[0]]; ok {
			d.holds(o, helpdesk.Name, text("Name of 001A"))
		}
		if len(gone) != 0 {
			d.Errorf("gone are %v, want nothing", gone)
		}
	}},
	{"from its place before everything a feed shows all there is", func(d *desk) {
		start := d.caps.Start[helpdesk.Organization]
		if d.Stranger == nil || d.Remove == nil || start == "" {
			d.Skip("nobody else makes and deletes organizations here, or the feed does not reach that far")
		}
		for _, name := range []string{"One", "Two", "Three"} {
			d.Stranger(d.T, d.target, name)
		}
		d.Remove(d.T, d.target, helpdesk.Organization, d.Stranger(d.T, d.target, "Gone"))
		all, _, _ := d.list(helpdesk.Organization, "")
		fed, _, last := d.list(helpdesk.Organization, start)
		if len(all) != 3 || len(fed) != len(all) {
			d.Errorf("the feed shows %d organizations, the listing %d, want 3", len(fed), len(all))
		}
		for id, o := range all {
			if !fed[id].Fields.Equal(o.Fields) {
				d.Errorf("the feed shows %s as %v, the listing as %v", id, fed[id], o)
			}
		}
		if again, _, _ := d.list(helpdesk.Organization, last.Next); len(again) != 0 {
			d.Errorf("it goes on with %v, want nothing", again)
		}
	}},
	{"a stopped listing goes on from its cursor without a loss", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Create)
		d.incremental()
		_, _, last := d.list(helpdesk.Organization, "")
		ids := d.must(org("001A"), org("001B"), org("001C"))
		for _, id := range ids {
			d.Edit(d.T, d.target, helpdesk.Organization, id, d.Field, text("by hand"))
		}
		seen, cursor := map[string]bool{}, last.Next
		for range 10 { // take one page, then start anew from where it says
			for p, err := range d.target.Objects(d.Context(), helpdesk.Organization, cursor) {
				if err != nil {
					d.Fatal(err)
				}
				for _, o := range p.Objects {
					seen[o.ID] = true
				}
				cursor = p.Next
				break
			}
		}
		for _, id := range ids {
			if !seen[id] {
				d.Errorf("organization %s was never listed", id)
			}
		}
	}},
}

// incremental skips the law if others cannot edit or the target does not tell.
func (d *desk) incremental() {
	d.Helper()
	if d.Edit == nil || !d.caps.Incremental[helpdesk.Organization] {
		d.Skip("nobody else edits here, or the target lists in full only")
	}
}
