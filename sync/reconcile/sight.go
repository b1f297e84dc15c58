package reconcile

import (
	"context"
	"slices"
	"strings"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/journal"
)

// sight lists the columns of a role that rules read and the login sees, as the
// journal keeps them with a complete read.
func (p *pass) sight(role crm.Role) string {
	var seen []string
	for _, name := range p.Mapper.Columns()[role] {
		if _, ok := p.schema.Column(role, name); ok {
			seen = append(seen, name)
		}
	}
	return strings.Join(seen, "\n")
}

// hidden lists the columns that rules read, that the login saw at the last complete
// read, and sees no longer: all of them where the role is not offered any more.
func (p *pass) hidden(q crm.Query, last journal.ReadInfo) []string {
	before, now := strings.Split(last.Fingerprint, "\n"), strings.Split(p.sight(q.Role), "\n")
	var out []string
	for _, name := range q.Columns {
		if slices.Contains(before, name) && !slices.Contains(now, name) {
			out = append(out, name)
		}
	}
	return out
}

// refuse leaves a role unread whose columns the login no longer sees: read as it
// is, every value in them would be taken for empty.
func (p *pass) refuse(ctx context.Context, role crm.Role, before int, hidden []string) error {
	columns, them := " columns ", "them"
	if len(hidden) == 1 {
		columns, them = " column ", "it"
	}
	why := "the login no longer sees the " + string(role) + columns + strings.Join(hidden, ", ") +
		", which rules read: no " + string(role) + " was read; give the login the permission back, or take " + them + " out of the rules"
	p.rep.Reads = append(p.rep.Reads, Read{Role: role, Before: before, Report: crm.Report{Why: why}})
	p.rep.Findings++
	item := journal.Item{
		Class: journal.ItemFinding, Code: "column hidden", Kind: helpdesk.Organization, Field: string(role) + "." + strings.Join(hidden, ","), Text: why,
	}
	return p.journal.PutItems(ctx, p.run, []journal.Item{item})
}
