package reconcile

import (
	"context"
	"slices"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sla"
	"github.com/desksync/desksync/sync/journal"
)

// Notice is something about a target as a whole that is worth a look and stops nothing.
type Notice struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// Codes of notices besides those of helpdesk.JudgePolicies.
const (
	CodeExpires  = "login ends"
	codeNoAccess = "policies not shown"
)

// Noticed reports whether a finding is a notice.
func Noticed(i *journal.Item) bool {
	codes := []string{CodeExpires, codeNoAccess, helpdesk.NoPolicy, helpdesk.TagUnasked, helpdesk.PolicyOrder, helpdesk.PolicyShadowed}
	return i.Class == journal.ItemFinding && i.Account == "" && slices.Contains(codes, i.Code)
}

// Notices asks a target what will stop working, and compares its SLA policies with the
// configured order and tags.
func Notices(ctx context.Context, t helpdesk.Target, rules *sla.Rules) ([]Notice, error) {
	var out []Notice
	if x, ok := t.(helpdesk.Expirer); ok {
		for _, text := range x.Expires() {
			out = append(out, Notice{CodeExpires, text})
		}
	}
	keeper, ok := t.(helpdesk.PolicyKeeper)
	if !ok || len(rules.Policies()) == 0 {
		return out, nil
	}
	have, err := keeper.SLAPolicies(ctx)
	if fault.KindOf(err) == fault.Unsupported {
		return append(out, Notice{codeNoAccess, fault.Sentence(err) + "; they were not compared with sla_policies"}), nil
	}
	if err != nil {
		return nil, err
	}
	for _, f := range helpdesk.JudgePolicies(have, promises(rules)) {
		out = append(out, Notice{f.Code, f.Text})
	}
	return out, nil
}

// promises are the configured policies, best first, with the tags that lead to them.
func promises(rules *sla.Rules) []helpdesk.Promise {
	list := rules.Policies()
	out := make([]helpdesk.Promise, len(list))
	for i, p := range list {
		out[i] = helpdesk.Promise{Title: p.Name, Tags: slices.Concat(p.Filter.Any, p.Filter.All)}
	}
	return out
}

// notice keeps the notices about the target with the run. A pass over some accounts says
// nothing of them, and so leaves those that are open.
func (p *pass) notice(ctx context.Context) error {
	if p.only != nil || p.trigger.AsOf != 0 {
		return nil
	}
	list, err := Notices(ctx, p.Target, p.Rules)
	if err != nil {
		return err
	}
	items := make([]journal.Item, len(list))
	for i, n := range list {
		items[i] = journal.Item{Class: journal.ItemFinding, Code: n.Code, Kind: helpdesk.Organization, Value: n.Text, Text: n.Text}
	}
	p.rep.Notices = list
	p.rep.Findings += len(list)
	return p.keepFindings(ctx, items)
}
