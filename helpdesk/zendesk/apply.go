package zendesk

import (
	"cmp"
	"context"
	"iter"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
)

// Apply implements helpdesk.Target: in background jobs of a hundred, as many at once as
// Options.Jobs says, and by single calls where a job would be dearer. It looks
// Options.Window changes in hand, so that what belongs together shares a call and what
// needs something else waits for it.
func (t *Target) Apply(ctx context.Context, changes iter.Seq[helpdesk.Change]) iter.Seq2[helpdesk.Outcome, error] {
	return func(yield func(helpdesk.Outcome, error) bool) {
		if err := ctx.Err(); err != nil {
			yield(helpdesk.Outcome{}, fault.New("zendesk.apply", fault.Unavailable, err))
			return
		}
		s, err := t.look(ctx)
		if err != nil {
			yield(helpdesk.Outcome{}, err)
			return
		}
		next, stop := iter.Pull(changes)
		defer stop()
		a := &applying{Target: t, ctx: ctx, s: s, next: next, open: map[helpdesk.Ref]*work{}, made: map[helpdesk.Ref]int64{}}
		a.say = func(o helpdesk.Outcome) { a.left = a.left || !yield(o, nil) }
		if err := a.run(); err != nil && !a.left {
			yield(helpdesk.Outcome{}, wrap(ctx, "zendesk.apply", err))
		}
		a.leave()
		t.settle(ctx)
	}
}

// settle tells other processes what was updated. A stop does not keep it from that; if it
// fails, others may wait longer than they had to.
func (t *Target) settle(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := t.pace.settle(ctx); err != nil {
		t.opt.Log(ctx, Note{"not told", "others do not hear what was updated within the last minute, and may wait for that long: " + err.Error()})
	}
}

// applying is one call of Apply.
type applying struct {
	*Target
	ctx  context.Context //nolint:containedctx // it lives as long as the call
	s    *sight
	next func() (helpdesk.Change, bool)
	say  func(helpdesk.Outcome)
	left bool // nobody listens any more

	ended   bool  // there are no further changes
	inHand  int   // changes taken that have no last word yet
	last    *work // the last one taken: if it is a user, their memberships follow
	pending []*work
	flight  []*job
	open    map[helpdesk.Ref]*work // the last work on an object that has no last word yet
	names   map[string]*work       // who will give up which name
	made    map[helpdesk.Ref]int64 // what was made of late
	before  map[helpdesk.Ref]int64 // and what before that
	hold    time.Time              // no job is begun before
	idle    time.Duration          // how long was last waited for jobs of which nobody knows how long they take
}

// run goes on until every change has its last word. It asks about nothing while there is
// something to send.
func (a *applying) run() error {
	for {
		a.fill()
		if a.left || len(a.pending)+len(a.flight) == 0 {
			return nil
		}
		if err := a.ctx.Err(); err != nil {
			return err
		}
		sent, err := a.step()
		if err == nil && !sent && !a.left && a.full() {
			err = a.wait()
		}
		if err != nil {
			return err
		}
	}
}

// leave gives the places back of jobs that nobody asks about any more.
func (a *applying) leave() {
	for _, j := range a.flight {
		a.slots.leave(j.place)
	}
}

// gulp is how many changes are taken before it is looked whether there is a call to make.
const gulp = 1000

// full reports that no change is taken before something has its last word.
func (a *applying) full() bool { return a.ended || a.inHand >= a.opt.Window }

// fill takes in changes, a gulp at most.
func (a *applying) fill() {
	for n := 0; n < gulp && !a.full() && !a.left; n++ {
		c, ok := a.next()
		if !ok {
			a.ended = true
			break
		}
		a.take(c)
	}
	a.untangle()
}

