package journal

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"time"
)

// Alert is what is known of a condition worth telling; Body is the caller's.
type Alert struct {
	Key      string // names it for ever
	Pipeline string // by name; empty: concerns them all
	Kind     string
	Holds    bool
	Body     []byte // JSON
}

// Outgoing is a message for a channel; Body is the caller's.
type Outgoing struct {
	ID       int64
	Message  string // the id that the receiver sees
	Channel  string
	Body     []byte // JSON
	State    OutgoingState
	Attempts int // those that began, this one included
	Made     time.Time
	Next     time.Time // not to be tried before
	Done     time.Time // zero: it waits
	Said     string    // how the last attempt failed
	claim    string
}

// OutgoingState is how a message stands.
type OutgoingState string

// The states.
const (
	Waiting OutgoingState = "waiting"
	Sent    OutgoingState = "sent"
	GivenUp OutgoingState = "given up"
)

// AlertStep is what a look at the alerts changes.
type AlertStep struct {
	Put  []Alert
	Drop []string // keys
	Out  []Outgoing
	// Merge puts the body of one message behind that of another for the same channel,
	// which nobody has tried to send yet, or says that they stay apart. nil: all do.
	Merge func(channel string, waiting, more []byte) (body []byte, ok bool, err error)
}

// Empty reports whether nothing changes.
func (s *AlertStep) Empty() bool { return len(s.Put)+len(s.Drop)+len(s.Out) == 0 }

var (
	alertList = list{
		table: "alert", columns: "key, pipeline, kind, holds, body, at",
		tail: `ON CONFLICT (key) DO UPDATE SET pipeline = excluded.pipeline, kind = excluded.kind, holds = excluded.holds, body = excluded.body, at = excluded.at`,
	}
	outboxList = list{table: "outbox", columns: "message, channel, body, state, made_at, next_at"}
)

// Alerts lists what is known, by key: of one pipeline, or of all with its name empty.
func (j *Journal) Alerts(ctx context.Context, pipeline string) ([]Alert, error) {
	q, args := selectAlerts(pipeline)
	var rows []alertRow
	err := j.all(ctx, "journal.alerts", &rows, q, args...)
	return alertsOf(rows), err
}

// StepAlerts shows decide what is known, of one pipeline or of all, and stores what it
// changes, messages included, in one transaction. Of several processes one after the
// other is shown what the one before it left. decide may be called more than once and
// must not wait for anything.
func (j *Journal) StepAlerts(ctx context.Context, pipeline string, decide func([]Alert) (AlertStep, error)) error {
	const turn = `INSERT INTO meta (name, value) VALUES (?, '') ON CONFLICT (name) DO UPDATE SET value = excluded.value`
	return j.inTx(ctx, "journal.alerts", func(t *tx) error {
		if _, err := t.exec(ctx, turn, metaAlerts); err != nil { // PostgreSQL: the row is ours until the end
			return err
		}
		q, args := selectAlerts(pipeline)
		var rows []alertRow
		if err := t.all(ctx, &rows, q, args...); err != nil {
			return err
		}
		step, err := decide(alertsOf(rows))
		if err != nil {
			return err
		}
		return t.stepAlerts(ctx, step)
	}, &alertList, &outboxList)
}

func (t *tx) stepAlerts(ctx context.Context, step AlertStep) error {
	now := t.j.now()
	var alerts []any
	for _, a := range step.Put {
		alerts = append(alerts, a.Key, a.Pipeline, a.Kind, int64(flag(a.Holds)), clean(string(a.Body)), now) //nolint:gosec // 0 or 1
	}
	for _, key := range step.Drop {
		if _, err := t.exec(ctx, `DELETE FROM alert WHERE key = ?`, key); err != nil {
			return err
		}
	}
	if err := t.put(ctx, &alertList, alerts); err != nil {
		return err
	}
	for _, m := range step.Out {
		merged, err := t.mergeMessage(ctx, m, step.Merge)
		if err != nil {
			return err
		}
		if merged {
			continue
		}
		if err := t.put(ctx, &outboxList, []any{m.Message, m.Channel, clean(string(m.Body)), string(Waiting), now, now}); err != nil {
			return err
		}
	}
	return nil
}

// mergeMessage puts a message behind the last one of its channel, if that waits and
// nobody has begun to send it.
func (t *tx) mergeMessage(ctx context.Context, m Outgoing, merge func(string, []byte, []byte) ([]byte, bool, error)) (bool, error) {
	if merge == nil {
		return false, nil
	}
	const last = `SELECT id, body FROM outbox WHERE channel = ? AND state = 'waiting' AND attempts = 0 ORDER BY id DESC LIMIT 1`
	var row struct {
		ID   int64
		Body string
	}
	if err := t.get(ctx, &row, last, m.Channel); errors.Is(err, sql.ErrNoRows) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	body, ok, err := merge(m.Channel, []byte(row.Body), m.Body)
	if err != nil || !ok {
		return false, err
	}
	n, err := t.exec(ctx, `UPDATE outbox SET body = ? WHERE id = ? AND attempts = 0`, clean(string(body)), row.ID)
	return n > 0, err
}

// alertRow is an Alert as selected.
type alertRow struct {
	Key, Pipeline, Kind, Body string
	Holds                     int64
}

func selectAlerts(pipeline string) (string, []any) {
	const q = `SELECT key, pipeline, kind, holds, body FROM alert `
	if pipeline == "" {
		return q + `ORDER BY key`, nil
	}
	return q + `WHERE pipeline = ? ORDER BY key`, []any{pipeline}
}

func alertsOf(rows []alertRow) []Alert {
	out := make([]Alert, len(rows))
	for i, r := range rows {
		out[i] = Alert{Key: r.Key, Pipeline: r.Pipeline, Kind: r.Kind, Holds: r.Holds != 0, Body: []byte(r.Body)}
	}
	return out
}

// newClaim marks what one attempt holds.
func newClaim() string { return rand.Text() }
