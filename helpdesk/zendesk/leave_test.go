package zendesk_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/zendesk"
	sandbox "github.com/desksync/desksync/sandbox/zendesk"
)

// crowd is one organization of so many people and another of two, all of whom are members.
func crowd(n int) (made, leave []helpdesk.Change) {
	const big, small = "001g00000000001AAA", "001g00000000002AAA"
	for _, key := range []string{big, small} {
		made = append(made, helpdesk.Change{ID: "o" + key, Op: helpdesk.Create, Ref: helpdesk.Ref{Kind: helpdesk.Organization, Key: key}, Deltas: wants("name", text("Org "+key))})
	}
	join := func(account, contact string) {
		m := helpdesk.Ref{Kind: helpdesk.Membership, Key: helpdesk.MemberKey(account, contact)}
		made = append(made, helpdesk.Change{ID: "m" + m.Key, Op: helpdesk.Create, Ref: m})
		leave = append(leave, helpdesk.Change{ID: "d" + m.Key, Op: helpdesk.Retire, Ref: m})
	}
	for i := range n {
		contact := fmt.Sprintf("003g0000%07dAAA", i)
		made = append(made, helpdesk.Change{ID: "u" + contact, Op: helpdesk.Create, Ref: helpdesk.Ref{Kind: helpdesk.User, Key: contact}, Deltas: wants("email", text(contact+"@x.example"))})
		join(big, contact)
		if i < 2 {
			join(small, contact)
		}
	}
	return made, leave
}

// TestManyWhoLeaveTakeAJob: those who leave one organization go with a list and a job, and
// where few leave each with a call; the others stay, and once more is no fault.
func TestManyWhoLeaveTakeAJob(t *testing.T) {
	t.Parallel()
	a := open(t, sandbox.Options{MultiOrganizations: true}, nil)
	made, leave := crowd(40)
	if left, _, failed := apply(t.Context(), a.Target, made); len(left) > 0 {
		t.Fatalf("not made: %d %v", len(left), failed)
	}
	stays := leave[len(leave)-1].Ref.String()
	before := a.box.Stats()
	if left, _, failed := apply(t.Context(), a.Target, leave[:len(leave)-1]); len(left) > 0 {
		t.Fatalf("still there: %d %v", len(left), failed)
	}
	after := a.box.Stats()
	if calls := after.Calls - before.Calls; calls > 10 || after.Jobs-before.Jobs != 1 {
		t.Errorf("41 memberships ended with %d calls and %d jobs (%v), want 10 calls at most and one job", calls, after.Jobs-before.Jobs, after.ByRoute)
	}
	var members []string
	for _, line := range a.state(t) {
		if strings.HasPrefix(line, "membership/") {
			members = append(members, strings.Fields(line)[0])
		}
	}
	if len(members) != 1 || members[0] != stays {
		t.Errorf("members are %v, want %s alone", members, stays)
	}
	if left, _, failed := apply(t.Context(), a.client(t, nil), leave); len(left) > 0 {
		t.Errorf("once more: %d %v", len(left), failed)
	}
}

// TestWhoLeavesIsLookedForAgainAfterALostReply: the job ran, and nobody heard of it.
func TestWhoLeavesIsLookedForAgainAfterALostReply(t *testing.T) {
	t.Parallel()
	a := open(t, sandbox.Options{MultiOrganizations: true}, nil)
	made, leave := crowd(10)
	if left, _, failed := apply(t.Context(), a.Target, made); len(left) > 0 {
		t.Fatalf("not made: %d %v", len(left), failed)
	}
	var lost atomic.Int64
	target := a.client(t, func(o *zendesk.Options) { o.Base = deaf{a.box, "destroy_many", &lost} })
	if left, _, failed := apply(t.Context(), target, leave); len(left) > 0 || lost.Load() == 0 {
		t.Errorf("%d left, %v, after %d lost replies", len(left), failed, lost.Load())
	}
}

// deaf loses the first reply to calls to an address, after they were carried out.
type deaf struct {
	http.RoundTripper
	to   string
	lost *atomic.Int64
}

func (d deaf) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := d.RoundTripper.RoundTrip(r)
	if err == nil && strings.Contains(r.URL.Path, d.to) && d.lost.Add(1) == 1 {
		_ = resp.Body.Close()
		return nil, &url.Error{Op: r.Method, URL: r.URL.Path, Err: fmt.Errorf("connection reset by peer")}
	}
	return resp, err
}
