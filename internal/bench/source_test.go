package main

import "testing"

func TestSourceFigures(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		note    noting
		metrics map[string]float64
		peak    int64
		want    map[string]string // verdict by figure; empty: no figure
	}{
		"fast and small":        {decoded("rows", 100), map[string]float64{"rows/s": 101}, 64 * mib, map[string]string{"rows": "pass", "peak memory": "pass"}},
		"slow and large":        {decoded("rows", 100), map[string]float64{"rows/s": 99}, 65 * mib, map[string]string{"rows": "miss", "peak memory": "miss"}},
		"no rate":               {decoded("rows", 100), map[string]float64{"ns/op": 1}, 1, nil},
		"one call":              {polled(1), map[string]float64{"calls/op": 1}, 0, map[string]string{"calls": "pass"}},
		"two calls":             {polled(1), map[string]float64{"calls/op": 2}, 0, map[string]string{"calls": "miss"}},
		"no call":               {polled(1), nil, 0, nil},
		"as few as there can":   {readInFull, map[string]float64{"calls/op": 13, "pages/op": 4, "counts/op": 4, "describes/op": 5}, 0, map[string]string{"calls": "", "describes": "pass", "counts": "pass"}},
		"described again":       {readInFull, map[string]float64{"calls/op": 14, "pages/op": 4, "counts/op": 4, "describes/op": 6}, 0, map[string]string{"calls": "", "describes": "miss", "counts": "pass"}},
		"counted again":         {readInFull, map[string]float64{"calls/op": 14, "pages/op": 4, "counts/op": 5, "describes/op": 5}, 0, map[string]string{"calls": "", "describes": "pass", "counts": "miss"}},
		"four jobs":             {readByBulk, bulkMetrics(4, 4), 65 * mib, map[string]string{"rows": "", "calls": "", "jobs": "pass", "jobs deleted": "pass", "describes": "pass", "counts": "pass", "peak memory": "miss"}},
		"a fifth job":           {readByBulk, bulkMetrics(5, 4), 0, map[string]string{"rows": "", "calls": "", "jobs": "miss", "jobs deleted": "pass", "describes": "pass", "counts": "pass"}},
		"a job that stays":      {readByBulk, bulkMetrics(4, 3), 0, map[string]string{"rows": "", "calls": "", "jobs": "pass", "jobs deleted": "miss", "describes": "pass", "counts": "pass"}},
		"calls nobody explains": {readInFull, map[string]float64{"calls/op": 15, "pages/op": 4, "counts/op": 4, "describes/op": 5}, 0, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := &Bench{}
			err := tt.note(b, measure{section: "s", name: "m"}, goBenchmark{Name: "BenchmarkX", Metrics: tt.metrics}, Usage{Peak: tt.peak})
			if (err != nil) != (tt.want == nil) || len(b.sheet.rows) != len(tt.want) {
				t.Fatalf("%d figures, %v; want %v", len(b.sheet.rows), err, tt.want)
			}
			for _, r := range b.sheet.rows {
				if want, ok := tt.want[r.Figure]; !ok || r.Verdict() != want {
					t.Errorf("%s: %q, want %q", r.Figure, r.Verdict(), want)
				}
			}
		})
	}
}

// bulkMetrics are those of a read of four pages.
func bulkMetrics(jobs, ends float64) map[string]float64 {
	return map[string]float64{
		"rows/s": 1000, "calls/op": jobs + ends + 17, "jobs/op": jobs, "polls/op": 4, "pages/op": 4, "ends/op": ends, "counts/op": 4, "describes/op": 5,
	}
}
