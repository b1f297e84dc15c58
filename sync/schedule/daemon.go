package schedule

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/rs/zerolog"

	"github.com/desksync/desksync/internal/fault"
)

// Options tune a Daemon. The zero Options are those of a daemon that runs for years.
type Options struct {
	Now    func() time.Time // the clock of nominal times; nil: the system's
	Log    zerolog.Logger
	Holder string                   // names this process in turns
	Dead   func(holder string) bool // reports that a holder is certainly dead; nil: nobody knows

	Most  int           // passes at once in this process; default 4
	Lease time.Duration // how long a silent holder keeps a turn; default a minute
	Slice time.Duration // how long a job attends to a pass, and how long one that applies is left alone while others wait; default a minute
	Sweep time.Duration // how often due ticks are looked for, at least; default a minute
	Poll  time.Duration // how often the queue is asked for jobs; default a second
	Ask   time.Duration // how long to wait where another process is at work, or another run; default 5 s
	Again time.Duration // how long to wait after a first failure; twice that after the next, and so on; default 15 s

	// A job that ran for Timeout is given up, and one that did so silently, because its
	// process died, is rescued after Rescue, which is longer. River looks each 30 s.
	Timeout, Rescue time.Duration // default 2 min and 150 s
}

func (o *Options) fill() {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Dead == nil {
		o.Dead = func(string) bool { return false }
	}
	o.Holder = cmp.Or(o.Holder, "desksync")
	o.Most = cmp.Or(o.Most, 4)
	o.Lease = cmp.Or(o.Lease, time.Minute)
	o.Slice = cmp.Or(o.Slice, time.Minute)
	o.Sweep = cmp.Or(o.Sweep, time.Minute)
	o.Poll = cmp.Or(o.Poll, time.Second)
	o.Ask = cmp.Or(o.Ask, 5*time.Second)
	o.Again = cmp.Or(o.Again, 15*time.Second)
	o.Timeout = cmp.Or(o.Timeout, 2*time.Minute)
	o.Rescue = cmp.Or(o.Rescue, o.Timeout+30*time.Second)
}

// Daemon fires ticks and works at them, beside any number of others.
type Daemon struct {
	opt    Options
	store  *store
	runner Runner
	client *river.Client[*sql.Tx]
	passes passes
	wake   chan struct{}

	mu      sync.Mutex // guards what follows
	entries []Entry
	last    map[Entry]time.Time  // the newest nominal time on record
	held    map[string]string    // who keeps a pipeline's pass waiting, as said last
	asked   map[string]asked     // the job that was last inserted for a pipeline
	river   map[string]time.Time // when a message of River was last passed on
	pruned  time.Time            // when old ticks were last forgotten
	looked  time.Time            // when due ticks were last looked for
	trouble error                // why that failed; nil: it did not
	doubt   bool                 // whether the database can be written
}

// asked is a job that was inserted, and the oldest tick it was for.
type asked struct {
	job Carry
	due int64
	at  time.Time
}

// Open prepares a daemon over the database of a journal. Close it.
func Open(ctx context.Context, dsn string, r Runner, opt Options) (*Daemon, error) {
	opt.fill()
	s, err := openStore(ctx, dsn, opt.Now)
	if err != nil {
		return nil, err
	}
	d := &Daemon{opt: opt, store: s, runner: r, wake: make(chan struct{}, 1), last: map[Entry]time.Time{}, held: map[string]string{}, asked: map[string]asked{}, river: map[string]time.Time{}, looked: opt.Now()}
	d.passes = passes{d: d, running: map[string]*pass{}}
	workers := river.NewWorkers()
	river.AddWorker(workers, &worker{d: d})
	d.client, err = river.NewClient(driver(s.db), &river.Config{
		Queues:               map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 2 * opt.Most}},
		Workers:              workers,
		FetchPollInterval:    opt.Poll,
		FetchCooldown:        min(opt.Poll, 100*time.Millisecond),
		PollOnly:             true,
		JobTimeout:           opt.Timeout,
		RescueStuckJobsAfter: opt.Rescue,
		Logger:               d.riverLog(),
	})
	if err != nil {
		return nil, errors.Join(s.db.Fault("schedule.open", err), s.close())
	}
	return d, nil
}

// Close ends all use of the database.
func (d *Daemon) Close() error { return d.store.close() }

// Set says which entries there are from now on.
func (d *Daemon) Set(entries []Entry) {
	d.mu.Lock()
	d.entries, d.last = entries, map[Entry]time.Time{} // what is read anew is another entry
	d.mu.Unlock()
	d.Wake()
}

// Wake has the daemon look for due ticks now.
func (d *Daemon) Wake() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Run fires and works until ctx is done. Then passes stop after the batch in hand, and
// their pipelines are handed over.
func (d *Daemon) Run(ctx context.Context) error {
	if err := d.start(ctx); err != nil || ctx.Err() != nil {
		return err
	}
	for ctx.Err() == nil {
		d.look(ctx)
		d.wait(ctx)
	}
	go d.passes.stop() // the jobs that attend to them end with them
	err := d.store.db.Fault("schedule.stop", d.client.Stop(context.WithoutCancel(ctx)))
	d.passes.wg.Wait()
	return err
}

