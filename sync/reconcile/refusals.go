package reconcile

import (
	"slices"
	"strings"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/journal"
)

// refusals says why two organizations are not merged now; each clause ends the words
// "refused as long as". The winner must be entitled, no prospect and not on hold
// (GitLab's handbook, "Account merges"), and nothing about either side be in doubt.
func (p *pass) refusals(l, w *side) []string {
	if why := p.noWinner(w); why != "" {
		return []string{why}
	}
	var out []string
	for _, why := range []string{p.cannotMerge(), p.disputed(w), p.notEntitled(w), p.onHold(w), p.prospect(w), p.spoken(l, w), p.farOff(l, w)} {
		if why != "" {
			out = append(out, why)
		}
	}
	return out
}

func (p *pass) cannotMerge() string {
	if _, ok := p.Target.(helpdesk.Merger); ok && p.caps.Can(helpdesk.Organization, helpdesk.Merge) {
		return ""
	}
	return p.TargetName + " cannot merge organizations"
}

// noWinner says why there is nothing sure to merge into.
func (p *pass) noWinner(w *side) string {
	switch {
	case p.gone(w.group):
		return w.name + " is gone from the CRM itself"
	case w.unread != nil:
		return w.name + " cannot be read: " + w.unread.Error()
	case w.result.Skip != "":
		return w.name + " is not wanted: " + w.result.Skip
	case w.now == nil:
		return w.name + " has no organization yet"
	case w.object == nil || w.object.Pipeline != 0 && w.object.Pipeline != p.pipe.ID:
		return "the organization of " + w.name + " is not this pipeline's"
	default:
		return ""
	}
}

// disputed names what the winner claims and another account too, unless that one was
// merged into it as well.
func (p *pass) disputed(w *side) string {
	var over []string
	for key, c := range p.contests {
		open, lost := p.withheldFrom(w.account, "", key.kind, key.value)
		holds := slices.ContainsFunc(c.Holders, func(h journal.Holder) bool { return h.Account == w.account && !h.Stranger() })
		if holds && lost && open != nil && key.kind != journal.ClaimEmail && !p.allMerged(c, w.account) {
			over = append(over, key.value)
		}
	}
	if len(over) == 0 {
		return ""
	}
	slices.Sort(over)
	return w.name + " is in conflict over " + strings.Join(over, ", ")
}

// allMerged reports whether all others that claim something were merged into the account.
func (p *pass) allMerged(c *journal.Contest, account string) bool {
	return !slices.ContainsFunc(c.Holders, func(h journal.Holder) bool {
		return h.Stranger() || h.Account != account && p.merged[h.Account] != account
	})
}

// notEntitled says why the winner has no support; nothing where no charges are read.
func (p *pass) notEntitled(w *side) string {
	switch {
	case p.Mapper.Columns()[crm.Subscription] == nil:
		return ""
	case w.result.SLA.Expired:
		return "the plan of " + w.name + " is expired"
	case w.result.SLA.Plan == "":
		return w.name + " has no plan"
	default:
		return ""
	}
}

// holdName is what a flag among the plans, a tag, or (with anything and a bar before
// it) a checkbox is called that stops support.
const holdName = "hold"

// onHold says what puts the winner on hold: as the rules want it, or where they have
// no opinion, as the helpdesk has it.
func (p *pass) onHold(w *side) string {
	for _, name := range w.result.SLA.Plans {
		if plan, ok := p.Rules.Plan(name); ok && plan.Flag && plan.Name == holdName {
			return w.name + " is on hold"
		}
	}
	for _, f := range w.stands() {
		bare, custom := strings.CutPrefix(f.Name, helpdesk.FieldPrefix)
		if f.Value.True() && (f.Name == helpdesk.TagPrefix+holdName || custom && (bare == holdName || strings.HasSuffix(bare, "_"+holdName))) {
			return w.name + " is on hold (" + bare + ")"
		}
	}
	return ""
}

// prospectName is the plan, or the value of a field, of who has not bought anything.
const prospectName = "prospect"

func (p *pass) prospect(w *side) string {
	if strings.EqualFold(w.result.SLA.Plan, prospectName) {
		return w.name + " is a prospect"
	}
	for _, f := range w.stands() {
		if bare, custom := strings.CutPrefix(f.Name, helpdesk.FieldPrefix); custom && strings.EqualFold(f.Value.Text(), prospectName) {
			return w.name + " is a prospect (" + bare + ")"
		}
	}
	return ""
}

// stands is what the winner holds once all that the rules want of it is written.
func (w *side) stands() helpdesk.Fields {
	var out helpdesk.Fields
	if w.now != nil {
		out = append(out, w.now.Fields...)
	}
	for _, f := range w.result.Org.Fields {
		out = append(out, helpdesk.Field{Name: f.Name, Value: f.Value})
	}
	return out.Sort()
}

// spoken says what somebody said of either side that a merge would go against.
func (p *pass) spoken(l, w *side) string {
	exempt, _ := l.now.Fields.Get(p.Mark.Exempt)
	marked, _ := w.now.Fields.Get(p.Mark.Field)
	switch {
	case p.Mark.Protect[l.account]:
		return l.name + " is protected by the configuration"
	case exempt.True():
		return l.name + " is exempted from deletion (" + strings.TrimPrefix(p.Mark.Exempt, helpdesk.FieldPrefix) + ")"
	case marked.True():
		return w.name + " is marked for deletion (" + strings.TrimPrefix(p.Mark.Field, helpdesk.FieldPrefix) + ")"
	default:
		return ""
	}
}

// farOff says which side is outside of what is written so far.
func (p *pass) farOff(l, w *side) string {
	switch {
	case p.outOfScope(w.account, w.result.NotYet):
		return w.name + " is outside the pipeline's scope"
	case p.outOfScope(l.account, false):
		return l.name + " is outside the pipeline's scope"
	default:
		return ""
	}
}
