package zendesk

import (
	"errors"
	"net/http"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
)

// newUsers are the items of users to be made, each with its first organization.
func (a *applying) newUsers(works []*work) ([]item, error) {
	var riders []*work
	for _, w := range works {
		riders = append(riders, w.riders...)
	}
	if err := a.findOrgs(riders); err != nil {
		return nil, err
	}
	var out []item
	for _, w := range works {
		email := textIn(w, helpdesk.Email)
		if !strings.Contains(email, "@") {
			a.fail(w, wrong("%q is not an e-mail address; a contact without one cannot be a user", clip(email)))
			continue
		}
		body := map[string]any{"external_id": w.change.Ref.Key, "email": email, "name": nameOr(w, email), "role": "end-user", "skip_verify_email": true}
		w.riders = a.seated(w.riders)
		for _, r := range w.riders {
			body["organization_id"] = r.org
		}
		out = append(out, item{w, body})
	}
	return out, nil
}

func nameOr(w *work, email string) string {
	if name := textIn(w, helpdesk.Name); strings.TrimSpace(name) != "" {
		return name
	}
	local, _, _ := strings.Cut(email, "@")
	return local
}

// seated ends the memberships whose organization is not there and returns the others.
func (a *applying) seated(riders []*work) []*work {
	var out []*work
	for _, r := range riders {
		if r.org == 0 {
			a.fail(r, noAccount(r))
			continue
		}
		out = append(out, r)
	}
	return out
}

func noAccount(w *work) error {
	account, _ := helpdesk.SplitMember(w.change.Ref.Key)
	return notFound("no organization here carries the account " + account + ", so nobody can join it")
}

// userItems are the items of users to be updated. Each is read before: whoever became an
// agent, or was suspended, is not written, and addresses change in a way of their own.
func (a *applying) userItems(works []*work) ([]item, error) {
	have, err := a.readUsers(works)
	if err != nil {
		return nil, err
	}
	var out []item
	for _, w := range works {
		x, ok, err := a.userItem(w, have[w])
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, x)
		}
	}
	return out, nil
}

func (a *applying) userItem(w *work, u *user) (item, bool, error) {
	if !a.mineToo(w, u) {
		return item{}, false, nil
	}
	body := map[string]any{}
	if w.change.Ref.Key != "" && u.key() != w.change.Ref.Key { // it had none, or that of a contact which is gone
		body["external_id"] = w.change.Ref.Key
	}
	if v, named := w.want(helpdesk.Name); named && v.Text() != "" && v.Text() != u.Name {
		body["name"] = v.Text()
	}
	email := textIn(w, helpdesk.Email)
	switch {
	case email == "" || strings.EqualFold(email, textOf(u.Email)):
	case u.Email == nil:
		body["email"] = email
	default:
		if why, err := a.moveAddress(w, u, email); err != nil || w.done || why != nil {
			return item{}, false, errors.Join(err, a.allButAddress(w, u, body, why))
		}
	}
	if len(body) == 0 {
		a.applied(w)
		return item{}, false, nil
	}
	body["id"] = u.ID
	return item{w, body}, true, nil
}

// mineToo is mine for users.
func (a *applying) mineToo(w *work, u *user) bool {
	key := w.change.Ref.Key
	switch {
	case u == nil:
		a.fail(w, notFound("the user is no longer in Zendesk; compare again to see whether they shall be made anew"))
	case w.change.TargetID != "" && w.change.TargetID != idText(u.ID):
		a.fail(w, raced("it is user %d now, not %s", u.ID, w.change.TargetID))
	case a.spared(u) != "":
		a.skip(w, spare(a.spared(u)))
	case u.key() != "" && key != "" && u.key() != key && u.key() != w.change.Was:
		a.fail(w, wrong("%s is contact %s and is never taken from it", u.label(), clip(u.key())))
	default:
		w.id = u.ID
		return true
	}
	return false
}

