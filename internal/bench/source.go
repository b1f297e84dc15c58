package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

const (
	sourceJob     = "Salesforce as a source"
	sourcePackage = "./crm/salesforce"
)

// sourceMeasures hold the Salesforce source to its goals. Its benchmarks stand beside its
// code; the memory is that of the process that runs nothing else.
func sourceMeasures() []measure {
	return []measure{
		{sourceJob, "REST JSON decoded, hashed and found unchanged, per core", false, alone("BenchmarkREST", "1s", decoded("accounts", 60_000))},
		{sourceJob, "Bulk CSV decoded, hashed and found unchanged, per core", false, alone("BenchmarkBulk", "1s", decoded("rows", 250_000))},
		{sourceJob, "quiet delta poll of four roles", false, alone("BenchmarkQuietPoll/plain", "20x", polled(1))},
		{sourceJob, "quiet delta poll, with conditions", false, alone("BenchmarkQuietPoll/conditions", "20x", polled(4))},
		{sourceJob, "full read of four roles by REST", false, alone("BenchmarkFullRead", "1x", readInFull)},
		{sourceJob, "full read of four roles by Bulk", false, alone("BenchmarkFullBulk", "3x", readByBulk)},
		{sourceJob, "changed rows staged, SQLite", false, staged("sqlite", 60_000)},
		{sourceJob, "changed rows staged, PostgreSQL", false, staged("postgres", 40_000)},
	}
}

// noting notes what one run of a benchmark reports.
type noting func(b *Bench, m measure, g goBenchmark, u Usage) error

// decoded notes how many rows a core reads in a second, and what memory that takes.
func decoded(what string, goal float64) noting {
	return func(b *Bench, m measure, g goBenchmark, u Usage) error {
		rate, ok := g.Metrics["rows/s"]
		if !ok {
			return fmt.Errorf("%s reports no rows/s", g.Name)
		}
		b.sheet.Add(m.section, m.name, what, PerSecond, atLeast(goal), rate).Note = g.Name + " of " + sourcePackage
		if u.Peak > 0 {
			b.sheet.Add(m.section, m.name, "peak memory", Bytes, atMost(64*mib), float64(u.Peak)).Note = "of the whole test process"
		}
		return nil
	}
}

// polled notes the calls of a poll that finds nothing.
func polled(goal float64) noting {
	return func(b *Bench, m measure, g goBenchmark, _ Usage) error {
		calls := g.Metrics["calls/op"]
		if calls < 1 {
			return fmt.Errorf("%s reports %v calls", g.Name, calls)
		}
		b.sheet.Add(m.section, m.name, "calls", Count, atMost(goal), calls).Note = "beside a login, on the sandbox"
		return nil
	}
}

// readInFull notes the calls of a first full read of four roles, which stand in four
// objects and lead over a fifth.
func readInFull(b *Bench, m measure, g goBenchmark, _ Usage) error {
	const roles, objects = 4, 5
	calls, pages, counts, describes := g.Metrics["calls/op"], g.Metrics["pages/op"], g.Metrics["counts/op"], g.Metrics["describes/op"]
	if pages < roles || calls != pages+counts+describes {
		return fmt.Errorf("%s reports %v calls and %v pages, %v counts, %v describes", g.Name, calls, pages, counts, describes)
	}
	b.sheet.Add(m.section, m.name, "calls", Count, Goal{}, calls).Note = fmt.Sprintf("%v of them pages, the least there can be", pages)
	b.sheet.Add(m.section, m.name, "describes", Count, atMost(objects), describes).Note = "one per object"
	b.sheet.Add(m.section, m.name, "counts", Count, atMost(roles), counts).Note = "one per role"
	return nil
}

// readByBulk notes the calls of the same read by Bulk, how fast it goes, and its memory.
// Three calls a job are the least: one to make it, one per page, one to delete it.
func readByBulk(b *Bench, m measure, g goBenchmark, u Usage) error {
	const roles, objects = 4, 5
	calls, jobs, polls, pages, ends := g.Metrics["calls/op"], g.Metrics["jobs/op"], g.Metrics["polls/op"], g.Metrics["pages/op"], g.Metrics["ends/op"]
	counts, describes := g.Metrics["counts/op"], g.Metrics["describes/op"]
	if pages < roles || g.Metrics["rows/s"] == 0 || calls != jobs+polls+pages+ends+counts+describes {
		return fmt.Errorf("%s reports %v", g.Name, g.Metrics)
	}
	b.sheet.Add(m.section, m.name, "rows", PerSecond, Goal{}, g.Metrics["rows/s"]).Note = "with the sandbox that makes them, on the same core"
	b.sheet.Add(m.section, m.name, "calls", Count, Goal{}, calls).Note = fmt.Sprintf("%v of them pages and %v polls", pages, polls)
	b.sheet.Add(m.section, m.name, "jobs", Count, exactly(roles), jobs).Note = "one per role"
	b.sheet.Add(m.section, m.name, "jobs deleted", Count, exactly(roles), ends).Note = "one call each"
	b.sheet.Add(m.section, m.name, "describes", Count, atMost(objects), describes).Note = "one per object"
	b.sheet.Add(m.section, m.name, "counts", Count, atMost(roles), counts).Note = "one per role"
	if u.Peak > 0 {
		b.sheet.Add(m.section, m.name, "peak memory", Bytes, atMost(64*mib), float64(u.Peak)).Note = "of source and sandbox together"
	}
	return nil
}

// staged notes how many rows that were there and changed go into the stage in a second.
func staged(on string, goal float64) func(context.Context, *Bench, measure) error {
	return func(ctx context.Context, b *Bench, m measure) error {
		found, err := b.goBench(ctx, "./sync/journal", "BenchmarkStageChanged/"+on)
		for _, g := range found {
			if g.Metrics["rows/s"] == 0 {
				return fmt.Errorf("%s reports no rows/s", g.Name)
			}
			b.sheet.Add(m.section, m.name, "rows", PerSecond, atLeast(goal), g.Metrics["rows/s"]).Note = g.Name + " of ./sync/journal"
		}
		return err
	}
}

// alone runs one benchmark of the source b.runs times, on one core, each time in a
// process of its own.
func alone(name, benchtime string, note noting) func(context.Context, *Bench, measure) error {
	return func(ctx context.Context, b *Bench, m measure) error {
		binary := filepath.Join(b.work, "source.test")
		if _, err := b.child(ctx, io.Discard, []int{0}, ".", "go", "test", "-c", "-trimpath", "-o", binary, sourcePackage); err != nil {
			return err
		}
		pattern := onlyThis(name)
		for range b.runs {
			var out strings.Builder
			u, err := b.child(ctx, &out, []int{0}, b.work, binary, "-test.run", "^$", "-test.bench", pattern, "-test.cpu", "1", "-test.benchtime", benchtime)
			if err != nil {
				return err
			}
			found := benchLines(out.String())
			if len(found) != 1 {
				return fmt.Errorf("%s has %d benchmarks %s", sourcePackage, len(found), name)
			}
			if err := note(b, m, found[0], u); err != nil {
				return err
			}
		}
		return nil
	}
}
