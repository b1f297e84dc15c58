package helpdesktest

import (
	"fmt"

	"github.com/desksync/desksync/helpdesk"
)

var listingLaws = []law{
	{"created is listed", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Create)
		ids := d.must(org("001A"))
		objects, _, last := d.list(helpdesk.Organization, "")
		o, ok := objects[ids[0]]
		if !ok || ids[0] == "" {
			d.Fatalf("the listing has no organization with the id %q that Apply gave: %v", ids[0], objects)
		}
		if o.Ref != (helpdesk.Ref{Kind: helpdesk.Organization, Key: "001A"}) {
			d.Errorf("it is listed as %s, want organization/001A", o.Ref)
		}
		d.holds(o, helpdesk.Name, text("Name of 001A"))
		if !last.Complete {
			d.Error("the last page of a full listing does not say that it is complete")
		}
	}},
	{"an empty helpdesk lists one empty page", func(d *desk) {
		objects, gone, last := d.list(helpdesk.Organization, "")
		if len(objects) != 0 || len(gone) != 0 || !last.Complete {
			d.Errorf("got %d objects, %d gone, complete %v; want nothing, and complete", len(objects), len(gone), last.Complete)
		}
	}},
	{"more than a page is listed, each object once and only the last page complete", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Create)
		var changes []helpdesk.Change
		for i := range d.Many {
			changes = append(changes, org(fmt.Sprintf("001A%06d", i)))
		}
		ids := d.must(changes...)
		seen, pages, complete := map[string]int{}, 0, 0
		for p, err := range d.target.Objects(d.Context(), helpdesk.Organization, "") {
			if err != nil {
				d.Fatal(err)
			}
			if pages++; p.Complete {
				complete = pages
			}
			for _, o := range p.Objects {
				seen[o.ID]++
			}
		}
		for i, id := range ids {
			if seen[id] != 1 {
				d.Fatalf("organization %d (id %s) is listed %d times, want once", i, id, seen[id])
			}
		}
		if complete != pages || pages < 2 {
			d.Errorf("page %d of %d says complete, want the last of several", complete, pages)
		}
	}},
	{"a listing can be left early", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Create)
		d.must(org("001A"), org("001B"))
		for _, err := range d.target.Objects(d.Context(), helpdesk.Organization, "") {
			if err != nil {
				d.Fatal(err)
			}
			break
		}
		d.get(helpdesk.Organization, "001A") // the target still answers
	}},
	{"get finds what there is and misses what there is not", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Create)
		d.must(org("001A"), org("001B"))
		got, err := d.target.Get(d.Context(), helpdesk.Organization, []string{"001B", "001X", "001A"})
		if err != nil || len(got) != 2 {
			d.Errorf("Get of two and a stranger = %v, %v; want the two", got, err)
		}
		if got, err := d.target.Get(d.Context(), helpdesk.Organization, nil); err != nil || len(got) != 0 {
			d.Errorf("Get of nothing = %v, %v; want nothing", got, err)
		}
	}},
	{"fields come sorted, and empty ones not at all", func(d *desk) {
		d.needs(helpdesk.Organization, helpdesk.Create)
		d.must(org("001A", d.Field, text("something"), helpdesk.TagPrefix+"zeta", helpdesk.BoolOf(true), helpdesk.TagPrefix+"alpha", helpdesk.BoolOf(true)))
		fields := d.get(helpdesk.Organization, "001A").Fields
		for i, f := range fields {
			if i > 0 && fields[i-1].Name >= f.Name {
				d.Errorf("%s comes before %s", fields[i-1].Name, f.Name)
			}
			if f.Value.IsEmpty() {
				d.Errorf("%s is listed and holds nothing", f.Name)
			}
		}
	}},
	{"organizations that carry one text in a field are both listed, as nobody's", func(d *desk) {
		if d.Stranger == nil || d.Edit == nil {
			d.Skip("nobody else works here")
		}
		const carried = "001Aa000003DGb2IAG"
		ids := []string{d.Stranger(d.T, d.target, "Acme"), d.Stranger(d.T, d.target, "Acme Labs")}
		for _, id := range ids {
			d.Edit(d.T, d.target, helpdesk.Organization, id, d.Field, text(carried))
		}
		objects, _, _ := d.list(helpdesk.Organization, "")
		for _, id := range ids {
			o, ok := objects[id]
			if !ok || o.Ref.Key != "" {
				d.Errorf("organization %s is listed as %v, want it there and nobody's", id, o)
			}
			d.holds(o, d.Field, text(carried))
		}
	}},
}