func (a *applying) readUsers(works []*work) (map[*work]*user, error) {
	var ids, keys []string
	for _, w := range works {
		if w.id = a.idOf(w); w.id != 0 {
			ids = append(ids, idText(w.id))
		} else {
			keys = append(keys, w.change.Ref.Key)
		}
	}
	rows, err := a.usersBy(a.ctx, byID, ids)
	if err != nil {
		return nil, err
	}
	more, err := a.usersBy(a.ctx, byKey, keys)
	if err != nil {
		return nil, err
	}
	out := map[*work]*user{}
	rows = append(rows, more...)
	for i := range rows {
		for _, w := range works {
			if w.id == rows[i].ID || w.id == 0 && w.change.Ref.Key == rows[i].key() {
				out[w] = &rows[i]
			}
		}
	}
	return out, nil
}

// identity is an address of a user ("User Identities").
type identity struct {
	ID       int64  `json:"id"`
	Type     string `json:"type"`
	Value    string `json:"value"`
	Verified bool   `json:"verified"`
	Primary  bool   `json:"primary"`
}

// moveAddress gives a user a new primary address, as the policy says: the user stays the
// same, and so do their tickets. It returns why that does not happen now; where it fails, the
// work ends.
func (a *applying) moveAddress(w *work, u *user, email string) (waits, err error) {
	if a.opt.OnAddress == HoldMail {
		return unsafe("%s shall have the address %s; on_address_change: hold leaves that to people", u.label(), clip(email)), nil
	}
	id, err := a.identityOf(u, email)
	switch {
	case a.ctx.Err() != nil:
		return nil, a.ctx.Err()
	case isInvalid(err):
		return nil, a.explainAddress(w, email, err)
	case err != nil:
		a.fail(w, err)
	case !id.Verified && a.opt.OnAddress != Always:
		return unsafe("the address %s was added to %s and becomes the primary one once it is verified; on_address_change: always does not wait", clip(email), u.label()), nil
	default:
		place := "users/" + idText(u.ID) + "/identities/" + idText(id.ID) + "/make_primary"
		if err := a.do(a.ctx, call{method: http.MethodPut, path: place}, nil); err != nil {
			a.fail(w, err)
		}
	}
	return nil, a.ctx.Err()
}

// allButAddress ends a work whose address waits: what else it writes goes out, by a call of
// its own.
func (a *applying) allButAddress(w *work, u *user, rest map[string]any, why error) error {
	if w.done || why == nil {
		return nil
	}
	if len(rest) > 0 {
		x := item{w, rest}
		c := call{method: http.MethodPut, path: "users/" + idText(u.ID), body: map[string]any{"user": rest}, about: subjects(userUpdate, []item{x})}
		if err := a.do(a.ctx, c, nil); err != nil {
			a.fail(w, err)
			return a.ctx.Err()
		}
	}
	a.skip(w, why)
	return nil
}

// explainAddress says whose an address is that was refused.
func (a *applying) explainAddress(w *work, email string, why error) error {
	if !failureIn(why).duplicate("") {
		a.fail(w, fault.New("zendesk.apply", fault.Invalid, why))
		return nil
	}
	owner := "another user" // whom the search does not show yet
	if u, err := a.userWith(email); err == nil && u != nil {
		owner = u.label()
	}
	a.fail(w, wrong("the address %s belongs to %s, and is never taken from them; one of the two has to give it up", clip(email), owner))
	return a.ctx.Err()
}

// isInvalid reports whether Zendesk refused the content of a call.
func isInvalid(err error) bool {
	f := failureIn(err)
	return f != nil && f.status == http.StatusUnprocessableEntity
}

// identityOf finds the identity of a user with an address, or adds one.
func (a *applying) identityOf(u *user, email string) (identity, error) {
	place := "users/" + idText(u.ID) + "/identities"
	for rows, err := range cursorPages[identity](a.ctx, a.Target, place, "identities") {
		if err != nil {
			return identity{}, err
		}
		for _, x := range rows {
			if x.Type == "email" && strings.EqualFold(x.Value, email) {
				return x, nil
			}
		}
	}
	var got struct {
		Identity identity `json:"identity"`
	}
	body := map[string]any{"type": "email", "value": email, "skip_verify_email": a.opt.OnAddress == Always}
	if a.opt.OnAddress == Always {
		body["verified"] = true
	}
	err := a.do(a.ctx, call{method: http.MethodPost, path: place, body: map[string]any{"identity": body}, once: true}, &got)
	return got.Identity, err
}
