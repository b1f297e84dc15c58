package account

import (
	"fmt"
	"time"
)

// Merge is one organization going into another.
type Merge struct {
	ID                string
	LoserID, WinnerID int64
	Status            string // new, in_progress, complete, error
	Fails             bool

	begun time.Time
	steps int
	took  time.Duration
}

// StartMerge begins to merge an organization into another.
func (a *Account) StartMerge(loser *Organization, winnerID int64) (*Merge, *Problem) {
	winner := a.Organization(winnerID)
	switch {
	case winner == nil:
		return nil, notFound()
	case winner == loser:
		return nil, invalid("winner_id", "Winner", "cannot be the organization itself", "InvalidValue")
	case loser.merge != nil || winner.merge != nil:
		return nil, invalid("base", "Organization", "is already being merged", "OrganizationBeingMerged")
	}
	m := &Merge{ID: ulid(a.at, a.next()), LoserID: loser.ID, WinnerID: winnerID, Status: "new", begun: a.at, took: duration(a.Rules.MergeSeconds)}
	loser.merge, winner.merge = m, m
	a.merges = append(a.merges, m)
	a.tasks = append(a.tasks, m)
	return m, nil
}

// ulid writes a time and a number in 26 letters of Crockford's alphabet.
func ulid(at time.Time, n int64) string {
	const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	out := []byte(fmt.Sprintf("%026d", 0))
	for i, v := 9, at.UnixMilli(); i >= 0; i, v = i-1, v/32 {
		out[i] = letters[v%32]
	}
	for i, v := 25, n; v > 0; i, v = i-1, v/32 {
		out[i] = letters[v%32]
	}
	return string(out)
}

// Merge returns one, or nil.
func (a *Account) Merge(id string) *Merge {
	for _, m := range a.merges {
		if m.ID == id {
			return m
		}
	}
	return nil
}

// MergesOf are those an organization was or is part of.
func (a *Account) MergesOf(id int64) []*Merge {
	var out []*Merge
	for _, m := range a.merges {
		if m.LoserID == id || m.WinnerID == id {
			out = append(out, m)
		}
	}
	return out
}

func (m *Merge) due() time.Time {
	if m.steps == 0 {
		return m.begun.Add(m.took / 3)
	}
	return m.begun.Add(m.took)
}

func (m *Merge) step(a *Account) bool {
	if m.steps++; m.steps == 1 {
		m.Status = "in_progress"
		return true
	}
	loser, winner := a.Organization(m.LoserID), a.Organization(m.WinnerID)
	for _, o := range []*Organization{loser, winner} {
		if o != nil {
			o.merge = nil
		}
	}
	if m.Fails || loser == nil || winner == nil {
		m.Status = "error"
		return false
	}
	a.carry(loser, winner)
	m.Status = "complete"
	return false
}

// carry moves users, tickets and domains, and nothing else; the loser is deleted.
func (a *Account) carry(loser, winner *Organization) {
	for _, m := range loser.Members() {
		u, byDefault := m.User, m.Default
		a.dropMembership(m)
		at := u.MemberOf(winner)
		if at == nil {
			at = a.join(u, winner, false)
		}
		if byDefault {
			a.MakeDefault(at)
		}
	}
	for _, t := range a.tickets.rows {
		if t.Organization == loser.ID {
			t.Organization = winner.ID
		}
	}
	draft := *winner
	draft.Domains = append(append([]string{}, winner.Domains...), without(loser.Domains, winner.Domains)...)
	loser.merge = nil
	a.remove(loser)
	a.commit(winner, &draft)
}
