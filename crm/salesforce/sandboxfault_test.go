package salesforce_test

import (
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/crm/salesforce"
	"github.com/desksync/desksync/internal/fault"
	sandbox "github.com/desksync/desksync/sandbox/salesforce"
)

var twoRoles = fourRoles[:2]

// The ways to read. For a delta every record has been touched, so that it has pages.
const (
	byREST      = "full read by REST"
	byBulk      = "full read by Bulk"
	deltaByREST = "delta by REST"
	deltaByBulk = "delta by Bulk"
)

// TestFaultsOfTheSandbox: whatever goes wrong, the result is whole or an error with a
// sentence that names what to do; nothing is yielded of it then.
func TestFaultsOfTheSandbox(t *testing.T) {
	t.Parallel()
	const (
		paging  = "/query/01g" // calls for pages behind the first
		results = "/results"
		account = "FROM+Account"
	)
	always := func(f m) m { f["count"] = -1; return f }
	tests := map[string]struct {
		fault m
		ways  map[string]string // way to error; empty: whole
	}{
		"nothing":                  {nil, map[string]string{byREST: "", byBulk: "", deltaByREST: "", deltaByBulk: ""}},
		"401 in the middle":        {m{"kind": "session_expired", "path": paging, "skip": 1}, map[string]string{byREST: "", deltaByREST: ""}},
		"401 between results":      {m{"kind": "session_expired", "path": results, "skip": 1}, map[string]string{byBulk: "", deltaByBulk: ""}},
		"401 for ever":             {always(m{"kind": "session_expired", "path": "/services/data/"}), map[string]string{byREST: "the session is refused even right after a login", deltaByREST: "the session is refused even right after a login"}},
		"expired cursor":           {m{"kind": "bad_locator", "path": paging, "skip": 1}, map[string]string{byREST: "", deltaByREST: ""}},
		"every cursor expires":     {always(m{"kind": "bad_locator", "path": paging}), map[string]string{byREST: "began 3 times and never reached its end", deltaByREST: "began 3 times and never reached its end"}},
		"503":                      {m{"kind": "error", "path": "/services/data/", "skip": 6}, map[string]string{byREST: "", byBulk: "", deltaByREST: "", deltaByBulk: ""}},
		"502 with a page":          {m{"kind": "html", "path": "/services/data/", "skip": 6, "count": 2}, map[string]string{byREST: "", byBulk: "", deltaByREST: "", deltaByBulk: ""}},
		"503 at the composite":     {m{"kind": "error", "path": "/composite"}, map[string]string{deltaByREST: "", deltaByBulk: ""}},
		"503 for ever":             {always(m{"kind": "error", "path": paging}), map[string]string{byREST: "SERVER_UNAVAILABLE: Server is too busy.; try again later", deltaByREST: "SERVER_UNAVAILABLE: Server is too busy.; try again later"}},
		"420 without a body":       {m{"kind": "empty", "status": 420, "path": paging}, map[string]string{byREST: "", deltaByREST: ""}},
		"query timeout":            {m{"kind": "query_timeout", "path": account, "skip": 1}, map[string]string{byREST: ""}},
		"query timeout of COUNT":   {always(m{"kind": "query_timeout", "path": "COUNT"}), map[string]string{byREST: "not complete: the rows could not be counted"}},
		"query timeout of a page":  {m{"kind": "query_timeout", "path": paging}, map[string]string{byREST: "", deltaByREST: ""}},
		"timeout at the composite": {m{"kind": "query_timeout", "path": "/composite"}, map[string]string{deltaByREST: "narrow where of this object to an indexed field"}},
		"a locked row":             {m{"kind": "lock_row", "path": paging, "count": 2}, map[string]string{byREST: "", deltaByREST: ""}},
		"a locked row for ever":    {always(m{"kind": "lock_row", "path": "/composite"}), map[string]string{deltaByREST: "somebody else holds the row: try again later"}},
		"job failed, no message":   {m{"kind": "job_failed"}, map[string]string{byBulk: "ended as Failed without saying why", deltaByBulk: "ended as Failed without saying why"}},
		"job failed on a lock":     {m{"kind": "job_failed", "message": "UNABLE_TO_LOCK_ROW: x"}, map[string]string{byBulk: "somebody else holds the rows; try again later", deltaByBulk: "somebody else holds the rows; try again later"}},
		"job aborted":              {m{"kind": "job_aborted"}, map[string]string{byBulk: "somebody stopped it in Setup", deltaByBulk: "somebody stopped it in Setup"}},
		"truncated CSV":            {m{"kind": "short", "path": results, "skip": 1, "bytes": 1500}, map[string]string{byBulk: "", deltaByBulk: ""}},
		"CSV truncated for ever":   {always(m{"kind": "short", "path": results, "bytes": 1500}), map[string]string{byBulk: "nothing of it was used, try again later", deltaByBulk: "nothing of it was used, try again later"}},
		"truncated JSON":           {m{"kind": "short", "path": paging, "skip": 1, "bytes": 1500}, map[string]string{byREST: "", deltaByREST: ""}},
		"truncated composite":      {m{"kind": "short", "path": "/composite", "bytes": 1500}, map[string]string{deltaByREST: "", deltaByBulk: ""}},
		"composite always so":      {always(m{"kind": "short", "path": "/composite", "bytes": 1500}), map[string]string{deltaByREST: "nothing of it was used, try again later"}},
		"cut in a page":            {m{"kind": "cut", "path": paging, "skip": 1, "bytes": 700}, map[string]string{byREST: "", deltaByREST: ""}},
		"cut in the first page":    {m{"kind": "cut", "path": "SELECT+Id", "bytes": 700}, map[string]string{byREST: ""}},
		"cut in the composite":     {m{"kind": "cut", "path": "/composite", "bytes": 700}, map[string]string{deltaByREST: "", deltaByBulk: ""}},
		"cut in results":           {m{"kind": "cut", "path": results, "skip": 1, "bytes": 700}, map[string]string{byBulk: "", deltaByBulk: ""}},
		"cut for ever":             {always(m{"kind": "cut", "path": paging, "bytes": 700}), map[string]string{byREST: "nothing of it was used, try again later", deltaByREST: "nothing of it was used, try again later"}},
		"torn down":                {m{"kind": "reset", "path": "/services/data/", "skip": 6, "count": 2}, map[string]string{byREST: "", byBulk: "", deltaByREST: "", deltaByBulk: ""}},
		"no locator":               {m{"kind": "no_header", "path": results, "header": "Sforce-Locator"}, map[string]string{byBulk: "look for a proxy that removes headers", deltaByBulk: "look for a proxy that removes headers"}},
		"calls of the day spent":   {always(m{"kind": "daily_limit", "path": paging}), map[string]string{byREST: "wait, buy more, or find who spends them", deltaByREST: "wait, buy more, or find who spends them"}},
	}
	for name, tt := range tests {
		for way, want := range tt.ways {
			t.Run(name+", "+way, func(t *testing.T) {
				t.Parallel()
				b := newBox(t, sandbox.Options{Accounts: 60})
				b.set(m{"page_sizes": []int{20}, "bulk_page": 20})
				f := faultRead{box: b, src: b.source(func(o *salesforce.Options) {
					switch way {
					case byBulk:
						o.BulkRows = -1
					case deltaByBulk:
						o.BulkRows = 30
					}
				})}
				f.prepare()
				if tt.fault != nil {
					b.fault(tt.fault)
				}
				f.read(strings.HasPrefix(way, "delta"))
				f.judge(want)
				if tt.fault != nil && f.struck() == 0 {
					t.Error("the fault never struck")
				}
			})
		}
	}
}

