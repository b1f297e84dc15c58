package metrics

import (
	"context"
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/schedule"
)

// state reads gauges when they are asked for.
type state struct {
	Sources
	ids   sync.Map    // Pipeline → its number in the journal
	fails atomic.Bool // they could not be read, and that was said
}

// gauge describes a metric that is read when it is asked for.
func gauge(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("desksync_"+name, help, labels, nil)
}

var (
	items    = gauge("open_items", "What waits for a look or a decision, by class.", "pipeline", "class")
	lastGood = gauge("last_good_run_timestamp_seconds", "When the last good run ended: a pass over all accounts, without an error, whatever it held. 0: never.", "pipeline")
	calls    = gauge("source_calls", "Calls of a source in the last 24 hours, by all processes.", "source")
	limit    = gauge("source_calls_limit", "Calls that the source allows in 24 hours, as last heard. 0: not known.", "source")
	allowed  = gauge("source_calls_allowed", "Calls that the configuration allows of them in 24 hours, for all processes. 0: not known.", "source")
	asked    = gauge("target_calls_total", "Calls of a target by this process, logins aside.", "target")
	permits  = gauge("target_calls_limit", "Calls that the target allows in a minute, as last heard or configured. 0: not known.", "target")
	ours     = gauge("target_calls_allowed", "Calls that the configuration allows this process of them in a minute.", "target")
	left     = gauge("target_calls_left", "Calls that the target has left for everybody in the minute under way, as last heard; absent if that is over a minute ago.", "target")
	working  = gauge("pipeline_running", "1 while a process makes a pass of the pipeline.", "pipeline")
	silent   = gauge("pipeline_silent_seconds", "Since who makes the pipeline's pass last said that it lives. 0: nobody makes one.", "pipeline")
	waiting  = gauge("pipeline_waiting_ticks", "Runs that are due and not answered.", "pipeline")
	failures = gauge("pipeline_failures", "Passes that failed, in a row.", "pipeline")
	rescued  = gauge("pipeline_rescued", "How often the pipeline was taken over from a process that fell silent.", "pipeline")
	jobs     = gauge("queue_jobs", "Jobs of the queue, by state.", "state")
	broken   = gauge("scrape_error", "1 if the gauges could not be read.")
)

// Describe names the gauges.
func (*state) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{items, lastGood, calls, limit, allowed, asked, permits, ours, left, working, silent, waiting, failures, rescued, jobs, broken} {
		out <- d
	}
}

// patience is how long a scrape waits for the database.
const patience = 5 * time.Second

// Collect reads the gauges. What cannot be read is left out, and said.
func (s *state) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	failed := 0.0
	var errs []error
	for _, read := range []func(context.Context, chan<- prometheus.Metric) error{s.queue, s.pipelines, s.sources} {
		if err := read(ctx, out); err != nil {
			errs, failed = append(errs, err), 1
		}
	}
	s.noted(errors.Join(errs...))
	s.targets(out)
	set(out, broken, failed)
}

// noted says that gauges cannot be read when that begins, and when it is over: they are
// asked for a few times a minute.
func (s *state) noted(err error) {
	switch before := s.fails.Swap(err != nil); {
	case err != nil && !before:
		s.Log.Error().Err(err).Msg("metrics cannot be read; desksync_scrape_error is 1 until they can")
	case err == nil && before:
		s.Log.Info().Msg("metrics are read again")
	}
}

// targets shows what this process knows of the limits of targets.
func (s *state) targets(out chan<- prometheus.Metric) {
	for name, p := range s.Targets() {
		out <- prometheus.MustNewConstMetric(asked, prometheus.CounterValue, float64(p.Calls), name)
		set(out, permits, float64(p.Limit), name)
		set(out, ours, float64(p.Allowed), name)
		if p.Left >= 0 {
			set(out, left, float64(p.Left), name)
		}
	}
}

func set(out chan<- prometheus.Metric, d *prometheus.Desc, v float64, labels ...string) {
	out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}

func (s *state) queue(ctx context.Context, out chan<- prometheus.Metric) error {
	st, err := s.Queue(ctx)
	if err != nil {
		return err
	}
	for state, n := range st.Jobs {
		set(out, jobs, float64(n), state)
	}
	for _, p := range st.Pipelines {
		set(out, working, at(p), p.Pipeline)
		set(out, silent, p.Silent.Seconds(), p.Pipeline)
		set(out, waiting, float64(len(p.Waiting)), p.Pipeline)
		set(out, failures, float64(p.Failures), p.Pipeline)
		set(out, rescued, float64(p.Rescued), p.Pipeline)
	}
	return nil
}

func at(p schedule.PipelineStatus) float64 {
	if p.Holder == "" {
		return 0
	}
	return 1
}

// classes of items are shown even where there is none of them, so that an alert has
// something to compare with.
var classes = []journal.ItemClass{journal.ItemDrift, journal.ItemHeld, journal.ItemConflict, journal.ItemFinding, journal.ItemGuard, journal.ItemMerge}

func (s *state) pipelines(ctx context.Context, out chan<- prometheus.Metric) error {
	for _, p := range s.Pipelines() {
		pipe, err := s.id(ctx, p)
		if err != nil {
			return err
		}
		counts, err := s.Journal.CountItems(ctx, pipe)
		if err != nil {
			return err
		}
		for _, c := range classes {
			set(out, items, float64(counts[c]), p.Name, string(c))
		}
		good, err := s.lastGood(ctx, pipe)
		if err != nil {
			return err
		}
		set(out, lastGood, good, p.Name)
	}
	return nil
}

// id is the number of a pipeline in the journal, which is asked for once: to ask writes.
func (s *state) id(ctx context.Context, p Pipeline) (int64, error) {
	p.Share = 0
	known, _ := s.ids.Load(p)
	if id, ok := known.(int64); ok {
		return id, nil
	}
	pipe, err := s.Journal.Pipeline(ctx, p.Name, p.Source, p.Target)
	if err == nil {
		s.ids.Store(p, pipe.ID)
	}
	return pipe.ID, err
}

// lastGood is when the last good run ended, in seconds since 1970; 0: none is on record.
func (s *state) lastGood(ctx context.Context, pipe int64) (float64, error) {
	at, err := s.Journal.LastGood(ctx, pipe)
	if err != nil || at.IsZero() {
		return 0, err
	}
	return float64(at.UnixMicro()) / 1e6, nil
}

func (s *state) sources(ctx context.Context, out chan<- prometheus.Metric) error {
	seen := map[string]bool{}
	for _, p := range s.Pipelines() {
		if seen[p.Source] {
			continue
		}
		seen[p.Source] = true
		made, most, err := s.Journal.CallsMade(ctx, p.Source)
		if err != nil {
			return err
		}
		set(out, calls, float64(made), p.Source)
		set(out, limit, float64(most), p.Source)
		set(out, allowed, math.Ceil(p.Share*float64(most)), p.Source)
	}
	return nil
}
