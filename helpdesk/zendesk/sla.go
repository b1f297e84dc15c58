package zendesk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/desksync/desksync/internal/fault"
)

// Policy is an SLA policy of the account. Of several that match a ticket, the one that
// stands first is taken ("SLA Policies").
type Policy struct {
	ID       int64
	Title    string
	Position int
	All, Any []Condition
}

// Condition is one condition of a policy.
type Condition struct {
	Field    string // such as current_tags
	Operator string // such as includes
	Values   []string
}

// Policies lists the account's SLA policies in the order in which they are tried. An
// account whose plan has none is fault.Unsupported.
func (t *Target) Policies(ctx context.Context) ([]Policy, error) {
	var got struct {
		Policies []struct {
			ID       int64  `json:"id"`
			Title    string `json:"title"`
			Position int    `json:"position"`
			Filter   struct {
				All []rawCondition `json:"all"`
				Any []rawCondition `json:"any"`
			} `json:"filter"`
		} `json:"sla_policies"`
	}
	err := t.get(ctx, "slas/policies", nil, &got)
	if f := failureIn(err); f != nil && (f.status == http.StatusForbidden || f.code == noEndpoint) {
		return nil, fault.New("zendesk.policies", fault.Unsupported, errors.New(t.opt.Name+" shows no SLA policies: they need the plan Support Professional or Suite Growth and up, and an admin"))
	}
	if err != nil {
		return nil, err
	}
	out := make([]Policy, len(got.Policies))
	for i, p := range got.Policies {
		out[i] = Policy{p.ID, p.Title, p.Position, conditions(p.Filter.All), conditions(p.Filter.Any)}
	}
	slices.SortStableFunc(out, func(a, b Policy) int { return cmp.Compare(a.Position, b.Position) })
	return out, nil
}

type rawCondition struct {
	Field    string          `json:"field"`
	Operator string          `json:"operator"`
	Value    json.RawMessage `json:"value"`
}

func conditions(list []rawCondition) []Condition {
	out := make([]Condition, len(list))
	for i, c := range list {
		text := strings.ReplaceAll(plain(c.Value), ",", " ") // tags stand between spaces, lists between commas
		out[i] = Condition{c.Field, c.Operator, strings.Fields(text)}
	}
	return out
}
