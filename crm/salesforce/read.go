package salesforce

import (
	"context"
	"errors"
	"fmt"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
)

// maxStarts is how often a read begins anew before it is given up.
const maxStarts = 3

// read is one full read of one role.
type read struct {
	src    *Source
	plan   *plan
	gather *gather
	rep    *crm.Report
	clock  *clock
	before tally
	after  tally
	tell   func(crm.Plan)
}

// tally is what COUNT() said; it is not known where Salesforce could not say.
type tally struct {
	rows  int
	known bool
}

func (s *Source) records(ctx context.Context, q crm.Query, rep *crm.Report, yield func(crm.Record, error) bool) error {
	p, err := s.plan(ctx, q, fresh)
	if err != nil {
		return err
	}
	if p == nil {
		rep.Why = s.notOffered(q.Role)
		return nil
	}
	r := &read{src: s, plan: p, rep: rep, tell: q.Tell}
	defer r.close()
	if err := anew(ctx, p.statement.object, func(bulk *bool) error { return r.once(ctx, bulk) }); err != nil {
		return err
	}
	if err := r.gather.settle(ctx); err != nil {
		return err
	}
	rep.Why = "the records were not taken to their end"
	whole, err := r.gather.each(ctx, func(rec crm.Record) bool {
		rep.Rows++
		return yield(rec, nil)
	})
	if whole {
		r.prove()
		r.place()
	}
	return err
}

func (s *Source) notOffered(role crm.Role) string {
	return fmt.Sprintf("%s has no object for %s; name one under sources.%s.objects.%s", s.opt.Name, sections[role], s.opt.Name, sections[role])
}

func (r *read) close() {
	if r.gather != nil {
		r.gather.close()
	}
}

// anew reads to the end, beginning anew where that helps: by Bulk after a query that
// took too long for REST, and once more when Salesforce forgot where we were. once may
// choose Bulk by itself.
func anew(ctx context.Context, object string, once func(bulk *bool) error) error {
	bulk := false
	for start := 1; ; start++ {
		err := once(&bulk)
		if err == nil || ctx.Err() != nil {
			return err
		}
		slow := hasCode(err, "QUERY_TIMEOUT")
		switch {
		case slow && bulk, !slow && !again(err):
			return err
		case start == maxStarts:
			return exhausted(object, err)
		}
		bulk = bulk || slow
	}
}

// again reports a failure after which a read begins anew: a first page that broke, or a
// cursor that is gone, for which there are two answers.
func again(err error) bool {
	_, anew := errors.AsType[*restart](err)
	return anew || hasCode(err, "INVALID_QUERY_LOCATOR", "NOT_FOUND")
}

func exhausted(object string, err error) error {
	if hasCode(err, "QUERY_TIMEOUT") {
		return err
	}
	return fault.New("salesforce.read", fault.Unavailable, fmt.Errorf("reading %s began %d times and never reached its end: %s; nothing of it was used, try again later", object, maxStarts, fault.Sentence(err)))
}

// once counts, reads into a new gather, and counts again where another number came:
// what was made or deleted meanwhile may be there or not.
func (r *read) once(ctx context.Context, bulk *bool) (err error) {
	r.close()
	*r.rep = crm.Report{}
	r.gather = newGather(r.plan, &r.src.opt, r.rep)
	ctx, r.clock = hearing(ctx)
	if r.before, err = r.src.count(ctx, r.plan); err != nil {
		return err
	}
	why := "REST took too long"
	if !*bulk {
		*bulk, why = r.src.wantsBulk(r.plan, r.before)
	}
	r.say(*bulk, why)
	if *bulk {
		err = r.src.bulk(ctx, r.plan, r.gather)
	} else {
		err = r.src.rest(ctx, r.plan, r.gather)
	}
	if r.after = r.before; err != nil || r.before.known && r.gather.rows == r.before.rows {
		return err
	}
	r.after, err = r.src.count(ctx, r.plan)
	return err
}

// Ways to read.
const (
	byREST = "REST"
	byBulk = "Bulk"

	pageRows  = 2000 // of a REST page, at most: REST API Developer Guide, "Query Options Header"
	bulkCalls = 4    // to make a job, to poll it, to fetch a page and to delete it
)

// say tells how the statement is read, and what that costs at least: more polls and pages
// of a Bulk job are Salesforce's choice.
func (r *read) say(bulk bool, why string) {
	plan := crm.Plan{Way: byREST, Rows: -1, Calls: 1}
	if r.before.known {
		plan.Rows = r.before.rows
		plan.Calls = max(1, (plan.Rows+pageRows-1)/pageRows)
	}
	if bulk {
		plan.Way, plan.Calls, plan.Why = byBulk, bulkCalls, why
	}
	if r.rep.Way = plan.Way; r.tell != nil {
		r.tell(plan)
	}
}

// wantsBulk chooses the way that costs fewer calls, and the only one for statements
// that fit into no address or cannot be counted in time. It says why, unless the number
// of rows is why.
func (s *Source) wantsBulk(p *plan, counted tally) (bulk bool, why string) {
	switch limit := s.opt.BulkRows; {
	case limit < 0:
		return true, "bulk_rows is 0"
	case !fitsREST(s.rooted(p.path())):
		return true, "the statement is too long for REST"
	case !counted.known:
		return true, "counting took too long"
	default:
		return counted.rows > limit, ""
	}
}
