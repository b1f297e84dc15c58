package reconcile

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fold"
	"github.com/desksync/desksync/sla"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// outOfScope reports whether a change is shown and not written yet.
func (p *pass) outOfScope(account string, notYet bool) bool {
	switch {
	case notYet, p.Scope.Only != nil && !p.Scope.Only[account]:
		return true
	case p.Scope.Share <= 0 || p.Scope.Share >= 1:
		return false
	}
	sum := sha256.Sum256([]byte(account))
	return float64(binary.BigEndian.Uint64(sum[:])>>11)/(1<<53) >= p.Scope.Share
}

// keepOpen marks the accounts of changes that wait for a guard or for the scope, so
// that later runs show them again, as they are then, and counts those of guards as
// held.
func (p *pass) keepOpen(ctx context.Context) error {
	held := true
	guards := map[string]string{}
	for _, t := range p.rep.Tripped {
		guards[changeset.Hold(changeset.HoldGuard, t.Text)] = t.Guard
	}
	for after := (journal.Pos{}); ; {
		rows, err := p.journal.Changes(ctx, p.run.ID, journal.ChangeFilter{Held: &held}, after, journal.MaxPage)
		if err != nil || len(rows) == 0 {
			return err
		}
		for i := range rows {
			if k := changeset.HoldKind(rows[i].Hold); k == changeset.HoldGuard || k == changeset.HoldScope {
				p.again = append(p.again, rows[i].Account)
			}
			if err := p.guarded(&rows[i], guards[rows[i].Hold]); err != nil {
				return err
			}
		}
		after = rows[len(rows)-1].Pos()
	}
}

// guarded counts a change that a guard holds.
func (p *pass) guarded(row *journal.ChangeRow, guard string) error {
	if guard == "" || row.Op == opNote {
		return nil
	}
	c, err := helpdesk.UnpackChange(row.Body)
	if err == nil {
		p.rep.Summary.Guard(guard, &c)
	}
	return err
}

// rank is the place of a plan in the order, best first from 0; negative for none.
func (p *pass) rank(plan string) int { return p.Rules.Rank(plan) - 1 }

// giveUp takes the domains that were decided for another account out of what this one
// wants, so that one it has already goes.
func (p *pass) giveUp(s *subject, out *sink) {
	for _, d := range s.result.Org.Fields.Family(helpdesk.DomPrefix) {
		if open, lost := p.withheldFrom(s.group.ID, "", journal.ClaimDomain, d); lost && open == nil {
			s.result.Org.Fields = s.result.Org.Fields.Without(helpdesk.DomPrefix + d)
			out.again = append(out.again, s.group.ID) // nothing is open that would bring it back
		}
	}
}

// withholdOrganization holds what is in conflict: the name (and so the create), a domain.
func (p *pass) withholdOrganization(s *subject, v *changeset.Verdict, out *sink) {
	name, _ := s.result.Org.Fields.Get(helpdesk.Name)
	p.withholdOne(s, v, journal.ClaimName, fold.Name(name.Text()), helpdesk.Name, out)
	for _, d := range s.result.Org.Fields.Family(helpdesk.DomPrefix) {
		p.withholdOne(s, v, journal.ClaimDomain, d, helpdesk.DomPrefix+d, out)
	}
}

func (p *pass) withholdOne(s *subject, v *changeset.Verdict, kind journal.ClaimKind, value, field string, out *sink) {
	c, withheld := p.withheldFrom(s.group.ID, "", kind, value)
	if by := p.taken[value]; by != "" && !withheld && kind == journal.ClaimName {
		withhold(v, holdOf(&conflict{contest: p.contests[claimKey{kind, value}], account: s.group.ID, taken: by}, out), field)
		return
	}
	if !withheld || kind == journal.ClaimName && p.linkable(s, value) {
		return
	}
	withhold(v, holdOf(c, out), field)
}

// linkable reports whether the only other holder of a name is an organization that
// is to be linked to this account.
func (p *pass) linkable(s *subject, name string) bool {
	return p.Match.ByName && s.org == nil && p.onlyStranger(journal.ClaimName, name, s.group.ID) != ""
}

func unknownReason(r *sla.Result) string {
	var names []string
	for _, c := range r.Unknown {
		names = append(names, fmt.Sprintf("%q", c.Product))
	}
	return "no catalogue row has " + strings.Join(names, ", ") + "; add the product under plans"
}

func decisionName(id int64) string { return fmt.Sprintf("decision %d", id) }

func find(o *journal.Objects, ref helpdesk.Ref) *journal.Object {
	switch ref.Kind {
	case helpdesk.Organization:
		return o.Organization(ref.Key)
	case helpdesk.User:
		return o.User(ref.Key)
	default:
		account, _ := helpdesk.SplitMember(ref.Key)
		members := o.MembersOf(account)
		for i := range members {
			if members[i].Key == ref.Key {
				return &members[i]
			}
		}
		return nil
	}
}
