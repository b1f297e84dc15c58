package zendesk_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/zendesk"
	"github.com/desksync/desksync/internal/fault"
	sandbox "github.com/desksync/desksync/sandbox/zendesk"
)

// wants builds deltas of names and values in turn.
func wants(list ...any) (out []helpdesk.Delta) {
	for i := 0; i+1 < len(list); i += 2 {
		v, _ := list[i+1].(helpdesk.Value)
		out = append(out, helpdesk.Delta{Field: fmt.Sprint(list[i]), Want: v})
	}
	return out
}

func text(s string) helpdesk.Value { return helpdesk.TextOf(s) }

// load is accounts with 2.4 people each, as a first run makes them.
func load(orgs int) []helpdesk.Change {
	var out []helpdesk.Change
	people := 0
	for i := range orgs {
		account := fmt.Sprintf("001g0000%07dAAA", i)
		ref := helpdesk.Ref{Kind: helpdesk.Organization, Key: account}
		out = append(out, helpdesk.Change{ID: "o" + account, Op: helpdesk.Create, Ref: ref, Name: account, Deltas: wants("name", text("Org "+account), "tag:gold", helpdesk.BoolOf(true))})
		for ; people < (i+1)*12/5; people++ {
			contact := fmt.Sprintf("003g0000%07dAAA", people)
			out = append(out,
				helpdesk.Change{ID: "u" + contact, Op: helpdesk.Create, Ref: helpdesk.Ref{Kind: helpdesk.User, Key: contact}, Deltas: wants("email", text(contact+"@x.example"), "name", text("P "+contact))},
				helpdesk.Change{ID: "m" + contact, Op: helpdesk.Create, Ref: helpdesk.Ref{Kind: helpdesk.Membership, Key: helpdesk.MemberKey(account, contact)}})
		}
	}
	return out
}

// state is everything that an account holds, for comparison.
func (a *account) state(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, k := range []helpdesk.Kind{helpdesk.Organization, helpdesk.User, helpdesk.Membership} {
		for p, err := range a.client(t, nil).Objects(t.Context(), k, "") {
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range p.Objects {
				out = append(out, fmt.Sprintf("%s %v", o.Ref, o.Fields))
			}
		}
	}
	slices.Sort(out)
	return out
}

// apply makes changes and returns those without a last word, with the tokens of those
// under way.
func apply(ctx context.Context, target *zendesk.Target, changes []helpdesk.Change) (left []helpdesk.Change, sent []helpdesk.Outcome, failed []helpdesk.Outcome) {
	last := map[string]helpdesk.Outcome{}
	for o, err := range target.Apply(ctx, slices.Values(changes)) {
		if err == nil {
			last[o.ChangeID] = o
		}
	}
	for _, c := range changes {
		switch o, told := last[c.ID]; {
		case !told:
			left = append(left, c)
		case o.State == helpdesk.Sent:
			left, sent = append(left, c), append(sent, o)
		case o.State != helpdesk.Applied:
			left, failed = append(left, c), append(failed, o)
		}
	}
	return left, sent, failed
}

// killer is a network that ends, with the process, at a call: before it is made, or
// before its reply is heard.
type killer struct {
	http.RoundTripper
	left  atomic.Int64
	after bool
	kill  context.CancelFunc
}

func (k *killer) RoundTrip(r *http.Request) (*http.Response, error) {
	if k.left.Add(-1) > 0 {
		return k.RoundTripper.RoundTrip(r)
	}
	k.kill()
	if k.after {
		if resp, err := k.RoundTripper.RoundTrip(r); err == nil {
			_ = resp.Body.Close()
		}
	}
	return nil, io.ErrUnexpectedEOF
}

