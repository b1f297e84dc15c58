package sqldesk_test

import (
	"fmt"
	"testing"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/sqldesk"
	"github.com/desksync/desksync/internal/day"
)

func TestGroupsAndProjectsAreCounted(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		ace, bolt := d.org(t, 0, "Ace"), d.org(t, 0, "Bolt")
		d.join(t, ace, "ann@x.example", "ben@x.example")
		d.join(t, bolt, "ben@x.example")
		d.user(t, "eve@x.example")
		must(t, d.LinkGroup(t.Context(), ace, "VIPs"))
		must(t, d.LinkGroup(t.Context(), bolt, "VIPs"))
		must(t, d.AddToGroup(t.Context(), d.id(t, "ann@x.example"), "VIPs"))
		must(t, d.AddToGroup(t.Context(), d.id(t, "eve@x.example"), "Testers"))
		for _, org := range []int64{ace, bolt} {
			must(t, d.AttachProject(t.Context(), admin, org, "ITSM"))
		}
		groups, err := d.Groups(t.Context())
		must(t, err)
		if got, want := fmt.Sprint(groups), "[{Testers 0 1} {VIPs 2 2}]"; got != want {
			t.Errorf("the groups are %s, want %s", got, want)
		}
		links, err := d.GroupLinks(t.Context(), "VIPs")
		must(t, err)
		if len(links) != 2 || links[0].ID != ace || links[1].ID != bolt {
			t.Errorf("VIPs is linked to %v, want Ace and Bolt", links)
		}
		projects, err := d.Projects(t.Context())
		must(t, err)
		if got, want := fmt.Sprint(projects), "[{ITSM 2 2}]"; got != want {
			t.Errorf("the projects are %s, want %s: Ben counts once", got, want)
		}
	})
}

func TestMarkedOrganizationsAreListedAndNotTouched(t *testing.T) {
	t.Parallel()
	today := day.MustParse("2026-11-21")
	rules := func(o *sqldesk.Options) {
		o.Retire = sqldesk.Retire{Delete: true, Days: 30, Protected: map[string]bool{"001P": true}}
	}
	on(t, rules, func(t *testing.T, d *desk) {
		for _, m := range []struct{ name, since string }{{"Due", "2026-10-22"}, {"Waiting", "2026-10-23"}, {"Protected", "2026-01-01"}, {"Open", "2026-01-01"}, {"New", ""}} {
			id := d.org(t, 0, m.name, "field:mark_for_deletion", yes)
			d.sql(t, "UPDATE organization SET marked_on = nullif(?, '') WHERE id = ?", m.since, id)
			if m.name == "Open" {
				d.ticket(t, sqldesk.Ticket{Organization: id, Status: sqldesk.StatusPending})
			}
			if m.name == "Protected" {
				d.sql(t, "UPDATE organization SET external_id = '001P' WHERE id = ?", id)
			}
		}
		exempt := d.org(t, 0, "Exempt", "field:mark_for_deletion", yes, "field:ignore_deletion", yes)
		fates := func(list []sqldesk.Ended, err error) string {
			t.Helper()
			must(t, err)
			out := ""
			for _, e := range list {
				out += e.Name + " " + string(e.Fate) + "; "
			}
			return out
		}
		const want = "Due deleted; Waiting waiting; Protected kept; Open exempted; New waiting; "
		for range 2 { // listing changes nothing
			if got := fates(d.Marked(t.Context(), today)); got != want+"Exempt exempted; " {
				t.Errorf("listed %s, want %s and the exempted", got, want)
			}
		}
		if got := fates(d.EndMarked(t.Context(), admin, today)); got != want {
			t.Errorf("ended %s, want %s as listed", got, want)
		}
		if got, want := fates(d.EndMarked(t.Context(), admin, today+29)), "Waiting deleted; Protected kept; New waiting; "; got != want {
			t.Errorf("29 days later %s, want %s", got, want)
		}
		if got, want := fates(d.EndMarked(t.Context(), admin, today+30)), "Protected kept; New deleted; "; got != want {
			t.Errorf("30 days later %s, want %s", got, want)
		}
		o, err := d.Organization(t.Context(), exempt)
		must(t, err)
		if v, _ := o.Fields.Get(helpdesk.FieldPrefix + "ignore_deletion"); !v.True() {
			t.Error("the exempted one lost its exemption")
		}
	})
}
