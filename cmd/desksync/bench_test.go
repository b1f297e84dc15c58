package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/crmgen"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sync/changeset"
)

// BenchmarkMapCompare maps accounts of the generated CRM with GitLab's published
// rules, plans and SLA included, and compares every field of every object with what
// is last written and held. One operation is one account, on one core.
func BenchmarkMapCompare(b *testing.B) {
	mapper, comparer, groups := benchWorld(b, 2_000)
	today := day.MustParse("2026-11-21")
	known := make(map[helpdesk.Ref]changeset.Known)
	w := mapper.NewWorker()
	for i := range groups {
		for _, o := range objectsOf(b, w, &groups[i], today) {
			made := comparer.Diff(&o, changeset.Known{}, changeset.DiffOptions{MayCreate: true, Day: today}).Change
			last := changeset.Record(nil, made)
			known[o.Ref] = changeset.Known{TargetID: "1", Last: last, Have: last, Exists: true, Linked: true}
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		for _, o := range objectsOf(b, w, &groups[i%len(groups)], today) {
			v := comparer.Diff(&o, known[o.Ref], changeset.DiffOptions{MayCreate: true, Day: today})
			if !v.InStep && v.Change != nil {
				b.Fatalf("%s is not in step with itself: %v", o.Ref, v.Change.Deltas)
			}
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "accounts/s")
}

func objectsOf(b *testing.B, w *mapping.Worker, g *mapping.Group, on day.Day) []helpdesk.Object {
	b.Helper()
	r, err := w.Map(g, on)
	if err != nil {
		b.Fatal(err)
	}
	if r.Skip != "" {
		return nil
	}
	out := append(make([]helpdesk.Object, 0, 8), r.Org)
	return append(append(out, r.Users...), r.Members...)
}

func benchWorld(b *testing.B, accounts int) (*mapping.Mapper, *changeset.Comparer, []mapping.Group) {
	b.Helper()
	dir := b.TempDir()
	for _, name := range []string{"desksync.yaml", "overrides.yaml", "protected.csv"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "examples", "gitlab", name))
		if err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := crmgen.Write(b.Context(), filepath.Join(dir, "crm"), crmgen.Options{Accounts: accounts, Day: day.MustParse("2026-11-21")}); err != nil {
		b.Fatal(err)
	}
	file, err := config.Load(filepath.Join(dir, "desksync.yaml"))
	if err != nil {
		b.Fatal(err)
	}
	a := &app{now: time.Now, out: &bytes.Buffer{}, err: &bytes.Buffer{}}
	w, err := a.wire(file, "customers")
	if err != nil {
		b.Fatal(err)
	}
	source, err := w.Source()
	if err != nil {
		b.Fatal(err)
	}
	schema, err := source.Describe(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	caps := w.Offered()
	mapper := w.Compile(schema, caps, w.Rules())
	if err := file.Err(); err != nil {
		b.Fatal(err)
	}
	return mapper, changeset.New(caps, mapper.Shapes()), groupsOf(b, source, mapper)
}

func groupsOf(b *testing.B, source crm.Source, mapper *mapping.Mapper) []mapping.Group {
	b.Helper()
	var out []mapping.Group
	at := map[string]int{}
	for _, role := range []crm.Role{crm.Account, crm.Contact, crm.Subscription} {
		var rep crm.Report
		for rec, err := range source.Records(b.Context(), crm.Query{Role: role, Columns: mapper.Columns()[role]}, &rep) {
			if err != nil {
				b.Fatal(err)
			}
			rec.Values = append([]string(nil), rec.Values...)
			if role == crm.Account {
				at[rec.ID] = len(out)
				out = append(out, mapping.Group{Account: rec})
				continue
			}
			g := &out[at[rec.Account]]
			if role == crm.Contact {
				g.Contacts = append(g.Contacts, rec)
			} else {
				g.Subscriptions = append(g.Subscriptions, rec)
			}
		}
	}
	return out
}
