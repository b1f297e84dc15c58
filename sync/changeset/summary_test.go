package changeset

import (
	"testing"

	"github.com/desksync/desksync/helpdesk"
)

func change(k helpdesk.Kind, op helpdesk.Op, holds ...string) *helpdesk.Change {
	c := &helpdesk.Change{Op: op, Ref: helpdesk.Ref{Kind: k}}
	for _, h := range holds {
		c.Deltas = append(c.Deltas, helpdesk.Delta{Field: "x", Hold: h})
	}
	return c
}

func TestSummary(t *testing.T) {
	t.Parallel()
	s := Summary{Conflicts: 1, InStep: 11139}
	for range 60 {
		s.Add(change(helpdesk.Organization, helpdesk.Update, ""))
	}
	s.Add(change(helpdesk.Organization, helpdesk.Update, "", "policy: on_drift", "conflict: x"))
	for range 2 {
		s.Add(change(helpdesk.Organization, helpdesk.Create, ""))
	}
	s.Add(change(helpdesk.Organization, helpdesk.Retire, ""))
	if got, want := s.String(), "61 organizations to update, 2 to create, 1 to mark; 1 held, 1 conflict, 11,139 in step"; got != want {
		t.Errorf("the summary says %q, want %q", got, want)
	}
	if s.Writes() != 64 || s.Withheld != 1 {
		t.Errorf("%d writes, %d withheld", s.Writes(), s.Withheld)
	}
}

func TestWhatAGuardHoldsIsNotToBeDone(t *testing.T) {
	t.Parallel()
	var s Summary
	update, held := change(helpdesk.Organization, helpdesk.Update, ""), change(helpdesk.Organization, helpdesk.Update, "policy: x")
	for _, c := range []*helpdesk.Change{update, update, update, held, change(helpdesk.Organization, helpdesk.Create, "")} {
		s.Add(c)
	}
	s.Guard("updates", update)
	s.Guard("downgrades", update)
	s.Guard("updates", update)
	s.Guard("updates", held) // was not to be written anyway
	if got, want := s.String(), `1 organization to create; 1 held by guard "downgrades", 2 held by guard "updates", 1 held, 0 in step`; got != want {
		t.Errorf("the summary says %q, want %q", got, want)
	}
	if s.Writes() != 1 || s.Idle() {
		t.Errorf("%d writes, idle %v", s.Writes(), s.Idle())
	}
}

func TestWhatIsTakenOutIsAsIfItHadNeverBeenAdded(t *testing.T) {
	t.Parallel()
	var s, want Summary
	var d Digest
	stays, goes := change(helpdesk.Organization, helpdesk.Create, ""), change(helpdesk.Organization, helpdesk.Update, "", "snoozed", "policy: x", "conflict: y")
	goes.Deltas[0].Cause, goes.ID = helpdesk.Moved, "goes"
	for _, c := range []*helpdesk.Change{stays, goes} {
		s.Add(c)
		d.Add(c)
	}
	s.Remove(goes)
	d.Remove(goes)
	want.Add(stays)
	var only Digest
	only.Add(stays)
	if s.String() != want.String() || s.Withheld != 0 || s.Snoozed != 0 || s.Causes[helpdesk.Moved] != 0 || d != only {
		t.Errorf("left are %+v, %q; want %+v, %q", s, d, want, only)
	}
}

