package reconcile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sync/journal"
)

const owner = "field:account_owner"

func TestPoliciesDecideOverWhatSomebodyElseWrote(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		policies mapping.Policies
		before   string // in the helpdesk before the first run; empty: nothing
		edited   string // by hand, after it
		moved    string // in the CRM, after it
		want     string // in the helpdesk in the end
		items    []string
	}{
		"found, hold":           {policies: mapping.Policies{OnFound: helpdesk.Hold}, before: "Zoe", want: "Zoe", items: []string{"held found A1 " + owner}},
		"found, correct":        {policies: mapping.Policies{OnFound: helpdesk.Correct}, before: "Zoe", want: "Lee"},
		"drifted, hold":         {policies: mapping.Policies{OnDrift: helpdesk.Hold}, edited: "Zoe", want: "Zoe", items: []string{"drift drifted A1 " + owner}},
		"drifted, correct":      {policies: mapping.Policies{OnDrift: helpdesk.Correct}, edited: "Zoe", want: "Lee"},
		"clashed, hold":         {policies: mapping.Policies{OnClash: helpdesk.Hold}, edited: "Zoe", moved: "Max", want: "Zoe", items: []string{"drift clashed A1 " + owner}},
		"clashed, correct":      {policies: mapping.Policies{OnClash: helpdesk.Correct}, edited: "Zoe", moved: "Max", want: "Max"},
		"both came to the same": {edited: "Max", moved: "Max", want: "Max"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, ready.SQLite(t))
			w.rules.policies = tt.policies
			if tt.before != "" {
				fields := helpdesk.Fields{{Name: helpdesk.Name, Value: text("Acme")}, {Name: owner, Value: text(tt.before)}}
				w.desk.Put(helpdesk.Object{Ref: helpdesk.Ref{Kind: helpdesk.Organization, Key: "A1"}, Fields: fields.Sort()})
			}
			w.run()
			if tt.edited != "" {
				w.edit("A1", owner, text(tt.edited))
			}
			if tt.moved != "" {
				w.crm.set(crm.Account, "A1", "Owner", tt.moved)
			}
			w.run()
			w.holds("A1", owner, tt.want)
			w.same("items", w.items(), tt.items)
			w.quiet()
			w.same("items of the next run", w.items(), tt.items)
		})
	}
}

func TestWhatWeAddedIsTakenBackAndWhatOthersAddedStays(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.run()
		w.edit("A1", "tag:vip_note", helpdesk.BoolOf(true))
		w.crm.put(account{id: "A1", name: "Acme", owner: "", domains: "acme.example", charges: "Starter"})
		w.writes("update organization/A1 field:account_owner= field:support_level=starter tag:gold= tag:starter=true")
		w.holds("A1", "tag:vip_note", "true")
		w.quiet()
	})
}

func TestAFieldThatNoRuleNamesAnyMoreIsLetGoOnce(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.run()
		w.rules.owner = ""
		w.quiet()
		w.same("items", w.items(), []string{"finding rule removed A1 " + owner, "finding rule removed B1 " + owner})
		w.holds("A1", owner, "Lee")
		w.quiet()
		w.same("items", w.items(), nil)
	})
}

func TestAFieldOwnedByTheHelpdeskIsNeverWritten(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.rules.ownerRule = helpdesk.OwnerHelpdesk
		w.run()
		w.holds("A1", owner, "")
		w.edit("A1", owner, text("Zoe"))
		w.quiet()
		w.holds("A1", owner, "Zoe")
	})
}

func TestAFieldWrittenOnceIsLeftAloneAfter(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.rules.ownerRule = helpdesk.OwnerCreate
		w.run()
		w.holds("A1", owner, "Lee")
		w.crm.set(crm.Account, "A1", "Owner", "Max")
		w.quiet()
		w.edit("A1", owner, text("Zoe"))
		w.quiet()
	})
}

func TestAFieldCorrectedThreeTimesInADayIsHeld(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.run()
		for range 3 {
			w.clock.Move(time.Hour)
			w.edit("A1", owner, text("Zoe"))
			w.writes("update organization/A1 field:account_owner=Lee")
		}
		w.edit("A1", owner, text("Zoe"))
		w.quiet()
		w.same("items", w.items(), []string{"drift contested A1 " + owner})
		w.clock.Move(oneDay)
		w.writes("update organization/A1 field:account_owner=Lee")
	})
}

func TestAnUnknownProductNeverLowersALevel(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.run()
		w.crm.put(account{id: "A1", name: "Acme", owner: "Max", domains: "acme.example", charges: "Platinum"})
		w.writes("update organization/A1 field:account_owner=Max")
		w.holds("A1", "field:support_level", "gold")
		w.holds("A1", "tag:gold", "true")
		if got := strings.Join(w.items(), "; "); !strings.Contains(got, "unknown_product A1") || !strings.Contains(got, "held unknown product A1") {
			w.Errorf("items: %s", got)
		}
		w.quiet()
		w.crm.put(account{id: "A1", name: "Acme", owner: "Max", domains: "acme.example", charges: "Premium"})
		w.writes("update organization/A1 field:support_level=premium tag:gold= tag:premium=true")
		w.same("items", w.items(), nil)
	})
}

