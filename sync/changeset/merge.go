package changeset

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/pack"
)

// Proposal is the merge of two organizations whose accounts were merged in the CRM, as
// a person decides about it.
type Proposal struct {
	Loser   Party                `json:"loser"`
	Winner  Party                `json:"winner"`
	Moves   helpdesk.MergeEffect `json:"moves"`
	Lost    []Loss               `json:"lost"`
	Refused []string             `json:"refused"` // why it cannot be made now; empty: it waits for a decision
	Kept    string               `json:"kept"`    // who decided to keep both, and why; empty: nobody did
}

// Party is one side of a merge.
type Party struct {
	Account string `json:"account"`
	ID      string `json:"id"` // of its organization; empty: it has none yet
	Name    string `json:"name"`
}

// Loss is a value of the loser that the winner does not hold equally.
type Loss struct {
	Field string         `json:"field"`
	Value helpdesk.Value `json:"value"`
	Ours  bool           `json:"ours"` // desksync wrote it; what people set comes first
}

// Losses returns what of the loser would be lost: each field with a value that the
// winner does not hold equally, but for its domains, which move, and its name and mark.
func Losses(loser, winner, last helpdesk.Fields, mark string) []Loss {
	var out []Loss
	for _, f := range loser {
		moves := f.Name == helpdesk.Name || f.Name == mark || f.Name == LinkField || strings.HasPrefix(f.Name, helpdesk.DomPrefix)
		held, _ := winner.Get(f.Name)
		if moves || f.Value.IsZero() || same(f.Value, held) {
			continue
		}
		wrote, _ := last.Get(f.Name)
		out = append(out, Loss{f.Name, f.Value, same(wrote, f.Value)})
	}
	slices.SortStableFunc(out, func(a, b Loss) int { return int(bit(a.Ours)) - int(bit(b.Ours)) })
	return out
}

// Change returns the change that makes the merge.
func (p *Proposal) Change() helpdesk.Change {
	ch := helpdesk.Change{
		Op: helpdesk.Merge, Ref: helpdesk.Ref{Kind: helpdesk.Organization, Key: p.Loser.Account}, Account: p.Loser.Account,
		TargetID: p.Loser.ID, Name: p.Loser.Name, Into: p.Winner.Account, IntoID: p.Winner.ID,
	}
	for _, l := range p.Lost {
		ch.Deltas = append(ch.Deltas, helpdesk.Delta{Field: l.Field, Have: l.Value, Cause: helpdesk.Merged, Origin: "lost with the merge"})
	}
	ch.ID = ID(&ch)
	return ch
}

// Moved returns what is not as it was when an earlier proposal was shown: the
// organizations, what would be lost, domains. People and tickets come and go, and do
// not count.
func (p *Proposal) Moved(shown *Proposal) []string {
	now, then := p.pinned(), shown.pinned()
	both := maps.Clone(then)
	maps.Copy(both, now)
	var out []string
	for what := range both {
		if now[what] != then[what] {
			out = append(out, what.name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// pin is a part of a proposal that a decision is about.
type pin struct{ kind, name string }

func (p *Proposal) pinned() map[pin]string {
	out := map[pin]string{{"loser", "organization " + p.Loser.Account}: p.Loser.ID, {"winner", "organization " + p.Winner.Account}: p.Winner.ID}
	for _, l := range p.Lost {
		out[pin{"field", label(l.Field)}] = quote(l.Field, l.Value)
	}
	for _, d := range p.Moves.Domains {
		out[pin{"domain", "domain " + d}] = d
	}
	for _, d := range p.Moves.Drops {
		out[pin{"drop", d}] = d
	}
	return out
}

// Open reports whether the proposal waits for a decision that can be taken now.
func (p *Proposal) Open() bool { return p.Kept == "" && len(p.Refused) == 0 }

// storedProposal is the form in which a proposal is kept: text, so that a person who is
// forgotten can be taken out of it, and each value with its type.
type storedProposal struct {
	Proposal
	Lost []storedLoss `json:"lost"` // in the place of the proposal's own
}

type storedLoss struct {
	Field string `json:"field"`
	Value string `json:"value"`
	Ours  bool   `json:"ours"`
}

// Pack renders the proposal for storing, as one packed value.
func (p *Proposal) Pack() ([]byte, error) {
	kept := storedProposal{Proposal: *p}
	for _, l := range p.Lost {
		value, err := l.Value.MarshalText()
		if err != nil {
			return nil, err
		}
		kept.Lost = append(kept.Lost, storedLoss{l.Field, string(value), l.Ours})
	}
	text, err := json.Marshal(kept)
	return helpdesk.TextOf(string(text)).Pack(nil), err
}

// UnpackProposal reads what Pack wrote.
func UnpackProposal(b []byte) (Proposal, error) {
	r := pack.Read(b)
	text := helpdesk.UnpackValue(r).Text()
	if r.Err() != nil {
		return Proposal{}, r.Err()
	}
	var kept storedProposal
	if err := json.Unmarshal([]byte(text), &kept); err != nil {
		return Proposal{}, err
	}
	p := kept.Proposal
	for _, l := range kept.Lost {
		var v helpdesk.Value
		if err := v.UnmarshalText([]byte(l.Value)); err != nil {
			return Proposal{}, err
		}
		p.Lost = append(p.Lost, Loss{l.Field, v, l.Ours})
	}
	return p, nil
}
