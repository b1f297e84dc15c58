package journal

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"strconv"
)

// Names of facts in the table meta.
const (
	metaInstance = "instance"
	metaRestored = "restored" // the number of the youngest pipeline then; with a pipeline's number behind it: that one looked since
	metaPruned   = "pruned"   // the day on which Prune last ran
	metaAlerts   = "alerts"   // nothing; held by who decides what is told
	metaReserved = "calls "   // with the number of a target: calls of it that processes reserved in the last minute
)

// identify reads who this journal is, and makes it someone the first time.
func (j *Journal) identify(ctx context.Context) error {
	const insert = `INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING`
	if _, err := j.db.ExecContext(ctx, j.db.Rebind(insert), metaInstance, rand.Text()); err != nil {
		return j.db.Fault("journal.open", err)
	}
	instance, err := j.meta(ctx, metaInstance)
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.instance = instance
	return nil
}

// meta returns a fact; one that is not there is empty.
func (j *Journal) meta(ctx context.Context, name string) (string, error) {
	var value string
	_, err := j.get(ctx, "journal.meta", &value, `SELECT value FROM meta WHERE name = ?`, name)
	return value, err
}

// Restored reports that this journal came out of a backup and this pipeline has not looked
// since: its next run may only observe. That holds too of a pipeline that the backup does
// not know, until all that it knows have looked.
func (j *Journal) Restored(ctx context.Context, pipe int64) (bool, error) {
	const q = `
		SELECT count(*) FROM meta WHERE name = ?
		AND    NOT EXISTS (SELECT 1 FROM meta m WHERE m.name = ?)`
	var n int
	_, err := j.get(ctx, "journal.meta", &n, q, metaRestored, looked(pipe))
	return n > 0, err
}

// looked names the fact that a pipeline looked at its helpdesk since the restore.
func looked(pipe int64) string { return metaRestored + "/" + strconv.FormatInt(pipe, 10) }

// ClearRestored confirms that a pipeline may write again, and audits who said so. Once all
// have that the backup knows, nothing is left to say that there was one.
func (j *Journal) ClearRestored(ctx context.Context, pipe int64, who string) error {
	return j.inTx(ctx, "journal.restore", func(t *tx) error {
		const insert = `INSERT INTO meta (name, value) VALUES (?, '') ON CONFLICT (name) DO NOTHING`
		if _, err := t.exec(ctx, insert, looked(pipe)); err != nil {
			return err
		}
		return errors.Join(t.endRestore(ctx), t.audit(ctx, Audit{Who: who, What: "restore confirmed", Ref: "pipeline " + strconv.FormatInt(pipe, 10)}))
	})
}

// endRestore forgets that there was a restore once every pipeline has looked that was there
// when it was made.
func (t *tx) endRestore(ctx context.Context) error {
	var last string // the number of the youngest of them
	if err := t.get(ctx, &last, `SELECT value FROM meta WHERE name = ?`, metaRestored); errors.Is(err, sql.ErrNoRows) {
		return nil
	} else if err != nil {
		return err
	}
	upTo, err := strconv.ParseInt(last, 10, 64)
	if err != nil {
		return damaged("meta", metaRestored)
	}
	const waiting = `SELECT count(*) FROM pipeline p WHERE p.id <= ? AND NOT EXISTS (SELECT 1 FROM meta m WHERE m.name = ? || CAST(p.id AS text))`
	var n int
	if err := t.get(ctx, &n, waiting, upTo, metaRestored+"/"); err != nil || n > 0 {
		return err
	}
	_, err = t.exec(ctx, `DELETE FROM meta WHERE name = ? OR name LIKE ?`, metaRestored, metaRestored+"/%")
	return err
}
