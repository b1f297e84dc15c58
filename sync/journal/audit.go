package journal

import (
	"context"
	"iter"
	"time"
)

// audit records who did what, within the transaction that does it.
func (t *tx) audit(ctx context.Context, a Audit) error {
	const q = `INSERT INTO audit (at, who, what, ref, detail) VALUES (?, ?, ?, ?, ?)`
	_, err := t.exec(ctx, q, t.j.now(), clean(a.Who), a.What, clean(a.Ref), clean(a.Detail))
	return err
}

// AddAudit records who did what.
func (j *Journal) AddAudit(ctx context.Context, a Audit) error {
	return j.inTx(ctx, "journal.audit", func(t *tx) error { return t.audit(ctx, a) })
}

// AuditExport yields the audit from a time on, oldest first. After an error is
// yielded, nothing more is.
func (j *Journal) AuditExport(ctx context.Context, since time.Time) iter.Seq2[Audit, error] {
	return func(yield func(Audit, error) bool) {
		for after := int64(0); ; {
			page, err := j.auditPage(ctx, since, after)
			if err != nil {
				yield(Audit{}, err)
				return
			}
			for _, a := range page {
				if !yield(a, nil) {
					return
				}
				after = a.ID
			}
			if len(page) < MaxPage {
				return
			}
		}
	}
}

func (j *Journal) auditPage(ctx context.Context, since time.Time, after int64) ([]Audit, error) {
	var rows []struct {
		ID, At                 int64
		Who, What, Ref, Detail string
	}
	const q = `SELECT id, at, who, what, ref, detail FROM audit WHERE id > ? AND at >= ? ORDER BY id LIMIT ?`
	if err := j.all(ctx, "journal.audit", &rows, q, after, micro(since), MaxPage); err != nil {
		return nil, err
	}
	out := make([]Audit, len(rows))
	for i, r := range rows {
		out[i] = Audit{ID: r.ID, At: timeOf(r.At), Who: r.Who, What: r.What, Ref: r.Ref, Detail: r.Detail}
	}
	return out, nil
}
