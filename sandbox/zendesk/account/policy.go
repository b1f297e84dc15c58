package account

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// Policy is an SLA policy.
type Policy struct {
	ID                 int64
	Title, Description string
	Position           int
	Filter             Filter
	Metrics            json.RawMessage
	Created, Updated   int64
}

// Filter is which tickets a policy is for: all of some conditions, and any of others.
type Filter struct {
	All []Condition `json:"all"`
	Any []Condition `json:"any"`
}

// Condition is one condition of a filter.
type Condition struct {
	Field    string `json:"field"`
	Operator string `json:"operator"`
	Value    any    `json:"value"`
}

// Policies are all, by position.
func (a *Account) Policies() []*Policy { return a.policies }

// Policy returns one, or nil.
func (a *Account) Policy(id int64) *Policy {
	for _, p := range a.policies {
		if p.ID == id {
			return p
		}
	}
	return nil
}

// SavePolicy makes a policy, or changes one that is.
func (a *Account) SavePolicy(old *Policy, p Patch) (*Policy, *Problem) {
	draft := Policy{Position: len(a.policies) + 1, Created: a.second(), Metrics: json.RawMessage("[]")}
	if old != nil {
		draft = *old
	}
	if err := draft.fill(p); err != nil {
		return nil, err
	}
	draft.Updated = a.second()
	if old == nil {
		draft.ID = firstPolicy + a.next()
		old = &Policy{}
		a.policies = append(a.policies, old)
	}
	*old = draft
	a.sortPolicies()
	return old, nil
}

func (l *Policy) fill(p Patch) *Problem {
	for key, into := range map[string]*string{"title": &l.Title, "description": &l.Description} {
		if err := text(p, key, into); err != nil {
			return err
		}
	}
	if n, err := p.ID("position"); err != nil {
		return err
	} else if n != 0 {
		l.Position = int(n)
	}
	if raw, named := p["filter"]; named && json.Unmarshal(raw, &l.Filter) != nil {
		return badValue("filter")
	}
	if raw, named := p["policy_metrics"]; named {
		l.Metrics = raw
	}
	if l.Title == "" {
		return blank("title", "Title")
	}
	return nil
}

// DeletePolicy removes a policy.
func (a *Account) DeletePolicy(p *Policy) {
	a.policies = slices.DeleteFunc(a.policies, func(x *Policy) bool { return x == p })
}

// ReorderPolicies puts the policies in the order of these ids.
func (a *Account) ReorderPolicies(ids []int64) {
	for i, id := range ids {
		if p := a.Policy(id); p != nil {
			p.Position = i + 1
		}
	}
	a.sortPolicies()
}

func (a *Account) sortPolicies() {
	slices.SortStableFunc(a.policies, func(x, y *Policy) int { return x.Position - y.Position })
}

// PolicyFor is the first policy by position that matches a ticket, or nil (reference §10).
func (a *Account) PolicyFor(t *Ticket) *Policy {
	for _, p := range a.policies {
		if p.Filter.matches(t) {
			return p
		}
	}
	return nil
}

func (f Filter) matches(t *Ticket) bool {
	holds := func(c Condition) bool { return c.holds(t) }
	return !slices.ContainsFunc(f.All, func(c Condition) bool { return !c.holds(t) }) && (len(f.Any) == 0 || slices.ContainsFunc(f.Any, holds))
}

// holds evaluates a condition; one on a field the sandbox's tickets lack does not hold.
func (c Condition) holds(t *Ticket) bool {
	want := c.text()
	has := func(tag string) bool { return slices.Contains(t.Tags, tag) }
	switch c.Field + " " + c.Operator {
	case "current_tags includes":
		return slices.ContainsFunc(strings.Fields(want), has)
	case "current_tags not_includes":
		return !slices.ContainsFunc(strings.Fields(want), has)
	case "organization_id is":
		return strconv.FormatInt(t.Organization, 10) == want
	case "organization_id is_not":
		return strconv.FormatInt(t.Organization, 10) != want
	case "status is":
		return t.Status == want
	case "status is_not":
		return t.Status != want
	}
	return false
}

func (c Condition) text() string {
	switch v := c.Value.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		var words []string
		for _, w := range v {
			if s, ok := w.(string); ok {
				words = append(words, s)
			}
		}
		return strings.Join(words, " ")
	}
	return ""
}
