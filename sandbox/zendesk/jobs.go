package zendesk

import "github.com/desksync/desksync/sandbox/zendesk/account"

func (s *Sandbox) getJob(c *call) reply {
	j := s.account.Job(c.ids[0])
	if j == nil {
		return notFound()
	}
	s.countJobs(c)
	return ok(map[string]any{"job_status": s.job(c, j)})
}

func (s *Sandbox) showJobs(c *call) reply {
	ids, refused := c.textList("ids")
	if refused != nil {
		return *refused
	}
	if len(ids) == 0 {
		return parameterMissing("ids")
	}
	rows := []any{}
	for _, id := range ids {
		if j := s.account.Job(id); j != nil {
			rows = append(rows, s.job(c, j))
		}
	}
	c.items = len(rows)
	s.countJobs(c)
	return ok(map[string]any{"job_statuses": rows, "next_page": nil, "previous_page": nil, "count": len(rows)})
}

func (s *Sandbox) listJobs(c *call) reply {
	numbers := map[*account.Job]int64{}
	var jobs []*account.Job
	for i, j := range s.account.Jobs() {
		if s.account.Job(j.ID) != nil {
			jobs, numbers[j] = append(jobs, j), int64(i+1)
		}
	}
	return s.list(c, several("job_statuses", jobs, func(j *account.Job) int64 { return numbers[j] }, func(j *account.Job) any { return s.job(c, j) }))
}
