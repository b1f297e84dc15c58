package sla

import (
	"fmt"
	"slices"

	"github.com/desksync/desksync/internal/near"
)

// check indexes the catalogue and collects its faults.
func (r *Rules) check(c Config) []Problem {
	var found []Problem
	for i := range r.plans {
		found = append(found, r.checkPlan(i)...)
	}
	found = append(found, r.checkPolicies()...)
	if r.grace < 0 {
		found = append(found, Problem{Path: "grace", Msg: fmt.Sprintf("a grace of %d days would end charges before their end", r.grace), Fix: "write 0d or more"})
	}
	return append(found, r.checkExpired(c.Expired)...)
}

func (r *Rules) checkPlan(i int) []Problem {
	p := &r.plans[i]
	found := r.indexName(p)
	found = append(found, r.indexProducts(p)...)
	if !p.HasSLA() {
		return found
	}
	if names := r.policyNames(); !slices.Contains(names, p.SLA) {
		found = append(found, Problem{
			Path: p.path("sla"), Line: p.Line,
			Msg: fmt.Sprintf("the plan %s has the SLA %s, which is no policy%s", p.Name, p.SLA, near.Meant(p.SLA, names)),
			Fix: "add it to sla_policies, or write sla: none",
		})
	}
	return found
}

func (r *Rules) indexName(p *Plan) []Problem {
	if p.Name == "" {
		return []Problem{{Path: p.path("plan"), Line: p.Line, Msg: "the plan has no name", Fix: "write plan: NAME"}}
	}
	if first, ok := r.byName[p.Name]; ok {
		return []Problem{{
			Path: p.path("plan"), Line: p.Line,
			Msg: fmt.Sprintf("the plan %s is listed twice, first in row %d%s", p.Name, first.Index+1, atLine(first.Line)),
			Fix: "keep one row and give it all products",
		}}
	}
	r.byName[p.Name] = p
	return nil
}

func (r *Rules) indexProducts(p *Plan) []Problem {
	var found []Problem
	for j, product := range p.Products {
		path := p.path(fmt.Sprintf("products[%d]", j))
		first, taken := r.byProduct[product]
		switch {
		case product == "":
			found = append(found, Problem{Path: path, Line: p.Line, Msg: "the product has no name", Fix: "write the name as the CRM spells it"})
		case taken:
			found = append(found, Problem{
				Path: path, Line: p.Line,
				Msg: fmt.Sprintf("the product %q is listed twice: for %s%s and for %s", product, first.Name, atLine(first.Line), p.Name),
				Fix: "keep it in one row: a product grants one plan",
			})
		default:
			r.byProduct[product] = p
		}
	}
	return found
}

func (r *Rules) checkPolicies() []Problem {
	var found []Problem
	for i, p := range r.policies {
		path := fmt.Sprintf("sla_policies[%d]", i)
		first := slices.IndexFunc(r.policies, func(o Policy) bool { return o.Name == p.Name })
		switch {
		case p.Name == "":
			found = append(found, Problem{Path: path, Line: p.Line, Msg: "the policy has no name", Fix: "write its name as the helpdesk shows it"})
		case first < i:
			found = append(found, Problem{
				Path: path, Line: p.Line,
				Msg: fmt.Sprintf("the policy %s is listed twice, first in place %d%s", p.Name, first+1, atLine(r.policies[first].Line)),
				Fix: "keep the first; the first that matches wins",
			})
		}
	}
	return found
}

// checkExpired finds the plan of accounts whose charges are over. A catalogue may
// do without unless the configuration names one.
func (r *Rules) checkExpired(name string) []Problem {
	if name == "" {
		r.expired = r.byName[expiredName]
		return nil
	}
	r.expired = r.byName[name]
	if r.expired != nil {
		return nil
	}
	return []Problem{{
		Path: "expired", Msg: fmt.Sprintf("no plan is named %s%s", name, near.Meant(name, r.PlanNames())),
		Fix: "add it as the last row of plans",
	}}
}

func (r *Rules) policyNames() []string {
	names := make([]string, len(r.policies))
	for i, p := range r.policies {
		names[i] = p.Name
	}
	return names
}

func (p Plan) path(field string) string { return fmt.Sprintf("plans[%d].%s", p.Index, field) }

func atLine(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (line %d)", n)
}
