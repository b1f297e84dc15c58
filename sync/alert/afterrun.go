package alert

import (
	"errors"
	"fmt"
	"slices"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/journal"
)

// afterRun is what the end of an attempt says by itself. One that was stopped, or found
// somebody else at work, says nothing: what held holds.
func afterRun(w Watched, err error, known []State) []Condition {
	if err == nil {
		return nil
	}
	said := kept(known, Failing, Credential, WrongEnvironment)
	if !counts(err) {
		return said
	}
	before := 0
	for _, c := range said {
		if c.Kind == Failing {
			before = c.Level
		}
	}
	out := []Condition{failing(w, err, before+1)}
	if c, ok := refusal(w, err); ok {
		out = append(out, c)
	}
	for _, c := range said { // what another attempt was refused for, this one did not come to ask
		if !slices.ContainsFunc(out, func(o Condition) bool { return o.Key == c.Key }) {
			out = append(out, c)
		}
	}
	return complete(out)
}

func failing(w Watched, err error, runs int) Condition {
	command := "desksync queue" // what refuses before a run begins leaves no run to be shown
	if w.Unscheduled {
		command = "desksync runs --pipeline " + w.Name
	}
	title := plural(runs, "run", "runs") + " of the pipeline " + w.Name + " failed"
	if runs > 1 {
		title += " in a row"
	}
	return Condition{
		Key: Key(Failing, w.Name), Kind: Failing, Pipeline: w.Name, Target: w.Target, Level: runs, Title: title,
		Text: "The last one said: " + reason(err) + ". Until one is good the helpdesk stays as it is.", Command: command,
	}
}

// refusal is what one end refused, by the kind of the error.
func refusal(w Watched, err error) (Condition, bool) {
	c := Condition{Pipeline: w.Name, Target: w.Target, Level: 1, Text: reason(err) + "."}
	if e, ok := errors.AsType[*journal.Elsewhere](err); ok {
		c.Kind, c.Title = WrongEnvironment, fmt.Sprintf("Another account stands behind the %s %s; nothing is read or written (%s)", e.Side, e.Name, w.Name)
		c.Key, c.Command = Key(WrongEnvironment, w.Name), e.Command()+", if that is meant"
		c.Text = fmt.Sprintf("It was %s until now and is %s.", e.Bound, e.Account)
		return c, true
	}
	if fault.KindOf(err) == fault.Denied {
		c.Kind, c.Title, c.Key = Credential, "The pipeline "+w.Name+" is refused access", Key(Credential, w.Name)
		c.Command = "desksync validate --online"
		return c, true
	}
	return c, false
}

// reason is an error as a line of a message.
func reason(err error) string { return shorten(fault.Plain(err), maxReason) }

// ungathered are the kinds that are not looked up in the journal.
var ungathered = []Kind{Failing, Credential, WrongEnvironment, Configuration, Test}

// gathered reports whether a kind is looked up in the journal.
func gathered(k Kind) bool { return !slices.Contains(ungathered, k) }
