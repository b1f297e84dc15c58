package journal

import "context"

// KeepSight remembers what the login of a pipeline's source saw, as the source packs it;
// empty forgets it.
func (j *Journal) KeepSight(ctx context.Context, pipeline, sight string) error {
	const q = `UPDATE pipeline SET sight = ? WHERE name = ? AND sight <> ?`
	_, err := j.db.ExecContext(ctx, j.db.Rebind(q), sight, pipeline, sight)
	return j.db.Fault("journal.sight", err)
}

// Sight returns what KeepSight remembers of a pipeline; empty where it is nothing.
func (j *Journal) Sight(ctx context.Context, pipeline string) (string, error) {
	var sight string
	_, err := j.get(ctx, "journal.sight", &sight, `SELECT sight FROM pipeline WHERE name = ?`, pipeline)
	return sight, err
}
