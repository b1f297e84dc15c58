package schedule

import (
	"context"
	"errors"
	"sync"
	"time"
)

// passes are those under way in this process.
type passes struct {
	d *Daemon

	mu      sync.Mutex // guards what follows
	running map[string]*pass
	taken   int // places of passes that are about to begin
	stopped bool
	wg      sync.WaitGroup
}

// pass is one under way.
type pass struct {
	turn     turn
	work     Work
	failures int // of those before, in a row
	begun    time.Time
	cancel   context.CancelCauseFunc
	ended    chan struct{}
	again    time.Duration // once ended: when the job shall come back; 0: it need not

	mu    sync.Mutex // guards what follows
	phase string
}

// of returns the pass of a pipeline that this process makes, which it begins if ticks
// are due and the turn is free; or nil, and when to ask again: 0 is never.
func (ps *passes) of(ctx context.Context, pipeline string) (*pass, time.Duration, error) {
	if p := ps.here(pipeline); p != nil {
		return p, 0, nil
	}
	d := ps.d
	ticks, err := d.store.due(ctx, pipeline)
	if err != nil || len(ticks) == 0 {
		return nil, 0, err
	}
	old, err := d.store.look(ctx, pipeline)
	if err != nil {
		return nil, 0, err
	}
	if d.alive(old) {
		return nil, d.opt.Ask, nil
	}
	if wait := micros(old.Wait); wait > 0 {
		return nil, wait, nil
	}
	if ok, err := d.isFirst(ctx, pipeline); err != nil || !ok {
		return nil, d.opt.Ask, err
	}
	if wait := ps.room(); wait > 0 {
		return nil, wait, nil
	}
	t, ok, err := d.store.take(ctx, pipeline, old, d.opt.Holder)
	if err != nil || !ok {
		ps.leave()
		return nil, d.opt.Ask, err
	}
	return ps.begin(t, ticks, old.Failures), 0, nil
}

// leave gives a place back that no pass came to.
func (ps *passes) leave() {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.taken--
}

func (ps *passes) here(pipeline string) *pass {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	return ps.running[pipeline]
}

// room takes a place for a pass, or says how long to wait for one. Where there is none, the pass
// that has been applying for longest, and longer than a slice, is asked to stop: it goes on from where
// it is when the others had their turn.
func (ps *passes) room() time.Duration {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	switch {
	case ps.stopped:
		return time.Millisecond
	case len(ps.running)+ps.taken < ps.d.opt.Most:
		ps.taken++
		return 0
	}
	var longest *pass
	for _, p := range ps.running {
		if ps.d.opt.Now().Sub(p.begun) >= ps.d.opt.Slice && p.at() == "apply" && (longest == nil || p.begun.Before(longest.begun)) {
			longest = p
		}
	}
	if longest != nil {
		longest.cancel(errYield)
	}
	return ps.d.opt.Ask
}

var (
	errYield = errors.New("other pipelines wait; this one goes on after them")
	errStop  = errors.New("the daemon stops")
)

func (ps *passes) begin(t turn, ticks []Tick, failures int) *pass {
	ctx, cancel := context.WithCancelCause(context.Background())
	p := &pass{turn: t, failures: failures, begun: ps.d.opt.Now(), cancel: cancel, ended: make(chan struct{})}
	p.work = Work{Pipeline: t.Pipeline, Kind: widest(ticks), Ticks: ticks, Phase: p.enter}
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.running[t.Pipeline] = p
	ps.taken--
	ps.wg.Add(1)
	if ps.stopped {
		cancel(errStop)
	}
	go ps.make(ctx, p)
	return p
}

// make makes the pass, says that it lives meanwhile, and notes how it ended.
func (ps *passes) make(ctx context.Context, p *pass) {
	defer ps.wg.Done()
	done := make(chan struct{})
	go func() {
		defer close(done)
		ps.live(ctx, p)
	}()
	r := ps.d.runner.Run(ctx, p.work)
	p.cancel(nil)
	<-done
	ps.end(context.WithoutCancel(ctx), p, r)
}

// phaseLag is how long after it began a phase is said at the latest.
const phaseLag = time.Second

// live says that the pass goes on, until it ends, and soon after another phase began. If
// another process took the turn over, the pass is stopped.
func (ps *passes) live(ctx context.Context, p *pass) {
	beat, look := time.NewTicker(ps.d.opt.Lease/4), time.NewTicker(min(phaseLag, ps.d.opt.Lease/4))
	defer beat.Stop()
	defer look.Stop()
	for said := ""; ; {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
			if phase := p.at(); phase != said {
				ps.say(ctx, p, phase)
				said = phase
			}
		case <-beat.C:
			ps.say(ctx, p, p.at())
			if ps.d.othersWait(ctx, p) {
				p.cancel(errYield)
			}
		}
	}
}

// say says that a pass goes on, and where it is.
func (ps *passes) say(ctx context.Context, p *pass, phase string) {
	if err := ps.d.store.beat(ctx, p.turn, phase); errors.Is(err, errLost) {
		p.cancel(err)
	}
}

// end notes what became of the pass, and gives the turn back. What cannot be noted is
// found again: the ticks still wait, and the turn's lease ends.
func (ps *passes) end(ctx context.Context, p *pass, r Result) {
	d := ps.d
	failures, wait := p.verdict(r, d.opt)
	var err error
	if wait == 0 {
		err = d.store.answer(ctx, p.turn, p.work.Ticks, r)
	}
	text := ""
	if failures > 0 {
		text = r.Text
	}
	err = errors.Join(err, d.store.free(ctx, p.turn, failures, wait, text))
	if err != nil {
		d.opt.Log.Error().Err(err).Str("pipeline", p.turn.Pipeline).Int64("run", r.Run).Msg("the end of a pass cannot be noted; it is made again")
	}
	ps.mu.Lock()
	delete(ps.running, p.turn.Pipeline)
	ps.mu.Unlock()
	p.again = wait
	close(p.ended)
	d.Wake()
}

// tries is how often a pass that fails is made again for the same ticks.
const tries = 5

// verdict says how many failures there are in a row now, and when the ticks shall be
// tried again; 0: they are answered.
func (p *pass) verdict(r Result, opt Options) (failures int, again time.Duration) {
	switch r.State {
	case Stopped:
		return p.failures, time.Millisecond
	case Busy:
		return p.failures, opt.Ask
	case Retry:
		failures = p.failures + 1
		if failures%(tries+1) == 0 {
			return failures, 0
		}
		return failures, backoff(opt.Again, failures%(tries+1))
	case Failed:
		return p.failures + 1, 0
	default:
		return 0, 0
	}
}

// backoff is how long to wait after the nth failure: doubled each time.
func backoff(first time.Duration, n int) time.Duration { return first << (n - 1) }

// enter notes which phase the pass is in.
func (p *pass) enter(phase string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.phase = phase
}

func (p *pass) at() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.phase
}

// stop asks all passes to stop, and waits for them.
func (ps *passes) stop() {
	ps.mu.Lock()
	ps.stopped = true
	for _, p := range ps.running {
		p.cancel(errStop)
	}
	ps.mu.Unlock()
	ps.wg.Wait()
}
