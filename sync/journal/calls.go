package journal

import (
	"context"
	"time"
)

// Calls are the calls of a source in one hour.
type Calls struct {
	At   time.Time // when the hour began
	Made int
	Most int // that may be made in 24 hours, as last heard; 0 if not
}

const (
	hour      = int64(time.Hour / time.Microsecond)
	callHours = 24 // that count, with the one that goes on
)

// NoteCall counts a call of a source that is about to be made, in its hour. What is
// over a day old goes.
func (j *Journal) NoteCall(ctx context.Context, source string, most int) error {
	id, err := j.ensurePeer(ctx, peer{SourceSide, source})
	if err != nil {
		return err
	}
	const q = `
		INSERT INTO calls (source, hour, made, most) VALUES (?, ?, 1, ?)
		ON CONFLICT (source, hour) DO UPDATE SET made = calls.made + 1, most = excluded.most`
	return j.inTx(ctx, "journal.calls", func(t *tx) error {
		if _, err := t.exec(ctx, `DELETE FROM calls WHERE source = ? AND hour <= ?`, id, j.now()/hour-callHours); err != nil {
			return err
		}
		_, err := t.exec(ctx, q, id, j.now()/hour, most)
		return err
	})
}

// CallsMade sums up the calls of a source in the last 24 hours, and says how many it
// allows in as many, as last heard; 0 if it was not.
func (j *Journal) CallsMade(ctx context.Context, source string) (made, most int, err error) {
	list, err := j.CallsOf(ctx, source)
	for _, c := range list {
		made += c.Made
		if c.Most > 0 {
			most = c.Most
		}
	}
	return made, most, err
}

// CallsOf lists the calls of a source in the last 24 hours, oldest first.
func (j *Journal) CallsOf(ctx context.Context, source string) ([]Calls, error) {
	const q = `
		SELECT c.hour, c.made, c.most FROM calls c JOIN peer p ON p.id = c.source
		WHERE  p.side = ? AND p.name = ? AND c.hour > ?
		ORDER  BY c.hour`
	var rows []struct {
		Hour       int64
		Made, Most int
	}
	err := j.all(ctx, "journal.calls", &rows, q, SourceSide, source, j.now()/hour-callHours)
	out := make([]Calls, len(rows))
	for i, r := range rows {
		out[i] = Calls{timeOf(r.Hour * hour), r.Made, r.Most}
	}
	return out, err
}
