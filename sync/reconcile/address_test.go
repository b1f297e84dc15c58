package reconcile_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/helpdesktest"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/reconcile"
)

// verifying is a helpdesk that leaves new addresses to people, until they are verified, and
// whose calls are counted.
type verifying struct {
	*helpdesktest.Fake
	asked    *[]string // what was to be written of users
	verified *bool
}

func (verifying) Pace() helpdesk.Pace { return helpdesk.Pace{} }

func (v verifying) Apply(ctx context.Context, changes iter.Seq[helpdesk.Change]) iter.Seq2[helpdesk.Outcome, error] {
	return func(yield func(helpdesk.Outcome, error) bool) {
		for c := range changes {
			said := v.one(ctx, c)
			if !yield(said.Outcome, said.err) {
				return
			}
		}
	}
}

type said struct {
	helpdesk.Outcome
	err error
}

func (v verifying) one(ctx context.Context, c helpdesk.Change) (out said) {
	if c.Ref.Kind == helpdesk.User && c.Op == helpdesk.Update {
		*v.asked = append(*v.asked, sentence(&c))
		if strings.Contains(sentence(&c), helpdesk.Email) && !*v.verified {
			err := fault.New("fake.apply", fault.Unsafe, errors.New("nobody verified the address yet"))
			return said{Outcome: helpdesk.Outcome{ChangeID: c.ID, State: helpdesk.Skipped, Err: err}}
		}
	}
	for o, err := range v.Fake.Apply(ctx, slices.Values([]helpdesk.Change{c})) {
		out = said{o, err}
	}
	return out
}

// TestAnAddressThatWaitsIsLookedAtAgainOnceSomethingChanged: until then the finding stands
// and costs no call.
func TestAnAddressThatWaitsIsLookedAtAgainOnceSomethingChanged(t *testing.T) {
	t.Parallel()
	const move = "update user/ann email=ann@new.example"
	changes := map[string]struct {
		do     func(w *world, user string)
		asks   []string
		listed bool
	}{
		"the user":       {do: func(w *world, user string) { w.desk.Edit(helpdesk.User, user, helpdesk.Name, text("Ann")) }, asks: []string{move + " name=ann"}},
		"the address":    {do: func(w *world, _ string) { w.crm.set(crm.Contact, "ann", "Email", "ann@other.example") }, asks: []string{"update user/ann email=ann@other.example"}},
		"something else": {do: func(w *world, _ string) { w.crm.set(crm.Account, "A1", "Owner", "Zoe") }},
		"the name":       {do: func(w *world, _ string) { w.crm.set(crm.Contact, "ann", "Name", "Ann Lee") }, asks: []string{"update user/ann name=Ann Lee"}},
		"a week later":   {do: func(w *world, _ string) { w.clock.Move(7 * oneDay) }, asks: []string{move}},
	}
	for what, tt := range changes {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			each(t, func(w *world) {
				w.desk = helpdesktest.NewFake(helpdesktest.FakeOptions{Capabilities: func(c *helpdesk.Capabilities) {
					c.ListEvery = map[helpdesk.Kind]time.Duration{helpdesk.User: 7 * oneDay}
				}})
				w.crm.put(account{id: "A1", name: "Acme", owner: "Lee", charges: "Gold", contacts: []string{"ann ann@acme.example"}})
				asked, verified := []string{}, false
				w.pipe.Target = verifying{w.desk, &asked, &verified}
				w.run()
				expect := func(when string, want []string, triggers ...reconcile.Trigger) {
					w.Helper()
					w.clock.Move(time.Minute)
					asked = asked[:0]
					if rep := w.run(triggers...); rep.Failed > 0 || rep.Findings != 1 {
						w.Errorf("%s: failed %d, findings %d", when, rep.Failed, rep.Findings)
					}
					w.same("asked "+when, asked, want)
					w.same("items "+when, w.items(), []string{"finding address_waits A1 ann"})
					w.says("contact ann was left as they are: nobody verified the address yet")
				}
				w.crm.set(crm.Contact, "ann", "Email", "ann@new.example")
				expect("at first", []string{move})
				told := w.open("address_waits")
				expect("unchanged", nil)
				expect("in a diff", nil, reconcile.Trigger{Mode: reconcile.Diff})
				expect("still unchanged", nil)
				if now := w.open("address_waits"); now.ID != told.ID || !now.Since.Equal(told.Since) {
					w.Errorf("told as %+v, and now %+v", told, now)
				}
				tt.do(w, w.desk.Held(helpdesk.User)[0].ID)
				expect("changed", tt.asks)
				verified = true
				w.run(reconcile.Trigger{Full: true})
				w.same("items", w.items(), nil)
				w.quiet()
			})
		})
	}
}
