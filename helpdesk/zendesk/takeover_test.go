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

// TestWhoTakesOverObeysTheLimitsOfEndpoints: what a process that was killed called within
// the last minute of an export, of one organization or of one user nobody tells its
// successor. It is refused, waits for as long as the refusal says, and goes on; users have two limits,
// of which each may refuse.
func TestWhoTakesOverObeysTheLimitsOfEndpoints(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		calls int // how many a minute allows
		route string
		call  func(t *testing.T, target *zendesk.Target, org, user string, nth int)
	}{
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
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := open(t, sandbox.Options{MultiOrganizations: true}, nil)
			if left, _, failed := apply(t.Context(), a.Target, load(1)); len(left) > 0 {
				t.Fatal(failed)
			}
			org, user := idOf(t, a, helpdesk.Organization, "001g00000000000AAA"), idOf(t, a, helpdesk.User, "003g00000000000AAA")
			a.pass(2 * time.Minute)
			for nth := range tt.calls {
				tt.call(t, a.Target, org, user, nth)
			}
			spent, until := len(a.box.Requests()), a.clock.Now().Add(time.Minute)
			tt.call(t, a.client(t, nil), org, user, tt.calls)
			made, refused := 0, 0
			for _, r := range a.box.Requests()[spent:] {
				if r.Route == tt.route {
					made++
				}
				if r.Status == http.StatusTooManyRequests {
					refused++
				}
			}
			if made != refused+1 || refused < 1 || refused > 2 || a.clock.Now().After(until) {
				t.Errorf("the successor made %d calls, %d were refused, and it took until %s; want one or two refused, and one that is heard, by %s", made, refused, a.clock.Now(), until)
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
