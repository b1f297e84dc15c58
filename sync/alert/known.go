package alert

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/desksync/desksync/sync/journal"
)

// Known lists what is known of conditions, those first that hold.
func (t *Teller) Known(ctx context.Context) ([]State, error) {
	rows, err := t.journal.Alerts(ctx, "")
	if err != nil {
		return nil, err
	}
	states, err := statesOf(rows)
	slices.SortStableFunc(states, func(a, b State) int {
		if a.Holds != b.Holds {
			return map[bool]int{true: -1, false: 1}[a.Holds]
		}
		return int(b.Condition.Severity - a.Condition.Severity)
	})
	return states, err
}

// step decides, from what is known of one pipeline or of all, what is told, and stores
// it. Where nothing changes nothing is written.
func (t *Teller) step(ctx context.Context, pipeline string, holds func([]State) []Condition) error {
	decide := func(rows []journal.Alert) (journal.AlertStep, error) {
		known, err := statesOf(rows)
		if err != nil {
			return journal.AlertStep{}, err
		}
		states, messages := Step(known, holds(known), t.opt.Now().UTC(), t.opt.Policy)
		step, err := changesOf(rows, states, messages)
		step.Merge = t.merge
		return step, err
	}
	rows, err := t.journal.Alerts(ctx, pipeline)
	if err != nil {
		return err
	}
	if first, err := decide(rows); err != nil || first.Empty() {
		return err
	}
	return t.journal.StepAlerts(ctx, pipeline, decide)
}

// kept are the conditions that hold still, for all one knows: of some kinds, or of all.
func kept(known []State, kinds ...Kind) []Condition {
	var out []Condition
	for _, s := range known {
		if s.Holds && (len(kinds) == 0 || slices.Contains(kinds, s.Condition.Kind)) {
			out = append(out, s.Condition)
		}
	}
	return out
}

func statesOf(rows []journal.Alert) ([]State, error) {
	out := make([]State, len(rows))
	for i, r := range rows {
		if err := json.Unmarshal(r.Body, &out[i]); err != nil {
			return nil, fmt.Errorf("alert: what is known of %s cannot be read: %w", r.Key, err)
		}
	}
	return out, nil
}

// changesOf is what differs from what is stored.
func changesOf(rows []journal.Alert, states []State, messages []Message) (journal.AlertStep, error) {
	var step journal.AlertStep
	var errs []error
	was, left := map[string][]byte{}, map[string]bool{}
	for _, r := range rows {
		was[r.Key] = r.Body
	}
	for _, s := range states {
		c := &s.Condition
		body, err := encode(s)
		errs = append(errs, err)
		left[c.Key] = true
		if !bytes.Equal(body, was[c.Key]) {
			step.Put = append(step.Put, journal.Alert{Key: c.Key, Pipeline: c.Pipeline, Kind: string(c.Kind), Holds: s.Holds, Body: body})
		}
	}
	for _, r := range rows {
		if !left[r.Key] {
			step.Drop = append(step.Drop, r.Key)
		}
	}
	for _, m := range messages {
		body, err := encode(m)
		errs = append(errs, err)
		step.Out = append(step.Out, journal.Outgoing{Message: m.ID, Channel: m.Channel, Body: body})
	}
	return step, errors.Join(errs...)
}

// merge makes one message of two that wait for a channel, so that what begins in many
// pipelines within moments, or while a channel is down, comes as one.
func (t *Teller) merge(channel string, waiting, more []byte) ([]byte, bool, error) {
	if t.opt.Policy.Apart[channel] {
		return nil, false, nil
	}
	var a, b Message
	if err := errors.Join(json.Unmarshal(waiting, &a), json.Unmarshal(more, &b)); err != nil {
		return nil, false, fmt.Errorf("alert: a message cannot be read: %w", err)
	}
	if len(a.Parts)+len(b.Parts) > maxParts {
		return nil, false, nil
	}
	a.Parts = append(a.Parts, b.Parts...)
	a.order()
	body, err := encode(a)
	return body, err == nil, err
}

// maxParts bounds what messages grow to.
const maxParts = 500

// encode writes JSON in which every sign stands for itself, so that a person who is
// forgotten is found in it.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}
