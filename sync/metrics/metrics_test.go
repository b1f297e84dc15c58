package metrics

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/rs/zerolog"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/dbx/dbtest"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/schedule"
)

var ready = dbtest.Prepare(func(ctx context.Context, dsn string) error {
	j, err := journal.Open(ctx, dsn, journal.Options{})
	if err != nil {
		return err
	}
	return j.Close()
})

// busy are the metrics of a daemon that did a bit of everything.
func busy(t *testing.T, s Sources) *Metrics {
	t.Helper()
	j, err := journal.Open(t.Context(), ready.SQLite(t), journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	s.Journal = j
	s.Pipelines = func() []Pipeline {
		return []Pipeline{{Name: "customers", Source: "crm", Target: "support", Share: 0.2}}
	}
	if s.Queue == nil {
		s.Queue = func(context.Context) (schedule.Status, error) {
			return schedule.Status{Jobs: map[string]int{"running": 1}, Pipelines: []schedule.PipelineStatus{{Pipeline: "customers", Holder: "a"}}}, nil
		}
	}
	s.Targets = func() map[string]helpdesk.Pace {
		return map[string]helpdesk.Pace{"support": {Calls: 7, Limit: 400, Allowed: 200, Left: 17}, "archive": {Calls: 3, Left: -1}}
	}
	m := New(s, "1.2.3")
	m.Note(Ended{
		Pipeline: "customers", Kind: "delta", State: "done", Took: time.Minute,
		Causes: map[helpdesk.Cause]int{helpdesk.Moved: 2}, Outcomes: map[string]int{"written": 1},
	})
	return m
}

// TestMetricsAreNamedAsPrometheusWants: by its own linter, that is base units, counters
// that end in _total, and help for each; and no label could hold a customer.
func TestMetricsAreNamedAsPrometheusWants(t *testing.T) {
	t.Parallel()
	m := busy(t, Sources{Log: zerolog.Nop()})
	families, err := m.registry.Gather()
	if err != nil || len(families) < 20 {
		t.Fatalf("%d families, %v", len(families), err)
	}
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("problems %v, %v", problems, err)
	}
	known := []string{"pipeline", "source", "target", "kind", "state", "cause", "outcome", "class", "version"}
	for _, f := range families {
		for _, x := range f.GetMetric() {
			for _, l := range x.GetLabel() {
				if strings.HasPrefix(f.GetName(), "desksync_") && !slices.Contains(known, l.GetName()) {
					t.Errorf("%s has the label %s", f.GetName(), l.GetName())
				}
			}
		}
	}
}

// TestEveryMetricIsExplained holds the table in the documentation to the metrics there are.
func TestEveryMetricIsExplained(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/daemon.md")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(desksync_[a-z_]+)` \\|").FindAllSubmatch(page, -1) {
		told[string(row[1])] = true
	}
	families, err := busy(t, Sources{Log: zerolog.Nop()}).registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, f := range families {
		if strings.HasPrefix(f.GetName(), "desksync_") {
			there[f.GetName()] = true
		}
	}
	if !maps.Equal(told, there) {
		t.Errorf("the page tells of %v,\nthere are %v", slices.Sorted(maps.Keys(told)), slices.Sorted(maps.Keys(there)))
	}
}

// shown is the page of the metrics, without help.
func (m *Metrics) shown(t *testing.T) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	var lines []string
	for line := range strings.Lines(w.Body.String()) {
		if !strings.HasPrefix(line, "# HELP") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

func TestCallsOfTargetsAreShown(t *testing.T) {
	t.Parallel()
	page := busy(t, Sources{Log: zerolog.Nop()}).shown(t)
	for _, want := range []string{
		"# TYPE desksync_target_calls_total counter\ndesksync_target_calls_total{target=\"archive\"} 3\ndesksync_target_calls_total{target=\"support\"} 7\n",
		"# TYPE desksync_target_calls_limit gauge\ndesksync_target_calls_limit{target=\"archive\"} 0\ndesksync_target_calls_limit{target=\"support\"} 400\n",
		"# TYPE desksync_target_calls_allowed gauge\ndesksync_target_calls_allowed{target=\"archive\"} 0\ndesksync_target_calls_allowed{target=\"support\"} 200\n",
		"# TYPE desksync_target_calls_left gauge\ndesksync_target_calls_left{target=\"support\"} 17\n",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("there is no\n%s in\n%s", want, page)
		}
	}
}

// TestWhatCannotBeReadIsSaid: the rest is shown all the same.
func TestWhatCannotBeReadIsSaid(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	m := busy(t, Sources{Log: zerolog.New(&log), Queue: func(context.Context) (schedule.Status, error) {
		return schedule.Status{}, errors.New("the queue is away")
	}})
	page := m.shown(t)
	if !strings.Contains(page, "desksync_scrape_error 1\n") || !strings.Contains(page, `desksync_last_good_run_timestamp_seconds{pipeline="customers"} 0`) || !strings.Contains(log.String(), "the queue is away") {
		t.Errorf("logged %s and showed\n%s", log.String(), page)
	}
}

// TestWhatCannotBeReadIsSaidOnce: Prometheus asks a few times a minute, and a database may
// be away for a night.
func TestWhatCannotBeReadIsSaidOnce(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	away := true
	m := busy(t, Sources{Log: zerolog.New(&log), Queue: func(context.Context) (schedule.Status, error) {
		if away {
			return schedule.Status{}, errors.New("the queue is away")
		}
		return schedule.Status{}, nil
	}})
	for range 5 {
		m.shown(t)
	}
	away = false
	for range 2 {
		m.shown(t)
	}
	if lines := strings.Split(strings.TrimSpace(log.String()), "\n"); len(lines) != 2 || !strings.Contains(lines[0], "the queue is away") || !strings.Contains(lines[1], "metrics are read again") {
		t.Errorf("logged\n%s\nwant one line when it begins and one when it is over", log.String())
	}
}
