package sqldesk_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/sqldesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sla"
)

func (d *desk) ticket(t *testing.T, n sqldesk.Ticket) sqldesk.Ticket {
	t.Helper()
	got, err := d.CreateTicket(t.Context(), n)
	must(t, err)
	return got
}

func TestManagersSeeAllTickets(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		ace, bolt := d.org(t, 0, "Ace"), d.org(t, 0, "Bolt")
		d.join(t, ace, "ann@x.example", "ben@x.example", "cat@x.example", "dan@x.example")
		d.join(t, bolt, "eve@x.example")
		ann, ben, cat := d.id(t, "ann@x.example"), d.id(t, "ben@x.example"), d.id(t, "cat@x.example")
		refused(t, d.SetCopyOnNew(t.Context(), ace, cat, true), fault.Invalid, "only a manager")
		must(t, d.SetCopyOnNew(t.Context(), ace, cat, false))
		must(t, d.SetManager(t.Context(), ace, ben, true))
		must(t, d.SetManager(t.Context(), ace, cat, true))
		must(t, d.SetCopyOnNew(t.Context(), ace, cat, true))
		must(t, d.SetPosition(t.Context(), ace, ann, "Head of, well, everything (株式)"))
		first := d.ticket(t, sqldesk.Ticket{Requester: ann, Subject: "It is broken"})
		d.ticket(t, sqldesk.Ticket{Requester: d.id(t, "eve@x.example"), Subject: "Bolt's own"})

		if first.Organization != ace || !slices.Equal(first.CC, []int64{cat}) {
			t.Errorf("the ticket is of %d and copied to %v, want %d and %d", first.Organization, first.CC, ace, cat)
		}
		sees := func(email string, want ...string) {
			t.Helper()
			list, err := d.TicketsSeenBy(t.Context(), d.id(t, email))
			must(t, err)
			var got []string
			for _, s := range list {
				got = append(got, fmt.Sprintf("%s: %s, comment %v", s.Subject, s.Why, s.MayComment))
			}
			same(t, email, got, want)
		}
		sees("ann@x.example", "It is broken: own, comment true")
		sees("ben@x.example", "It is broken: manager, comment false")
		sees("cat@x.example", "It is broken: copied, comment true")
		sees("dan@x.example")
		_, err := d.Share(t.Context(), ace, sqldesk.ReadAll)
		must(t, err)
		sees("dan@x.example", "It is broken: shared, comment false")
		_, err = d.Share(t.Context(), ace, sqldesk.WriteAll)
		must(t, err)
		sees("dan@x.example", "It is broken: shared, comment true")
		sees("eve@x.example", "Bolt's own: own, comment true")

		members, err := d.Members(t.Context(), ace)
		must(t, err)
		if members[0].Position != "Head of, well, everything (株式)" || !members[1].Manager || !members[2].Manager || !members[2].CopyOnNew {
			t.Errorf("the members are %+v", members)
		}
		refused(t, d.SetManager(t.Context(), bolt, ann, true), fault.NotFound, "ann@x.example", "Bolt")
	})
}

func TestTheChoiceToBeCopiedSurvivesEverySync(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		apply(t, d, create(helpdesk.Organization, "001A", "name", helpdesk.TextOf("Ace")), create(helpdesk.User, "003A", "email", helpdesk.TextOf("a@x.example")),
			create(helpdesk.Membership, "001A/003A", "manager", yes))
		orgs, err := d.FindOrganizations(t.Context(), "001A")
		must(t, err)
		must(t, d.SetCopyOnNew(t.Context(), orgs[0].ID, d.id(t, "003A"), true))
		must(t, d.SetRoles(t.Context(), orgs[0].ID, d.id(t, "003A"), "billing"))
		apply(t, d, change(helpdesk.Update, helpdesk.Membership, "001A/003A", "position", helpdesk.TextOf("Boss"), "manager", helpdesk.BoolOf(false)),
			create(helpdesk.Membership, "001A/003A", "manager", yes))
		members, err := d.Members(t.Context(), orgs[0].ID)
		must(t, err)
		if m := members[0]; !m.CopyOnNew || m.Roles != "billing" || m.Position != "Boss" {
			t.Errorf("after a sync the member is %+v", m)
		}
	})
}

