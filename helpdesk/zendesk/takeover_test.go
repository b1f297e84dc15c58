package zendesk_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/zendesk"
	sandbox "github.com/desksync/desksync/sandbox/zendesk"
)

// takeover is calls of one endpoint that has a limit of its own.
type takeover struct {
	calls int // how many a minute allows
	route string
	call  func(t *testing.T, target *zendesk.Target, org, user string, nth int)
}

func takeovers() map[string]takeover {
	return map[string]takeover{
		"exports": {10, "GET incremental/organizations", func(t *testing.T, target *zendesk.Target, _, _ string, _ int) {
			t.Helper()
			since := helpdesk.Cursor(fmt.Sprint("at:", newClock().Now().Add(-time.Hour).Unix()))
			for _, err := range target.Objects(t.Context(), helpdesk.Organization, since) {
				if err != nil {
					t.Errorf("the export fails: %v", err)
				}
			}
		}},
		"updates of one organization": {5, "PUT organizations/:id", func(t *testing.T, target *zendesk.Target, org, _ string, nth int) {
			t.Helper()
			update(t, target, helpdesk.Ref{Kind: helpdesk.Organization, Key: "001g00000000000AAA"}, org, "notes", fmt.Sprint(nth))
		}},
		"updates of one user": {5, "PUT users/:id", func(t *testing.T, target *zendesk.Target, _, user string, nth int) {
			t.Helper()
			update(t, target, helpdesk.Ref{Kind: helpdesk.User, Key: "003g00000000000AAA"}, user, "name", fmt.Sprint("Jo ", nth))
		}},
	}
}

// newcomer has an account whose minute is spent by a first client, and makes one more call
// as another one. It returns the calls that this one made, how many were refused, and how
// long that took.
func (tt takeover) newcomer(t *testing.T, first, second func(*zendesk.Options)) (made, refused int, took time.Duration) {
	t.Helper()
	a := open(t, sandbox.Options{MultiOrganizations: true}, nil)
	if left, _, failed := apply(t.Context(), a.Target, load(1)); len(left) > 0 {
		t.Fatal(failed)
	}
	org, user := idOf(t, a, helpdesk.Organization, "001g00000000000AAA"), idOf(t, a, helpdesk.User, "003g00000000000AAA")
	a.pass(2 * time.Minute)
	one := a.client(t, first)
	for nth := range tt.calls {
		tt.call(t, one, org, user, nth)
	}
	spent, began := len(a.box.Requests()), a.clock.Now()
	tt.call(t, a.client(t, second), org, user, tt.calls)
	for _, r := range a.box.Requests()[spent:] {
		if r.Route == tt.route {
			made++
		}
		if r.Status == http.StatusTooManyRequests {
			refused++
		}
	}
	return made, refused, a.clock.Now().Sub(began)
}

// TestARefusalOfAnEndpointIsObeyed: what others called within the last minute of an export, of
// one organization or of one user nobody tells. Who comes next is refused, waits for as long as the
// refusal says, and goes on; users have two limits, of which each may refuse.
func TestARefusalOfAnEndpointIsObeyed(t *testing.T) {
	t.Parallel()
	for name, tt := range takeovers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if made, refused, took := tt.newcomer(t, nil, nil); made != refused+1 || refused < 1 || refused > 2 || took > time.Minute {
				t.Errorf("the successor made %d calls, %d were refused, and it took %s; want one or two refused, and one that is heard within a minute", made, refused, took)
			}
		})
	}
}

// TestWhoTakesOverKnowsTheLimitsOfEndpoints: two clients with one journal are never refused.
func TestWhoTakesOverKnowsTheLimitsOfEndpoints(t *testing.T) {
	t.Parallel()
	for name, tt := range takeovers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ledger := &zendesk.Ledger{}
			as := func(owner string) func(*zendesk.Options) {
				return func(o *zendesk.Options) { ledger.Now, o.Reserve = o.Now, ledger.For(owner) }
			}
			made, refused, took := tt.newcomer(t, as("one"), as("two"))
			if made != 1 || refused != 0 || took > time.Minute+zendesk.ReservedFor {
				t.Errorf("the successor made %d calls, %d were refused, and it took %s; want one that is heard", made, refused, took)
			}
		})
	}
}

// update makes one change, which has to be applied.
func update(t *testing.T, target *zendesk.Target, ref helpdesk.Ref, id, field, value string) {
	t.Helper()
	c := helpdesk.Change{ID: ref.Key + value, Op: helpdesk.Update, Ref: ref, TargetID: id, Deltas: wants(field, text(value))}
	if left, _, failed := apply(t.Context(), target, []helpdesk.Change{c}); len(left) > 0 {
		t.Errorf("%s of %s is not written: %v", field, ref, failed)
	}
}

// idOf is the id that the account gave to an object.
func idOf(t *testing.T, a *account, k helpdesk.Kind, key string) string {
	t.Helper()
	got, err := a.Get(t.Context(), k, []string{key})
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	return got[0].ID
}
