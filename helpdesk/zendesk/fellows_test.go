package zendesk_test

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/zendesk"
	sandbox "github.com/desksync/desksync/sandbox/zendesk"
)

// spread makes people of one organization each, of whom every third is in the organization
// of all too and every thirtieth in that of few, and lists their memberships, with as many
// that are not there.
func spread(t *testing.T, a *account, people int) (there, absent []string) {
	t.Helper()
	const all, few = "001g00000000001AAA", "001g00000000002AAA"
	var made []helpdesk.Change
	org := func(key string) {
		made = append(made, helpdesk.Change{ID: "o" + key, Op: helpdesk.Create, Ref: helpdesk.Ref{Kind: helpdesk.Organization, Key: key}, Deltas: wants("name", text("Org "+key))})
	}
	join := func(key string) {
		made = append(made, helpdesk.Change{ID: "m" + key, Op: helpdesk.Create, Ref: helpdesk.Ref{Kind: helpdesk.Membership, Key: key}})
		there = append(there, key)
	}
	org(all)
	org(few)
	for i := range people {
		account, contact := fmt.Sprintf("001g0001%07dAAA", i), fmt.Sprintf("003g0000%07dAAA", i)
		org(account)
		made = append(made, helpdesk.Change{ID: "u" + contact, Op: helpdesk.Create, Ref: helpdesk.Ref{Kind: helpdesk.User, Key: contact}, Deltas: wants("email", text(contact+"@x.example"))})
		join(helpdesk.MemberKey(account, contact))
		switch {
		case i%30 == 0:
			join(helpdesk.MemberKey(few, contact))
		case i%3 == 0:
			join(helpdesk.MemberKey(all, contact))
		default:
			absent = append(absent, helpdesk.MemberKey(all, contact))
		}
	}
	if left, _, failed := apply(t.Context(), a.Target, made); len(left) > 0 {
		t.Fatalf("%d were not made: %v", len(left), failed)
	}
	return there, append(absent, helpdesk.MemberKey(all, "003nobody"), helpdesk.MemberKey("001nothing", "003g00000000000AAA"))
}

// TestMembershipsAreReadManyAtOnce: by what users show of themselves, and by the members
// of an organization that many may be in; one by one only who may be where few are.
func TestMembershipsAreReadManyAtOnce(t *testing.T) {
	t.Parallel()
	a := open(t, sandbox.Options{MultiOrganizations: true}, nil)
	there, absent := spread(t, a, 90)
	target := a.client(t, nil)
	before := a.box.Stats()
	got, err := target.Get(t.Context(), helpdesk.Membership, append(slices.Clone(there), absent...))
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, o := range got {
		keys = append(keys, o.Ref.Key)
		home, _ := o.Fields.Get(helpdesk.Default)
		if account, _ := helpdesk.SplitMember(o.Ref.Key); home.True() != (account >= "001g0001") {
			t.Errorf("%s is the default one: %v", o.Ref.Key, home.True())
		}
	}
	slices.Sort(there)
	if !slices.Equal(keys, there) {
		t.Errorf("%d are there, want %d", len(keys), len(there))
	}
	after := a.box.Stats()
	if calls := after.Calls - before.Calls; calls > 12 {
		t.Errorf("%d memberships were looked for with %d calls, want 12 at most: %v", len(there)+len(absent), calls, after.ByRoute)
	}
}

// TestALostJobOfMembershipsIsReadBackAtOnce: the job ran, nobody heard of it, and what it
// made is found without a call for each.
func TestALostJobOfMembershipsIsReadBackAtOnce(t *testing.T) {
	t.Parallel()
	a := open(t, sandbox.Options{MultiOrganizations: true}, nil)
	made, _ := crowd(60)
	people := slices.DeleteFunc(slices.Clone(made), func(c helpdesk.Change) bool { return c.Ref.Kind == helpdesk.Membership })
	joins := slices.DeleteFunc(slices.Clone(made), func(c helpdesk.Change) bool { return c.Ref.Kind != helpdesk.Membership })
	if left, _, failed := apply(t.Context(), a.Target, people); len(left) > 0 {
		t.Fatalf("not made: %d %v", len(left), failed)
	}
	var lost atomic.Int64
	target := a.client(t, func(o *zendesk.Options) { o.Base = deaf{a.box, "organization_memberships/create_many", &lost} })
	before := a.box.Stats()
	left, _, failed := apply(t.Context(), target, joins)
	after := a.box.Stats()
	if len(left) > 0 || lost.Load() == 0 {
		t.Errorf("%d left, %v, after %d lost replies", len(left), failed, lost.Load())
	}
	if calls := after.Calls - before.Calls; calls > 12 || after.Jobs-before.Jobs != 1 {
		t.Errorf("%d memberships took %d calls and %d jobs, want 12 and 1: %v", len(joins), calls, after.Jobs-before.Jobs, after.ByRoute)
	}
}
