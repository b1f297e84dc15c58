package schedule

import "context"

// Forget redacts what the queue remembers of passes that failed, and says how many rows
// changed. Its jobs name pipelines and nobody else.
func (v *View) Forget(ctx context.Context, redact func(string) string) (n int, err error) {
	const op = "schedule.forget"
	var rows []struct{ Pipeline, Error string }
	if err := v.store.db.Reader.SelectContext(ctx, &rows, `SELECT pipeline, error FROM turn WHERE error <> '' ORDER BY pipeline`); err != nil {
		return 0, v.store.db.Fault(op, err)
	}
	for _, r := range rows {
		text := redact(r.Error)
		if text == r.Error {
			continue
		}
		changed, err := v.store.exec(ctx, op, `UPDATE turn SET error = ? WHERE pipeline = ? AND error = ?`, text, r.Pipeline, r.Error)
		if err != nil {
			return n, err
		}
		n += int(changed)
	}
	return n, nil
}
