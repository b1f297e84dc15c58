package salesforce_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/crm/salesforce"
	sandbox "github.com/desksync/desksync/sandbox/salesforce"
)

const (
	charges       = "Zuora__SubscriptionProductCharge__c"
	subscriptions = "Zuora__Subscription__c"
)

// fourRoles are read without formulas and without names of parents: a change of those
// moves no stamp.
var fourRoles = []crm.Query{
	{Role: crm.Account, Columns: []string{"Name", "Type", "Industry", "CreatedDate"}},
	{Role: crm.Contact, Columns: []string{"LastName", "Email"}},
	{Role: crm.Subscription, Columns: []string{"Name"}},
	{Role: crm.Relation, Columns: []string{"IsDirect", "ContactId"}},
}

// worlds are the ways in which the four roles are read.
var worlds = []map[crm.Role]salesforce.Object{
	{crm.Subscription: {Name: charges}},
	{
		crm.Account: {Where: "Type IN ('Customer', 'Former Customer')"}, crm.Contact: {Where: "Email != null OR LastName LIKE 'M%'"},
		crm.Subscription: {Name: subscriptions}, crm.Relation: {Where: "IsDirect = false"},
	},
	{
		crm.Account:      {SOQL: "select Industry, Id, CreatedDate, Name, Type from Account where Type = 'Customer' or Industry = 'Energy'"},
		crm.Contact:      {SOQL: "SELECT Id, AccountId, LastName, Email FROM Contact"},
		crm.Subscription: {Name: charges, Where: "Zuora__Quantity__c > 1"},
	},
}

// model is a picture of the organization that is kept by deltas alone.
type model struct {
	*box
	r       *rand.Rand
	src     *salesforce.Source
	deltas  []crm.Delta
	known   []picture
	pool    map[string][]string // ids by object, dead ones too
	binned  []string
	excused map[string]bool // purged before a read could show that it was deleted
	unseen  map[string]bool // merged away, and no read has shown it
	done    map[string]int
}

// TestDeltasKeepUpWithTheOrganization does what people and programs do to a CRM, in any
// order, and at the end holds what the deltas showed against a full read. What they
// cannot show is excused: what was purged in between, and removed relations.
func TestDeltasKeepUpWithTheOrganization(t *testing.T) {
	t.Parallel()
	seeds := uint64(8)
	if testing.Short() {
		seeds = 3
	}
	var mu sync.Mutex
	done := map[string]int{}
	t.Cleanup(func() { // when all seeds have ended
		for _, kind := range kinds {
			if done[kind] == 0 {
				t.Errorf("no %s went well: %v", kind, done)
			}
		}
	})
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			w := newModel(t, seed)
			t.Cleanup(func() {
				mu.Lock()
				defer mu.Unlock()
				for kind, n := range w.done {
					done[kind] += n
				}
			})
			for range 30 {
				for range 1 + w.r.IntN(4) {
					w.act()
					w.pass(time.Duration(w.r.IntN(90)) * time.Second)
				}
				w.read()
			}
			w.pass(10 * time.Minute) // the last commits
			w.read()
			w.compare()
		})
	}
}

func newModel(t *testing.T, seed uint64) *model {
	t.Helper()
	w := &model{box: newBox(t, sandbox.Options{Seed: seed, Accounts: 40}), r: rand.New(rand.NewPCG(seed, 1)), pool: map[string][]string{}, excused: map[string]bool{}, unseen: map[string]bool{}, done: map[string]int{}}
	if seed%2 == 1 {
		w.set(m{"page_sizes": []int{7, 30}, "bulk_page": 11})
	}
	w.set(m{"quiet_merge": seed%4 < 2})
	w.src = w.source(func(o *salesforce.Options) {
		o.Objects = worlds[seed%uint64(len(worlds))]
		if seed%4 > 1 {
			o.BulkRows = 9
		}
	})
	all := w.source(func(o *salesforce.Options) { o.Objects = worlds[0] })
	everything, _, err := full(t.Context(), all, fourRoles)
	if err != nil {
		t.Fatal(err)
	}
	for i, object := range []string{"Account", "Contact", charges} {
		w.pool[object] = slices.Sorted(maps.Keys(everything[i]))
	}
	var reps []crm.Report
	if w.known, reps, err = full(t.Context(), w.src, fourRoles); err != nil {
		t.Fatal(err)
	}
	w.deltas = deltasOf(fourRoles, reps)
	return w
}

func (w *model) any(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[w.r.IntN(len(list))]
}

// kinds are the acts, the more frequent ones twice.
var kinds = []string{
	"create", "contact", "update", "type", "type", "edit", "move", "move", "private", "delete", "delete", "undelete", "purge", "merge", "merge", "touch", "charge", "late",
}