func TestTicketsTakeTheTagsOfTheirOrganization(t *testing.T) {
	t.Parallel()
	policies := func(o *sqldesk.Options) {
		o.Policies = []sqldesk.Policy{
			{Name: "Emergency", Filter: sqldesk.Filter{Forms: []string{"emergency"}}},
			{Name: "Priority", Filter: sqldesk.Filter{Any: []string{"gold", "ultimate"}, NotStages: []string{"needs_org"}}},
			{Name: "Standard", Filter: sqldesk.Filter{Any: []string{"starter", "silver"}, None: []string{"hold"}}},
		}
	}
	on(t, policies, func(t *testing.T, d *desk) {
		ace := d.org(t, 119, "Ace", "tag:starter", yes, "tag:vip_note", yes, "field:support_level", helpdesk.ChoiceOf("gold"), "field:support_hold", yes)
		got := d.ticket(t, sqldesk.Ticket{Organization: ace, Tags: []string{"billing"}})
		same(t, "tags", got.Tags, []string{"billing", "gold", "hold", "starter", "vip_note"})
		if got.Policy != "Priority" {
			t.Errorf("gold and starter give %q, want Priority, the first that matches", got.Policy)
		}
		if e := d.ticket(t, sqldesk.Ticket{Organization: ace, Form: "emergency"}); e.Policy != "Emergency" {
			t.Errorf("the emergency form gives %q", e.Policy)
		}
		if e := d.ticket(t, sqldesk.Ticket{Organization: ace, Stage: "needs_org"}); e.Policy != "" {
			t.Errorf("in the stage needs_org, on hold, the policy is %q, want none", e.Policy)
		}
		loose := d.ticket(t, sqldesk.Ticket{ID: 4711})
		must(t, d.TieTicket(t.Context(), loose.ID, ace))
		loose, err := d.Ticket(t.Context(), 4711)
		must(t, err)
		same(t, "tags when first tied", loose.Tags, []string{"gold", "hold", "starter", "vip_note"})
		must(t, d.Edit(t.Context(), ace, helpdesk.Fields{{Name: "field:support_level", Value: helpdesk.ChoiceOf("expired")}, {Name: "tag:starter"}}))
		bolt := d.org(t, 0, "Bolt", "tag:other", yes)
		must(t, d.TieTicket(t.Context(), 4711, bolt))
		loose, err = d.Ticket(t.Context(), 4711)
		must(t, err)
		if loose.Organization != bolt {
			t.Errorf("the ticket is tied to %d, want %d", loose.Organization, bolt)
		}
		same(t, "tags when tied again", loose.Tags, []string{"gold", "hold", "starter", "vip_note"})
		if got := d.ticket(t, sqldesk.Ticket{Organization: ace}); slices.Contains(got.Tags, "gold") || got.Policy != "" {
			t.Errorf("a new ticket has %q and %q after the level was lowered", got.Tags, got.Policy)
		}
		must(t, d.SetTicketStatus(t.Context(), 4711, sqldesk.StatusClosed))
		refused(t, d.SetTicketStatus(t.Context(), 4711, sqldesk.StatusOpen), fault.NotFound, "4711", "closed")
		refused(t, d.SetTicketStatus(t.Context(), 4711, "done"), fault.Invalid, "done")
	})
}

