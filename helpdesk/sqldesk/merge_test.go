package sqldesk_test

import (
	"reflect"
	"testing"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/sqldesk"
	"github.com/desksync/desksync/internal/fault"
)

// pair is a store with Bolt (001B), which is about to be merged, and Ace (001A). Ann and
// Dan are in Bolt and she manages it, Ben is in both and has Bolt as default, Cat
// is in Ace.
func pair(t *testing.T, d *desk) (bolt, ace int64) {
	t.Helper()
	ace = d.org(t, 0, "Ace", "notes", text("call Zoe"), "domain:ace.example", yes, "domain:both.example", yes)
	bolt = d.org(t, 0, "Bolt", "notes", text("a VIP"), "tag:vip", yes, "domain:bolt.example", yes, "domain:both.example", yes)
	d.sql(t, `UPDATE organization SET external_id = '001A' WHERE id = ?`, ace)
	d.sql(t, `UPDATE organization SET external_id = '001B' WHERE id = ?`, bolt)
	d.join(t, bolt, "ann@bolt.example", "ben@bolt.example", "dan@bolt.example")
	d.join(t, ace, "ben@bolt.example", "cat@ace.example")
	must(t, d.SetManager(t.Context(), bolt, d.id(t, "ann@bolt.example"), true))
	must(t, d.SetManager(t.Context(), bolt, d.id(t, "ben@bolt.example"), true))
	return bolt, ace
}

func merge(loser, winner string) helpdesk.Change {
	return helpdesk.Change{ID: loser + " into " + winner, Op: helpdesk.Merge, Ref: helpdesk.Ref{Kind: helpdesk.Organization, Key: loser}, Into: winner}
}

func TestAMergePreviewsAndMovesAllThatHangsOnAnOrganization(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		bolt, ace := pair(t, d)
		child, parent := d.org(t, 0, "Bolt Labs"), d.org(t, 0, "Bolt Group")
		must(t, d.SetParent(t.Context(), child, bolt))
		must(t, d.SetParent(t.Context(), bolt, parent))
		must(t, d.AttachProject(t.Context(), admin, bolt, "Repairs"))
		must(t, d.AttachProject(t.Context(), admin, bolt, "Shop"))
		must(t, d.AttachProject(t.Context(), admin, ace, "Shop"))
		_, err := d.Share(t.Context(), bolt, sqldesk.ReadAll)
		must(t, err)
		open := d.ticket(t, sqldesk.Ticket{Organization: bolt, Requester: d.id(t, "ann@bolt.example"), Subject: "open"})
		closed := d.ticket(t, sqldesk.Ticket{Organization: bolt, Status: sqldesk.StatusClosed, Subject: "closed"})
		before := d.seq(t)

		got, err := d.PreviewMerge(t.Context(), "2", "1")
		must(t, err)
		want := helpdesk.MergeEffect{
			Users: 3, Managers: 1, Tickets: 2, Open: 1, Domains: []string{"bolt.example"},
			Drops: []string{`the service project "Repairs"`, "its sharing (read)", "its place below Bolt Group", "its place above one organization"},
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("the preview says\n%+v\nwant\n%+v", got, want)
		}
		if after := d.seq(t); after != before {
			t.Errorf("the preview moved the feed from %d to %d", before, after)
		}

		apply(t, d, merge("001B", "001A"))
		for _, n := range []sqldesk.Ticket{open, closed} {
			if now, err := d.Ticket(t.Context(), n.ID); err != nil || now.Organization != ace || now.Status != n.Status {
				t.Errorf("ticket %q is of %d and %s (%v), want %d and %s", n.Subject, now.Organization, now.Status, err, ace, n.Status)
			}
		}
		o, err := d.Organization(t.Context(), ace)
		must(t, err)
		same(t, "domains", o.Fields.Family(helpdesk.DomPrefix), []string{"ace.example", "bolt.example", "both.example"})
		same(t, "tags", o.Fields.Family(helpdesk.TagPrefix), nil)
		projects, err := d.ProjectsOf(t.Context(), ace)
		must(t, err)
		same(t, "projects", projects, []string{"Shop"})
		if o.Shared != sqldesk.NotShared || o.Parent != 0 {
			t.Errorf("the winner is shared %q below %d, want what it was", o.Shared, o.Parent)
		}
		if list, err := d.Ancestors(t.Context(), child); err != nil || len(list) != 0 {
			t.Errorf("what stood below the loser stands below %v (%v), want nothing", list, err)
		}
		if after := d.seq(t); after != before+1 {
			t.Errorf("the merge counted the feed from %d to %d, want one transaction", before, after)
		}
	})
}

func TestAMergeIsAllOrNothing(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		bolt, _ := pair(t, d)
		whole := d.export(t)
		d.sql(t, `CREATE TABLE keepsake (organization_id bigint NOT NULL REFERENCES organization (id))`) // of another program: the last step fails
		d.sql(t, `INSERT INTO keepsake (organization_id) VALUES (?)`, bolt)
		if o := try(t, d, merge("001B", "001A"))["001B into 001A"]; o.State != helpdesk.Failed {
			t.Errorf("got %s (%v), want it failed", o.State, o.Err)
		}
		if got := d.export(t); got != whole {
			t.Errorf("the store holds\n%s\nwant\n%s", got, whole)
		}
		d.sql(t, `DELETE FROM keepsake`)
		apply(t, d, merge("001B", "001A"))
	})
}

func TestWhatIsExemptedFromDeletionIsNotMergedAway(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		bolt, _ := pair(t, d)
		must(t, d.Edit(t.Context(), bolt, helpdesk.Fields{{Name: "field:ignore_deletion", Value: yes}}))
		o := try(t, d, merge("001B", "001A"))["001B into 001A"]
		refused(t, o.Err, fault.Unsafe, "exempted from deletion by ignore_deletion")
	})
}

func TestAMergeIsSeenByEverySync(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		pair(t, d)
		opt := every()
		opt.Writer = "journal-2"
		var places []place
		for writer, s := range map[string]helpdesk.Target{"who merged": d, "another": open(t, d.dsn, opt)} {
			places = append(places, place{writer, s, end(t, s, helpdesk.Organization), end(t, s, helpdesk.Membership)})
		}
		apply(t, d, merge("001B", "001A"))
		for _, p := range places {
			orgs, gone, _ := feed(t, p.target, helpdesk.Organization, p.orgs)
			same(t, p.writer+": organizations", orgs, []string{"001A"})
			if p.writer == "another" {
				same(t, p.writer+": gone", gone, []string{"2"})
			}
			members, _, _ := feed(t, p.target, helpdesk.Membership, p.members)
			if len(members) != 3 {
				t.Errorf("%s: %d memberships are listed, want those of Ann and Dan, which moved, and of Ben, which is the default now: %v", p.writer, len(members), members)
			}
		}
	})
}

// place is where a sync stands in the feed.
type place struct {
	writer        string
	target        helpdesk.Target
	orgs, members helpdesk.Cursor
}

// end is the place behind all there is.
func end(t *testing.T, d helpdesk.Target, k helpdesk.Kind) helpdesk.Cursor {
	t.Helper()
	_, _, next := feed(t, d, k, "")
	return next
}
