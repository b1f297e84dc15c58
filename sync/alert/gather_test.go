package alert_test

import (
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/sync/alert"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

func drifted(account, field string) journal.Item {
	return journal.Item{Class: journal.ItemDrift, Code: string(helpdesk.Drifted), Account: account, Kind: helpdesk.Organization, Key: account, Field: field}
}

// TestEveryKindIsGathered has each kind begin and end as the journal shows it.
func TestEveryKindIsGathered(t *testing.T) {
	t.Parallel()
	finding := func(code, account, field string) journal.Item {
		return journal.Item{Class: journal.ItemFinding, Code: code, Account: account, Kind: helpdesk.Organization, Key: account, Field: field}
	}
	clash := func(account, field string) journal.Item {
		_, value, _ := strings.Cut(field, ":")
		return journal.Item{Class: journal.ItemConflict, Code: "claimed twice", Account: account, Kind: helpdesk.Organization, Key: account, Field: field, Value: value}
	}
	contested := drifted("A", "field:plan")
	contested.Code = changeset.HoldContested
	standing := func(o *office, s journal.Standing) func(journal.Run) {
		return func(run journal.Run) { o.ok(o.journal.PutStandings(o.t.Context(), run, []journal.Standing{s})) }
	}
	tests := map[string]struct {
		kind  alert.Kind
		begin func(o *office)
		end   func(o *office) // nil: an event
		text  string
	}{
		"drift": {
			alert.Drift, func(o *office) { o.run(o.items(drifted("A", "field:support_level"), drifted("B", "tag:gold"))) }, func(o *office) { o.run(nil) },
			"2 organizations drifted in support (customers): Customer A, Customer B. Someone changed support_level, tag gold in the helpdesk; desksync holds. See and decide: desksync drift --pipeline customers. Since 09:10 UTC.",
		},
		"fought": {
			alert.Fought, func(o *office) { o.run(o.items(contested)) }, func(o *office) { o.run(nil) },
			"Something else keeps writing to 1 organization in support (customers): Customer A. It was corrected three times within a day (plan) and came back each time; desksync holds. See and decide: desksync drift --pipeline customers. Since 09:10 UTC.",
		},
		"conflict": {
			alert.Conflict, func(o *office) {
				o.run(o.items(clash("A", "domain:acme.example"), clash("B", "domain:acme.example"), clash("A", "email:jo@acme.example"), clash("B", "email:jo@acme.example"), clash("A", "name:acme")))
			}, func(o *office) { o.run(nil) },
			"3 conflicts in support (customers): Customer A, Customer B. Claimed more than once: the domain acme.example, an e-mail address, the name acme. No rule can decide, and nothing of it is written until somebody does. See and decide: desksync conflicts --pipeline customers. Since 09:10 UTC.",
		},
		"unknown product": {
			alert.UnknownProduct, func(o *office) {
				o.run(func(run journal.Run) {
					standing(o, journal.Standing{Account: "A", ARR: 412_000})(run)
					o.items(finding("unknown_product", "A", "Platinum"))(run)
				})
			}, func(o *office) { o.run(nil) },
			"1 product is not in the catalogue of customers ($412k ARR): Customer A. Bought: Platinum. Such a product grants nothing, and never lowers a level: where it would, the level is held. Add it to a plan. See: desksync explain A --pipeline customers. Since 09:10 UTC.",
		},
		"hidden": {
			alert.Hidden, func(o *office) { o.run(o.items(finding("column hidden", "", "account.CARR__c"))) }, func(o *office) { o.run(nil) },
			"The login of crm no longer sees what the rules of customers read. Hidden: account.CARR__c. Nothing of that kind is read until the permission is back. See: desksync source describe. Since 09:10 UTC.",
		},
		"held": {
			alert.Held, func(o *office) {
				o.runWith(`{"guards":[{"Guard":"downgrades","Count":47,"ARR":1900000}]}`, o.items(journal.Item{
					Class: journal.ItemGuard, Code: "downgrades", Kind: helpdesk.Organization, Text: "47 organizations ($1.9M ARR) would drop to a lower level; limit 10",
				}))
			}, func(o *office) { o.run(nil) },
			"The guard downgrades holds changes in support (customers). 47 organizations ($1.9M ARR) would drop to a lower level; limit 10. All of it: desksync runs show 2 --held. Decide: desksync approve 2, or desksync reject 2. Since 09:10 UTC.",
		},
		"shrank": {
			alert.Shrank, func(o *office) {
				o.runWith(`{"shrunk":[{"role":"account","before":11200,"now":3100,"text":"…"}]}`, nil)
			}, func(o *office) { o.run(nil) },
			"crm shrank: 3,100 of 11,200 accounts are left (customers). The run is held and nothing is written. Find out whether records are gone or only out of sight. Decide: desksync reconcile --accept-shrink --pipeline customers, if the source is right. Since 09:10 UTC.",
		},
		"no contact": {
			alert.NoContact, func(o *office) { o.run(standing(o, journal.Standing{Account: "A", Bare: true, Made: true})) },
			func(o *office) { o.run(standing(o, journal.Standing{Account: "A"})) },
			"1 new organization has no contact in support (customers): Customer A. Nobody of the customer can write a ticket that belongs to it. Add a contact in the CRM. See: desksync explain A --pipeline customers. Since 09:10 UTC.",
		},
		"contract ending": {
			alert.ContractEnding, func(o *office) {
				o.run(standing(o, journal.Standing{Account: "A", Ends: day.MustParse("2026-12-01"), ARR: 31_200}))
			},
			func(o *office) { o.run(standing(o, journal.Standing{Account: "A", Ends: day.MustParse("2027-12-01")})) },
			"1 contract ends on 2026-12-01 ($31k ARR) in support (customers): Customer A. That is within 15 days, and no later charge is known. See: desksync explain A --pipeline customers. Since 09:10 UTC.",
		},
		"quota": {
			alert.Quota, func(o *office) {
				for range 45 {
					o.ok(o.journal.NoteCall(o.t.Context(), "crm", 100))
				}
			}, func(o *office) { o.clock.Move(26 * time.Hour) },
			"45 of the 50 calls that desksync may make of crm in 24 hours are spent. When they are, runs stop until older calls no longer count. Raise daily_share, or run less often. See: desksync source describe. Since 09:10 UTC.",
		},
		"downgrade": {
			alert.Downgrade, func(o *office) { o.downgrade("A", 412_000) }, nil,
			"1 organization was downgraded in support (customers) ($412k ARR): Customer A. Run 2 lowered the level, and no date had announced it. See: desksync runs show 2. Since 09:10 UTC.",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(o *office) {
				o.opt.Pipelines[0].Unscheduled = true
				o.organizations("A", "B")
				o.after(nil)
				o.heard("")
				tt.begin(o)
				o.after(nil)
				o.heard("begun " + string(tt.kind))
				if got := o.chat.heard[0].Text(); got != tt.text {
					o.t.Errorf("told\n%s\nwant\n%s", got, tt.text)
				}
				if tt.end == nil {
					o.clock.Move(time.Hour)
					o.after(nil)
					o.heard("begun " + string(tt.kind))
					return
				}
				tt.end(o)
				o.after(nil)
				o.heard("begun " + string(tt.kind) + ", over " + string(tt.kind))
			})
		})
	}
}

