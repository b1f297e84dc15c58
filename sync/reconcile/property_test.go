package reconcile_test

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/helpdesktest"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

// TestMain keeps the checks few where nobody says how many: each is several runs.
func TestMain(m *testing.M) {
	flag.Parse()
	chosen := false
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "rapid.checks" })
	if !chosen {
		if err := flag.Set("rapid.checks", "15"); err != nil {
			panic(err)
		}
	}
	m.Run()
}

// drawAccount makes up a customer. Some claim a domain that others claim too.
func drawAccount(rt *rapid.T, id string) account {
	pick := func(name string, from ...string) string { return rapid.SampledFrom(from).Draw(rt, id+" "+name) }
	a := account{
		id: id, name: pick("name", "Name "+id, id+" & Sons"), owner: pick("owner", "", "Lee", "Kim", "Max"),
		domains: pick("domains", "", id+".example", "shared.example"), status: pick("status", "", "", "", "left"),
		charges: pick("charges", "", "Gold", "Starter", "Gold,Starter", "Gold 2026-01-01 2026-06-30", "Platinum"),
	}
	for i := range rapid.IntRange(0, 2).Draw(rt, id+" contacts") {
		a.contacts = append(a.contacts, fmt.Sprintf("%s-%d %s", id, i, fmt.Sprintf("p%d@%s.example", i, id)))
	}
	return a
}

// change lets something happen in the CRM.
func (w *world) change(rt *rapid.T) {
	for i := range 6 {
		id := fmt.Sprintf("N%d", i)
		switch rapid.SampledFrom([]string{"stay", "put", "go"}).Draw(rt, id) {
		case "put":
			w.crm.put(drawAccount(rt, id))
		case "go":
			w.crm.remove(id)
		}
	}
}

// checked runs fn on worlds that rapid makes up.
func checked(t *testing.T, fn func(t *testing.T, rt *rapid.T, w *world)) {
	t.Helper()
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt, ready.SQLite(t))
		w.pipe.Guards.Shrank.Share, w.pipe.Guards.Shrank.Run = 0, false
		fn(t, rt, w)
	})
}

func TestAfterARunNothingIsLeftToDo(t *testing.T) {
	t.Parallel()
	checked(t, func(_ *testing.T, rt *rapid.T, w *world) {
		for range 3 {
			w.change(rt)
			w.run()
			w.quiet()
			w.sound()
		}
	})
}

// sound checks what must hold of the helpdesk whatever happened.
func (w *world) sound() {
	w.Helper()
	seen := map[string]bool{}
	for _, o := range w.desk.Held(helpdesk.Organization) {
		name, _ := o.Fields.Get(helpdesk.Name)
		for _, x := range append(o.Fields.Family(helpdesk.DomPrefix), "key "+o.Ref.Key, "name "+name.Text()) {
			if seen[x] {
				w.Errorf("%s is there twice", x)
			}
			seen[x] = true
		}
	}
}

func TestWhatOthersWroteIsNeverOverwrittenWherePolicyHolds(t *testing.T) {
	t.Parallel()
	checked(t, func(_ *testing.T, rt *rapid.T, w *world) {
		w.rules.policies.OnDrift = helpdesk.Hold
		w.change(rt)
		w.run()
		var edited []string
		for _, o := range w.desk.Held(helpdesk.Organization) {
			if rapid.Bool().Draw(rt, "edit "+o.Ref.Key) {
				w.desk.Edit(helpdesk.Organization, o.ID, owner, text("By Hand"))
				w.desk.Edit(helpdesk.Organization, o.ID, "tag:vip_note", helpdesk.BoolOf(true))
				edited = append(edited, o.Ref.Key)
			}
		}
		for range 2 {
			w.run()
			for _, id := range edited {
				w.holds(id, owner, "By Hand")
				w.holds(id, "tag:vip_note", "true")
				n := len(slices.DeleteFunc(w.items(), func(i string) bool {
					return !strings.HasSuffix(i, id+" "+owner)
				}))
				if n > 1 {
					w.Errorf("%s is reported %d times", id, n)
				}
			}
			w.quiet()
			w.change(rt)
		}
	})
}

func TestWhateverFailsInBetweenTheEndIsTheSame(t *testing.T) {
	t.Parallel()
	checked(t, func(t *testing.T, rt *rapid.T, w *world) {
		w.opt.Shard = rapid.IntRange(1, 4).Draw(rt, "shard")
		w.change(rt)
		calm := &world{reporter: rt, crm: w.crm, desk: helpdesktest.NewFake(helpdesktest.FakeOptions{}), journal: openJournal(rt, ready.SQLite(t), w.clock), clock: w.clock, rules: w.rules, pipe: w.pipe, opt: w.opt}
		for range 3 {
			calm.run()
			calm.quiet()
			way := faulty(rapid.IntRange(1, 12).Draw(rt, "write"), rapid.Bool().Draw(rt, "after"), rapid.Bool().Draw(rt, "stop"), errDown.Kind)
			w.desk.Inject(way)
			if rep, err := w.try(reconcile.Trigger{}); err == nil && rep.State == journal.Failed {
				w.Error("a run that failed has no error")
			}
			w.desk.Heal()
			w.ends(calm.picture())
			w.change(rt)
		}
	})
}
