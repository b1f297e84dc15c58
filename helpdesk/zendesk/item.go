package zendesk

import (
	"net/http"
	"strings"

	"github.com/desksync/desksync/helpdesk"
)

// item is what of a work goes into a call.
type item struct {
	*work
	body map[string]any
}

func worksOf(items []item) []*work {
	out := make([]*work, len(items))
	for i := range items {
		out[i] = items[i].work
	}
	return out
}

// plural names of objects in addresses and bodies, by lane.
var plurals = [...]string{
	orgUpdate: "organizations", orgCreate: "organizations", userUpdate: "users", userCreate: "users", memberCreate: "organization_memberships",
	memberDefault: "", // has no call for many
}

func singular(l lane) string { return strings.TrimSuffix(plurals[l], "s") }

// prepare finds out what has to be known of works and writes their items. Works that end
// here, as they hold already or cannot be made, are not among them.
func (a *applying) prepare(l lane, works []*work) ([]item, error) {
	switch l {
	case orgCreate:
		return a.newOrgs(works), nil
	case orgUpdate:
		return a.orgItems(works)
	case userCreate:
		return a.newUsers(works)
	case userUpdate:
		return a.userItems(works)
	case memberRemove:
		return a.leavers(works)
	default:
		return a.newMembers(works)
	}
}

// begin starts a job for many items and returns its id.
func (a *applying) begin(l lane, items []item) (string, error) {
	list := make([]map[string]any, len(items))
	for i := range items {
		list[i] = items[i].body
	}
	c := call{method: http.MethodPost, path: plurals[l] + "/create_many", body: map[string]any{plurals[l]: list}, once: true}
	switch l {
	case orgUpdate, userUpdate:
		c.method, c.path, c.about = http.MethodPut, plurals[l]+"/update_many", subjects(l, items)
	case memberRemove:
		c = leave(items)
	}
	return a.startJob(a.ctx, c)
}

// subjects are the objects that a call updates.
func subjects(l lane, items []item) []subject {
	out := make([]subject, len(items))
	for i := range items {
		out[i] = subject{user: l == userUpdate, id: items[i].id}
	}
	return out
}

// sendOne makes a single call for one item.
func (a *applying) sendOne(l lane, x item) error {
	if l == memberRemove {
		return a.removeMember(x.work)
	}
	c := call{method: http.MethodPost, path: plurals[l], body: map[string]any{singular(l): x.body}, once: true}
	if l == orgUpdate || l == userUpdate {
		delete(x.body, "id")
		c.method, c.path, c.about, c.once = http.MethodPut, plurals[l]+"/"+idText(x.id), subjects(l, []item{x}), false
	}
	var got struct {
		Organization *struct{ ID int64 } `json:"organization"`
		User         *struct{ ID int64 } `json:"user"`
	}
	if err := a.do(a.ctx, c, &got); err != nil {
		return a.refusedOne(l, x.work, err)
	}
	switch {
	case got.Organization != nil:
		x.id = got.Organization.ID
	case got.User != nil:
		x.id = got.User.ID
	}
	a.arrived(x.work)
	return nil
}

// refusedOne decides about a single call that came to nothing.
func (a *applying) refusedOne(l lane, w *work, err error) error {
	f := failureIn(err)
	switch {
	case f == nil || a.ctx.Err() != nil || f.status >= http.StatusInternalServerError:
		return a.refused(l, []*work{w}, err)
	case f.status == http.StatusNotFound && l == orgUpdate:
		a.gone(w)
		return nil
	case f.status == http.StatusUnprocessableEntity && (l == orgCreate || l == userCreate || l == memberCreate):
		return a.resolve(l, []refusal{{w, err}})
	}
	return a.refused(l, []*work{w}, err)
}

// arrived ends a work that was made, and the membership that came with a user.
func (a *applying) arrived(w *work) {
	a.applied(w)
	for _, r := range w.riders {
		r.user = w.id
		a.applied(r)
	}
	w.riders = nil
}

// gone ends a work whose organization is not there: there is nothing to mark, and
// nothing to update either.
func (a *applying) gone(w *work) {
	if w.change.Op == helpdesk.Retire {
		a.applied(w)
		return
	}
	a.fail(w, notFound("the organization is no longer in Zendesk; compare again to see whether it shall be made anew"))
}

// newOrgs are the items of organizations to be made.
func (a *applying) newOrgs(works []*work) []item {
	out := make([]item, len(works))
	for i, w := range works {
		body := map[string]any{"external_id": w.change.Ref.Key}
		a.s.lay(body, w, nil)
		out[i] = item{w, body}
	}
	return out
}

// lay writes a change into the body of a call; have is the organization as it is, nil
// where it need not be known. What the change does not name is left out: lists that are
// sent replace the old ones.
func (s *sight) lay(body map[string]any, w *work, have *organization) {
	custom := map[string]any{}
	for _, d := range w.writes {
		key, isCustom := strings.CutPrefix(d.Field, helpdesk.FieldPrefix)
		switch {
		case isCustom:
			custom[key] = wire(d.Want)
		case d.Field == helpdesk.SharedTickets || d.Field == helpdesk.SharedComments:
			body[d.Field] = d.Want.True()
		case !strings.Contains(d.Field, ":"):
			body[d.Field] = textOr(d.Want)
		}
	}
	if len(custom) > 0 {
		body["organization_fields"] = custom
	}
	if w.aside != "" {
		body["name"] = w.aside
	}
	s.layLists(body, w, have)
}

func textOr(v helpdesk.Value) any {
	if v.IsEmpty() || v == helpdesk.None {
		return ""
	}
	return v.Text()
}
