package journal

import (
	"context"
	"errors"

	"github.com/desksync/desksync/internal/day"
)

// Pipeline is one source into one target under one mapping.
type Pipeline struct {
	ID     int64
	Name   string
	Source string  // name of the source in the configuration
	Target string  // name of the target in the configuration
	Digest string  // mapping digest of the last sealed run; empty before the first
	Day    day.Day // day of the last sealed run
}

// pipelineRow is a Pipeline as selected.
type pipelineRow struct {
	ID                                int64
	Name, Source, Target, Digest, Day string
}

func (r pipelineRow) pipeline() Pipeline {
	return Pipeline{ID: r.ID, Name: r.Name, Source: r.Source, Target: r.Target, Digest: r.Digest, Day: dayOf(r.Day)}
}

const selectPipeline = `
	SELECT p.id, p.name, s.name AS source, t.name AS target, p.digest, p.day
	FROM   pipeline p
	JOIN   peer s ON s.id = p.source
	JOIN   peer t ON t.id = p.target `

// Pipeline returns the pipeline of a name, made the first time. If it now has
// another source, its stage is emptied; with another target, what it claimed is
// forgotten. Either makes the next run compare everything.
func (j *Journal) Pipeline(ctx context.Context, name, source, target string) (Pipeline, error) {
	src, err := j.ensurePeer(ctx, peer{SourceSide, source})
	if err != nil {
		return Pipeline{}, err
	}
	tgt, err := j.ensurePeer(ctx, peer{TargetSide, target})
	if err != nil {
		return Pipeline{}, err
	}
	var row pipelineRow
	err = j.inTx(ctx, "journal.pipeline", func(t *tx) error {
		const insert = `INSERT INTO pipeline (name, source, target) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING`
		if _, err := t.exec(ctx, insert, name, src, tgt); err != nil {
			return err
		}
		if err := t.get(ctx, &row, selectPipeline+`WHERE p.name = ?`, name); err != nil {
			return err
		}
		if row.Source == source && row.Target == target {
			return nil
		}
		if err := t.repoint(ctx, row, source != row.Source, src, tgt); err != nil {
			return err
		}
		return t.get(ctx, &row, selectPipeline+`WHERE p.name = ?`, name)
	})
	return row.pipeline(), err
}

// repoint gives a pipeline another source or target.
func (t *tx) repoint(ctx context.Context, row pipelineRow, emptyStage bool, src, tgt int64) error {
	tables := []string{"mapped", "claim_todo", "claim", "standing"}
	if emptyStage {
		tables = append(tables, "stage", "missing", "reading", "dirty")
	}
	for _, table := range tables {
		if _, err := t.exec(ctx, `DELETE FROM `+table+` WHERE pipeline = ?`, row.ID); err != nil {
			return err
		}
	}
	const q = `UPDATE pipeline SET source = ?, target = ?, digest = '', sight = '' WHERE id = ?`
	_, err := t.exec(ctx, q, src, tgt, row.ID)
	return errors.Join(err, t.markAll(ctx, row.ID))
}

// Pipelines lists all pipelines by name.
func (j *Journal) Pipelines(ctx context.Context) ([]Pipeline, error) {
	var rows []pipelineRow
	if err := j.all(ctx, "journal.pipelines", &rows, selectPipeline+`ORDER BY p.name`); err != nil {
		return nil, err
	}
	out := make([]Pipeline, len(rows))
	for i, r := range rows {
		out[i] = r.pipeline()
	}
	return out, nil
}

// dayOf reads a stored day; what is none is no day.
func dayOf(s string) day.Day {
	d, err := day.Parse(s)
	if err != nil {
		return 0
	}
	return d
}
