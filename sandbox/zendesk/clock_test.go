package zendesk

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/desksync/desksync/sandbox/zendesk/account"
)

// TestItRunsOnTheClockOfATestBubble waits a real second nowhere.
func TestItRunsOnTheClockOfATestBubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		box := New(Options{})
		call := func(method, path, body string) string {
			req, err := http.NewRequestWithContext(t.Context(), method, "https://acme.zendesk.com/api/v2/"+path, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", basic(AdminEmail))
			req.Header.Set("Content-Type", "application/json")
			resp, err := box.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			text, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		call("POST", "organizations/create_many", batch(100, "x"))
		if _, err := box.Arm(Fault{Kind: FaultSlow, Seconds: 3}); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		call("GET", "organizations/count", "")
		if d := time.Since(begun); d != 3*time.Second {
			t.Errorf("the slow answer took %v", d)
		}
		if text := call("GET", "organizations/count", ""); !strings.Contains(text, `"value":100`) {
			t.Errorf("after 3 s: %s", text)
		}
	})
}

// TestManyMayCallAtOnce is for the race detector, and counts what came through.
func TestManyMayCallAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{Plan: EnterprisePlus})
	var callers sync.WaitGroup
	for i := range 8 {
		callers.Go(func() {
			for j := range 20 {
				r.org(fmt.Sprintf(`{"name":"%d of %d"}`, j, i))
				r.call("GET", "organizations?page[size]=10", "")
				r.pass(time.Millisecond)
			}
		})
	}
	callers.Wait()
	r.box.Look(func(a *account.Account) {
		if n := a.Counts().Organizations; n != 160 {
			t.Errorf("%d organizations, want 160", n)
		}
	})
	if n := r.box.Stats().Calls; n != 320 {
		t.Errorf("%d calls are counted, want 320", n)
	}
}
