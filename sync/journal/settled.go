package journal

import (
	"context"
	"fmt"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
)

var outcomeList = list{
	table: "outcome", columns: "id, change_id, state, token, fault, said, at",
	types: "bigint, text, text, text, text, text, bigint",
	tail: `ON CONFLICT (id) DO UPDATE SET change_id = excluded.change_id, state = excluded.state, token = excluded.token,
		fault = excluded.fault, said = excluded.said, at = excluded.at`,
}

// Settle notes what became of a batch: objects, exceptions, counters and the
// batch itself, all or nothing. A batch that was settled before is fault.Raced. If
// PostgreSQL's own machine dies, the last moments may be lost: then the batch counts
// as in flight and is asked about again.
func (j *Journal) Settle(ctx context.Context, run Run, batch int64, rows []Settled) error {
	return j.inTx(ctx, "journal.settle", func(t *tx) error {
		if err := t.softGuard(ctx, run); err != nil {
			return err
		}
		if err := t.closeBatch(ctx, run, batch); err != nil {
			return err
		}
		s := settling{run: run, at: t.j.now(), objects: objectWriter{target: run.target}}
		for i := range rows {
			s.add(&rows[i])
		}
		return s.write(ctx, t)
	}, &objectList, &outcomeList)
}

func (t *tx) closeBatch(ctx context.Context, run Run, batch int64) error {
	n, err := t.exec(ctx, `UPDATE batch SET done_at = ? WHERE run = ? AND number = ? AND done_at = 0`, t.j.now(), run.ID, batch)
	if err == nil && n == 0 {
		err = fault.New("journal.settle", fault.Raced, fmt.Errorf("batch %d of run %d was never sent or is settled already", batch, run.ID))
	}
	return err
}

// settling gathers what a batch brought.
type settling struct {
	run                   Run
	at                    int64
	objects               objectWriter
	outcomes              []any
	done, failed, skipped int
}

func (s *settling) add(r *Settled) {
	switch r.State {
	case helpdesk.Applied:
		s.done++
	case helpdesk.Failed:
		s.failed++
	case helpdesk.Skipped:
		s.skipped++
	}
	if r.Object != nil && r.State == helpdesk.Applied {
		if r.Forget {
			s.objects.forget(r.Object)
		} else {
			s.objects.known = s.objects.known || !r.Fresh
			s.objects.put(r.Object)
		}
		s.objects.note(r.Also)
	}
	if r.State == helpdesk.Applied && r.Err == nil {
		return
	}
	kind, said := "", ""
	if r.Err != nil {
		kind, said = fault.KindOf(r.Err).String(), clean(r.Err.Error())
	}
	s.outcomes = append(s.outcomes, idOf(s.run.ID, r.Pos), r.ChangeID, string(r.State), clean(r.Token), kind, said, s.at)
}

func (s *settling) write(ctx context.Context, t *tx) error {
	if err := s.objects.write(ctx, t); err != nil {
		return err
	}
	if err := t.put(ctx, &outcomeList, s.outcomes); err != nil {
		return err
	}
	const q = `UPDATE run SET done = done + ?, failed = failed + ?, skipped = skipped + ? WHERE id = ?`
	_, err := t.exec(ctx, q, s.done, s.failed, s.skipped, s.run.ID)
	return err
}

// Outcomes returns what was not plainly applied, in order.
func (j *Journal) Outcomes(ctx context.Context, run int64, after Pos, limit int) ([]Outcome, error) {
	var rows []struct {
		ID       int64
		ChangeID string `db:"change_id"`
		State    string
		Token    string
		Fault    string
		Said     string
		At       int64
	}
	const q = `SELECT id, change_id, state, token, fault, said, at FROM outcome WHERE id > ? AND id < ? ORDER BY id LIMIT ?`
	from, to := span(run)
	if err := j.all(ctx, "journal.outcomes", &rows, q, max(from, idOf(run, after)), to, min(limit, MaxPage)); err != nil {
		return nil, err
	}
	out := make([]Outcome, len(rows))
	for i, r := range rows {
		out[i] = Outcome{
			Pos: posOf(r.ID), ChangeID: r.ChangeID, State: helpdesk.State(r.State), Token: r.Token, Fault: r.Fault, Text: r.Said, At: timeOf(r.At),
		}
	}
	return out, nil
}
