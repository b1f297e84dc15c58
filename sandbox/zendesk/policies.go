package zendesk

import (
	"encoding/json"
	"net/http"

	"github.com/desksync/desksync/sandbox/zendesk/account"
)

// policy is an SLA policy as replies show it.
type policy struct {
	URL         string          `json:"url"`
	ID          int64           `json:"id"`
	Title       string          `json:"title"`
	Description *string         `json:"description"`
	Position    int             `json:"position"`
	Filter      filter          `json:"filter"`
	Metrics     json.RawMessage `json:"policy_metrics"`
	CreatedAt   string          `json:"created_at"`
	UpdatedAt   string          `json:"updated_at"`
}

type filter struct {
	All []account.Condition `json:"all"`
	Any []account.Condition `json:"any"`
}

func (s *Sandbox) policy(c *call, p *account.Policy) policy {
	return policy{
		URL: s.url(c, "slas/policies/"+itoa(p.ID)), ID: p.ID, Title: p.Title, Description: orNull(p.Description), Position: p.Position,
		Filter:  filter{append([]account.Condition{}, p.Filter.All...), append([]account.Condition{}, p.Filter.Any...)},
		Metrics: p.Metrics, CreatedAt: stamp(p.Created), UpdatedAt: stamp(p.Updated),
	}
}

// onPlan lets a call through where the plan has SLA policies.
func (s *Sandbox) onPlan(do func() reply) reply {
	if !s.settings.SLA {
		return noAccess()
	}
	return do()
}

func (s *Sandbox) ofPolicy(c *call, do func(*account.Policy) reply) reply {
	return s.onPlan(func() reply {
		p := s.account.Policy(c.id(0))
		if p == nil {
			return notFound()
		}
		return do(p)
	})
}

func (s *Sandbox) listPolicies(c *call) reply {
	return s.onPlan(func() reply {
		show := func(p *account.Policy) any { return s.policy(c, p) }
		return s.list(c, several("sla_policies", s.account.Policies(), func(p *account.Policy) int64 { return p.ID }, show))
	})
}

func (s *Sandbox) getPolicy(c *call) reply {
	return s.ofPolicy(c, func(p *account.Policy) reply { return ok(map[string]any{"sla_policy": s.policy(c, p)}) })
}

func (s *Sandbox) createPolicy(c *call) reply {
	return s.onPlan(func() reply { return s.savePolicy(c, nil, http.StatusCreated) })
}

func (s *Sandbox) updatePolicy(c *call) reply {
	return s.ofPolicy(c, func(p *account.Policy) reply { return s.savePolicy(c, p, http.StatusOK) })
}

func (s *Sandbox) savePolicy(c *call, old *account.Policy, status int) reply {
	p, refusal := c.object("sla_policy")
	if refusal != nil {
		return *refusal
	}
	saved, err := s.account.SavePolicy(old, p)
	if err != nil {
		return refused(err)
	}
	return jsonReply(status, map[string]any{"sla_policy": s.policy(c, saved)})
}

func (s *Sandbox) deletePolicy(c *call) reply {
	return s.ofPolicy(c, func(p *account.Policy) reply { s.account.DeletePolicy(p); return noContent() })
}

func (s *Sandbox) reorderPolicies(c *call) reply {
	return s.onPlan(func() reply {
		ids, refused := c.order("sla_policy_ids")
		if refused != nil {
			return *refused
		}
		s.account.ReorderPolicies(ids)
		return ok(map[string]any{})
	})
}

// definitions lists the conditions the sandbox evaluates.
func (s *Sandbox) definitions(*call) reply {
	return s.onPlan(func() reply {
		conditions := []map[string]any{
			{"value": "current_tags", "title": "Tags", "operators": []string{"includes", "not_includes"}},
			{"value": "organization_id", "title": "Organization", "operators": []string{"is", "is_not"}},
			{"value": "status", "title": "Status", "operators": []string{"is", "is_not"}},
		}
		return ok(map[string]any{"definitions": map[string]any{"all": conditions, "any": conditions}})
	})
}
