package reconcile

import (
	"context"
	"errors"
	"iter"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/journal"
)

// echo is how many changes may have gone out since the target was last asked what moved,
// for it to be asked again in mid-stream: its feed shows them all.
const echo = 1000

// stream applies shards through one call of the target, which takes changes as it has
// room for them and says in any order what became of each. A target that works on many
// jobs side by side would stand idle at the end of each shard.
type stream struct {
	*queue
	words <-chan word
	stop  func()
	leave func()                 // ends the call, whatever the target has in hand
	asks  chan struct{}          // the target has room for another shard
	gives chan []helpdesk.Change // nil: there is none
	of    map[string]*parcel     // by change, as long as no last word was heard
	sent  int                    // changes that went out in this call
	err   error                  // why nothing more goes out
}

// streams applies all shards; between two calls the target is asked what moved.
func (q *queue) streams(ctx context.Context) error {
	steady := context.WithoutCancel(ctx)
	var err error
	for {
		if q.next == nil {
			q.next, err = q.take(steady)
		}
		if err != nil || q.next == nil {
			return err
		}
		if err := q.poll(steady); err != nil {
			return err
		}
		if err := q.stream(ctx, steady); err != nil {
			return err
		}
	}
}

// stream makes one call.
func (q *queue) stream(ctx, steady context.Context) error {
	call, leave := context.WithCancel(steady)
	defer leave()
	s := &stream{queue: q, asks: make(chan struct{}), gives: make(chan []helpdesk.Change), of: map[string]*parcel{}, leave: leave}
	s.words, s.stop = q.listen(call, s.changes())
	return s.run(ctx, steady)
}

// changes is what the target takes.
func (s *stream) changes() iter.Seq[helpdesk.Change] {
	return func(yield func(helpdesk.Change) bool) {
		for {
			s.asks <- struct{}{}
			list := <-s.gives
			if list == nil {
				return
			}
			for i := range list {
				if !yield(list[i]) {
					return
				}
			}
		}
	}
}

// run hears what the target says and hands it shards until it is done.
func (s *stream) run(ctx, steady context.Context) error {
	for {
		w, ok, waiting := next(s.words)
		if waiting {
			s.keep(s.lull(steady))
			select {
			case w, ok = <-s.words:
			case <-s.asks:
				s.gives <- s.more(ctx, steady)
				continue
			case <-ctx.Done():
				return s.handOver(ctx, steady)
			}
		}
		if !ok {
			return s.end(steady)
		}
		s.hear(w)
	}
}

// handOver leaves the target alone with what it has in hand, and the run to whoever comes
// next: its jobs may take minutes, and nobody who is asked to stop has those. What is under
// way is noted, as it is for a process that dies.
func (s *stream) handOver(ctx, steady context.Context) error {
	s.leave()
	for open := true; open; {
		var w word
		select {
		case w, open = <-s.words:
			if open {
				s.hear(w)
			}
		case <-s.asks:
			s.gives <- nil
		}
	}
	err := s.lull(steady)
	s.handed = err == nil && len(s.flight) > 0
	return errors.Join(context.Cause(ctx), err)
}

// hear notes one word.
func (s *stream) hear(w word) {
	x := s.of[w.ChangeID]
	if w.err == nil && x != nil {
		x.hear(w.Outcome)
		if w.State != helpdesk.Sent {
			delete(s.of, w.ChangeID)
			x.silent--
		}
		w.err = s.ends(w.Outcome)
	}
	s.keep(w.err)
}

// keep remembers the first reason to send nothing more.
func (s *stream) keep(err error) {
	if err != nil && s.err == nil {
		s.err = err
		s.stop()
	}
}

// lull notes, while the target has nothing to say, what is under way in it, and settles
// the shards of which it said all.
func (s *stream) lull(ctx context.Context) error {
	for _, x := range s.flight {
		if err := s.noteTokens(ctx, x); err != nil {
			return err
		}
	}
	for len(s.flight) > 0 && s.flight[0].silent == 0 {
		s.opt.Checkpoint("wrote")
		if err := s.settleFirst(ctx); err != nil {
			return err
		}
	}
	return nil
}

// more is the next shard's changes; nil: nothing more is to go out, or the target is to
// be asked what moved before.
func (s *stream) more(ctx, steady context.Context) []helpdesk.Change {
	for {
		s.keep(ctx.Err())
		if s.err != nil || s.next == nil || s.opt.Now().Sub(s.polled) >= pollEvery && s.sent <= echo && s.sent > 0 {
			return nil
		}
		x := s.next
		s.keep(s.recheck(steady, x))
		if s.err != nil {
			return nil
		}
		list, err := s.named(steady, x.writes())
		s.keep(err)
		s.flight, s.next = append(s.flight, x), nil
		for i := range list {
			s.of[list[i].ID] = x
		}
		x.silent = len(list)
		x.shut()
		s.sent += len(list)
		s.next, err = s.take(steady)
		s.keep(err)
		if len(list) > 0 {
			return list
		}
	}
}

// end settles what the call left, in whatever state it is known to be.
func (s *stream) end(ctx context.Context) error {
	for _, x := range s.flight {
		if err := x.unpack(); err != nil {
			return errors.Join(s.err, err)
		}
		x.broke = s.err
		s.ask(ctx, x)
		s.opt.Checkpoint("wrote")
	}
	return errors.Join(s.err, s.settleAll(ctx))
}

// named adds the target ids of both sides to memberships whose sides stand in the target
// already.
func (p *pass) named(ctx context.Context, list []helpdesk.Change) ([]helpdesk.Change, error) {
	var accounts, contacts []string
	for i := range list {
		if list[i].Ref.Kind == helpdesk.Membership {
			account, contact := helpdesk.SplitMember(list[i].Ref.Key)
			accounts, contacts = append(accounts, account), append(contacts, contact)
		}
	}
	if len(accounts) == 0 {
		return list, nil
	}
	objects, err := p.journal.ObjectsOf(ctx, p.TargetName, sortedUnique(accounts), sortedUnique(contacts))
	if err != nil {
		return nil, err
	}
	for i := range list {
		nameSides(&list[i], &objects)
	}
	return list, nil
}

func nameSides(c *helpdesk.Change, known *journal.Objects) {
	if c.Ref.Kind != helpdesk.Membership {
		return
	}
	account, contact := helpdesk.SplitMember(c.Ref.Key)
	if o := known.Organization(account); o != nil {
		c.OrgID = o.TargetID
	}
	if o := known.User(contact); o != nil {
		c.UserID = o.TargetID
	}
}
