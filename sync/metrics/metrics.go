// Package metrics shows what the daemons do to Prometheus. Counters are those of one
// process and count from its start; gauges are read from the journal and the queue when
// they are asked for, so that every replica shows the same. No metric carries data of a
// customer: labels are names of the configuration and words of desksync.
package metrics

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/rs/zerolog"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/schedule"
)

// Sources are what gauges are read from.
type Sources struct {
	Journal   *journal.Journal
	Queue     func(context.Context) (schedule.Status, error)
	Pipelines func() []Pipeline
	Targets   func() map[string]helpdesk.Pace // by name; those of this process
	Log       zerolog.Logger
}

// Pipeline is one of the configuration.
type Pipeline struct {
	Name, Source, Target string
	Share                float64 // of the calls that the source allows in a day, which we may make
}

// Metrics are those of one process.
type Metrics struct {
	registry *prometheus.Registry
	runs     *prometheus.CounterVec
	took     *prometheus.HistogramVec
	changes  *prometheus.CounterVec
	outcomes *prometheus.CounterVec
}

// Ended is a pass that ended.
type Ended struct {
	Pipeline, Kind, State string
	Took                  time.Duration
	Causes                map[helpdesk.Cause]int // fields written, by cause
	Outcomes              map[string]int         // changes, by what became of them
}

// passes take from a second to hours.
var buckets = []float64{1, 5, 15, 60, 300, 900, 3600, 4 * 3600}

// New returns the metrics of a process of some version.
func New(s Sources, version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "desksync_runs_total", Help: "Passes that ended, by the kind of tick and the state they ended in.",
		}, []string{"pipeline", "kind", "state"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "desksync_run_duration_seconds", Help: "How long passes took.", Buckets: buckets,
		}, []string{"pipeline", "kind"}),
		changes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "desksync_field_changes_total", Help: "Fields to write, by cause.",
		}, []string{"pipeline", "cause"}),
		outcomes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "desksync_changes_total", Help: "Changes of organizations, users and memberships, by what became of them.",
		}, []string{"pipeline", "outcome"}),
	}
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "desksync_build_info", Help: "Always 1; the version is a label."}, []string{"version"})
	build.WithLabelValues(version).Set(1)
	m.registry.MustRegister(m.runs, m.took, m.changes, m.outcomes, build, &state{Sources: s},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Note counts a pass that ended.
func (m *Metrics) Note(e Ended) {
	m.runs.WithLabelValues(e.Pipeline, e.Kind, e.State).Inc()
	m.took.WithLabelValues(e.Pipeline, e.Kind).Observe(e.Took.Seconds())
	for cause, n := range e.Causes {
		m.changes.WithLabelValues(e.Pipeline, string(cause)).Add(float64(n))
	}
	for outcome, n := range e.Outcomes {
		m.outcomes.WithLabelValues(e.Pipeline, outcome).Add(float64(n))
	}
}

// Handler serves the metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{EnableOpenMetrics: true})
}