// take puts a change in line behind what it needs.
func (a *applying) take(c helpdesk.Change) {
	w := newWork(c)
	a.inHand++
	if err := a.s.check(w); err != nil {
		a.fail(w, err)
		return
	}
	if c.Ref.Kind == helpdesk.User && a.own(textIn(w, helpdesk.Email)) {
		a.skip(w, spare("the address "+textIn(w, helpdesk.Email)+" is of the helpdesk's own domain"))
		return
	}
	for _, ref := range needs(&c) {
		if x := a.open[ref]; x != nil {
			w.after = append(w.after, x)
		}
	}
	w.user, w.org = idOf(c.UserID), idOf(c.OrgID)
	if c.Ref.Kind == helpdesk.Membership && c.TargetID != "" {
		w.user, w.org = splitID(c.TargetID)
	}
	if account, contact := helpdesk.SplitMember(c.Ref.Key); c.Ref.Kind == helpdesk.Membership {
		w.org, w.user = cmp.Or(w.org, a.lately(orgRef(account))), cmp.Or(w.user, a.lately(userRef(contact)))
	}
	a.open[c.Ref] = w
	if w.lane == memberCreate && a.ride(w) {
		return
	}
	a.pending, a.last = append(a.pending, w), w
}

func textIn(w *work, field string) string {
	v, _ := w.want(field)
	return v.Text()
}

// needs lists the objects whose earlier changes go before this one.
func needs(c *helpdesk.Change) []helpdesk.Ref {
	out := []helpdesk.Ref{c.Ref}
	if c.Ref.Kind == helpdesk.Membership {
		account, contact := helpdesk.SplitMember(c.Ref.Key)
		out = append(out, orgRef(account), userRef(contact))
	}
	if c.Op == helpdesk.Merge {
		out = append(out, orgRef(c.Into))
	}
	return out
}

func orgRef(account string) helpdesk.Ref {
	return helpdesk.Ref{Kind: helpdesk.Organization, Key: account}
}

func userRef(contact string) helpdesk.Ref {
	return helpdesk.Ref{Kind: helpdesk.User, Key: contact}
}

// ride lets the first membership of a new user come with the user, or the default one if
// that is named. Nothing else ever writes organization_id: it would end the others.
func (a *applying) ride(w *work) bool {
	account, contact := helpdesk.SplitMember(w.change.Ref.Key)
	u := a.open[userRef(contact)]
	if u == nil || u.lane != userCreate || u.done || u.sent {
		return false
	}
	if len(u.riders) > 0 {
		if v, _ := w.want(helpdesk.Default); !v.True() {
			return false
		}
		a.pending = append(a.pending, u.riders...)
		u.riders = nil
	}
	u.riders = append(u.riders, w)
	if o := a.open[orgRef(account)]; o != nil {
		u.after = append(u.after, o)
	}
	return true
}

// untangle puts who takes a name behind who gives it up. Where that goes in a circle, one
// of them steps aside under a name that nobody has.
func (a *applying) untangle() {
	a.names = map[string]*work{}
	for _, w := range a.pending {
		if name := w.frees(); name != "" && name != w.takes() {
			a.names[name] = w
		}
	}
	for _, w := range a.pending {
		if holder := a.names[w.takes()]; !w.cleared && holder != nil && holder != w {
			a.follow(w, holder)
			w.cleared = true
		}
	}
}

func (a *applying) follow(w, holder *work) {
	if !waitsFor(holder, w) {
		w.after = append(w.after, holder)
		return
	}
	step := &work{
		lane: orgUpdate, aside: helpdesk.AsideName(holder.change.Ref.Key),
		change: helpdesk.Change{Op: helpdesk.Update, Ref: holder.change.Ref, TargetID: holder.change.TargetID},
	}
	a.pending = append(a.pending, step)
	holder.after = append(holder.after, step)
	w.after = append(w.after, step)
}

// waitsFor reports whether a work waits for another one, over however many between.
func waitsFor(w, other *work) bool {
	for _, x := range w.after {
		if x == other || !x.done && waitsFor(x, other) {
			return true
		}
	}
	return false
}
