package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

const mainJob = "The main job, end to end, on the embedded default"

// measures is the list, in the order of the table. Goals for times stand for
// 100,000 accounts and are scaled with -accounts; those for memory are not.
func measures() []measure {
	return []measure{
		{mainJob, "map + SLA + compare, per core", false, rules},
		{mainJob, "first load into SQLite", false, firstLoad(onSQLite, 60, 160)},
		{mainJob, "first load into PostgreSQL", false, firstLoad(onPostgres, 75, 160)},
		{mainJob, "second run, nothing changed", false, secondRun(1, 6, 128)},
		{mainJob, "second run, one edit on either side", false, editedRun(6, 128)},
		{mainJob, "second run, ten times the accounts", true, secondRun(10, 90, 256)},
	}
}

// rules measures the pure part with every field of the example: accounts mapped, their
// SLA found, compared. The benchmark stands beside the code that turns the file into
// rules; it reports accounts/s, or handles one account in each operation.
func rules(ctx context.Context, b *Bench, m measure) error {
	pkg, name, ok := strings.Cut(b.mapBench, ":")
	if !ok {
		return errors.New("-map is written PACKAGE:BENCHMARK, such as ./cmd/desksync:BenchmarkMapCompare")
	}
	results, err := b.goBench(ctx, pkg, name)
	if err != nil {
		return err
	}
	for _, r := range results {
		rate, ok := r.rate()
		if !ok {
			return fmt.Errorf("%s reports no time", r.Name)
		}
		b.sheet.Add(m.section, m.name, "accounts", PerSecond, atLeast(25_000), rate).Note = r.Name + " of " + pkg
	}
	return nil
}

// firstLoad measures a load into empty databases; the last of them are kept for
// the second runs.
func firstLoad(on backend, seconds, peakMiB float64) func(context.Context, *Bench, measure) error {
	return func(ctx context.Context, b *Bench, m measure) error {
		for range b.runs {
			u, s, err := b.load(ctx, on, b.accounts)
			if err != nil {
				return err
			}
			b.addUsage(m, u, b.scaled(seconds), peakMiB)
			b.sheet.Add(m.section, m.name, "organizations", Count, atLeast(1), float64(s.Organizations)).Note = s.String()
		}
		return nil
	}
}

// load makes a world and fills it, in place of the one that was loaded before.
func (b *Bench) load(ctx context.Context, on backend, accounts int) (Usage, state, error) {
	if err := b.product(ctx); err != nil {
		return Usage{}, state{}, err
	}
	data, err := b.export(ctx, accounts)
	if err != nil {
		return Usage{}, state{}, err
	}
	w, err := b.newWorld(ctx, on, data)
	if err != nil {
		return Usage{}, state{}, err
	}
	u, err := b.reconcile(ctx, w)
	if err != nil {
		return u, state{}, errors.Join(err, b.remove(w))
	}
	s, err := w.look(ctx)
	if old := b.worlds[key(on, accounts)]; old != nil {
		err = errors.Join(err, b.remove(old))
	}
	b.worlds[key(on, accounts)] = w
	return u, s, err
}

func key(on backend, accounts int) string { return fmt.Sprint(on, " ", accounts) }

// loaded returns the world of a size on SQLite, loading it if no measure has.
func (b *Bench) loaded(ctx context.Context, accounts int) (*world, error) {
	if w := b.worlds[key(onSQLite, accounts)]; w != nil {
		return w, nil
	}
	u, s, err := b.load(ctx, onSQLite, accounts)
	if err == nil {
		b.say("loaded in %s: %s", format(u.Wall.Seconds(), Seconds), s)
	}
	return b.worlds[key(onSQLite, accounts)], err
}

// secondRun measures a full read in which nothing has changed, of times the
// accounts. That nothing was written is read from the store's own counter.
func secondRun(times int, seconds, peakMiB float64) func(context.Context, *Bench, measure) error {
	return func(ctx context.Context, b *Bench, m measure) error {
		w, err := b.loaded(ctx, b.accounts*times)
		if err != nil {
			return err
		}
		for range b.runs {
			before, err := w.look(ctx)
			if err != nil {
				return err
			}
			u, err := b.reconcile(ctx, w)
			if err != nil {
				return err
			}
			after, err := w.look(ctx)
			if err != nil {
				return err
			}
			b.addUsage(m, u, b.scaled(seconds), peakMiB)
			b.sheet.Add(m.section, m.name, "writes", Count, exactly(0), float64(after.Seq-before.Seq)).Note = "by the store's own counter; " + after.String()
		}
		return nil
	}
}

// editedRun measures the same with one charge changed in the export and one field
// changed in the store, on a copy of the export.
func editedRun(seconds, peakMiB float64) func(context.Context, *Bench, measure) error {
	return func(ctx context.Context, b *Bench, m measure) error {
		w, err := b.loaded(ctx, b.accounts)
		if err != nil {
			return err
		}
		if err := b.forEditing(w); err != nil {
			return err
		}
		for n := range b.runs {
			e, err := w.edit(ctx, n)
			if err != nil {
				return err
			}
			u, err := b.reconcile(ctx, w)
			if err != nil {
				return err
			}
			found, err := b.found(ctx, w, e)
			if err != nil {
				return err
			}
			b.addUsage(m, u, b.scaled(seconds), peakMiB)
			b.sheet.Add(m.section, m.name, "edits found", Count, exactly(2), float64(found)).Note = "the end of the last charge, and the field " + e.field + " by SQL"
		}
		return nil
	}
}

// forEditing gives a world an export of its own, under the path it knows, so that
// its configuration stays as it is; later worlds take the untouched copy.
func (b *Bench) forEditing(w *world) error {
	copied, err := b.copyExport(w.data)
	if err != nil {
		return err
	}
	for accounts, dir := range b.exports {
		if dir == w.data {
			b.exports[accounts] = copied
		}
	}
	return nil
}

// addUsage notes what a child took: time and memory against their goals, the rest
// for the story.
func (b *Bench) addUsage(m measure, u Usage, seconds, peakMiB float64) {
	r := b.sheet.Add(m.section, m.name, "wall", Seconds, atMost(seconds), u.Wall.Seconds())
	if b.accounts != standard {
		r.Note = "goal scaled to the number of accounts"
	}
	b.sheet.Add(m.section, m.name, "user", Seconds, Goal{}, u.User.Seconds())
	b.sheet.Add(m.section, m.name, "sys", Seconds, Goal{}, u.Sys.Seconds())
	if u.Peak > 0 {
		b.sheet.Add(m.section, m.name, "peak memory", Bytes, atMost(peakMiB*mib), float64(u.Peak))
	}
}

// standard is the number of accounts for which the goals are set.
const standard = 100_000

func (b *Bench) scaled(seconds float64) float64 {
	return seconds * float64(b.accounts) / standard
}
