package reconcile_test

import (
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/helpdesktest"
	"github.com/desksync/desksync/sync/reconcile"
)

// TestATagThatAFieldBringsIsDecidedByTheField: a rule for tags that yields it is told so
// once, and what else it yields is written.
func TestATagThatAFieldBringsIsDecidedByTheField(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.desk = helpdesktest.NewFake(helpdesktest.FakeOptions{Capabilities: func(c *helpdesk.Capabilities) {
			c.Specs[helpdesk.Organization] = append(c.Specs[helpdesk.Organization], helpdesk.Spec{Name: "field:vip", Type: helpdesk.Bool, Tag: "vip"})
		}})
		w.rules.tags = `["vip", "own"]`
		rep := w.run()
		if rep.Findings != 1 {
			w.Errorf("%d findings", rep.Findings)
		}
		w.says("the tag vip comes and goes with the field vip of support")
		w.holds("A1", "tag:vip", "")
		w.holds("A1", "tag:own", "true")
		w.quiet()
	})
}

// TestTheFindingAboutSuchATagStandsUntilNobodyYieldsIt: whichever accounts a run compares.
func TestTheFindingAboutSuchATagStandsUntilNobodyYieldsIt(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.desk = helpdesktest.NewFake(helpdesktest.FakeOptions{Capabilities: func(c *helpdesk.Capabilities) {
			c.Specs[helpdesk.Organization] = append(c.Specs[helpdesk.Organization], helpdesk.Spec{Name: "field:vip", Type: helpdesk.Bool, Tag: "vip"})
		}})
		w.rules.tags = `account.Owner == "Lee" ? "vip" : "plain"`
		w.crm.put(account{id: "C1", name: "Crate", owner: "Lee"})
		w.run()
		told := w.open("tag_of_field")
		stands := func(when string, do func(), triggers ...reconcile.Trigger) {
			w.Helper()
			do()
			w.clock.Move(time.Hour)
			rep := w.run(triggers...)
			if now := w.open("tag_of_field"); now.ID != told.ID || !now.Since.Equal(told.Since) || rep.Findings != 1 {
				w.Errorf("%s it is %+v of %d findings, and was %+v", when, now, rep.Findings, told)
			}
		}
		stands("in a quiet run", func() {})
		stands("when another account is compared", func() { w.crm.set(crm.Account, "B1", "Name", "Bolt & Sons") })
		stands("when one of those who yield it is", func() { w.crm.set(crm.Account, "A1", "Name", "Acme Ltd") })
		stands("when one of them no longer does", func() { w.crm.set(crm.Account, "A1", "Owner", "Max") })
		stands("in a run over one account", func() {}, reconcile.Trigger{Only: []string{"A1"}})
		w.crm.remove("C1")
		w.run(reconcile.Trigger{AcceptShrink: true})
		w.same("items", w.items(), nil)
		w.crm.set(crm.Account, "B1", "Owner", "Lee")
		w.run()
		w.rules.tags = `["plain"]`
		w.run()
		w.same("items once the rule is another", w.items(), nil)
	})
}