func TestAnObjectThatVanishedIsMadeAgainOrHeld(t *testing.T) {
	t.Parallel()
	for name, policy := range map[string]helpdesk.Policy{"correct": helpdesk.Correct, "hold": helpdesk.Hold} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, ready.SQLite(t))
			w.rules.policies.OnDrift = policy
			w.run()
			w.desk.Remove(helpdesk.Organization, w.org("A1").ID)
			_, written := w.fresh()
			if made := len(written) == 1 && strings.HasPrefix(written[0], "create organization/A1"); made != (policy == helpdesk.Correct) {
				w.Errorf("written: %q", written)
			}
			w.quiet()
		})
	}
}

func TestDecisionsAboutDrift(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		action string
		until  string
		next   func(w *world) // right after the decision
		after  func(w *world) // later
	}{
		"keep stays silent until what is wanted changes": {action: "keep", next: func(w *world) {
			w.quiet()
			w.same("items", w.items(), nil)
		}, after: func(w *world) {
			w.quiet()
			w.crm.set(crm.Account, "A1", "Owner", "Max")
			w.quiet()
			w.same("items", w.items(), []string{"drift clashed A1 " + owner})
		}},
		"revert writes once": {action: "revert", next: func(w *world) {
			w.writes("update organization/A1 field:account_owner=Lee")
		}, after: func(w *world) {
			w.edit("A1", owner, text("Zoe"))
			w.quiet()
			w.same("items", w.items(), []string{"drift drifted A1 " + owner})
		}},
		"snooze is silent through its day": {action: "snooze", until: "2026-11-22", next: func(w *world) {
			w.quiet()
			w.same("items", w.items(), []string{"drift drifted A1 " + owner})
			w.clock.Move(oneDay)
			w.quiet()
			w.same("items", w.items(), []string{"drift drifted A1 " + owner})
		}, after: func(w *world) {
			w.clock.Move(oneDay)
			w.quiet()
			w.same("items", w.items(), []string{"drift drifted A1 " + owner})
		}},
		"reject stays held until what is wanted changes": {action: "reject", next: func(w *world) {
			w.quiet()
			w.same("items", w.items(), []string{"drift rejected A1 " + owner})
		}, after: func(w *world) {
			w.rules.policies.OnClash = helpdesk.Correct
			w.crm.set(crm.Account, "A1", "Owner", "Max")
			w.writes("update organization/A1 field:account_owner=Max")
			w.same("items", w.items(), nil)
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, ready.SQLite(t))
			w.rules.policies.OnDrift = helpdesk.Hold
			w.run()
			w.edit("A1", owner, text("Zoe"))
			w.run()
			d := journal.Decision{Account: "A1", Field: owner, Action: tt.action, Want: text("Lee")}
			if tt.until != "" {
				d.Until = on(tt.until)
			}
			w.decide(d)
			tt.next(w)
			tt.after(w)
		})
	}
}

func TestAdoptMakesWhatTheHelpdeskHoldsWanted(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.rules.policies.OnDrift = helpdesk.Hold
		w.run()
		w.edit("A1", owner, text("Zoe"))
		w.run()
		w.decide(journal.Decision{Account: "A1", Field: "account_owner", Action: journal.ActionOverride, Value: text("Zoe"), Reason: "she moved"})
		w.decide(journal.Decision{Account: "A1", Field: owner, Action: "adopt", Want: text("Zoe")})
		w.quiet()
		w.same("items", w.items(), nil)
		w.edit("A1", owner, text("Lee"))
		w.quiet()
		w.same("items", w.items(), []string{"drift drifted A1 " + owner})
	})
}

// TestAMembershipThatNobodyStandsForEndsOrWaits: as the pipeline says; the user stays.
func TestAMembershipThatNobodyStandsForEndsOrWaits(t *testing.T) {
	t.Parallel()
	for policy, tt := range map[string]struct {
		writes []string
		held   int
	}{
		"remove": {[]string{"retire membership/A1/ann"}, 0},
		"hold":   {nil, 1},
	} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			alone(t, func(w *world) {
				w.rules.gone.Members = policy
				w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", charges: "Gold", contacts: []string{"ann ann@acme.example", "bob bob@acme.example"}})
				w.run()
				w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", charges: "Gold", contacts: []string{"bob bob@acme.example"}})
				rep, written := w.fresh()
				w.same("written", written, tt.writes)
				if rep.Summary.Held != tt.held || len(w.desk.Held(helpdesk.User)) != 2 {
					t.Errorf("%d held and %d users, want %d and both", rep.Summary.Held, len(w.desk.Held(helpdesk.User)), tt.held)
				}
			})
		})
	}
}
