package zendesk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
)

// rules are the account's SLA policies as they were read, and when.
type rules struct {
	list []helpdesk.SLAPolicy
	err  error // the account shows none
	at   time.Time
}

// SLAPolicies implements helpdesk.PolicyKeeper: it reads them at most once in
// Options.Check. An account whose plan has none is fault.Unsupported ("SLA Policies").
func (t *Target) SLAPolicies(ctx context.Context) ([]helpdesk.SLAPolicy, error) {
	t.mu.Lock()
	read := t.rules
	t.mu.Unlock()
	if read == nil || t.opt.Now().Sub(read.at) >= t.opt.Check {
		list, err := t.readPolicies(ctx)
		if err != nil && fault.KindOf(err) != fault.Unsupported {
			return nil, err
		}
		read = &rules{list, err, t.opt.Now()}
		t.mu.Lock()
		t.rules = read
		t.mu.Unlock()
	}
	return read.list, read.err
}

func (t *Target) readPolicies(ctx context.Context) ([]helpdesk.SLAPolicy, error) {
	var got struct {
		Policies []rawPolicy `json:"sla_policies"`
	}
	err := t.get(ctx, "slas/policies", nil, &got)
	if f := failureIn(err); f != nil && (f.status == http.StatusForbidden || f.code == noEndpoint) {
		return nil, fault.New("zendesk.policies", fault.Unsupported, errors.New(t.opt.Name+" shows no SLA policies: they need the plan Support Professional or Suite Growth and up, and an admin"))
	}
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(got.Policies, func(a, b rawPolicy) int { return cmp.Compare(a.Position, b.Position) })
	out := make([]helpdesk.SLAPolicy, len(got.Policies))
	for i, p := range got.Policies {
		out[i] = helpdesk.SLAPolicy{Title: p.Title, All: conditions(p.Filter.All), Any: conditions(p.Filter.Any)}
	}
	return out, nil
}

type rawPolicy struct {
	Title    string `json:"title"`
	Position int    `json:"position"`
	Filter   struct {
		All []rawCondition `json:"all"`
		Any []rawCondition `json:"any"`
	} `json:"filter"`
}

type rawCondition struct {
	Field    string          `json:"field"`
	Operator string          `json:"operator"`
	Value    json.RawMessage `json:"value"`
}

// conditions are in the words of helpdesk, which are Zendesk's own.
func conditions(list []rawCondition) []helpdesk.Condition {
	out := make([]helpdesk.Condition, len(list))
	for i, c := range list {
		text := strings.ReplaceAll(plain(c.Value), ",", " ") // tags stand between spaces, lists between commas
		out[i] = helpdesk.Condition{Field: c.Field, Operator: c.Operator, Values: strings.Fields(text)}
	}
	return out
}
