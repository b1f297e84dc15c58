package journal

import (
	"context"
	"time"

	"github.com/desksync/desksync/crm"
)

// ReadInfo is what is remembered of the read of one role.
type ReadInfo struct {
	Run         int64
	Rows        int
	Complete    bool
	Fingerprint string // of the columns the login could see
	At          time.Time
	Place       string    // where a delta read goes on; empty: only a full read will do
	PlacedAt    time.Time // when the read or delta read that Place goes on from ended
}

// NoteRead remembers how the read of a role ended; a zero At is now.
func (j *Journal) NoteRead(ctx context.Context, run Run, role crm.Role, info ReadInfo) error {
	at := micro(info.At)
	if at == 0 {
		at = j.now()
	}
	const q = `
		INSERT INTO reading (pipeline, role, complete, run, records, fingerprint, at, place, placed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (pipeline, role, complete) DO UPDATE SET run = excluded.run, records = excluded.records,
			fingerprint = excluded.fingerprint, at = excluded.at, place = excluded.place, placed_at = excluded.placed_at`
	return j.inTx(ctx, "journal.reading", func(t *tx) error {
		if err := t.guard(ctx, run); err != nil {
			return err
		}
		_, err := t.exec(ctx, q, run.Pipeline, roleCode(role), int64(flag(info.Complete)), run.ID, info.Rows, clean(info.Fingerprint), at,
			clean(info.Place), at)
		return err
	})
}

// NotePlace remembers that a delta read came to its end: where the next one goes on,
// and how many rows the role has now. The full read it goes back to stays the last.
func (j *Journal) NotePlace(ctx context.Context, run Run, role crm.Role, place string, rows int) error {
	const q = `UPDATE reading SET place = ?, placed_at = ?, records = ? WHERE pipeline = ? AND role = ? AND complete = 1`
	return j.inTx(ctx, "journal.reading", func(t *tx) error {
		if err := t.guard(ctx, run); err != nil {
			return err
		}
		_, err := t.exec(ctx, q, clean(place), j.now(), rows, run.Pipeline, roleCode(role))
		return err
	})
}

// LastRead returns the last complete read of a role, and whether there was one.
func (j *Journal) LastRead(ctx context.Context, pipe int64, role crm.Role) (ReadInfo, bool, error) {
	var r struct {
		Run, At, PlacedAt  int64
		Records            int
		Fingerprint, Place string
	}
	const q = `SELECT run, records, fingerprint, at, place, placed_at AS placedat FROM reading WHERE pipeline = ? AND role = ? AND complete = 1`
	ok, err := j.get(ctx, "journal.reading", &r, q, pipe, roleCode(role))
	return ReadInfo{
		Run: r.Run, Rows: r.Records, Complete: true, Fingerprint: r.Fingerprint, At: timeOf(r.At), Place: r.Place, PlacedAt: timeOf(r.PlacedAt),
	}, ok, err
}
