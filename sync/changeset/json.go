package changeset

import (
	"encoding/json"
	"io"

	"github.com/desksync/desksync/helpdesk"
)

// Encoder writes changes as JSON, one per line.
type Encoder struct{ json *json.Encoder }

// NewEncoder returns an encoder to w.
func NewEncoder(w io.Writer) *Encoder {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return &Encoder{e}
}

type jsonChange struct {
	ID       string        `json:"id"`
	Op       helpdesk.Op   `json:"op"`
	Kind     helpdesk.Kind `json:"kind"`
	Key      string        `json:"key"`
	Account  string        `json:"account,omitempty"`
	TargetID string        `json:"target_id,omitempty"`
	Name     string        `json:"name,omitempty"`
	Hold     string        `json:"hold,omitempty"`
	Into     string        `json:"into,omitempty"`
	Deltas   []jsonDelta   `json:"deltas"`
	Policy   *jsonPolicy   `json:"sla_policy,omitempty"`
}

type jsonDelta struct {
	Field  string         `json:"field"`
	Want   helpdesk.Value `json:"want"`
	Have   helpdesk.Value `json:"have"`
	Last   helpdesk.Value `json:"last_written"`
	Cause  helpdesk.Cause `json:"cause"`
	Origin string         `json:"origin,omitempty"`
	Hold   string         `json:"hold,omitempty"`
}

type jsonPolicy struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Encode writes one change.
func (e *Encoder) Encode(x Entry) error {
	ch := x.Change
	out := jsonChange{
		ID: ch.ID, Op: ch.Op, Kind: ch.Ref.Kind, Key: ch.Ref.Key, Account: ch.Account,
		TargetID: ch.TargetID, Name: ch.Name, Hold: ch.Hold, Into: ch.Into, Deltas: make([]jsonDelta, len(ch.Deltas)),
	}
	for i, d := range ch.Deltas {
		out.Deltas[i] = jsonDelta(d)
	}
	if x.PolicyFrom != x.PolicyTo {
		out.Policy = &jsonPolicy{x.PolicyFrom, x.PolicyTo}
	}
	return e.json.Encode(out)
}
