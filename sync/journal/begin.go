package journal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/desksync/desksync/internal/fault"
)

// Begin takes the target's lock and starts a run. Who finds it taken by a live
// holder gets *Locked inside a fault.Unsafe. The lock of a holder that is dead, or
// silent for longer than the lease, is taken over; its run stays to be listed by
// Interrupted.
func (j *Journal) Begin(ctx context.Context, spec RunSpec) (Run, error) {
	target, err := j.ensurePeer(ctx, peer{TargetSide, spec.Target})
	if err != nil {
		return Run{}, err
	}
	var run Run
	err = j.inTx(ctx, "journal.begin", func(t *tx) error {
		config, err := t.keepConfig(ctx, spec.Config)
		if err != nil {
			return err
		}
		id, err := t.insertRun(ctx, spec, target, config)
		if err != nil {
			return err
		}
		fence, err := t.take(ctx, target, spec.Target, id, spec.Holder)
		if err != nil {
			return err
		}
		run, err = t.run(ctx, id)
		run.fence = fence
		return err
	})
	return run, err
}

func (t *tx) insertRun(ctx context.Context, s RunSpec, target int64, config string) (id int64, err error) {
	const q = `
		INSERT INTO run (pipeline, target, parent, mode, cause, holder, day, digest, config, state, phase, started_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		RETURNING id`
	err = t.get(ctx, &id, q, s.Pipeline, target, s.Parent, string(s.Mode), clean(s.Trigger), s.Holder, s.Day.String(), s.Digest,
		config, string(Running), string(PhaseRead), t.j.now())
	return id, err
}

// keepConfig stores a configuration's text once and returns its digest.
func (t *tx) keepConfig(ctx context.Context, text string) (string, error) {
	if text == "" {
		return "", nil
	}
	sum := sha256.Sum256([]byte(text))
	digest := hex.EncodeToString(sum[:16])
	const q = `INSERT INTO config (digest, body, at) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING`
	_, err := t.exec(ctx, q, digest, clean(text), t.j.now())
	return digest, err
}

// ConfigOf returns the configuration text of a digest, as Run.Config gives it.
func (j *Journal) ConfigOf(ctx context.Context, digest string) (string, error) {
	var text string
	ok, err := j.get(ctx, "journal.config", &text, `SELECT body FROM config WHERE digest = ?`, digest)
	if err == nil && !ok {
		err = notFound("journal.config", "no run was made with a configuration of digest "+digest)
	}
	return text, err
}

// Phase notes where the run is. Entering PhaseCompare fixes which dirty marks
// Seal will clear: marks made from then on survive it.
func (j *Journal) Phase(ctx context.Context, run Run, phase Phase) error {
	return j.inTx(ctx, "journal.phase", func(t *tx) error {
		if err := t.guard(ctx, run); err != nil {
			return err
		}
		if phase == PhaseCompare {
			if err := t.fixDirty(ctx, run); err != nil {
				return err
			}
		}
		_, err := t.exec(ctx, `UPDATE run SET phase = ? WHERE id = ?`, string(phase), run.ID)
		return err
	})
}

// fixDirty notes the generation of marks that this compare covers and opens the next.
func (t *tx) fixDirty(ctx context.Context, run Run) error {
	if _, err := t.exec(ctx, `UPDATE pipeline SET gen = gen + 1 WHERE id = ?`, run.Pipeline); err != nil {
		return err
	}
	_, err := t.exec(ctx, `UPDATE run SET upto = (SELECT gen - 1 FROM pipeline WHERE id = ?) WHERE id = ?`, run.Pipeline, run.ID)
	return err
}

// Finish ends a run and frees the lock.
func (j *Journal) Finish(ctx context.Context, run Run, res Result) error {
	if res.State == Running || res.State == "" {
		return fault.New("journal.finish", fault.Invalid, errUnfinished)
	}
	return j.inTx(ctx, "journal.finish", func(t *tx) error {
		if err := t.guard(ctx, run); err != nil {
			return err
		}
		if err := t.end(ctx, run.ID, res); err != nil {
			return err
		}
		return t.free(ctx, run)
	})
}

// end writes how a run ended; it ends once.
func (t *tx) end(ctx context.Context, run int64, res Result) error {
	const q = `
		UPDATE run SET state = ?, error = ?, finished_at = ?, totals = coalesce(?, totals)
		WHERE  id = ? AND state = ?`
	var totals any
	if len(res.Totals) > 0 {
		totals = string(res.Totals)
	}
	_, err := t.exec(ctx, q, string(res.State), clean(res.Error), t.j.now(), totals, run, string(Running))
	return err
}
