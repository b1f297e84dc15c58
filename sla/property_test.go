package sla_test

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/sla"
)

var products = []string{"Ultimate (SaaS)", "Gold", "Starter", "Storage 10 GB", "Education", "Mystery", "Support Hold", ""}

func drawDay(t *rapid.T, label string) day.Day {
	if rapid.IntRange(0, 4).Draw(t, label+" open") == 0 {
		return 0
	}
	return today + day.Day(rapid.IntRange(-60, 60).Draw(t, label)) //nolint:gosec // small
}

func drawCharge(t *rapid.T) sla.Charge {
	return sla.Charge{
		ID:       rapid.StringMatching("[a-c]").Draw(t, "id"),
		Product:  rapid.SampledFrom(products).Draw(t, "product"),
		Quantity: float64(rapid.IntRange(0, 9).Draw(t, "quantity")),
		Start:    drawDay(t, "start"), End: drawDay(t, "end"),
		Status: rapid.SampledFrom([]string{"Active", "", "Cancelled"}).Draw(t, "status"),
	}
}

func drawOverride(t *rapid.T) *sla.Override {
	if rapid.Bool().Draw(t, "no override") {
		return nil
	}
	value := rapid.SampledFrom([]string{"ultimate", "starter", "expired", "hold", "nobody"}).Draw(t, "value")
	return &sla.Override{Field: sla.PlanField, Value: value, From: drawDay(t, "from"), Until: drawDay(t, "until")}
}

// visible is a result without what only explain shows.
func visible(r sla.Result) sla.Result {
	for i := range r.Active {
		r.Active[i].InGrace = false
	}
	r.Active = append([]sla.Grant(nil), r.Active...)
	return r
}

// TestResultHoldsUntilNext: between a day and its Next the clock changes nothing.
func TestResultHoldsUntilNext(t *testing.T) {
	t.Parallel()
	r := rules(t, catalogue())
	rapid.Check(t, func(t *rapid.T) {
		charges := rapid.SliceOfN(rapid.Custom(drawCharge), 0, 4).Draw(t, "charges")
		ov, on := drawOverride(t), today+day.Day(rapid.IntRange(-80, 80).Draw(t, "on")) //nolint:gosec // small
		first := r.Evaluate(charges, ov, on)
		last := first.Next - 1
		if first.Next == 0 {
			last = on + 200
		}
		for d := on; d <= last; d++ {
			again := r.Evaluate(charges, ov, d)
			if again.Plan != first.Plan || !reflect.DeepEqual(again.Tags, first.Tags) || again.Policy != first.Policy || again.Expired != first.Expired ||
				!reflect.DeepEqual(again.Products, first.Products) || len(again.Unknown) != len(first.Unknown) || again.Seats != first.Seats || again.Next != first.Next {
				t.Fatalf("on %s the result is %+v, on %s %+v; next said %s", on, visible(first), d, visible(again), first.Next)
			}
		}
	})
}

// TestAnotherChargeNeverLowersThePlan: buying more is never worse.
func TestAnotherChargeNeverLowersThePlan(t *testing.T) {
	t.Parallel()
	r := rules(t, catalogue())
	rank := func(res sla.Result) int {
		if res.Rank == 0 {
			return len(r.Plans()) + 1
		}
		return res.Rank
	}
	rapid.Check(t, func(t *rapid.T) {
		charges := rapid.SliceOfN(rapid.Custom(drawCharge), 0, 4).Draw(t, "charges")
		ov := drawOverride(t)
		before := r.Evaluate(charges, ov, today)
		more := rapid.Custom(drawCharge).Draw(t, "one more")
		after := r.Evaluate(append(charges[:len(charges):len(charges)], more), ov, today)
		if rank(after) > rank(before) {
			t.Fatalf("with %+v the plan falls from %q to %q", more, before.Plan, after.Plan)
		}
	})
}

// TestOrderOfChargesDoesNotMatter: the CRM may list them as it likes.
func TestOrderOfChargesDoesNotMatter(t *testing.T) {
	t.Parallel()
	r := rules(t, catalogue())
	rapid.Check(t, func(t *rapid.T) {
		charges := rapid.SliceOfN(rapid.Custom(drawCharge), 0, 5).Draw(t, "charges")
		shuffled := rapid.Permutation(charges).Draw(t, "shuffled")
		a, b := r.Evaluate(charges, nil, today), r.Evaluate(shuffled, nil, today)
		if a.Plan != b.Plan || !reflect.DeepEqual(a.Tags, b.Tags) || a.Expiration != b.Expiration || a.Next != b.Next || a.Policy != b.Policy {
			t.Fatalf("%+v\n%+v", a, b)
		}
	})
}

// TestReusedMemoryGivesTheSameResult: EvaluateInto leaves nothing behind.
func TestReusedMemoryGivesTheSameResult(t *testing.T) {
	t.Parallel()
	r := rules(t, catalogue())
	var reused sla.Result
	rapid.Check(t, func(t *rapid.T) {
		charges := rapid.SliceOfN(rapid.Custom(drawCharge), 0, 4).Draw(t, "charges")
		ov := drawOverride(t)
		r.EvaluateInto(&reused, charges, ov, today)
		fresh := r.Evaluate(charges, ov, today)
		if fresh.Plan != reused.Plan || len(fresh.Tags) != len(reused.Tags) || len(fresh.Active) != len(reused.Active) || len(fresh.Unknown) != len(reused.Unknown) || fresh.Override != reused.Override {
			t.Fatalf("fresh %+v, reused %+v", fresh, reused)
		}
	})
}

func BenchmarkEvaluate(b *testing.B) {
	r := rules(b, catalogue())
	charges := []sla.Charge{charge(b, "Gold", "2026-11-20 2027-11-19"), charge(b, "Starter", "2026-04-01 2027-03-31")}
	var res sla.Result
	b.ReportAllocs()
	for b.Loop() {
		r.EvaluateInto(&res, charges, nil, today)
	}
}
