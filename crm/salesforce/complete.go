package salesforce

import (
	"fmt"
	"time"

	"github.com/desksync/desksync/crm"
)

// prove decides, once all records were handed out, whether the read was complete. Rows
// that were skipped may be those that seem to be missing. Rows that belong to no account
// count, and are noted.
func (r *read) prove() {
	distinct := r.gather.unique + r.gather.alone + r.rep.BadRows
	why, cut := proof(distinct, r.before, r.after)
	if why == "" && r.rep.BadRows > 0 {
		why = fmt.Sprintf("%s of %s could not be read, so a record that is missing may be one of them; correct them in Salesforce", crm.Count(r.rep.BadRows), crm.Count(distinct))
	}
	if why != "" {
		why = r.plan.statement.object + ": " + why
	}
	r.rep.Complete, r.rep.Why, r.rep.Cut = why == "", why, cut
	if r.gather.alone > 0 {
		r.rep.Noted = append(r.rep.Noted, crm.Alone(r.src.opt.Name+" "+r.plan.statement.object, r.plan.role, r.gather.alone))
	}
}

// place says where a delta read goes on; nowhere after a read that lacks rows, which have
// no new stamp.
func (r *read) place() {
	if !r.rep.Cut {
		r.rep.Next = r.plan.next(r.clock, time.Time{}, &r.src.opt)
	}
}

// proof compares the rows read with COUNT() before and behind: what was made or deleted
// meanwhile may be there or not. It returns nothing for a proof, else why there is
// none; cut says that rows are surely missing.
func proof(rows int, before, after tally) (why string, cut bool) {
	if !before.known || !after.known {
		return "the rows could not be counted, because the query takes too long or is too long for an address; narrow where to an indexed field", false
	}
	low, high := min(before.rows, after.rows), max(before.rows, after.rows)
	switch {
	case rows < low:
		return fmt.Sprintf("COUNT() says %s and %s came; read again", between(low, high), crm.Count(rows)), true
	case rows > high:
		return fmt.Sprintf("COUNT() says %s and %s came, so some were made and others deleted meanwhile; read again at a quieter time", between(low, high), crm.Count(rows)), false
	}
	return "", false
}

func between(low, high int) string {
	if low == high {
		return crm.Count(low)
	}
	return "between " + crm.Count(low) + " and " + crm.Count(high)
}