// TestPagesOfAnySizeMakeOneRead: how many rows a page has is Salesforce's choice, and
// none is among the choices.
func TestPagesOfAnySizeMakeOneRead(t *testing.T) {
	t.Parallel()
	for _, delta := range []bool{false, true} {
		b := newBox(t, sandbox.Options{Accounts: 60})
		f := faultRead{box: b, src: b.source(nil)}
		f.prepare()
		b.set(m{"page_sizes": []int{7, 0, 0, 20}})
		f.read(delta)
		f.judge("")
		b.set(m{"page_sizes": []int{0}})
		f.read(delta)
		f.judge("pages without rows again and again")
	}
}

// TestAReadTellsItsWay: which API, before it begins with what it costs, and in its report.
func TestAReadTellsItsWay(t *testing.T) {
	t.Parallel()
	for way, rows := range map[string]int{"REST": 60, "Bulk": 59} {
		b := newBox(t, sandbox.Options{Accounts: 60})
		f := faultRead{box: b, src: b.source(func(o *salesforce.Options) { o.BulkRows = rows })}
		f.prepare()
		b.set(m{"page_sizes": []int{20}})
		var plans []crm.Plan
		var rep crm.Report
		q := twoRoles[0]
		q.Tell = func(p crm.Plan) { plans = append(plans, p) }
		last := b.last()
		for _, err := range f.src.Records(t.Context(), q, &rep) {
			if len(plans) != 1 || err != nil {
				t.Fatalf("plans %v, %v; want one before the first record", plans, err)
			}
		}
		spent := len(b.calls(last)) - 1 // COUNT()
		if plans[0].Way != way || plans[0].Rows != 60 || plans[0].Calls > spent || plans[0].Calls < 1 || rep.Way != way {
			t.Errorf("plans %+v, report by %q after %d calls; want %s", plans, rep.Way, spent, way)
		}
		f.read(true)
		if f.judge(""); f.reps[0].Way != way {
			t.Errorf("a delta: %q, want %s", f.reps[0].Way, way)
		}
	}
}