// start has the queue's jobs worked on. A database that went since it was opened comes back,
// as it does later.
func (d *Daemon) start(ctx context.Context) error {
	for ctx.Err() == nil {
		err := d.store.db.Fault("schedule.start", d.client.Start(context.WithoutCancel(ctx)))
		if err == nil || fault.KindOf(err) != fault.Unavailable {
			return err
		}
		d.noted(err)
		d.wait(ctx)
	}
	return nil
}

// look fires what is due, and sees to it that due ticks have a job.
func (d *Daemon) look(ctx context.Context) {
	var err error
	for _, step := range []func(context.Context) error{d.probe, d.fire, d.sweep, d.prune} {
		failed := step(ctx)
		if fault.KindOf(failed) == fault.Raced { // a deadlock with a migration, say, is over once it is noticed
			failed = step(ctx)
		}
		if err = errors.Join(err, failed); fault.KindOf(err) == fault.Unavailable {
			break // what follows would say the same
		}
	}
	if err == nil || ctx.Err() == nil {
		d.noted(err)
	}
}

// probe writes something where that may fail: what follows only reads while nothing is
// due, and would not find out that a disk is still full.
func (d *Daemon) probe(ctx context.Context) error {
	d.mu.Lock()
	needed := d.doubt || d.trouble != nil
	d.mu.Unlock()
	if !needed {
		return nil
	}
	return d.store.probe(ctx)
}

// fire records the ticks whose time has come.
func (d *Daemon) fire(ctx context.Context) error {
	var errs []error
	for _, e := range d.known() {
		err := d.fireOne(ctx, e)
		errs = append(errs, err)
		if fault.KindOf(err) == fault.Unavailable {
			break // the others would fail alike
		}
	}
	return errors.Join(errs...)
}

func (d *Daemon) known() []Entry {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.entries
}

func (d *Daemon) fireOne(ctx context.Context, e Entry) (err error) {
	d.mu.Lock()
	last, ok := d.last[e]
	d.mu.Unlock()
	now := d.opt.Now()
	if !ok || last.Sub(now) > clocksApart {
		if last, err = d.store.last(ctx, e); err != nil {
			return err
		}
	}
	if n := e.Newest(last, now); !n.IsZero() {
		if _, err = d.store.add(ctx, e.tick(n), time.Time{}); err != nil {
			return err
		}
		last = n
	}
	d.mu.Lock()
	d.last[e] = last
	d.mu.Unlock()
	return nil
}

// sweep inserts a job for each pipeline with ticks that are due and whose turn it is in
// its line. A job that is there already takes them along.
func (d *Daemon) sweep(ctx context.Context) error {
	first, err := d.first(ctx)
	for _, w := range first {
		job := Carry{Pipeline: w.Pipeline}
		if w.Holder != "" {
			job.After = w.Fence
		}
		err = errors.Join(err, d.ask(ctx, job, w.Due))
	}
	return err
}

// ask inserts a job for a pipeline's oldest tick, unless that was done a moment ago. Were
// the job lost, it is inserted again.
func (d *Daemon) ask(ctx context.Context, job Carry, due int64) error {
	d.mu.Lock()
	old, now := d.asked[job.Pipeline], d.opt.Now()
	d.mu.Unlock()
	if since := now.Sub(old.at); old.job == job && old.due == due && since >= 0 && since < d.opt.Sweep {
		return nil
	}
	res, err := d.client.Insert(ctx, job, nil)
	if err != nil {
		return d.store.db.Fault("schedule.insert", err)
	}
	if res.UniqueSkippedAsDuplicate { // it may be one that ends at this moment
		now = now.Add(d.opt.Ask - d.opt.Sweep)
	}
	d.mu.Lock()
	d.asked[job.Pipeline] = asked{job, due, now}
	d.mu.Unlock()
	return nil
}

// kept is how long ticks stay on record once they were answered.
const kept = 30 * 24 * time.Hour

// prune forgets old ticks, once a day. River forgets its own jobs.
func (d *Daemon) prune(ctx context.Context) error {
	d.mu.Lock()
	now := d.opt.Now()
	due := now.Sub(d.pruned) >= 24*time.Hour
	if due {
		d.pruned = now
	}
	d.mu.Unlock()
	if !due {
		return nil
	}
	_, err := d.store.prune(ctx, now.Add(-kept))
	return err
}

// alive reports that a turn has a holder who may still be at work. A beat that lies ahead
// by more than the lease was made before the clock was set back, and says nothing.
func (d *Daemon) alive(r turnRow) bool {
	return r.Holder != "" && micros(r.Age).Abs() < d.opt.Lease && !d.opt.Dead(r.Holder)
}

func (d *Daemon) pipelines() []string {
	var names []string
	for _, e := range d.known() {
		names = append(names, e.Pipeline)
	}
	return names
}

// wait sleeps until something is due, at most for Sweep: the clock may jump.
func (d *Daemon) wait(ctx context.Context) {
	pause, now := d.opt.Sweep, d.opt.Now()
	for _, e := range d.known() {
		if n := e.Next(now); !n.IsZero() {
			pause = min(pause, n.Sub(now))
		}
	}
	if due, err := d.store.nextDue(ctx); err == nil && !due.IsZero() {
		pause = min(pause, due.Sub(now))
	}
	t := time.NewTimer(max(pause, 10*time.Millisecond))
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-d.wake:
	case <-t.C:
	}
}

// Looked is when the daemon last looked for due ticks, whether that went well or not.
func (d *Daemon) Looked() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.looked
}

// Trouble is why the last look for due ticks failed; nil: it did not.
func (d *Daemon) Trouble() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.trouble
}
