package journal

import (
	"context"
	"crypto/rand"
	"errors"
)

// Names of facts in the table meta.
const (
	metaInstance = "instance"
	metaRestored = "restored"
	metaPruned   = "pruned" // the day on which Prune last ran
	metaAlerts   = "alerts" // nothing; held by who decides what is told
	metaReserved = "calls " // with the number of a target: calls of it that processes reserved in the last minute
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
	restored, err := j.meta(ctx, metaRestored)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.instance, j.restored = instance, restored != ""
	return err
}

// meta returns a fact; one that is not there is empty.
func (j *Journal) meta(ctx context.Context, name string) (string, error) {
	var value string
	_, err := j.get(ctx, "journal.meta", &value, `SELECT value FROM meta WHERE name = ?`, name)
	return value, err
}

// Restored reports that this journal came out of a backup and nobody confirmed it
// yet: the next run may only observe.
func (j *Journal) Restored() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.restored
}

// ClearRestored confirms that the journal may write again, and audits who said so.
func (j *Journal) ClearRestored(ctx context.Context, who string) error {
	err := j.inTx(ctx, "journal.restore", func(t *tx) error {
		_, err := t.exec(ctx, `DELETE FROM meta WHERE name = ?`, metaRestored)
		return errors.Join(err, t.audit(ctx, Audit{Who: who, What: "restore confirmed"}))
	})
	if err == nil {
		j.mu.Lock()
		j.restored = false
		j.mu.Unlock()
	}
	return err
}
