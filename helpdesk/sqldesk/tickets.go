package sqldesk

import (
	"context"
	"slices"
	"strconv"
)

// OpenTickets implements helpdesk.TicketCounter. Organizations without such a
// ticket are missing from the answer.
func (s *Store) OpenTickets(ctx context.Context, ids []string) (map[string]int, error) {
	const q = `
		SELECT organization_id, count(*) AS n
		FROM   ticket
		WHERE  status <> 'closed' AND organization_id IN (?)
		GROUP  BY organization_id`
	out := map[string]int{}
	for chunk := range slices.Chunk(ids, keysPerQuery) {
		query, args, err := s.db.In(q, numbers(chunk))
		if err != nil {
			return nil, err
		}
		var rows []struct {
			ID int64 `db:"organization_id"`
			N  int   `db:"n"`
		}
		if err := s.db.SelectContext(ctx, &rows, query, args...); err != nil {
			return nil, s.db.Fault("sqldesk.tickets", err)
		}
		for _, r := range rows {
			out[idText(r.ID)] = r.N
		}
	}
	return out, nil
}

// numbers reads ids; what is none becomes 0, which nothing has.
func numbers(ids []string) []int64 {
	out := make([]int64, len(ids))
	for i, id := range ids {
		out[i], _ = strconv.ParseInt(id, 10, 64) //nolint:errcheck // as said
	}
	return out
}
