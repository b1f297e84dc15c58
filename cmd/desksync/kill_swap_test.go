//go:build unix

package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/internal/crmgen"
	"github.com/desksync/desksync/internal/day"
)

// TestKilledAtAnyCallOfASwapTheNextRunFinishesIt kills a run in which accounts change
// names in a circle and in a chain, at each of its calls, carried out or not. The next run
// gives each its name and asks nobody; the one after it has nothing to write.
func TestKilledAtAnyCallOfASwapTheNextRunFinishesIt(t *testing.T) {
	t.Parallel()
	binary := buildVirtual(t)
	undisturbed := newSwap(t, binary)
	undisturbed.seen.Store(0)
	if said, code := undisturbed.run(t); code != exitOK {
		t.Fatalf("the undisturbed run ended with %d and said\n%s", code, said)
	}
	calls, want := undisturbed.seen.Load(), undisturbed.holds(t)
	if said := strings.Join(want, "\n"); strings.Contains(said, "desksync is renaming") || !strings.Contains(said, "Circle 2") {
		t.Fatalf("the undisturbed run leaves\n%s", said)
	}
	t.Logf("a swap takes %d calls", calls)
	for at := int64(1); at <= calls; at++ {
		for _, carriedOut := range []bool{false, true} {
			t.Run(fmt.Sprintf("call %d, carried out %v", at, carriedOut), func(t *testing.T) {
				t.Parallel()
				a := newSwap(t, binary)
				a.k.want = want
				a.seen.Store(0)
				a.at, a.carriedOut = at, carriedOut
				a.diesAndHeals(t)
			})
		}
	}
}

// newSwap is an account that was loaded, and a CRM that has called five of its customers
// otherwise since: two change names, and three pass them on.
func newSwap(t *testing.T, binary string) *calledAccount {
	t.Helper()
	k := &callKiller{binary: binary, crm: filepath.Join(t.TempDir(), "crm")}
	if _, err := crmgen.Write(t.Context(), k.crm, crmgen.Options{Accounts: 5, Day: day.Of(callsBegin)}); err != nil {
		t.Fatal(err)
	}
	k.rename(t, "Circle 1", "Circle 2", "Chain 1", "Chain 2", "Chain 3")
	a := k.account(t)
	if said, code := a.run(t); code != exitOK {
		t.Fatalf("the load ended with %d and said\n%s", code, said)
	}
	k.rename(t, "Circle 2", "Circle 1", "Chain 2", "Chain 3", "Chain 4")
	return a
}

// rename names the accounts of the CRM, in the order of their file.
func (k *callKiller) rename(t *testing.T, names ...string) {
	t.Helper()
	err := crmgen.Edit(k.crm, crmgen.AccountsFile, func(cell func(string) *string) bool {
		if len(names) > 0 {
			*cell("Name"), names = names[0], slices.Clone(names[1:])
		}
		return true
	})
	if err != nil || len(names) > 0 {
		t.Fatal(err, names)
	}
}
