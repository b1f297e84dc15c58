package zendesk

import (
	"net/http"

	"github.com/desksync/desksync/sandbox/zendesk/account"
)

// The results of items of a job (reference §7, recordings). What failed has neither
// success nor status.
type (
	made struct {
		Status string `json:"status"`
		ID     int64  `json:"id"`
	}
	changed struct {
		Action  string `json:"action"`
		ID      int64  `json:"id"`
		Status  string `json:"status"`
		Success bool   `json:"success"`
	}
	failed struct {
		Index   int    `json:"index"`
		Error   string `json:"error"`
		ID      int64  `json:"id,omitempty"`
		Details string `json:"details"`
	}
)

// submit queues a job and answers with it.
func (s *Sandbox) submit(c *call, w account.Work) reply {
	c.job = w.Class
	j, err := s.account.Submit(w)
	if err != nil {
		return s.tooManyJobs(c, w.Class)
	}
	if f := c.fault; f != nil {
		j.Fate, j.Until = f.fate(), f.Items
	}
	s.countJobs(c)
	return ok(map[string]any{"job_status": s.job(c, j)})
}

func (s *Sandbox) countJobs(c *call) {
	most := s.settings.MaxJobs
	c.limits = append(c.limits, limitState{name: "inflight-jobs", total: most, remaining: max(0, most-len(s.account.InFlight())), resets: 1})
}

func (s *Sandbox) tooManyJobs(c *call, class string) reply {
	s.countJobs(c)
	ids := []string{}
	for _, j := range s.account.InFlight() {
		ids = append(ids, j.ID)
	}
	return jsonReply(http.StatusTooManyRequests, map[string]any{
		"error": "TooManyJobs", "description": "Too many " + class + " jobs are currently queued or running. Try again later.", "current_job_ids": ids,
	}).with("Retry-After", "5")
}

func (s *Sandbox) createOrganizations(c *call) reply {
	batch, refused := c.objects("organizations")
	if refused != nil {
		return *refused
	}
	return s.submit(c, account.Work{
		Type: "Bulk Create Organization", Class: "OrganizationBulkCreateJob", Verb: "Creating organization", Pace: account.Creating, Total: len(batch),
		Run: func(i int) any {
			o, _, err := s.account.CreateOrganization(batch[i])
			if err != nil {
				return failed{Index: i, Error: "OrganizationCreateFailed", Details: err.Error()}
			}
			return made{"Created", o.ID}
		},
	})
}

// updateOrganizations is two calls: with ids the same change for all, without a change each.
func (s *Sandbox) updateOrganizations(c *call) reply {
	if !c.query.Has("ids") && !c.query.Has("external_ids") {
		batch, refused := c.objects("organizations")
		if refused != nil {
			return *refused
		}
		return s.updateEach(c, batch)
	}
	p, refused := c.object("organization")
	if refused != nil {
		return *refused
	}
	find, total, refused := s.named(c)
	if refused != nil {
		return *refused
	}
	return s.submit(c, s.updating(total, func(i int) any { return s.updateOne(i, find(i), p) }))
}

func (s *Sandbox) updating(total int, run func(i int) any) account.Work {
	return account.Work{
		Type: "Bulk Update Organization", Class: "OrganizationBulkUpdateJob", Verb: "Updating organization", Pace: account.Updating, Total: total, Run: run,
	}
}

func (s *Sandbox) updateEach(c *call, batch []account.Patch) reply {
	return s.submit(c, s.updating(len(batch), func(i int) any {
		p := batch[i]
		id, err := p.ID("id")
		if err != nil {
			return failed{Index: i, Error: "OrganizationUpdateFailed", Details: err.Error()}
		}
		delete(p, "id")
		return s.updateOne(i, target{id, s.account.Organization(id)}, p)
	}))
}

// target is what an item of a job is about: an id, and what has it.
type target struct {
	id           int64
	organization *account.Organization
}

func (s *Sandbox) updateOne(i int, t target, p account.Patch) any {
	if t.organization == nil {
		return failed{Index: i, Error: "RecordNotFound", ID: t.id, Details: "Not found"}
	}
	if _, err := s.account.UpdateOrganization(t.organization, p); err != nil {
		return failed{Index: i, Error: "OrganizationUpdateFailed", ID: t.organization.ID, Details: err.Error()}
	}
	return changed{"update", t.organization.ID, "Updated", true}
}

// named are the organizations of ids or external_ids, each looked up when its turn comes.
func (s *Sandbox) named(c *call) (find func(i int) target, total int, refusal *reply) {
	if _, refusal = s.pick(c); refusal != nil {
		return nil, 0, refusal
	}
	if external := c.words("external_ids"); len(external) > 0 {
		return func(i int) target {
			o := s.account.OrganizationByExternalID(external[i])
			if o == nil {
				return target{}
			}
			return target{o.ID, o}
		}, len(external), nil
	}
	ids, refusal := c.idList()
	return func(i int) target { return target{ids[i], s.account.Organization(ids[i])} }, len(ids), refusal
}

func (s *Sandbox) deleteOrganizations(c *call) reply {
	find, total, refused := s.named(c)
	if refused != nil {
		return *refused
	}
	return s.submit(c, account.Work{
		Type: "Bulk Delete Organization", Class: "OrganizationBulkDeleteJob", Verb: "Deleting Organization", Pace: account.Deleting, Total: total,
		Run: func(i int) any {
			t := find(i)
			if t.organization == nil {
				return failed{Index: i, Error: "RecordNotFound", ID: t.id, Details: "Not found"}
			}
			if err := s.account.DeleteOrganization(t.organization); err != nil {
				return failed{Index: i, Error: "OrganizationDeleteFailed", ID: t.id, Details: err.Error()}
			}
			return changed{"delete", t.id, "Deleted", true}
		},
	})
}
