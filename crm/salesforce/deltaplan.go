package salesforce

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/desksync/desksync/crm"
)

// part is what a delta read asks for one role.
type part struct {
	plan   *plan // of a full read
	since  place
	window string   // the condition that a record has changed
	whole  []string // columns of whole rows: those of the plan, then what tells changes
	apart  bool     // first asked whether anything changed: the record may have left the condition
	news   *news
}

// part resolves a delta. It returns nil for a role that is not offered, and never was.
func (s *Source) part(ctx context.Context, q *crm.Delta, rep *crm.Report) (*part, error) {
	p, err := s.plan(ctx, q.Query, usedAgain)
	if err != nil {
		return nil, err
	}
	if p == nil {
		if rep.Why = s.notOffered(q.Role); q.Since != "" {
			return nil, s.readFull(q.Role, "it is not offered any more")
		}
		return nil, nil //nolint:nilnil // not offered
	}
	since, err := parsePlace(q.Since)
	if err != nil {
		return nil, s.readFull(q.Role, "%s", err.Error())
	}
	if since.query != p.digest(&s.opt) {
		return nil, s.readFull(q.Role, "the last read asked for other fields, another condition or another organization")
	}
	if err := s.tellsChanges(p); err != nil {
		return nil, err
	}
	out := &part{plan: p, since: since, window: "SystemModstamp >= " + stamp(since.from.Add(-s.opt.Overlap))}
	out.news = s.newNews(p, since, rep)
	out.whole = out.news.whole
	out.apart = p.statement.where != "" || !fitsREST(s.rooted(out.rows(out.window).path()))
	if len(out.rows(out.window).statement.text) > maxStatement || utf8.RuneCountInString(out.rows(out.window).statement.where) > maxWhere {
		return nil, s.readFull(q.Role, "where or soql leaves no room for the condition that a record has changed; shorten it")
	}
	return out, nil
}

// tellsChanges refuses what has no stamp, or moves none.
func (s *Source) tellsChanges(p *plan) error {
	object := p.statement.object
	switch {
	case !p.stamps.modified:
		return s.readFull(p.role, "%s has no field SystemModstamp that the integration user can see and filter by; give the user field-level read access to it", object)
	case !p.stamps.deleted:
		return s.readFull(p.role, "%s has no field IsDeleted that the integration user can see; give the user field-level read access to it", object)
	case p.role == crm.Account && mergeable(object) && !p.stamps.master:
		return s.readFull(p.role, "%s has no field MasterRecordId that the integration user can see, so a merged account looks like a deleted one; give the user field-level read access to it", object)
	case p.statement.scoped:
		return s.readFull(p.role, "soql has USING SCOPE, and a record that leaves a scope is not marked as changed")
	}
	return nil
}

// mergeable reports an account object that the CRM can merge: only the standard one.
func mergeable(object string) bool { return strings.EqualFold(object, "Account") }

// stamp writes a time as SOQL takes it: SOQL, "Date Formats and Date Literals".
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// rows is the query for whole rows under the role's own condition and these.
func (d *part) rows(conditions ...string) *plan {
	return d.asking(d.plan.statement.narrowed(d.whole, slices.Concat([]string{d.plan.statement.condition()}, conditions)...))
}

// heads is the query for ids of what changed, whatever the role's own condition says.
func (d *part) heads() *plan {
	return d.asking(d.plan.statement.narrowed(d.news.heads, d.window))
}

// asking is the plan of another statement, with what lies in the recycle bin.
func (d *part) asking(st statement) *plan {
	p := *d.plan
	p.statement, p.resource = st, "queryAll"
	return &p
}

const (
	maxWinners = 500 // accounts that took in others, of one delta
	idRoom     = 21  // characters of an id in a list: quotes, comma
)

// below are the queries for all that belongs to these accounts now, for themselves and
// for the accounts below them. It returns nothing where there is no room to ask.
func (d *part) below(accounts []string) []*plan {
	out := d.among(d.plan.account, accounts)
	if d.plan.parent < 0 || out == nil {
		return out
	}
	children := d.among(d.plan.parent, accounts)
	if children == nil {
		return nil
	}
	return append(out, children...)
}

// among are the queries for rows with one of these ids in a column, each short enough.
func (d *part) among(column int, list []string) (out []*plan) {
	field := d.plan.statement.columns[column]
	room := maxWhere - utf8.RuneCountInString(d.rows(field+" IN ()").statement.where)
	if room < idRoom {
		return nil
	}
	for ids := range slices.Chunk(list, room/idRoom) {
		quoted := make([]string, len(ids))
		for i, id := range ids {
			quoted[i] = Quote(id)
		}
		out = append(out, d.rows(field+" IN ("+strings.Join(quoted, ",")+")"))
	}
	return out
}
