package zendesk

import (
	"context"
	"net/http"

	"github.com/desksync/desksync/helpdesk"
)

// ticket is what of a ticket is of use here.
type ticket struct {
	ID     int64  `json:"id"`
	Status string `json:"status"`
}

// OpenTickets implements helpdesk.TicketCounter. It reads the tickets of each
// organization: the search lags by minutes, and a deletion cannot be taken back.
func (t *Target) OpenTickets(ctx context.Context, ids []string) (map[string]int, error) {
	out := make(map[string]int, len(ids))
	for _, id := range ids {
		n, _, err := t.countTickets(ctx, id)
		if err != nil && !isNotFound(err) {
			return nil, err
		}
		out[id] = n
	}
	return out, nil
}

// countTickets counts the tickets of an organization that are not closed, and all.
func (t *Target) countTickets(ctx context.Context, id string) (open, all int, err error) {
	for rows, err := range cursorPages[ticket](ctx, t, "organizations/"+id+"/tickets", "tickets") {
		if err != nil {
			return 0, 0, err
		}
		for _, x := range rows {
			if all++; x.Status != "closed" {
				open++
			}
		}
	}
	return open, all, nil
}

// deleteOrg deletes an organization none of whose tickets is other than closed. Who is
// not there is deleted already.
func (a *applying) deleteOrg(w *work) error {
	w.id = idOf(w.change.TargetID)
	var known, named []*work
	if w.id != 0 {
		known = []*work{w}
	} else {
		named = []*work{w}
	}
	have, err := a.readOrgs(known, named)
	if err != nil {
		return a.refused(orgDelete, []*work{w}, err)
	}
	if have[w] == nil {
		a.applied(w)
		return nil
	}
	if !a.mine(w, have[w]) {
		return nil
	}
	open, _, err := a.countTickets(a.ctx, idText(w.id))
	switch {
	case err != nil:
		return a.refused(orgDelete, []*work{w}, err)
	case open > 0:
		a.fail(w, unsafe("it has %d tickets that are not closed", open))
		return nil
	}
	err = a.do(a.ctx, call{method: http.MethodDelete, path: "organizations/" + idText(w.id)}, nil)
	if err != nil && !isNotFound(err) {
		return a.refused(orgDelete, []*work{w}, err)
	}
	a.note(helpdesk.Organization, w.id, "")
	a.applied(w)
	return nil
}
