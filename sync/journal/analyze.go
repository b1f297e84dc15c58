package journal

import "context"

// growth is how many rows a table was given since it was last analyzed, and at how
// many that is due.
type growth struct{ rows, due int }

// firstAnalyze is the number of rows after which PostgreSQL first looks at a table;
// after that whenever it has been given four times as many.
const firstAnalyze = 1000

func (j *Journal) grow(l *list, rows int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	g := j.growth[l]
	g.rows += rows
	j.growth[l] = growth{g.rows, max(g.due, firstAnalyze)}
}

// analyze has PostgreSQL look at tables that grew much. Left to itself it does so
// once a minute; a first load of less time would be planned as if its tables were
// empty, and each page of it would read all pages before. A table that cannot be
// analyzed is only slower.
func (j *Journal) analyze(ctx context.Context, lists []*list) {
	if !j.onPostgres() {
		return
	}
	for _, l := range lists {
		if !j.due(l) {
			continue
		}
		if _, err := j.db.ExecContext(ctx, "ANALYZE "+l.table); err != nil && ctx.Err() == nil {
			j.opt.Log.Warn().Ctx(ctx).Err(err).Str("table", l.table).Msg("table not analyzed")
		}
	}
}

func (j *Journal) due(l *list) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	g := j.growth[l]
	if g.due == 0 || g.rows < g.due {
		return false
	}
	j.growth[l] = growth{0, g.rows * 4}
	return true
}
