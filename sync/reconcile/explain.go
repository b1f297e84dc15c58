package reconcile

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sla"
	"github.com/desksync/desksync/sync/changeset"
)

// Explain says how the rules came by a field of the account on a day, with the rates of
// the source that the last run was told. Of an account that is gone it says that, and
// what becomes of its organization; the checkboxes of the mark are fields like others.
func (r *Reconciler) Explain(s *Subject, on day.Day, field string) (mapping.Explanation, error) {
	full := helpdesk.FieldPrefix + strings.TrimPrefix(field, helpdesk.FieldPrefix)
	marks := full == r.Mark.Field || full == r.Mark.Exempt
	if marks {
		field = sla.PlanField
	}
	x, err := s.rules.Explain(s.Staged, on, field)
	if err != nil {
		return x, err
	}
	why, skip := s.absence(x.Left), cmp.Or(s.Gone(), x.Skip)
	if marks || s.Gone() != "" {
		x.Skip, x.Value, x.Opinion, x.Steps = skip, helpdesk.Value{}, false, skipped(skip)
	}
	m := r.markOf(s.Org)
	switch {
	case why != "":
		x.Steps = append(x.Steps, r.goneSteps(s, m, why, on)...)
	case marks:
		x.Steps = append(x.Steps, mapping.Step{Kind: mapping.StepGone, Text: "set once the account is gone, and it is not", Path: "policy.on_gone"})
	}
	if marks {
		x.Field, x.Skip = full, ""
	}
	if full == r.Mark.Field && r.marks(s, why) {
		x.Opinion, x.Value = true, helpdesk.BoolOf(true)
	}
	return x, nil
}

func skipped(why string) []mapping.Step {
	if why == "" {
		return nil
	}
	return []mapping.Step{{Kind: mapping.StepSkip, Text: why}}
}

// marks reports whether the organization of an account that is gone is marked.
func (r *Reconciler) marks(s *Subject, why changeset.Absence) bool {
	policy := changeset.GonePolicy(r.gonePolicy(why))
	return s.Org != nil && s.Org.Written && !r.Mark.Protect[s.Account] && (policy == changeset.GoneMark || policy == changeset.GoneDelete)
}

// absence is why the organization is not wanted any more, where the rules say left;
// empty: it is wanted, or that is in doubt.
func (s *Subject) absence(left bool) changeset.Absence {
	switch {
	case s.Deleted:
		return changeset.Deleted
	case s.Lost:
		return changeset.Lost
	case left:
		return changeset.Left
	default:
		return ""
	}
}

// Gone says that the CRM does not show the account any more; empty: it does.
func (s *Subject) Gone() string {
	switch {
	case s.Deleted:
		return "deleted in the CRM"
	case s.Lost:
		return "missing from the last complete read of the CRM"
	default:
		return ""
	}
}

// goneSteps say what the policy makes of an organization whose account is gone.
func (r *Reconciler) goneSteps(s *Subject, m changeset.Mark, why changeset.Absence, on day.Day) []mapping.Step {
	step := mapping.Step{Kind: mapping.StepGone, Path: "policy.on_gone." + string(why)}
	field := strings.TrimPrefix(m.Field, helpdesk.FieldPrefix)
	switch {
	case s.Org == nil:
		return nil
	case !s.Org.Written:
		step.Text = "the organization stays: desksync never wrote it"
	case m.Protect[s.Account]:
		step.Text, step.Path = "the organization stays: its account is protected", "mark.protect"
	case !r.marks(s, why):
		step.Text = "the organization is held as it is: a person decides"
	case m.MarkedOn == 0:
		step.Text = "the organization is to be marked: " + field
	default:
		step.Text = fmt.Sprintf("the organization is marked: %s, on %s", field, m.MarkedOn)
	}
	if !r.marks(s, why) {
		return []mapping.Step{step}
	}
	return []mapping.Step{step, deletion(s, m, changeset.GonePolicy(r.gonePolicy(why)), on)}
}

// deletion says when a marked organization is deleted.
func deletion(s *Subject, m changeset.Mark, policy changeset.GonePolicy, on day.Day) mapping.Step {
	step := mapping.Step{Kind: mapping.StepGone, Path: "mark.delete_after"}
	wait := m.Wait(policy)
	exempt, _ := s.Holds(m.Exempt)
	switch {
	case exempt.True():
		step.Text, step.Path = "it is not deleted: "+strings.TrimPrefix(m.Exempt, helpdesk.FieldPrefix)+" is set", "mark.exempt"
	case wait == 0:
		step.Text = "it is never deleted"
	case m.MarkedOn == 0:
		step.Text = fmt.Sprintf("it may be deleted %d days after that", wait)
	case m.Over(on):
		step.Text = fmt.Sprintf("it may be deleted since %s, once no ticket is open", m.MarkedOn+day.Day(wait))
	default:
		step.Text = fmt.Sprintf("it may be deleted on %s, once no ticket is open", m.MarkedOn+day.Day(wait))
	}
	return step
}
