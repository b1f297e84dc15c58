package reconcile_test

import (
	"strings"
	"testing"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

// named is an account with nothing but its name.
func named(id, name string) account {
	return account{id: id, name: name, owner: "Kim", charges: "Starter"}
}

// names checks what the organizations of some accounts are called: "A1: Acme".
func (w *world) names(want ...string) {
	w.Helper()
	for _, line := range want {
		account, name, _ := strings.Cut(line, ": ")
		w.holds(account, helpdesk.Name, name)
	}
}

// TestThreeAccountsOfOneName: one goes by it, the others by it and the end of their ids,
// and that stays so whoever comes and goes, until the CRM calls them otherwise.
func TestThreeAccountsOfOneName(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.rules.nameClash = reconcile.SuffixNames
		for _, id := range []string{"0015g00000000C1AAC", "0015g00000000C2AAC", "0015g00000000C3AAC"} {
			w.crm.put(named(id, "Initech"))
		}
		rep := w.run()
		if rep.Conflicts != 0 || rep.State != journal.Applied {
			t.Errorf("%d conflicts, and the run ends as %s", rep.Conflicts, rep.State)
		}
		w.names("0015g00000000C1AAC: Initech", "0015g00000000C2AAC: Initech (0C2AAC)", "0015g00000000C3AAC: Initech (0C3AAC)")
		w.says("Initech is claimed by", "0015g00000000C1AAC", "this organization is called Initech (0C2AAC)")
		w.quiet()

		w.crm.put(named("0015g00000000B9AAC", "INITECH")) // an older one comes
		w.run()
		w.names("0015g00000000C1AAC: Initech", "0015g00000000B9AAC: INITECH (0B9AAC)", "0015g00000000C2AAC: Initech (0C2AAC)")

		w.crm.put(named("0015g00000000C1AAC", "Initrode")) // who had the name gives it up
		w.crm.put(account{id: "0015g00000000C3AAC", name: "Initech", owner: "New", charges: "Starter"})
		w.run()
		w.names("0015g00000000C1AAC: Initrode", "0015g00000000C2AAC: Initech (0C2AAC)", "0015g00000000C3AAC: Initech (0C3AAC)")
		w.holds("0015g00000000C3AAC", "field:account_owner", "New")
		w.quiet(reconcile.Trigger{Full: true})

		w.crm.put(named("0015g00000000C2AAC", "Acme")) // the CRM calls it as another one is called
		w.crm.put(named("0015g00000000C3AAC", "Intertrode"))
		w.run()
		w.names("A1: Acme", "0015g00000000C2AAC: Acme (0C2AAC)", "0015g00000000C3AAC: Intertrode")
		w.quiet(reconcile.Trigger{Full: true})
	})
}

// TestADiffSaysWhyANameHasASuffix: with the name, and with whose it is.
func TestADiffSaysWhyANameHasASuffix(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.rules.nameClash = reconcile.SuffixNames
		w.run()
		w.crm.put(named("C1", "Acme"))
		rep := w.run(reconcile.Trigger{Mode: reconcile.Diff})
		var said string
		for c, err := range reconcile.Changes(w.Context(), w.journal, rep.Run, journal.ChangeFilter{}) {
			if err != nil {
				t.Fatal(err)
			}
			for d := range c.Writes() {
				if d.Field == helpdesk.Name {
					said = d.Want.Text() + ": " + d.Origin
				}
			}
		}
		if want := "Acme (C1): Account.Name and a suffix (on_name_clash: claimed by Acme (A1) and Acme (C1))"; !strings.HasPrefix(said, want) {
			t.Errorf("the diff says %q, want %q", said, want)
		}
	})
}

// TestASuffixIsForAccountsOnly: next to an organization that has no account it would be a
// twin of it, so people decide.
func TestASuffixIsForAccountsOnly(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.rules.nameClash = reconcile.SuffixNames
		w.stranger(helpdesk.Organization, "77", helpdesk.Name, "Initech")
		w.crm.put(named("C1", "Initech"))
		if rep := w.run(); rep.Conflicts != 1 {
			t.Errorf("%d conflicts, want the one over Initech", rep.Conflicts)
		}
	})
}

// TestALongNameLeavesRoomForItsSuffix: what is too long together is cut, and stays so.
func TestALongNameLeavesRoomForItsSuffix(t *testing.T) {
	t.Parallel()
	alone(t, func(w *world) {
		w.rules.nameClash = reconcile.SuffixNames
		long := strings.Repeat("Ü", 255)
		w.crm.put(named("C1", long))
		w.crm.put(named("C2", long))
		w.run()
		w.names("C1: "+long, "C2: "+strings.Repeat("Ü", 250)+" (C2)")
		w.quiet(reconcile.Trigger{Full: true})
	})
}
