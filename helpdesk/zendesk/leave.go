package zendesk

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/desksync/desksync/internal/fault"
)

// leavers are the items of memberships to be ended by a job ("Organization Memberships":
// destroy_many takes the numbers of up to 100). Works of an organization that few leave,
// or whose list is too long to look for them, go back in line for a call each: the
// memberships have numbers of their own, for which the organization's are listed, and then
// there is the job. The users stay.
func (a *applying) leavers(works []*work) ([]item, error) {
	if err := a.endsOf(works...); err != nil {
		return nil, err
	}
	var out []item
	groups := byOrg(works)
	for _, org := range slices.Sorted(maps.Keys(groups)) {
		group := groups[org]
		rows, whole, err := a.fellows(a.ctx, org, usersOf(group))
		if err != nil {
			return nil, err
		}
		for _, w := range group {
			switch m := rows[w.user]; {
			case w.user == 0 || org == 0 || m == nil && whole:
				a.applied(w)
			case m == nil:
				w.alone = true
				a.again(w)
			default:
				out = append(out, item{w, map[string]any{"id": m.ID}})
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

func usersOf(works []*work) []int64 {
	out := make([]int64, len(works))
	for i, w := range works {
		out[i] = w.user
	}
	return out
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
