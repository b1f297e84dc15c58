package schedule

import (
	"context"
	"time"
)

// Status is what the queue does.
type Status struct {
	Pipelines []PipelineStatus
	Jobs      map[string]int // by state: available, running, scheduled, retryable, completed…
	Rescued   int            // how often a pipeline was taken from a process that fell silent
}

// PipelineStatus is what the queue does for one pipeline.
type PipelineStatus struct {
	Pipeline string
	Next     []Tick        // of each entry the next, soonest first
	Waiting  []Tick        // due, and not answered yet
	Holder   string        // who makes its pass; empty: nobody
	For      time.Duration // how long it has been at it
	Silent   time.Duration // since it last said that it lives
	Phase    string
	Failures int           // in a row
	Error    string        // the last of them
	Retry    time.Duration // until the next try; 0: none waits
	Rescued  int
}

// View reads the queue of a journal's database, beside those who work at it.
type View struct{ store *store }

// OpenView opens it. Close it.
func OpenView(ctx context.Context, dsn string, now func() time.Time) (*View, error) {
	s, err := openStore(ctx, dsn, now)
	if err != nil {
		return nil, err
	}
	return &View{s}, nil
}

// Close ends all use of the database.
func (v *View) Close() error { return v.store.close() }

// Status reads what the queue does for the pipelines of some entries.
func (v *View) Status(ctx context.Context, entries []Entry) (Status, error) {
	return v.store.status(ctx, entries)
}

// Status reads what the queue does.
func (d *Daemon) Status(ctx context.Context) (Status, error) { return d.store.status(ctx, d.known()) }

func (s *store) status(ctx context.Context, entries []Entry) (st Status, err error) {
	if st.Jobs, err = s.jobs(ctx); err != nil {
		return st, err
	}
	turns, err := s.turns(ctx)
	if err != nil {
		return st, err
	}
	open, err := s.unanswered(ctx)
	if err != nil {
		return st, err
	}
	at, now := map[string]int{}, s.now()
	for _, e := range entries {
		i, ok := at[e.Pipeline]
		if !ok {
			i = len(st.Pipelines)
			at[e.Pipeline] = i
			p := statusOf(e.Pipeline, turns[e.Pipeline], dueBy(open[e.Pipeline], now))
			st.Pipelines = append(st.Pipelines, p)
			st.Rescued += p.Rescued
		}
		if next, ok := e.coming(open[e.Pipeline], now); ok {
			p := &st.Pipelines[i]
			p.Next = append(p.Next, next)
		}
	}
	for i := range st.Pipelines {
		soonestFirst(st.Pipelines[i].Next)
	}
	return st, nil
}

// dueBy are those of some ticks that are due, the one that waits longest first.
func dueBy(ticks []Tick, now time.Time) (due []Tick) {
	for _, t := range ticks {
		if !t.Due.After(now) {
			due = append(due, t)
		}
	}
	soonestFirst(due)
	return due
}

// coming is the next tick of an entry: one whose time has come and whose jitter has not, or
// that of the next time.
func (e Entry) coming(open []Tick, now time.Time) (Tick, bool) {
	for _, t := range open {
		if t.Kind == e.Kind && t.Spec == e.Spec && t.Due.After(now) {
			return t, true
		}
	}
	n := e.Next(now)
	return e.tick(n), !n.IsZero()
}

func (s *store) jobs(ctx context.Context) (map[string]int, error) {
	var rows []struct {
		State string
		N     int
	}
	err := s.db.Reader.SelectContext(ctx, &rows, `SELECT state, count(*) AS n FROM river_job GROUP BY state`)
	out := map[string]int{}
	for _, r := range rows {
		out[r.State] = r.N
	}
	return out, s.db.Fault("schedule.jobs", err)
}

func statusOf(pipeline string, r turnRow, due []Tick) PipelineStatus {
	p := PipelineStatus{Pipeline: pipeline, Waiting: due, Failures: r.Failures, Error: r.Error, Rescued: r.Rescued, Retry: max(0, micros(r.Wait))}
	if r.Holder != "" {
		p.Holder, p.Phase, p.For, p.Silent = r.Holder, r.Phase, micros(r.Held), micros(r.Age)
	}
	return p
}

func micros(n int64) time.Duration { return time.Duration(n) * time.Microsecond }