// faultRead is one read with a fault in it.
type faultRead struct {
	*box
	src    *salesforce.Source
	deltas []crm.Delta
	want   []picture // of all records after they were touched
	got    []picture
	reps   []crm.Report
	err    error
}

// prepare reads once, and touches every record.
func (f *faultRead) prepare() {
	_, reps, err := full(f.t.Context(), f.src, twoRoles)
	if err != nil {
		f.t.Fatal(err)
	}
	f.deltas = deltasOf(twoRoles, reps)
	f.pass(time.Hour)
	for _, object := range []string{"Account", "Contact"} {
		if _, ok := f.do(m{"do": "touch", "object": object, "count": 10_000, "fields": m{map[string]string{"Account": "Industry", "Contact": "LastName"}[object]: "Energy"}}); !ok {
			f.t.Fatal("nothing was touched")
		}
	}
	if f.want, _, err = full(f.t.Context(), f.box.source(nil), twoRoles); err != nil || len(f.want[0]) != 60 {
		f.t.Fatalf("%d accounts, %v", len(f.want[0]), err)
	}
}

func (f *faultRead) read(delta bool) {
	if !delta {
		f.got, f.reps, f.err = full(f.t.Context(), f.src, twoRoles)
		return
	}
	f.got = []picture{{}, {}}
	f.reps, _, f.err = follow(f.t.Context(), f.src, f.got, f.deltas)
}

// struck is how often the fault did.
func (f *faultRead) struck() int {
	var list []struct{ Struck int }
	f.ask("/faults", &list)
	return list[0].Struck
}

// judge wants all records of complete reads, or an error with this sentence and none.
func (f *faultRead) judge(want string) {
	f.t.Helper()
	if why, unproved := strings.CutPrefix(want, "not complete: "); unproved {
		if f.err != nil || f.reps[0].Complete || !strings.Contains(f.reps[0].Why, why) {
			f.t.Errorf("read %+v, %v; want it unproved: %s", f.reps[0], f.err, why)
		}
		return
	}
	if want != "" {
		if f.err == nil || !strings.Contains(fault.Sentence(f.err), want) || len(f.got[0])+len(f.got[1]) != 0 {
			f.t.Errorf("read %d accounts and %d contacts, %v; want none and %q", len(f.got[0]), len(f.got[1]), f.err, want)
		}
		return
	}
	if f.err != nil {
		f.t.Fatal(f.err)
	}
	for i, q := range twoRoles {
		if d := difference(f.got[i], f.want[i], func(string) bool { return false }); d != "" || !f.reps[i].Complete {
			f.t.Errorf("%s: %s, %+v", q.Role, d, f.reps[i])
		}
	}
}