// TestPoliciesMatchAsTheRulesDo holds the store's filter and the rules' together.
func TestPoliciesMatchAsTheRulesDo(t *testing.T) {
	t.Parallel()
	lists := [][]string{nil, {"a"}, {"b", "c"}}
	for mask := range 3 * 3 * 3 * 3 * 3 {
		pick := func(n int) []string { return lists[mask/pow(3, n)%3] }
		f := sqldesk.Filter{All: pick(0), Any: pick(1), None: pick(2), Forms: pick(3), NotStages: pick(4)}
		rules, problems := sla.New(sla.Config{Policies: []sla.Policy{{Name: "P", Filter: sla.Filter{All: f.All, Any: f.Any, None: f.None, Forms: f.Forms, NotStages: f.NotStages}}}})
		if rules == nil {
			t.Fatal(problems)
		}
		s := sqldesk.PolicyOf([]sqldesk.Policy{{Name: "P", Filter: f}})
		for _, tags := range lists {
			for _, form := range []string{"", "a", "b"} {
				_, want := rules.PolicyFor(sla.Ticket{Tags: tags, Form: form, Stage: "b"})
				if _, got := s(tags, form, "b"); got != want {
					t.Fatalf("filter %+v, tags %q, form %q: the store says %v, the rules say %v", f, tags, form, got, want)
				}
			}
		}
	}
}

func pow(b, n int) int {
	out := 1
	for range n {
		out *= b
	}
	return out
}

func TestASharedDomainMustBeAcknowledged(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		ace := d.org(t, 0, "Ace", "domain:ace.example", yes)
		list, err := d.Share(t.Context(), ace, sqldesk.ReadAll)
		must(t, err)
		if len(list) != 1 || !strings.Contains(list[0].String(), "ace.example") {
			t.Fatalf("sharing an organization with a domain found %v, want the domain", list)
		}
		refused(t, d.Acknowledge(t.Context(), agent, ace, "ace.example", "  "), fault.Invalid, "reason")
		refused(t, d.Acknowledge(t.Context(), agent, ace, "other.example", "why not"), fault.NotFound, "other.example")
		must(t, d.Acknowledge(t.Context(), agent, ace, "ace.example", "asked for in writing"))
		open := func(want int, when string) {
			t.Helper()
			list, err := d.Findings(t.Context())
			must(t, err)
			if len(list) != want {
				t.Errorf("%s: %d findings, want %d", when, len(list), want)
			}
			id := strconv.FormatInt(ace, 10)
			warnings, err := d.Warnings(t.Context(), []string{"4711", id})
			must(t, err)
			if len(warnings[id]) != want || want > 0 && warnings[id][0].Field != "domain:ace.example" || warnings["4711"] != nil {
				t.Errorf("%s: a sync is warned of %v, want %d", when, warnings, want)
			}
		}
		open(0, "after the acknowledgement")
		_, _, found, err := d.AddDomain(t.Context(), admin, ace, "ace.test", sqldesk.Attach{})
		must(t, err)
		if len(found) != 1 || found[0].Domain != "ace.test" {
			t.Errorf("a domain for a shared organization found %v", found)
		}
		must(t, d.RemoveDomain(t.Context(), ace, "ace.test"))
		open(0, "after the second domain went")
		_, err = d.Share(t.Context(), ace, sqldesk.WriteAll)
		must(t, err)
		open(1, "after the sharing was widened")
		_, err = d.Share(t.Context(), ace, sqldesk.ReadAll)
		must(t, err)
		open(1, "after it was narrowed to what had been acknowledged")
		must(t, d.Acknowledge(t.Context(), agent, ace, "ace.example", "asked for again"))
		must(t, d.RemoveDomain(t.Context(), ace, "ace.example"))
		d.sql(t, "INSERT INTO organization_domain (organization_id, domain) VALUES (?, 'ace.example')", ace)
		open(1, "after the domain went and came back by plain SQL")
		_, err = d.Share(t.Context(), ace, sqldesk.NotShared)
		must(t, err)
		open(0, "after the sharing ended")
		_, err = d.Share(t.Context(), ace, "all")
		refused(t, err, fault.Invalid, "none, read or write")
	})
}

