package reconcile

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/changeset"
)

// inARow is how many changes in a row may fail because the target is not available
// before the run ends.
const inARow = 5

// word is one thing that a target said.
type word struct {
	helpdesk.Outcome
	err error
}

// send applies what is to be written of a shard and gathers the last word on each
// change. What is under way in the target is noted while it works, so that it can
// be asked about after a crash. An error says why the sending ended early; what was
// heard until then stands in the parcel.
func (p *pass) send(ctx context.Context, x *parcel) error {
	words, stop := p.listen(ctx, slices.Values(x.writes()))
	for {
		w, ok, waiting := next(words)
		if waiting {
			if err := p.noteTokens(ctx, x); err != nil {
				stop()
				return err
			}
			w, ok = <-words
		}
		if !ok {
			break
		}
		if w.err == nil {
			x.hear(w.Outcome)
			w.err = p.ends(w.Outcome)
		}
		if x.broke == nil && w.err != nil {
			x.broke = w.err
			stop()
		}
	}
	p.ask(ctx, x)
	return x.broke
}

// hear keeps what the target said of a change.
func (x *parcel) hear(o helpdesk.Outcome) {
	if o.State == helpdesk.Sent && o.Token != "" {
		x.tokens = append(x.tokens, o.ChangeID+" "+o.Token)
	}
	x.outcomes[o.ChangeID] = o
}

// noteTokens notes what is under way in the target, unless it is noted.
func (p *pass) noteTokens(ctx context.Context, x *parcel) error {
	if x.noted == len(x.tokens) {
		return nil
	}
	x.noted = len(x.tokens)
	return p.journal.NoteTokens(ctx, p.run, x.batch.No, x.tokens)
}

// next takes a word that is there; waiting says that there is none yet.
func next(words <-chan word) (w word, ok, waiting bool) {
	select {
	case w, ok = <-words:
		return w, ok, false
	default:
		return word{}, true, true
	}
}

// listen applies changes on the side. After stop it ends at the next word; the
// channel is closed once the target is left alone.
func (p *pass) listen(ctx context.Context, changes iter.Seq[helpdesk.Change]) (<-chan word, func()) {
	words, stop := make(chan word, p.opt.Shard), make(chan struct{})
	go func() {
		defer close(words)
		for o, err := range p.Target.Apply(ctx, changes) {
			select {
			case words <- word{o, err}:
			case <-stop:
				return
			}
		}
	}()
	return words, sync.OnceFunc(func() { close(stop) })
}

// ends returns why nothing more is to be sent after an outcome; nil: go on.
func (p *pass) ends(o helpdesk.Outcome) error {
	if o.State == helpdesk.Sent {
		return nil
	}
	kind := fault.Unknown
	if o.State == helpdesk.Failed {
		kind = fault.KindOf(o.Err)
	}
	if kind != fault.Unavailable {
		p.down = 0
	} else {
		p.down++
	}
	switch {
	case kind == fault.Denied:
		return fault.New("reconcile.apply", kind, fmt.Errorf("nothing more is sent: %w", o.Err))
	case p.down >= inARow:
		return fault.New("reconcile.apply", kind, fmt.Errorf("nothing more is sent after %d failures in a row: %w", inARow, o.Err))
	default:
		return nil
	}
}

// ask gets the last word on what is under way, and on what nothing certain was heard
// of: from the target's own jobs where it has some, else by reading back. What
// cannot be told stays as it is, and is read by the next run. It returns what was read
// back; nil: nothing was.
func (p *pass) ask(ctx context.Context, x *parcel) map[helpdesk.Ref]*helpdesk.Object {
	p.askJobs(ctx, x)
	var unsure []instruction
	for i := range x.list {
		if in := &x.list[i]; in.writes() && x.unsure(in) {
			unsure = append(unsure, *in)
		}
	}
	if len(unsure) == 0 {
		return nil
	}
	stand, err := p.readBack(ctx, unsure)
	if err != nil {
		return nil
	}
	for i := range unsure {
		in := &unsure[i]
		if now := stand[in.Ref]; holds(in, now) {
			x.outcomes[in.ID] = helpdesk.Outcome{ChangeID: in.ID, State: helpdesk.Applied, TargetID: idOf(in, now)}
		}
	}
	return stand
}

// askJobs asks the target about the work that it has under way.
func (p *pass) askJobs(ctx context.Context, x *parcel) {
	settler, ok := p.Target.(helpdesk.Settler)
	if !ok {
		return
	}
	var sent []helpdesk.Outcome
	for i := range x.list {
		if o := x.outcomes[x.list[i].ID]; o.State == helpdesk.Sent && o.Token != "" {
			sent = append(sent, o)
		}
	}
	if len(sent) == 0 {
		return
	}
	for o, err := range settler.Settle(ctx, sent) {
		if err != nil {
			return
		}
		x.outcomes[o.ChangeID] = o
	}
}

// unsure reports whether nothing certain is known of a change that was to be sent.
func (x *parcel) unsure(in *instruction) bool {
	o, told := x.outcomes[in.ID]
	return !told || o.State == helpdesk.Sent || o.State == helpdesk.Failed && fault.KindOf(o.Err) == fault.Unknown
}

// writes lists the changes to send: those with something to write, without their
// held deltas, and not those of which the last word is known already.
func (x *parcel) writes() []helpdesk.Change {
	out := make([]helpdesk.Change, 0, len(x.list))
	for i := range x.list {
		in := &x.list[i]
		if _, told := x.outcomes[in.ID]; in.writes() && !told {
			out = append(out, unlinked(open(in.Change)))
		}
	}
	return out
}

// writes reports whether the instruction is one for the target.
func (in *instruction) writes() bool { return goesOut(&in.Change) }

// goesOut tells a change that the target is asked for from one that is only noted or held.
func goesOut(c *helpdesk.Change) bool { return c.Op != opNote && !changeset.Held(c) }

// unlinked leaves out the link: targets tie an object to its account by the key and
// the target id of the change, which says that the object does not carry the key yet.
func unlinked(c helpdesk.Change) helpdesk.Change {
	if i := slices.IndexFunc(c.Deltas, isLink); i >= 0 {
		c.Deltas, c.Untied = slices.DeleteFunc(slices.Clone(c.Deltas), isLink), true
	}
	return c
}

func isLink(d helpdesk.Delta) bool { return d.Field == changeset.LinkField }

// open leaves out what is held.
func open(c helpdesk.Change) helpdesk.Change {
	if c.Hold == "" && !slices.ContainsFunc(c.Deltas, func(d helpdesk.Delta) bool { return d.Hold != "" }) {
		return c
	}
	deltas := make([]helpdesk.Delta, 0, len(c.Deltas))
	for d := range c.Writes() {
		deltas = append(deltas, d)
	}
	c.Deltas = deltas
	return c
}