// TestAKilledLoadEndsAsAnUndisturbedOne: wherever the process dies, what the next one
// makes of it is the same, and nothing is there twice.
func TestAKilledLoadEndsAsAnUndisturbedOne(t *testing.T) {
	t.Parallel()
	changes := load(150)
	whole := open(t, sandbox.Options{MultiOrganizations: true}, nil)
	if left, _, failed := apply(t.Context(), whole.Target, changes); len(left) > 0 {
		t.Fatalf("%d changes were not made: %v", len(left), failed[:min(len(failed), 3)])
	}
	want := whole.state(t)
	for at := range 14 {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("call %d, reply lost %v", at+1, after), func(t *testing.T) {
				t.Parallel()
				a := open(t, sandbox.Options{MultiOrganizations: true}, nil)
				ctx, kill := context.WithCancel(t.Context())
				k := &killer{RoundTripper: a.box, after: after, kill: kill}
				k.left.Store(int64(at + 1))
				first := a.client(t, func(o *zendesk.Options) { o.Base = k })
				left, sent, _ := apply(ctx, first, changes)
				second := a.client(t, nil)
				done := map[string]bool{}
				for o, err := range second.Settle(t.Context(), sent) {
					if err != nil {
						t.Fatal(err)
					}
					done[o.ChangeID] = o.State == helpdesk.Applied
				}
				left = slices.DeleteFunc(left, func(c helpdesk.Change) bool { return done[c.ID] })
				if left, _, failed := apply(t.Context(), second, left); len(left) > 0 {
					t.Errorf("%d changes were not made: %v", len(left), failed[:min(len(failed), 3)])
				}
				if got := a.state(t); !slices.Equal(got, want) {
					t.Errorf("the account holds %d things, undisturbed it holds %d", len(got), len(want))
				}
			})
		}
	}
}

// TestFaultsOnTheWay: whatever goes wrong with single calls, one Apply makes it good, or
// says so; what it says is applied is there once.
func TestFaultsOnTheWay(t *testing.T) {
	t.Parallel()
	changes := load(150)
	whole := open(t, sandbox.Options{MultiOrganizations: true}, nil)
	if left, _, _ := apply(t.Context(), whole.Target, changes); len(left) > 0 {
		t.Fatal(len(left), "changes were not made")
	}
	want := whole.state(t)
	for _, kind := range sandbox.FaultKinds() {
		for _, path := range []string{"create_many", "job_statuses"} {
			t.Run(kind+" of "+path, func(t *testing.T) {
				t.Parallel()
				a := open(t, sandbox.Options{MultiOrganizations: true}, nil)
				if _, err := a.box.Arm(sandbox.Fault{Kind: kind, Path: path, Skip: 1, Count: 1, Status: 503, RetryAfter: 7, Items: 30}); err != nil {
					t.Skip(err)
				}
				left, _, failed := apply(t.Context(), a.Target, changes)
				if len(left) > 0 {
					t.Errorf("%d changes were not made: %v", len(left), failed[:min(len(failed), 3)])
				}
				if got := a.state(t); len(left) == 0 && !slices.Equal(got, want) {
					t.Errorf("the account holds %d things, undisturbed it holds %d", len(got), len(want))
				}
			})
		}
	}
}

func TestAFirstLoadCostsLittleMoreThanItsJobs(t *testing.T) {
	t.Parallel()
	a := open(t, sandbox.Options{MultiOrganizations: true}, nil)
	changes := load(2000)
	if left, _, failed := apply(t.Context(), a.Target, changes); len(left) > 0 {
		t.Fatalf("%d changes were not made: %v", len(left), failed[:min(len(failed), 3)])
	}
	const jobs = 20 + 48
	s := a.box.Stats()
	if s.Jobs > jobs+1 || s.Calls > jobs+12 || s.Throttled > 1 {
		t.Errorf("%d jobs, %d calls, %d of them throttled; want little more than %d jobs", s.Jobs, s.Calls, s.Throttled, jobs)
	}
}

// TestALoadIsReadBackByItsFeed: what a first load made is shown by the feeds, a thousand at
// a time, however many users were made in one second; nothing is listed.
func TestALoadIsReadBackByItsFeed(t *testing.T) {
	t.Parallel()
	a := open(t, sandbox.Options{MultiOrganizations: true, PerMinute: 2500}, nil)
	_, place := drain(t, a, helpdesk.User, "")
	if left, _, failed := apply(t.Context(), a.Target, load(2500)); len(left) > 0 {
		t.Fatalf("%d changes were not made: %v", len(left), failed[:min(len(failed), 3)])
	}
	before := a.box.Stats()
	shown, _ := drain(t, a, helpdesk.User, place)
	after := a.box.Stats()
	if calls := after.Calls - before.Calls; shown != 6000 || calls > 9 {
		t.Errorf("%d users are shown with %d calls, want 6000 with 9 at most: %v", shown, calls, after.ByRoute)
	}
}

