package journal

import (
	"context"
	"fmt"

	"github.com/desksync/desksync/internal/fault"
)

// What a binding is about.
const (
	SourceSide = "source"
	TargetSide = "target"
)

// peer names a source or target.
type peer struct{ side, name string }

// Bind records which account a source or target has, the first time; another
// account later is fault.Unsafe until Rebind. An empty account binds nothing.
func (j *Journal) Bind(ctx context.Context, what, name, account string) error {
	id, err := j.ensurePeer(ctx, peer{what, name})
	if err != nil || account == "" {
		return err
	}
	const q = `UPDATE peer SET account = ?, bound_at = ? WHERE id = ? AND account = ''`
	if _, err := j.db.ExecContext(ctx, j.db.Rebind(q), account, j.now(), id); err != nil {
		return j.db.Fault("journal.bind", err)
	}
	var bound string
	if _, err := j.get(ctx, "journal.bind", &bound, `SELECT account FROM peer WHERE id = ?`, id); err != nil || bound == account {
		return err
	}
	return &fault.Error{Op: "journal.bind", Kind: fault.Unsafe, Ref: what + "/" + name, Err: &Elsewhere{Side: what, Name: name, Bound: bound, Account: account}}
}

// Elsewhere says that another account stands behind a name than the one it was bound to.
// It comes inside a fault.Unsafe.
type Elsewhere struct{ Side, Name, Bound, Account string }

// Error names both and how to accept the new one.
func (e *Elsewhere) Error() string {
	return fmt.Sprintf("the %s %s was %s until now and is %s: another one stands behind that name; if that is meant: %s", e.Side, e.Name, e.Bound, e.Account, e.Command())
}

// Command accepts the new account.
func (e *Elsewhere) Command() string {
	return fmt.Sprintf("desksync rebind %s %s %s", e.Side, e.Name, e.Account)
}

// Rebind records another account for a name and audits it. Of a target it also
// forgets where its feeds went on, and of a source where delta reads do: the next
// refresh, or read, is a full one.
func (j *Journal) Rebind(ctx context.Context, what, name, account, who string) error {
	id, err := j.ensurePeer(ctx, peer{what, name})
	if err != nil {
		return err
	}
	return j.inTx(ctx, "journal.rebind", func(t *tx) error {
		if _, err := t.exec(ctx, `UPDATE peer SET account = ?, bound_at = ? WHERE id = ?`, account, j.now(), id); err != nil {
			return err
		}
		if _, err := t.exec(ctx, `DELETE FROM feed WHERE target = ?`, id); err != nil {
			return err
		}
		if _, err := t.exec(ctx, `UPDATE reading SET place = '' WHERE pipeline IN (SELECT id FROM pipeline WHERE source = ?)`, id); err != nil {
			return err
		}
		return t.audit(ctx, Audit{Who: who, What: "rebind", Ref: what + "/" + name, Detail: account})
	})
}

// ensurePeer returns the number of a source or target, given the first time.
func (j *Journal) ensurePeer(ctx context.Context, p peer) (int64, error) {
	if id, err := j.peerID(ctx, p); err != nil || id != 0 {
		return id, err
	}
	const q = `INSERT INTO peer (side, name) VALUES (?, ?) ON CONFLICT (side, name) DO NOTHING`
	if _, err := j.db.ExecContext(ctx, j.db.Rebind(q), p.side, p.name); err != nil {
		return 0, j.db.Fault("journal.bind", err)
	}
	return j.peerID(ctx, p)
}

// peerID returns the number of a source or target; 0 if it was never heard of.
func (j *Journal) peerID(ctx context.Context, p peer) (int64, error) {
	j.mu.Lock()
	id := j.peers[p]
	j.mu.Unlock()
	if id != 0 {
		return id, nil
	}
	_, err := j.get(ctx, "journal.peer", &id, `SELECT id FROM peer WHERE side = ? AND name = ?`, p.side, p.name)
	if err == nil && id != 0 {
		j.mu.Lock()
		j.peers[p] = id
		j.mu.Unlock()
	}
	return id, err
}

// targetID is peerID of a target.
func (j *Journal) targetID(ctx context.Context, name string) (int64, error) {
	return j.peerID(ctx, peer{TargetSide, name})
}
