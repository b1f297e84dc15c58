package sqldesk

import "context"

// Scribble tries to write past every check of the store: only the database can
// refuse it.
func Scribble(ctx context.Context, s *Store) error {
	_, err := s.db.ExecContext(ctx, "UPDATE organization SET notes = 'scribble'")
	return err
}
