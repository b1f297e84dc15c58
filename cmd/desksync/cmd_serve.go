package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/sync/alert"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/metrics"
	"github.com/desksync/desksync/sync/schedule"
	"github.com/desksync/desksync/sync/trace"
)

type serveFlags struct {
	listen string
	every  time.Duration
}

func (a *app) serveCommand() *cobra.Command {
	var f serveFlags
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run every pipeline on its schedule until stopped",
		Long: "Runs every pipeline on its schedule, beside any number of other daemons on the same journal. SIGTERM and Ctrl-C stop it after the batch in hand, and another\n" +
			"daemon, or the next start, goes on. A changed file is taken when it is whole; a broken one is refused, and the old one stays. SIGHUP looks at once.\n\n" + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.serve(cmd.Context(), f) },
	}
	c.Flags().StringVar(&f.listen, "listen", "", "`address` of the pages for health checks, instead of the file's")
	c.Flags().DurationVar(&f.every, "look-every", 10*time.Second, "how often the file is looked at for changes")
	return c
}

// server is the daemon at work.
type server struct {
	*app
	journal *journal.Journal
	daemon  *schedule.Daemon
	file    *accepted
	metrics *metrics.Metrics
	tracer  *trace.Tracer
	kept    *keptTargets
	told    chan struct{} // there is something to tell
	passes  atomic.Int32  // under way

	mu      sync.Mutex // guards what follows
	telling *alert.Teller
	unnoted error    // why what holds after a pass could not be noted; nil: it was
	refused *refusal // what is still to be told of the file; nil: nothing
}

// serve runs until ctx is done.
func (a *app) serve(ctx context.Context, f serveFlags) (err error) {
	a.log = a.log.Level(zerolog.InfoLevel)
	file, err := a.accept(ctx)
	if err != nil {
		return err
	}
	s, err := a.startServer(ctx, file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.kept.close(), s.tracer.Close(), s.daemon.Close(), s.journal.Close()) }()
	listener, err := listen(ctx, f.listen, file.now().Serve.Listen)
	if err != nil {
		return err
	}
	return s.run(ctx, listener, f.every)
}

func listen(ctx context.Context, flag, configured string) (net.Listener, error) {
	if flag != "" {
		configured = flag
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", configured)
	if err != nil {
		return nil, usage("the address %s of the pages for health checks cannot be used: %v; name another with --listen or under serve: listen:", configured, err)
	}
	return l, nil
}

// startServer opens the journal and the queue, which share a database.
func (a *app) startServer(ctx context.Context, file *accepted) (*server, error) {
	opened, err := a.openWith(ctx, file.now())
	if err != nil {
		return nil, err
	}
	s := &server{app: a, journal: opened.journal, file: file, kept: &keptTargets{open: map[string]*keptTarget{}, made: map[string]int{}}, told: make(chan struct{}, 1)}
	if err := s.retell(); err != nil {
		return nil, errors.Join(err, opened.close())
	}
	dsn, err := a.journalDSN(file.now())
	if err == nil {
		opt := schedule.Options{Now: a.now, Log: a.log, Holder: journal.HolderName(), Dead: journal.DeadHere, Most: file.now().Serve.Passes}
		if a.daemon != nil {
			a.daemon(&opt)
		}
		s.daemon, err = schedule.Open(ctx, dsn.Reveal(), s, opt)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("queue: %w", err), opened.close())
	}
	if s.tracer, err = a.startTracer(ctx, file.now().Serve.Traces); err != nil {
		return nil, errors.Join(err, s.daemon.Close(), opened.close())
	}
	s.metrics = metrics.New(metrics.Sources{Journal: s.journal, Queue: s.daemon.Status, Pipelines: s.measured, Targets: s.kept.paces, Log: a.log}, versionText())
	return s, nil
}

// startTracer prepares traces, which go nowhere unless the file or the environment says where.
func (a *app) startTracer(ctx context.Context, named string) (*trace.Tracer, error) {
	look := a.lookup
	if look == nil {
		look = os.LookupEnv
	}
	return trace.New(ctx, trace.Options{Endpoint: trace.Endpoint(named, look), Version: versionText(), Process: journal.HolderName(), Log: a.log})
}

// measured lists the pipelines of the accepted file.
func (s *server) measured() (list []metrics.Pipeline) {
	file := s.file.now()
	for name, p := range file.Pipelines.All() {
		m := metrics.Pipeline{Name: name, Source: p.From, Target: p.To}
		if from := file.Sources.Get(p.From); from != nil {
			m.Share = float64(from.DailyShare)
		}
		list = append(list, m)
	}
	return list
}

// run serves until ctx is done.
func (s *server) run(ctx context.Context, l net.Listener, every time.Duration) error {
	pages := s.pages(l)
	ctx, ended := context.WithCancel(ctx)
	defer ended()
	s.schedule()
	s.refuses(nil) // what an earlier daemon refused is not what this one began with
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	var beside sync.WaitGroup
	beside.Go(func() { s.watch(ctx, hup, every) })
	beside.Go(func() { s.voices(ctx) })
	beside.Go(func() { s.attended(ctx) })
	s.log.Info().Str("address", l.Addr().String()).Strs("pipelines", s.file.now().Pipelines.Names()).Msg("serving")
	err := s.daemon.Run(ctx)
	ended() // a daemon without its schedule is none
	beside.Wait()
	s.log.Info().Msg("stopped")
	return errors.Join(err, pages())
}

// schedule takes the entries of the accepted file.
func (s *server) schedule() {
	entries, err := s.entries(s.file.now())
	if err != nil { // the file was checked: this cannot be
		s.log.Error().Err(err).Msg("not everything is scheduled")
	}
	if idle := unscheduled(s.file.now(), entries); len(idle) > 0 {
		s.log.Warn().Strs("pipelines", idle).Msg("these have no schedule, and run by hand only")
	}
	s.daemon.Set(entries)
}

// unscheduled lists the pipelines of a file that none of the entries is of.
func unscheduled(file *config.File, entries []schedule.Entry) (names []string) {
	for _, name := range file.Pipelines.Names() {
		if !slices.ContainsFunc(entries, func(e schedule.Entry) bool { return e.Pipeline == name }) {
			names = append(names, name)
		}
	}
	return names
}

// entries lists the schedules of a file's pipelines, in its order.
func (a *app) entries(file *config.File) (entries []schedule.Entry, err error) {
	for name, p := range file.Pipelines.All() {
		w, werr := a.wire(file, name)
		if werr != nil {
			return nil, werr
		}
		for _, x := range []struct {
			kind schedule.Kind
			spec string
		}{{schedule.Delta, p.Schedule.Delta}, {schedule.Full, p.Schedule.Full}, {schedule.Audit, p.Schedule.Audit}} {
			if x.spec == "" {
				continue
			}
			e, eerr := schedule.NewEntry(name, x.kind, x.spec, w.Location(), p.Schedule.Jitter.Duration())
			if eerr != nil {
				err = errors.Join(err, eerr)
				continue
			}
			e.Target = p.To
			entries = append(entries, e)
		}
	}
	return entries, err
}
