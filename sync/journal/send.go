package journal

import (
	"context"

	"github.com/desksync/desksync/internal/pack"
)

// Send notes that a batch goes out now; call it before the target is asked to do
// anything. Batches have numbers from 1 and follow one another. A batch noted
// before stays as it was.
func (j *Journal) Send(ctx context.Context, run Run, b Batch) error {
	const q = `
		INSERT INTO batch (run, number, from_id, to_id, tokens, sent_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (run, number) DO NOTHING`
	return j.inTx(ctx, "journal.send", func(t *tx) error {
		if err := t.guard(ctx, run); err != nil {
			return err
		}
		_, err := t.exec(ctx, q, run.ID, b.No, idOf(run.ID, b.From), idOf(run.ID, b.To), packTokens(b.Tokens), t.j.now())
		return err
	})
}

// NoteTokens notes the target's handles for a batch in flight.
func (j *Journal) NoteTokens(ctx context.Context, run Run, batch int64, tokens []string) error {
	return j.inTx(ctx, "journal.tokens", func(t *tx) error {
		if err := t.guard(ctx, run); err != nil {
			return err
		}
		_, err := t.exec(ctx, `UPDATE batch SET tokens = ? WHERE run = ? AND number = ?`, packTokens(tokens), run.ID, batch)
		return err
	})
}

func packTokens(tokens []string) any {
	if len(tokens) == 0 {
		return nil
	}
	return pack.Strings(nil, tokens)
}

// batchRow is a Batch as selected.
type batchRow struct {
	Number int64
	FromID int64 `db:"from_id"`
	ToID   int64 `db:"to_id"`
	Tokens []byte
	SentAt int64 `db:"sent_at"`
}

// Unsettled lists the batches that went out and were never settled, in order.
func (j *Journal) Unsettled(ctx context.Context, run int64) ([]Batch, error) {
	const q = `SELECT number, from_id, to_id, tokens, sent_at FROM batch WHERE run = ? AND done_at = 0 ORDER BY number`
	var rows []batchRow
	if err := j.all(ctx, "journal.unsettled", &rows, q, run); err != nil {
		return nil, err
	}
	out := make([]Batch, len(rows))
	for i, r := range rows {
		out[i] = Batch{Run: run, No: r.Number, From: posOf(r.FromID), To: posOf(r.ToID), Sent: timeOf(r.SentAt)}
		if len(r.Tokens) > 0 {
			rd := pack.Read(r.Tokens)
			if out[i].Tokens = rd.Strings(nil); rd.Err() != nil {
				return nil, damaged("batch", posOf(r.ToID).String())
			}
		}
	}
	return out, nil
}

// Position returns the last place any batch reached and the number for the next.
func (j *Journal) Position(ctx context.Context, run int64) (after Pos, next int64, err error) {
	var r struct{ To, Last int64 }
	const q = `SELECT coalesce(max(to_id), 0) AS "to", coalesce(max(number), 0) AS last FROM batch WHERE run = ?`
	_, err = j.get(ctx, "journal.position", &r, q, run)
	return posOf(r.To), r.Last + 1, err
}
