package changeset

import (
	"testing"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
)

var markedOn = day.MustParse("2026-11-01")

func mark() Mark { return Mark{Field: "field:mark", Exempt: "field:exempt", Never: true} }

// due is a mark whose waiting time of 20 days is over today.
func due() Mark {
	return Mark{Field: "field:mark", Exempt: "field:exempt", DeleteAfter: 20, MarkedOn: markedOn}
}

func gone(policy GonePolicy, m Mark) Missing {
	return Missing{
		Ref: helpdesk.Ref{Kind: helpdesk.Organization, Key: acme}, Name: "Acme", Absence: Left, Why: "left: retention ended 2024-12-20",
		Policy: policy, Mark: m, Day: today, Policies: holding,
	}
}

func TestAbsent(t *testing.T) {
	t.Parallel()
	written := here(f("name=Acme"), f("name=Acme"))
	marked := here(f("name=Acme", "field:mark"), f("name=Acme", "field:mark"))
	with := func(m Missing, change func(*Missing)) Missing { change(&m); return m }
	tests := map[string]struct {
		known   Known
		missing Missing
		tells   []string
	}{
		"it is marked": {
			written, gone(GoneMark, mark()), []string{"retire", "field:mark: – -> true gone"},
		},
		"a domain of ours that another one keeps goes along, one of somebody else's stays": {
			here(f("name=Acme", "domain:acme.example", "domain:other.example", "domain:kept.example"), f("name=Acme", "domain:acme.example", "domain:kept.example")),
			with(gone(GoneMark, mark()), func(m *Missing) { m.Elsewhere = []string{"domain:acme.example", "domain:other.example"} }),
			[]string{"retire", "domain:acme.example: true -> – withdrawn", "field:mark: – -> true gone"},
		},
		"of one that is marked it is an update": {
			here(f("name=Acme", "field:mark", "domain:acme.example"), f("name=Acme", "field:mark", "domain:acme.example")),
			with(gone(GoneMark, mark()), func(m *Missing) { m.Elsewhere = []string{"domain:acme.example"} }),
			[]string{"domain:acme.example: true -> – withdrawn"},
		},
		"an unchecked mark is no mark": {
			here(f("!field:mark"), f("name=Acme")), gone(GoneMark, mark()), []string{"retire", "field:mark: – -> true gone"},
		},
		"a mark that was taken off by us is set again": {
			here(f("!field:mark"), f("!field:mark")), gone(GoneMark, mark()), []string{"retire", "field:mark: – -> true gone"},
		},
		"it is marked already": {
			marked, gone(GoneMark, mark()), []string{"in step"},
		},
		"someone else marked it": {
			here(f("field:mark"), f("name=Acme")), gone(GoneMark, mark()), []string{"note field:mark true", "in step"},
		},
		"someone took the mark off": {
			here(f("name=Acme"), f("name=Acme", "field:mark")), gone(GoneMark, mark()),
			[]string{"retire", "field:mark: – -> true drifted policy", "item drift/drifted field:mark"},
		},
		"the policy holds": {
			written, gone(GoneHold, mark()), []string{"retire policy", "field:mark: – -> true gone", "item held/gone"},
		},
		"a policy that is not set holds": {
			written, gone("", mark()), []string{"retire policy", "field:mark: – -> true gone", "item held/gone"},
		},
		"the policy holds and it is marked already": {
			marked, gone(GoneHold, mark()), []string{"in step"},
		},
		"someone decided to keep what the policy holds": {
			decided(written, "", Keep, empty), gone(GoneHold, mark()), []string{"in step"},
		},
		"someone rejected the mark": {
			decided(written, "field:mark", Reject, yes), gone(GoneMark, mark()),
			[]string{"retire", "field:mark: – -> true gone rejected", "item held/rejected field:mark"},
		},
		"no mark field is configured": {
			written, gone(GoneMark, Mark{}), []string{"retire policy", "item held/gone"},
		},
		"the policy holds and no mark field is configured": {
			written, gone(GoneHold, Mark{}), []string{"retire policy", "item held/gone"},
		},
		"a decision about what we never wrote, or wrote no more, is spent": {
			decided(Known{}, "", Pin, gold), gone(GoneMark, mark()), []string{"spent [7]", "in step"},
		},
		"we never wrote it": {
			here(f("name=Acme"), nil), gone(GoneMark, mark()), []string{"in step"},
		},
		"it is gone on both sides": {
			Known{Last: f("name=Acme")}, gone(GoneMark, mark()), []string{"in step", "forget all"},
		},
		"it is protected": {
			written, gone(GoneMark, Mark{Field: "field:mark", Protect: map[string]bool{acme: true}}), []string{"in step"},
		},
		"another pipeline wants it": {
			written, with(gone(GoneMark, mark()), func(m *Missing) { m.WantedBy = "partners" }), []string{"item finding/let go", "forget all"},
		},
		"its waiting time is over and no ticket is open": {
			marked, gone(GoneMark, due()), []string{"delete", "field:mark: true -> true gone"},
		},
		"its waiting time is not over": {
			marked, with(gone(GoneMark, due()), func(m *Missing) { m.Day-- }), []string{"in step"},
		},
		"deleting is never allowed": {
			marked, with(gone(GoneDelete, due()), func(m *Missing) { m.Mark.Never = true }), []string{"in step"},
		},
		"a mark without a waiting time deletes nothing": {
			marked, with(gone(GoneMark, due()), func(m *Missing) { m.Mark.DeleteAfter = 0 }), []string{"in step"},
		},
		"a policy that deletes waits a day at least": {
			marked, with(gone(GoneDelete, due()), func(m *Missing) { m.Mark.DeleteAfter = 0; m.Day = markedOn }), []string{"in step"},
		},
		"a policy that deletes does so the day after": {
			marked, with(gone(GoneDelete, due()), func(m *Missing) { m.Mark.DeleteAfter = 0; m.Day = markedOn + 1 }), []string{"delete", "field:mark: true -> true gone"},
		},
		"nobody knows when it was marked": {
			marked, with(gone(GoneMark, due()), func(m *Missing) { m.Mark.MarkedOn = 0 }), []string{"in step"},
		},
		"a ticket is pending": {
			marked, with(gone(GoneMark, due()), func(m *Missing) { m.OpenTickets = 1 }),
			[]string{"retire", "field:exempt: – -> true gone", "item finding/exempted field:exempt"},
		},
		"a ticket is pending and it is exempted": {
			here(f("field:mark", "field:exempt"), f("field:mark", "field:exempt")),
			with(gone(GoneMark, due()), func(m *Missing) { m.OpenTickets = 1 }),
			[]string{"in step"},
		},
		"it is exempted by hand": {
			here(f("field:mark", "field:exempt"), f("field:mark")), gone(GoneMark, due()), []string{"in step"},
		},
		"a ticket is pending and there is no exempt field": {
			marked, with(gone(GoneMark, due()), func(m *Missing) { m.OpenTickets, m.Mark.Exempt = 3, "" }),
			[]string{"delete tickets", "field:mark: true -> true gone", "item held/tickets"},
		},
		"nobody knows its tickets": {
			marked, with(gone(GoneMark, due()), func(m *Missing) { m.OpenTickets = -1 }), []string{"delete tickets", "field:mark: true -> true gone", "item held/tickets"},
		},
		"someone rejected its deletion": {
			decided(marked, "", Reject, empty), gone(GoneMark, due()), []string{"delete rejected", "field:mark: true -> true gone", "item held/rejected"},
		},
		"a policy that holds never deletes": {
			marked, gone(GoneHold, due()), []string{"in step"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tells(t, comparer().Absent(tt.known, tt.missing), tt.tells...)
		})
	}
}