// drain reads a listing, and counts what it shows.
func drain(t *testing.T, a *account, k helpdesk.Kind, since helpdesk.Cursor) (shown int, next helpdesk.Cursor) {
	t.Helper()
	for p, err := range a.Objects(t.Context(), k, since) {
		if err != nil {
			t.Fatal(err)
		}
		shown, next = shown+len(p.Objects), p.Next
	}
	return shown, next
}

func TestFieldsArePrepared(t *testing.T) {
	t.Parallel()
	a := open(t, sandbox.Options{NoFields: true}, nil)
	want := []helpdesk.Spec{
		{Name: "field:tier", Type: helpdesk.Choice, Choices: []helpdesk.Option{{Value: "gold"}, {Value: "silver", Label: "Silver"}}},
		{Name: "field:arr", Type: helpdesk.Decimal},
		{Name: "field:vip", Type: helpdesk.Bool, Tag: "is_vip"},
		{Name: "field:until", Type: helpdesk.Date},
	}
	for _, specs := range [][]helpdesk.Spec{want[:1], want} {
		lacks, err := a.Missing(t.Context(), specs)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Prepare(t.Context(), lacks); err != nil {
			t.Fatal(err)
		}
		if lacks, err = a.Missing(t.Context(), specs); err != nil || len(lacks) > 0 {
			t.Errorf("prepared, and still missing: %v (%v)", lacks, err)
		}
		want[0].Choices = append(want[0].Choices, helpdesk.Option{Value: "bronze"})
	}
}

func TestAnOrganizationWithATicketIsNotDeleted(t *testing.T) {
	t.Parallel()
	a := open(t, sandbox.Options{}, nil)
	ref := helpdesk.Ref{Kind: helpdesk.Organization, Key: "001A"}
	left, _, _ := apply(t.Context(), a.Target, []helpdesk.Change{{ID: "1", Op: helpdesk.Create, Ref: ref, Deltas: wants("name", text("A"))}})
	got, err := a.Get(t.Context(), helpdesk.Organization, []string{"001A"})
	if err != nil || len(got) != 1 || len(left) > 0 {
		t.Fatal(got, err)
	}
	id := got[0].ID
	var ticket struct{ Ticket struct{ ID int64 } }
	a.must(t, "POST", "tickets", body{"ticket": body{"subject": "s", "comment": body{"body": "b"}, "organization_id": number(id), "status": "solved"}}, &ticket)
	open, err := a.OpenTickets(t.Context(), []string{id})
	if err != nil || open[id] != 1 {
		t.Errorf("OpenTickets = %v, %v; want 1: solved is not closed", open, err)
	}
	del := []helpdesk.Change{{ID: "2", Op: helpdesk.Delete, Ref: ref, TargetID: id}}
	if _, _, failed := apply(t.Context(), a.Target, del); len(failed) != 1 || fault.KindOf(failed[0].Err) != fault.Unsafe {
		t.Errorf("deleting it gives %v, want it refused as unsafe", failed)
	}
	a.must(t, "PUT", fmt.Sprintf("tickets/%d", ticket.Ticket.ID), body{"ticket": body{"status": "closed"}}, nil)
	if left, _, failed := apply(t.Context(), a.Target, del); len(left) > 0 {
		t.Errorf("with closed tickets only: %v", failed)
	}
}

func number(s string) (n int64) {
	_, _ = fmt.Sscan(s, &n)
	return n
}

