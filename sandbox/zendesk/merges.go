package zendesk

import (
	"net/http"

	"github.com/desksync/desksync/sandbox/zendesk/account"
)

func (s *Sandbox) showMerge(c *call, m *account.Merge) any {
	return map[string]any{
		"id": m.ID, "url": s.url(c, "organization_merges/"+m.ID), "loser_id": m.LoserID, "winner_id": m.WinnerID, "status": m.Status,
	}
}

// merge begins to merge the organization of the path, the loser, into the one of the body.
func (s *Sandbox) merge(c *call) reply {
	return s.of(c, func(loser *account.Organization) reply {
		p, refusal := c.object("organization_merge")
		if refusal != nil {
			return *refusal
		}
		winner, err := p.ID("winner_id")
		if err != nil {
			return refused(err)
		}
		m, err := s.account.StartMerge(loser, winner)
		if err != nil {
			return refused(err)
		}
		m.Fails = c.fault != nil && c.fault.Kind == faultMerge
		return jsonReply(http.StatusCreated, map[string]any{"organization_merge": s.showMerge(c, m)})
	})
}

func (s *Sandbox) getMerge(c *call) reply {
	m := s.account.Merge(c.ids[0])
	if m == nil {
		return notFound()
	}
	return ok(map[string]any{"organization_merge": s.showMerge(c, m)})
}

func (s *Sandbox) mergesOf(c *call) reply {
	merges := s.account.MergesOf(c.id(0))
	numbers := map[*account.Merge]int64{}
	for i, m := range merges {
		numbers[m] = int64(i + 1)
	}
	id := func(m *account.Merge) int64 { return numbers[m] }
	return s.list(c, several("organization_merges", merges, id, func(m *account.Merge) any { return s.showMerge(c, m) }))
}
