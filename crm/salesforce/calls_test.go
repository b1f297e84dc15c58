package salesforce_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/crm/salesforce"
	sandbox "github.com/desksync/desksync/sandbox/salesforce"
)

// TestCallsOfADelta counts on the sandbox's own log. One call tells that nothing changed;
// a condition costs one more, and only where something did; so do merged accounts. Pages
// and jobs come on top, where more changed than a page holds.
func TestCallsOfADelta(t *testing.T) {
	t.Parallel()
	edit := func(b *box) {
		for _, object := range []string{"Account", "Contact", charges, subscriptions} {
			b.must("POST", "/do", m{"do": "touch", "object": object, "count": 20, "fields": m{map[string]string{"Account": "Industry", "Contact": "Title", charges: "Name", subscriptions: "Name"}[object]: "Energy"}})
		}
	}
	merge := func(b *box) {
		edit(b)
		b.must("POST", "/do", m{"do": "merge", "object": "Account", "id": b.make("Account"), "ids": []string{b.make("Account")}})
	}
	tests := map[string]struct {
		objects map[crm.Role]salesforce.Object
		roles   []crm.Query
		change  func(*box)
		want    []string
		changed bool
	}{
		"quiet":                       {worlds[0], fourRoles, func(*box) {}, []string{"POST composite"}, false},
		"quiet, with conditions":      {worlds[1], fourRoles, func(*box) {}, []string{"POST composite"}, false},
		"quiet, one role":             {worlds[0], fourRoles[:1], func(*box) {}, []string{"GET queryAll"}, false},
		"changed":                     {worlds[0], fourRoles, edit, []string{"POST composite"}, true},
		"changed, with conditions":    {worlds[1], fourRoles, edit, []string{"POST composite", "POST composite"}, true},
		"merged":                      {worlds[0], fourRoles, merge, []string{"POST composite", "POST composite"}, true},
		"all of that, and conditions": {worlds[1], fourRoles, merge, []string{"POST composite", "POST composite", "POST composite"}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBox(t, sandbox.Options{Accounts: 40})
			src := b.source(func(o *salesforce.Options) { o.Objects = tt.objects })
			known, reps, err := full(t.Context(), src, tt.roles)
			if err != nil {
				t.Fatal(err)
			}
			b.pass(90 * time.Minute) // a describe of the last read will do
			tt.change(b)
			last, before := b.last(), src.Usage().Calls
			reps, _, err = follow(t.Context(), src, known, deltasOf(tt.roles, reps))
			if err != nil {
				t.Fatal(err)
			}
			got := b.calls(last)
			for i, c := range got {
				got[i] = strings.Join(strings.Fields(c)[:2], " ")
			}
			if !slices.Equal(got, tt.want) || src.Usage().Calls-before != len(tt.want) {
				t.Errorf("calls %q (%d by our own count), want %q", got, src.Usage().Calls-before, tt.want)
			}
			if (reps[0].Rows > 0) != tt.changed || !reps[0].Complete {
				t.Errorf("changes %+v", reps[0])
			}
		})
	}
}

// TestCallsOfAFullRead: its pages, a count where nothing changes meanwhile, and a
// describe per object.
func TestCallsOfAFullRead(t *testing.T) {
	t.Parallel()
	b := newBox(t, sandbox.Options{Accounts: 2100})
	src := b.source(func(o *salesforce.Options) { o.Objects, o.Names = worlds[0], map[crm.Role][]string{} })
	last := b.last()
	pictures, reps, err := full(t.Context(), src, append(slices.Clone(fourRoles[:3]), crm.Query{Role: crm.Relation}))
	if err != nil {
		t.Fatal(err)
	}
	calls := b.calls(last)
	count := func(call string) (n int) {
		for _, c := range calls {
			if c == call {
				n++
			}
		}
		return n
	}
	var state struct{ Counts map[string]struct{ Live int } }
	b.ask("/state", &state)
	describes, minimum := 0, 0
	for _, object := range []string{"Account", "Contact", charges, subscriptions, "AccountContactRelation"} { // a charge's account stands in its subscription
		n := count("GET sobjects/" + object + "/describe")
		if describes += n; n != 1 {
			t.Errorf("%s was described %d times", object, n)
		}
	}
	for i, object := range []string{"Account", "Contact", charges, "AccountContactRelation"} {
		pages := (state.Counts[object].Live + 1999) / 2000
		if got := count("GET query SELECT COUNT() FROM " + object); got != 1 || len(pictures[i]) != reps[i].Rows || !reps[i].Complete {
			t.Errorf("%d pages of %s were counted %d times: %+v", pages, object, got, reps[i])
		}
		minimum += pages + 1
	}
	if len(calls) != minimum+describes || minimum < 8 {
		t.Errorf("%d calls, want %d and %d describes: %q", len(calls), minimum, describes, calls)
	}
}
