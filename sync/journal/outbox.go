package journal

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// outgoingRow is an Outgoing as selected.
type outgoingRow struct {
	ID                                  int64
	Message, Channel, Body, State, Said string
	Attempts                            int
	MadeAt                              int64 `db:"made_at"`
	NextAt                              int64 `db:"next_at"`
	DoneAt                              int64 `db:"done_at"`
}

func (r *outgoingRow) outgoing() Outgoing {
	return Outgoing{
		ID: r.ID, Message: r.Message, Channel: r.Channel, Body: []byte(r.Body), State: OutgoingState(r.State), Attempts: r.Attempts,
		Made: timeOf(r.MadeAt), Next: timeOf(r.NextAt), Done: timeOf(r.DoneAt), Said: r.Said,
	}
}

const selectOutgoing = `SELECT o.id, o.message, o.channel, o.body, o.state, o.said, o.attempts, o.made_at, o.next_at, o.done_at FROM outbox o `

// skew is how far the clocks of processes may be apart. A time further ahead than any
// of them writes was written before the clock was put back.
const skew = 10 * time.Minute

// Outbox is the pace of delivery.
type Outbox struct {
	Lease   time.Duration // how long a claim lasts
	Longest time.Duration // the longest wait between attempts; the next attempt is never further ahead
}

// ClaimMessages claims the oldest waiting message of each channel whose time has come,
// for this process alone until the lease ends. Messages of a channel go one after the
// other; a channel never waits for another.
func (j *Journal) ClaimMessages(ctx context.Context, box Outbox) ([]Outgoing, error) {
	due, err := j.dueMessages(ctx, box)
	if err != nil || len(due) == 0 {
		return nil, err
	}
	const q = `
		UPDATE outbox SET leased = ?, claim = ?, attempts = attempts + 1
		WHERE  id = ? AND state = 'waiting' AND (leased <= ? OR leased > ?)
		RETURNING body, attempts`
	var out []Outgoing
	err = j.inTx(ctx, "journal.outbox", func(t *tx) error {
		out = nil
		now := j.now()
		until := now + box.Lease.Microseconds()
		for _, m := range due {
			m.claim = newClaim()
			var row struct { // it may have grown since it was found
				Body     string
				Attempts int
			}
			err := t.get(ctx, &row, q, until, m.claim, m.ID, now, until+skew.Microseconds())
			if errors.Is(err, sql.ErrNoRows) {
				continue
			}
			if err != nil {
				return err
			}
			m.Body, m.Attempts = []byte(row.Body), row.Attempts
			out = append(out, m)
		}
		return nil
	})
	return out, err
}

// MoreMessages reports whether any channel has a message whose time has come.
func (j *Journal) MoreMessages(ctx context.Context, box Outbox) (bool, error) {
	due, err := j.dueMessages(ctx, box)
	return len(due) > 0, err
}

// dueMessages lists the first message of each channel, where its time has come and
// nobody else is at it.
func (j *Journal) dueMessages(ctx context.Context, box Outbox) ([]Outgoing, error) {
	const q = selectOutgoing + `
		JOIN  (SELECT channel, min(id) AS id FROM outbox WHERE state = 'waiting' GROUP BY channel) h ON h.id = o.id
		WHERE (o.next_at <= ? OR o.next_at > ?) AND (o.leased <= ? OR o.leased > ?)
		ORDER BY o.id`
	now := j.now()
	return j.outgoing(ctx, q, now, now+(box.Longest+skew).Microseconds(), now, now+(box.Lease+skew).Microseconds())
}

func (j *Journal) outgoing(ctx context.Context, q string, args ...any) ([]Outgoing, error) {
	var rows []outgoingRow
	err := j.all(ctx, "journal.outbox", &rows, q, args...)
	out := make([]Outgoing, len(rows))
	for i := range rows {
		out[i] = rows[i].outgoing()
	}
	return out, err
}

// SettleMessage notes what became of a claimed message: State, Next and Said; and, with
// it, messages that wait in its place. Where the claim was lost meanwhile it changes nothing,
// and that is no error.
func (j *Journal) SettleMessage(ctx context.Context, m Outgoing, instead ...Outgoing) error {
	done := j.now()
	if m.State == Waiting {
		done = 0
	}
	const q = `UPDATE outbox SET state = ?, next_at = ?, said = ?, done_at = ?, leased = 0, claim = '' WHERE id = ? AND claim = ?`
	return j.inTx(ctx, "journal.outbox", func(t *tx) error {
		n, err := t.exec(ctx, q, string(m.State), micro(m.Next), clean(m.Said), done, m.ID, m.claim)
		if err != nil || n == 0 {
			return err
		}
		for _, x := range instead {
			if err := t.put(ctx, &outboxList, []any{x.Message, x.Channel, clean(string(x.Body)), string(Waiting), micro(x.Made), micro(x.Next)}); err != nil {
				return err
			}
		}
		return nil
	}, &outboxList)
}

// Messages lists messages, newest first: those in one state, or all.
func (j *Journal) Messages(ctx context.Context, state OutgoingState, limit int) ([]Outgoing, error) {
	var w where
	w.text("o.state = ?", string(state))
	return j.outgoing(ctx, selectOutgoing+w.String()+` ORDER BY o.id DESC LIMIT ?`, append(w.args, limit)...)
}
