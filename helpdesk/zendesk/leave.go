package zendesk

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/desksync/desksync/internal/fault"
)

// fewLeave is how many have to leave one organization for a job to be cheaper than a call
// each: their memberships have numbers of their own, for which the organization's are
// listed, and then there is the job.
const fewLeave = 4

// leavers are the items of memberships to be ended by a job ("Organization Memberships":
// destroy_many takes the numbers of up to 100). Works of an organization that few leave,
// or whose list is too long to look for them, go back in line for a call each. The users
// stay.
func (a *applying) leavers(works []*work) ([]item, error) {
	if err := a.endsOf(works...); err != nil {
		return nil, err
	}
	var out []item
	groups := byOrg(works)
	for _, org := range slices.Sorted(maps.Keys(groups)) {
		group := groups[org]
		ids, whole, err := a.numbers(org, group)
		if err != nil {
			return nil, err
		}
		for _, w := range group {
			switch id, ok := ids[w.user]; {
			case w.user == 0 || org == 0 || !ok && whole:
				a.applied(w)
			case !ok:
				w.alone = true
				a.again(w)
			default:
				out = append(out, item{w, map[string]any{"id": id}})
			}
		}
	}
	return out, nil
}

// byOrg sorts those works by organization that have no last word yet.
func byOrg(works []*work) map[int64][]*work {
	out := map[int64][]*work{}
	for _, w := range works {
		if !w.done {
			out[w.org] = append(out[w.org], w)
		}
	}
	return out
}

// numbers looks up the memberships of users who leave an organization, by user; whole:
// all of the organization's were seen. It stops where the looking costs more than it
// saves.
func (a *applying) numbers(org int64, group []*work) (ids map[int64]int64, whole bool, err error) {
	if org == 0 || len(group) < fewLeave {
		return nil, false, nil
	}
	wanted, pages := map[int64]bool{}, len(group)/2
	for _, w := range group {
		wanted[w.user] = true
	}
	ids = map[int64]int64{}
	for rows, err := range cursorPages[membership](a.ctx, a.Target, "organizations/"+idText(org)+"/organization_memberships", "organization_memberships") {
		if isNotFound(err) {
			return ids, true, nil
		}
		if err != nil {
			return nil, false, err
		}
		for i := range rows {
			if wanted[rows[i].User] {
				ids[rows[i].User] = rows[i].ID
			}
		}
		if pages--; len(ids) == len(wanted) || pages == 0 {
			return ids, false, nil
		}
	}
	return ids, true, nil
}

// leave is the call that ends memberships.
func leave(items []item) call {
	ids := make([]string, len(items))
	for i := range items {
		id, _ := items[i].body["id"].(int64) // written by leavers
		ids[i] = idText(id)
	}
	return call{method: http.MethodDelete, path: "organization_memberships/destroy_many", query: url.Values{"ids": {strings.Join(ids, ",")}}, once: true}
}

// goneAlready ends works whose membership Zendesk does not know: there is nothing to end.
func (a *applying) goneAlready(list []refusal) (others []refusal) {
	for _, r := range list {
		if fault.KindOf(r.err) == fault.NotFound {
			a.applied(r.work)
			continue
		}
		others = append(others, r)
	}
	return others
}
