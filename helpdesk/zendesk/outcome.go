package zendesk

import (
	"errors"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
)

// sparedError says why a user is left alone by every sync.
type sparedError struct{ why string }

func (e sparedError) Error() string { return e.why + "; a sync never writes such a user" }

func spare(why string) error {
	return fault.New("zendesk.apply", fault.Unsupported, sparedError{why})
}

// targetID is what an object is called by the target.
func (w *work) targetID() string {
	switch {
	case w.change.Ref.Kind == helpdesk.Membership && w.user != 0 && w.org != 0:
		return memberID(w.user, w.org)
	case w.id != 0 && w.change.Ref.Kind != helpdesk.Membership:
		return idText(w.id)
	default:
		return w.change.TargetID
	}
}

// finish gives a work its last word.
func (a *applying) finish(w *work, state helpdesk.State, err error) {
	if w.done {
		return
	}
	w.done, w.ok = true, state == helpdesk.Applied
	w.after = nil
	if a.open[w.change.Ref] == w {
		delete(a.open, w.change.Ref)
	}
	if w.aside != "" {
		return
	}
	a.inHand--
	if w.ok {
		a.remember(w)
	}
	a.say(helpdesk.Outcome{ChangeID: w.change.ID, State: state, TargetID: w.targetID(), Err: a.named(w, err)})
}

func (a *applying) applied(w *work)         { a.finish(w, helpdesk.Applied, nil) }
func (a *applying) fail(w *work, err error) { a.finish(w, helpdesk.Failed, err); a.unseat(w) }
func (a *applying) skip(w *work, err error) { a.finish(w, helpdesk.Skipped, err); a.unseat(w) }

// unseat ends the memberships that were to come with a user who does not come.
func (a *applying) unseat(w *work) {
	for _, r := range w.riders {
		_, contact := helpdesk.SplitMember(r.change.Ref.Key)
		a.fail(r, notFound("no user here is the contact "+contact+", so there is nobody to join"))
	}
	w.riders = nil
}

// lately returns the id of an object that was made of late; 0: it was not.
func (a *applying) lately(ref helpdesk.Ref) int64 {
	if id := a.made[ref]; id != 0 {
		return id
	}
	return a.before[ref]
}

// remember keeps the ids of what was made of late, for the memberships that follow.
func (a *applying) remember(w *work) {
	k := w.change.Ref.Kind
	if w.lane == orgDelete || w.lane == orgMerge || k == helpdesk.Membership || w.id == 0 || w.change.Ref.Key == "" {
		return
	}
	key := strings.Clone(w.change.Ref.Key) // part of all that was written, which is not kept for it
	a.note(k, w.id, key)
	if len(a.made) >= a.opt.Window { // as many again are kept that were made before
		a.before, a.made = a.made, map[helpdesk.Ref]int64{}
	}
	a.made[helpdesk.Ref{Kind: k, Key: key}] = w.id
}

// named adds the object to an error.
func (a *applying) named(w *work, err error) error {
	if err == nil {
		return nil
	}
	f := &fault.Error{Op: "zendesk.apply", Kind: fault.KindOf(err), Ref: w.change.Ref.String(), Err: err}
	if inner, ok := errors.AsType[*fault.Error](err); ok {
		f.RetryAfter = inner.RetryAfter
		if inner == err { //nolint:errorlint // only the outermost is unwrapped
			f.Err = inner.Err
		}
	}
	return f
}