// runWith is a run with these totals.
func (o *office) runWith(totals string, do func(journal.Run)) {
	o.t.Helper()
	ctx := o.t.Context()
	run, err := o.journal.Begin(ctx, journal.RunSpec{Pipeline: o.pipe.ID, Target: "support", Mode: journal.Reconcile, Holder: "test", Day: day.MustParse("2026-11-21")})
	o.ok(err)
	if do != nil {
		do(run)
	}
	o.ok(o.journal.Finish(ctx, run, journal.Result{State: journal.Held, Totals: []byte(totals)}))
}

// downgrade is a run that lowered an account's level.
func (o *office) downgrade(account string, arr float64) {
	o.t.Helper()
	ctx := o.t.Context()
	run, err := o.journal.Begin(ctx, journal.RunSpec{Pipeline: o.pipe.ID, Target: "support", Mode: journal.Reconcile, Holder: "test", Day: day.MustParse("2026-11-21")})
	o.ok(err)
	o.ok(o.journal.Phase(ctx, run, journal.PhaseCompare))
	c := helpdesk.Change{ID: "x", Op: helpdesk.Update, Ref: helpdesk.Ref{Kind: helpdesk.Organization, Key: account}, Account: account, TargetID: account}
	o.ok(o.journal.AddChanges(ctx, run, []journal.ChangeRow{{
		Rank: 1, Seq: 1, Account: account, Kind: helpdesk.Organization, Key: account, Op: helpdesk.Update, Class: uint32(changeset.Downgrades), ARR: arr, Body: c.Pack(nil),
	}}))
	o.ok(o.journal.Seal(ctx, run, journal.Sealed{}))
	o.ok(o.journal.Send(ctx, run, journal.Batch{No: 1, To: journal.Pos{Rank: 1, Seq: 1}}))
	o.ok(o.journal.Settle(ctx, run, 1, []journal.Settled{{Pos: journal.Pos{Rank: 1, Seq: 1}, State: helpdesk.Applied}}))
	o.ok(o.journal.Finish(ctx, run, journal.Result{State: journal.Applied}))
}