func TestMarkedOrganizationsEnd(t *testing.T) { // acceptance 46
	t.Parallel()
	today := day.MustParse("2026-11-21")
	allowed := func(o *sqldesk.Options) { o.Retire = sqldesk.Retire{Delete: true, Days: 30} }
	on(t, allowed, func(t *testing.T, d *desk) {
		marked := func(name, status, since string) int64 {
			id := d.org(t, 0, name, "field:mark_for_deletion", yes)
			if status != "" {
				d.ticket(t, sqldesk.Ticket{Organization: id, Status: sqldesk.Status(status)})
			}
			d.sql(t, "UPDATE organization SET marked_on = ? WHERE id = ?", since, id)
			return id
		}
		marked("Pending", "pending", "2026-01-01")
		solved := marked("Solved", "solved", "2026-01-01")
		marked("Closed", "closed", "2026-10-22")
		marked("Empty", "", "2026-10-22")
		marked("Young", "closed", "2026-10-23")
		d.org(t, 0, "Untouched")
		byOther := d.org(t, 0, "By other")
		d.sql(t, `UPDATE organization SET fields = '{"mark_for_deletion": true}' WHERE id = ?`, byOther)

		got := map[string]sqldesk.Fate{}
		list, err := d.EndMarked(t.Context(), admin, today)
		must(t, err)
		for _, e := range list {
			got[e.Name] = e.Fate
		}
		want := map[string]sqldesk.Fate{
			"Pending": sqldesk.Exempted, "Solved": sqldesk.Exempted, "Closed": sqldesk.Deleted, "Empty": sqldesk.Deleted,
			"Young": sqldesk.Waiting, "By other": sqldesk.Waiting,
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %v, want %v", got, want)
		}
		o, err := d.Organization(t.Context(), solved)
		must(t, err)
		if v, _ := o.Fields.Get("field:ignore_deletion"); !v.True() {
			t.Error("an exempted organization does not say ignore_deletion")
		}
		if again, err := d.EndMarked(t.Context(), admin, today); err != nil || len(again) != 2 {
			t.Errorf("the second time gave %v (%v), want the two that wait", again, err)
		}
		later, err := d.EndMarked(t.Context(), admin, today+30)
		must(t, err)
		if len(later) != 2 || later[0].Fate != sqldesk.Deleted || later[1].Fate != sqldesk.Deleted {
			t.Errorf("thirty days later: %v, want both deleted", later)
		}
	})
}

func TestNothingIsDeletedWhereTheStoreDoesNotAllowIt(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		d.org(t, 0, "Marked", "field:mark_for_deletion", yes)
		list, err := d.EndMarked(t.Context(), admin, day.MustParse("2099-01-01"))
		must(t, err)
		if len(list) != 1 || list[0].Fate != sqldesk.Kept {
			t.Errorf("got %v, want it kept", list)
		}
	})
}

func TestAnOrganizationIsNeverDeletedWithAnOpenTicket(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		apply(t, d, create(helpdesk.Organization, "001A", "name", helpdesk.TextOf("Ace")), create(helpdesk.Organization, "001B", "name", helpdesk.TextOf("Bolt"), "field:ignore_deletion", yes))
		found, err := d.FindOrganizations(t.Context(), "001A")
		must(t, err)
		id := found[0].ID
		ticket := d.ticket(t, sqldesk.Ticket{Organization: id, Status: sqldesk.StatusSolved})
		del := change(helpdesk.Delete, helpdesk.Organization, "001A")
		exempt := change(helpdesk.Delete, helpdesk.Organization, "001B")
		out := try(t, d, del, exempt)
		refused(t, out[del.ID].Err, fault.Unsafe, "organization/001A", "not closed")
		refused(t, out[exempt.ID].Err, fault.Unsafe, "organization/001B", "ignore_deletion")
		refused(t, d.DeleteOrganization(t.Context(), admin, id), fault.Unsafe, "not closed")
		if _, err := d.other.ExecContext(t.Context(), d.other.Rebind("DELETE FROM organization WHERE id = ?"), id); err == nil {
			t.Error("plain SQL could delete it")
		}
		counts, err := d.OpenTickets(t.Context(), []string{fmt.Sprint(id), "9999"})
		must(t, err)
		if len(counts) != 1 || counts[fmt.Sprint(id)] != 1 {
			t.Errorf("open tickets are %v, want one for %d", counts, id)
		}
		must(t, d.SetTicketStatus(t.Context(), ticket.ID, sqldesk.StatusClosed))
		apply(t, d, del)
	})
}