func TestPoliciesAreListed(t *testing.T) {
	t.Parallel()
	a := open(t, sandbox.Options{NoSLA: true}, nil)
	if _, err := a.SLAPolicies(t.Context()); fault.KindOf(err) != fault.Unsupported || !strings.Contains(err.Error(), "plan") {
		t.Errorf("Policies = %v, want unsupported, naming the plan", err)
	}
	a.box.Set(func(s *sandbox.Settings) { s.SLA = true })
	policy := func(title, tags string) body {
		return body{"sla_policy": body{
			"title": title, "filter": body{"all": []body{{"field": "current_tags", "operator": "includes", "value": tags}}, "any": []body{}},
			"policy_metrics": []body{{"priority": "normal", "metric": "first_reply_time", "target": 60, "business_hours": false}},
		}}
	}
	a.must(t, "POST", "slas/policies", policy("Priority", "gold premium"), nil)
	a.must(t, "POST", "slas/policies", policy("Standard", "gold"), nil)
	calls := a.Pace().Calls
	if _, err := a.SLAPolicies(t.Context()); fault.KindOf(err) != fault.Unsupported || a.Pace().Calls != calls {
		t.Errorf("asked again at once: %v after %d calls, want what was found before, without a call", err, a.Pace().Calls-calls)
	}
	a.pass(zendesk.DefaultCheck)
	got, err := a.SLAPolicies(t.Context())
	if err != nil || len(got) != 2 || got[0].Title != "Priority" || !slices.Equal(got[0].All[0].Values, []string{"gold", "premium"}) {
		t.Fatalf("Policies = %+v, %v", got, err)
	}
	findings := helpdesk.JudgePolicies(got, []helpdesk.Promise{{Title: "Priority", Tags: []string{"gold"}}, {Title: "Standard", Tags: []string{"starter"}}})
	if len(findings) != 2 || findings[0].Code != "tag without policy" || findings[1].Code != "policy shadowed" {
		t.Errorf("the findings are %v", findings)
	}
}

// TestAnAddressMovesInAStrictAccount: the user stays, with the new address as a second one
// until it is verified, or as the primary one at once.
func TestAnAddressMovesInAStrictAccount(t *testing.T) {
	t.Parallel()
	tests := map[zendesk.Address]struct{ primary, waits string }{
		zendesk.Verified: {"old@c.example", "the address new@c.example was added"},
		zendesk.Always:   {"new@c.example", ""},
	}
	for policy, tt := range tests {
		t.Run(string(policy), func(t *testing.T) {
			t.Parallel()
			a := open(t, sandbox.Options{NoFields: true}, func(o *zendesk.Options) { o.OnAddress = policy })
			c := helpdesk.Change{ID: "u", Op: helpdesk.Create, Ref: helpdesk.Ref{Kind: helpdesk.User, Key: "003C"}, Deltas: wants("email", text("old@c.example"), "name", text("P"))}
			apply(t.Context(), a.Target, []helpdesk.Change{c})
			c.Op, c.Deltas = helpdesk.Update, wants("email", text("new@c.example"))
			_, _, failed := apply(t.Context(), a.Target, []helpdesk.Change{c})
			if said := fmt.Sprint(failed); (len(failed) > 0) != (tt.waits != "") || !strings.Contains(said, tt.waits) {
				t.Errorf("of the new address it says %s", said)
			}
			if got := strings.Join(a.state(t), "\n"); !strings.Contains(got, tt.primary) {
				t.Errorf("the primary address is not %s:\n%s", tt.primary, got)
			}
		})
	}
}

// TestAnAddressOfSomebodyElseIsNotTaken: it is said whose it is.
func TestAnAddressOfSomebodyElseIsNotTaken(t *testing.T) {
	t.Parallel()
	a := open(t, sandbox.Options{NoFields: true}, func(o *zendesk.Options) { o.OnAddress = zendesk.Always })
	one := helpdesk.Change{ID: "1", Op: helpdesk.Create, Ref: helpdesk.Ref{Kind: helpdesk.User, Key: "003C"}, Deltas: wants("email", text("c@x.example"), "name", text("C"))}
	two := helpdesk.Change{ID: "2", Op: helpdesk.Create, Ref: helpdesk.Ref{Kind: helpdesk.User, Key: "003D"}, Deltas: wants("email", text("d@x.example"), "name", text("D"))}
	apply(t.Context(), a.Target, []helpdesk.Change{one, two})
	a.pass(10 * time.Minute) // the search lags
	one.Op, one.Deltas = helpdesk.Update, wants("email", text("d@x.example"))
	_, _, failed := apply(t.Context(), a.Target, []helpdesk.Change{one})
	if said := fmt.Sprint(failed); len(failed) != 1 || fault.KindOf(failed[0].Err) != fault.Invalid || !strings.Contains(said, "the address d@x.example belongs to user ") || strings.Contains(said, "422") {
		t.Errorf("of the address it says %s", said)
	}
	if got := strings.Join(a.state(t), "\n"); !strings.Contains(got, "user/003C [{email c@x.example") || !strings.Contains(got, "user/003D [{email d@x.example") {
		t.Errorf("the users are\n%s", got)
	}
}
