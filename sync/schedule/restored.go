package schedule

import (
	"context"
	"time"

	"github.com/desksync/desksync/internal/dbx"
)

// Restored frees what processes held when the database was backed up: they do not work on
// this copy, and nobody shall wait for their silence. No daemon may be at work.
func Restored(ctx context.Context, dsn string, now func() time.Time) error {
	v, err := OpenView(ctx, dsn, now)
	if err != nil {
		return err
	}
	defer func() { _ = v.Close() }()
	return v.store.db.Tx(ctx, "schedule.restored", func(tx *dbx.Tx) error {
		for _, q := range []string{
			`UPDATE turn SET holder = '', phase = '', fence = fence + 1, not_before = 0`,
			`DELETE FROM river_job WHERE finalized_at IS NULL`,
			`DELETE FROM river_leader`,
		} {
			if _, err := tx.ExecContext(ctx, q); err != nil {
				return err
			}
		}
		return nil
	})
}
