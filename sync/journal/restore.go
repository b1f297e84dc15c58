package journal

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/fault"
)

// Restore puts a backup where the journal of dsn shall stand and marks it as
// MarkRestored does. Nothing may stand there yet. It is for SQLite; a journal in
// PostgreSQL is restored with pg_restore, and marked after that.
func Restore(ctx context.Context, path, dsn, who string, opt Options) (err error) {
	dest, ok := strings.CutPrefix(dsn, "sqlite:")
	if !ok {
		return fault.New("journal.restore", fault.Unsupported, errors.New(
			"the journal is in PostgreSQL; restore it there with pg_restore, then run: desksync restore --by-hand"))
	}
	if err := copyFile(ctx, path, dest); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, removeDatabase(dest))
		}
	}()
	j, err := Open(ctx, dsn, opt)
	if err != nil {
		return err
	}
	return errors.Join(j.MarkRestored(ctx, who), j.Close())
}

// copyFile copies a backup of a journal to a place where nothing stands.
func copyFile(ctx context.Context, path, dest string) error {
	in, err := os.Open(path)
	if err != nil {
		return fault.New("journal.restore", fault.NotFound, fmt.Errorf("the backup cannot be read: %w; name a file that desksync backup made", err))
	}
	defer func() { _ = in.Close() }() // only read
	if err := isDatabase(in, path); err != nil {
		return err
	}
	if err := dbx.CopyOf(ctx, path, component); err != nil {
		return err
	}
	if err := newFile(dest); err != nil {
		return err
	}
	_ = os.Remove(dest + "-wal") // of a database that is no longer there
	_ = os.Remove(dest + "-shm")
	out, err := os.OpenFile(dest, os.O_WRONLY, 0)
	if err != nil {
		return fault.New("journal.restore", fault.Denied, err)
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return fault.New("journal.restore", fault.Unavailable, errors.Join(err, os.Remove(dest)))
	}
	return nil
}

// isDatabase refuses what is no SQLite file and leaves it at its beginning.
func isDatabase(f *os.File, path string) error {
	const magic = "SQLite format 3\x00"
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(f, head); err != nil || string(head) != magic {
		return fault.New("journal.restore", fault.Invalid, errors.New(path+" is not a backup of a journal; name a file that desksync backup made"))
	}
	_, err := f.Seek(0, io.SeekStart)
	return err
}

func removeDatabase(path string) error {
	_ = os.Remove(path + "-wal")
	_ = os.Remove(path + "-shm")
	return os.Remove(path)
}

// MarkRestored says that this journal came out of a backup: it gets a new instance
// id, nobody holds a lock, unfinished runs are given up, the targets' feeds start
// over, every account is dirty, and Restored holds of each pipeline until ClearRestored.
func (j *Journal) MarkRestored(ctx context.Context, who string) error {
	const endAll = `UPDATE run SET state = ?, finished_at = ?, error = ? WHERE state = ?`
	err := j.inTx(ctx, "journal.restore", func(t *tx) error {
		for _, step := range []struct {
			q    string
			args []any
		}{
			{`UPDATE meta SET value = ? WHERE name = ?`, []any{rand.Text(), metaInstance}},
			{`DELETE FROM meta WHERE name = ? OR name LIKE ?`, []any{metaRestored, metaRestored + "/%"}},
			{`INSERT INTO meta (name, value) SELECT ?, CAST(coalesce(max(id), 0) AS text) FROM pipeline`, []any{metaRestored}},
			{`UPDATE target_lock SET run = 0, holder = '', fence = fence + 1`, nil},
			{endAll, []any{string(Interrupted), t.j.now(), "the journal was restored from a backup", string(Running)}},
			{`DELETE FROM feed`, nil},
			{`DELETE FROM seen`, nil},
		} {
			if _, err := t.exec(ctx, step.q, step.args...); err != nil {
				return err
			}
		}
		return errors.Join(t.markEverything(ctx), t.audit(ctx, Audit{Who: who, What: "restore"}))
	})
	return errors.Join(err, j.identify(ctx))
}

func (t *tx) markEverything(ctx context.Context) error {
	var pipes []int64
	if err := t.all(ctx, &pipes, `SELECT id FROM pipeline ORDER BY id`); err != nil {
		return err
	}
	for _, p := range pipes {
		if err := t.markAll(ctx, p); err != nil {
			return err
		}
	}
	return nil
}