func TestAbsentSaysWhy(t *testing.T) {
	t.Parallel()
	v := comparer().Absent(here(f("name=Acme"), f("name=Acme")), gone(GoneMark, mark()))
	if d := v.Change.Deltas[0]; d.Origin != "left: retention ended 2024-12-20" {
		t.Errorf("the origin is %q", d.Origin)
	}
	m := gone(GoneHold, mark())
	m.Absence = Lost
	v = comparer().Absent(here(f("name=Acme"), f("name=Acme")), m)
	if v.Change.Hold != "policy: on_gone.lost" {
		t.Errorf("the hold is %q", v.Change.Hold)
	}
	m = gone(GoneMark, due())
	m.OpenTickets = 1
	v = comparer().Absent(here(f("field:mark"), f("field:mark")), m)
	if got, want := v.Items[0].Text, "was due to be deleted and is exempted: 1 ticket is not closed"; got != want {
		t.Errorf("the finding says %q, want %q", got, want)
	}
}

func TestAbsentMembership(t *testing.T) {
	t.Parallel()
	m := Missing{Ref: helpdesk.Ref{Kind: helpdesk.Membership, Key: helpdesk.MemberKey(acme, "003B")}, Absence: Left, Policy: GoneMark}
	k := here(f("position=CTO", "manager", "default"), f("position=CTO", "default", "other=x"))
	v := comparer().Absent(k, m)
	tells(t, v, "retire", "default: true -> – gone", "position: CTO -> – gone")
	if v.Change.Account != acme {
		t.Errorf("the account is %q", v.Change.Account)
	}
	m.Policy = GoneHold
	tells(t, comparer().Absent(k, m), "retire policy", "default: true -> – gone", "position: CTO -> – gone", "item held/gone")
	tells(t, comparer().Absent(here(f("position="), f("position=")), m), "retire policy", "item held/gone")
}

func TestAUserIsNeverDeleted(t *testing.T) {
	t.Parallel()
	m := Missing{Ref: helpdesk.Ref{Kind: helpdesk.User, Key: "003B"}, Absence: Deleted, Policy: GoneDelete, Mark: due(), Day: today}
	tells(t, comparer().Absent(here(f("email=a@b.example", "field:mark"), f("email=a@b.example", "field:mark")), m), "in step")
}