// act changes something, if that is possible just now.
func (w *model) act() {
	account, contact, charge := w.any(w.pool["Account"]), w.any(w.pool["Contact"]), w.any(w.pool[charges])
	types := []any{"Customer", "Prospect", "Former Customer", nil}
	kind := w.any(kinds)
	var a m
	switch kind {
	case "create":
		a = m{"do": "create", "object": "Account", "fields": m{"Name": fmt.Sprint("made ", w.r.IntN(1000)), "Type": types[w.r.IntN(4)], "ParentId": account}}
	case "contact":
		a = m{"do": "create", "object": "Contact", "fields": m{"LastName": "Made", "AccountId": account, "Email": "made@example.com"}}
	case "update":
		a = m{"do": "update", "object": "Account", "id": account, "fields": m{"Name": fmt.Sprint("renamed ", w.r.IntN(1000)), "ParentId": w.any(w.pool["Account"])}}
	case "type":
		a = m{"do": "update", "object": "Account", "id": account, "fields": m{"Type": types[w.r.IntN(4)], "Industry": "Energy"}}
	case "edit":
		a = m{"do": "update", "object": "Contact", "id": contact, "fields": m{"LastName": w.any([]string{"Miller", "Ng"}), "Email": []any{nil, "x@example.com"}[w.r.IntN(2)]}}
	case "move":
		a = m{"do": "update", "object": "Contact", "id": contact, "fields": m{"AccountId": account}}
	case "private":
		a = m{"do": "update", "object": "Contact", "id": contact, "fields": m{"AccountId": nil}}
	case "delete":
		a = m{"do": "delete", "id": w.any([]string{account, contact, contact, charge})}
	case "undelete":
		a = m{"do": "undelete", "id": w.any(w.binned)}
	case "purge":
		a = m{"do": "purge", "id": w.any(w.binned)}
	case "merge":
		a = m{"do": "merge", "object": "Account", "id": account, "ids": []string{w.any(w.pool["Account"])}, "fields": []m{nil, {"Industry": "Media"}}[w.r.IntN(2)]}
	case "touch":
		object := w.any([]string{"Account", "Contact"})
		a = m{"do": "touch", "object": object, "first": w.r.IntN(30), "count": 25, "fields": m{map[string]string{"Account": "Industry", "Contact": "Title"}[object]: w.any([]string{"Energy", "Media"})}}
	case "charge":
		a = m{"do": "update", "object": charges, "id": charge, "fields": m{"Zuora__Quantity__c": w.r.IntN(4), "Name": fmt.Sprint("charge ", w.r.IntN(9))}}
	case "late":
		w.set(m{"late_commit_seconds": w.r.IntN(2) * w.r.IntN(500)}) // up to the lookback, less the pace of this test
		w.done[kind]++
		return
	}
	if gone, _ := a["id"].(string); w.unseen[gone] { // where its children went cannot be told then
		return
	}
	id, ok := w.do(a)
	if !ok {
		return
	}
	w.done[kind]++
	w.remember(a, id)
}

// remember keeps what later acts and the comparison need.
func (w *model) remember(a m, made string) {
	id, _ := a["id"].(string)
	switch a["do"] {
	case "create":
		object, _ := a["object"].(string)
		w.pool[object] = append(w.pool[object], made)
	case "delete":
		w.binned = append(w.binned, id)
	case "merge":
		losers, _ := a["ids"].([]string)
		w.binned = append(w.binned, losers...)
		for _, id := range losers {
			w.unseen[id] = true
		}
	case "purge":
		w.excused[id] = true
	}
}

func (w *model) read() {
	w.t.Helper()
	reps, merged, err := follow(w.t.Context(), w.src, w.known, w.deltas)
	if err != nil {
		w.t.Fatal(err)
	}
	for i, rep := range reps {
		if !rep.Complete || rep.Next == "" {
			w.t.Fatalf("%s: %+v", fourRoles[i].Role, rep)
		}
	}
	for _, id := range merged {
		delete(w.unseen, id)
	}
	w.deltas = deltasOf(fourRoles, reps)
}

func (w *model) compare() {
	w.t.Helper()
	want, reps, err := full(w.t.Context(), w.src, fourRoles)
	if err != nil {
		w.t.Fatal(err)
	}
	for i, q := range fourRoles {
		if !reps[i].Complete {
			w.t.Fatalf("the full read of %s: %+v", q.Role, reps[i])
		}
		excused := func(id string) bool {
			_, there := want[i][id]
			return w.excused[id] || q.Role == crm.Relation && !there
		}
		if d := difference(w.known[i], want[i], excused); d != "" {
			w.t.Errorf("%s: %s after %v", q.Role, d, w.done)
		}
		if len(want[i]) == 0 {
			w.t.Errorf("%s: there are none", q.Role)
		}
	}
}
