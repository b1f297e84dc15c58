package salesforce_test

import (
	"strings"
	"testing"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/crm/salesforce"
	sandbox "github.com/desksync/desksync/sandbox/salesforce"
)

// BenchmarkQuietPoll counts the calls of a delta read of four roles that finds nothing.
func BenchmarkQuietPoll(b *testing.B) {
	for name, objects := range map[string]map[crm.Role]salesforce.Object{"plain": worlds[0], "conditions": worlds[1]} {
		b.Run(name, func(b *testing.B) {
			box := newBox(b, sandbox.Options{Accounts: 40})
			src := box.source(func(o *salesforce.Options) { o.Objects = objects })
			known, reps, err := full(b.Context(), src, fourRoles)
			if err != nil {
				b.Fatal(err)
			}
			before := src.Usage().Calls
			poll := func() {
				next, _, err := follow(b.Context(), src, known, deltasOf(fourRoles, reps))
				if err != nil || !next[0].Complete {
					b.Fatal(next, err)
				}
				reps = next
			}
			for b.Loop() {
				poll()
			}
			b.ReportMetric(float64(src.Usage().Calls-before)/float64(b.N), "calls/op")
		})
	}
}

// BenchmarkFullRead counts the calls of a first full read of four roles by REST, and of
// them pages, counts and describes: of each role its pages, one count, or two where it has
// more than a page; of each object a describe.
func BenchmarkFullRead(b *testing.B) {
	box := newBox(b, sandbox.Options{Accounts: 2100})
	calls, counts, describes := 0, 0, 0
	read := func() {
		src, last := box.source(func(o *salesforce.Options) { o.Objects, o.Names = worlds[0], map[crm.Role][]string{} }), box.last()
		if _, _, err := full(b.Context(), src, fourRoles); err != nil {
			b.Fatal(err)
		}
		calls += src.Usage().Calls
		for _, c := range box.calls(last) {
			switch {
			case strings.Contains(c, "COUNT()"):
				counts++
			case strings.HasSuffix(c, "/describe"):
				describes++
			}
		}
	}
	for b.Loop() {
		read()
	}
	per := func(n int) float64 { return float64(n) / float64(b.N) }
	b.ReportMetric(per(calls), "calls/op")
	b.ReportMetric(per(calls-counts-describes), "pages/op")
	b.ReportMetric(per(counts), "counts/op")
	b.ReportMetric(per(describes), "describes/op")
}

// BenchmarkFullBulk reads four roles in full by Bulk, over HTTP from a sandbox in the same
// process: how many rows go through in a second, and which calls that takes. Polls depend
// on how long jobs wait and stand apart.
func BenchmarkFullBulk(b *testing.B) {
	box := newBox(b, sandbox.Options{Accounts: 10_000})
	var calls bulkCalls
	rows := 0
	for b.Loop() {
		src, last := box.source(func(o *salesforce.Options) { o.Objects, o.BulkRows, o.Names = worlds[0], -1, map[crm.Role][]string{} }), box.last()
		for _, q := range fourRoles {
			var rep crm.Report
			for _, err := range src.Records(b.Context(), q, &rep) {
				if err != nil {
					b.Fatal(err)
				}
				rows++
			}
			if !rep.Complete {
				b.Fatal(rep)
			}
		}
		calls.all += src.Usage().Calls
		calls.add(box.calls(last))
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
	for unit, n := range map[string]int{
		"calls/op": calls.all, "jobs/op": calls.jobs, "polls/op": calls.polls, "pages/op": calls.pages, "ends/op": calls.ends, "counts/op": calls.counts, "describes/op": calls.describes,
	} {
		b.ReportMetric(float64(n)/float64(b.N), unit)
	}
}

// bulkCalls counts calls by what they are for.
type bulkCalls struct{ all, jobs, polls, pages, ends, counts, describes int }

func (n *bulkCalls) add(calls []string) {
	for _, c := range calls {
		switch {
		case strings.HasPrefix(c, "POST jobs/query"):
			n.jobs++
		case strings.HasPrefix(c, "DELETE jobs/query/"):
			n.ends++
		case strings.HasSuffix(c, "/results"):
			n.pages++
		case strings.HasPrefix(c, "GET jobs/query/"):
			n.polls++
		case strings.Contains(c, "COUNT()"):
			n.counts++
		case strings.HasSuffix(c, "/describe"):
			n.describes++
		}
	}
}