func TestSummaryOfOtherRuns(t *testing.T) {
	t.Parallel()
	guarded := change(helpdesk.Organization, helpdesk.Update, "", "policy: x", "policy: y")
	guarded.Hold = "guard: downgrades"
	tests := map[string]struct {
		changes []*helpdesk.Change
		line    string
	}{
		"nothing":                     {nil, "nothing to do; 0 in step"},
		"one of each kind":            {[]*helpdesk.Change{change(helpdesk.User, helpdesk.Create, ""), change(helpdesk.Membership, helpdesk.Retire, ""), change(helpdesk.Organization, helpdesk.Delete)}, "1 organization to delete, 1 user to create, 1 membership to remove; 0 in step"},
		"a held change counts once":   {[]*helpdesk.Change{guarded}, "nothing to do; 1 held, 0 in step"},
		"every delta held counts all": {[]*helpdesk.Change{change(helpdesk.Organization, helpdesk.Update, "policy: a", "undone: b")}, "nothing to do; 2 held, 0 in step"},
		"two memberships": {
			[]*helpdesk.Change{change(helpdesk.Membership, helpdesk.Update, ""), change(helpdesk.Membership, helpdesk.Update, "")}, "2 memberships to update; 0 in step",
		},
	}
	for name, tt := range tests {
		var s Summary
		for _, c := range tt.changes {
			s.Add(c)
		}
		if got := s.String(); got != tt.line {
			t.Errorf("%s: the summary says %q, want %q", name, got, tt.line)
		}
	}
}

func TestEstimate(t *testing.T) {
	t.Parallel()
	todo := func(updates, creates int) Summary {
		return Summary{Todo: map[helpdesk.Kind]map[helpdesk.Op]int{helpdesk.Organization: {helpdesk.Update: updates, helpdesk.Create: creates}}}
	}
	tests := map[string]struct {
		caps    helpdesk.Capabilities
		summary Summary
		line    string
	}{
		"2,100 updates in batches of 100": {helpdesk.Capabilities{Batch: 100, PerMinute: 200}, todo(2100, 0), "Cost: 21 of 200 calls this minute, 21 batches, about 7 s"},
		"part of a batch is a batch":      {helpdesk.Capabilities{Batch: 100}, todo(101, 1), "Cost: 3 calls, 3 batches"},
		"one by one":                      {helpdesk.Capabilities{PerMinute: 200}, todo(800, 0), "Cost: 800 calls at 200 a minute, about 4 min"},
		"hours":                           {helpdesk.Capabilities{PerMinute: 10}, todo(1500, 0), "Cost: 1,500 calls at 10 a minute, about 2.5 h"},
		"nothing to do":                   {helpdesk.Capabilities{PerMinute: 10}, Summary{}, "Cost: 0 of 10 calls this minute"},
		"one call":                        {helpdesk.Capabilities{}, todo(1, 0), "Cost: 1 call"},
	}
	for name, tt := range tests {
		if got := Estimate(tt.caps, tt.summary).String(); got != tt.line {
			t.Errorf("%s: %q, want %q", name, got, tt.line)
		}
	}
}

func TestImpact(t *testing.T) {
	t.Parallel()
	i := Impact{Currency: "USD"}
	if got := i.String(); got != "SLA: no policy changes" {
		t.Errorf("no change says %q", got)
	}
	i.Add("", "Priority", 400_000, Reroutes)
	i.Add("", "Priority", 10_000, Reroutes)
	i.Add("", "Priority", 2_000, Reroutes)
	i.Add("Priority", "Priority", 1e9, Reroutes)
	if got, want := i.String(), "SLA: 3 organizations ($412k ARR) gain Priority, none loses a policy"; got != want {
		t.Errorf("the impact says %q, want %q", got, want)
	}
	i.Add("Standard", "Priority", 100, Reroutes)
	i.Add("Standard", "", 5_000, Reroutes|Downgrades)
	want := "SLA: 3 organizations ($412k ARR) gain Priority, 1 organization ($5k ARR) loses Standard, 1 organization ($100 ARR) moves from Standard to Priority"
	if got := i.String(); got != want {
		t.Errorf("the impact says %q, want %q", got, want)
	}
	equal(t, "rows", i.Moves(), []Move{{"", "Priority", 3, 412_000, false}, {"Standard", "", 1, 5_000, false}, {"Standard", "Priority", 1, 100, false}})
	i.Hold(Downgrades)
	i.Hold(Downgrades)
	want = "SLA: 3 organizations ($412k ARR) gain Priority, 1 organization ($100 ARR) moves from Standard to Priority, none loses a policy; held: 1 organization ($5k ARR) loses Standard"
	if got := i.String(); got != want {
		t.Errorf("with the downgrades held, the impact says %q, want %q", got, want)
	}
}
