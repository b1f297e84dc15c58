package zendesk

import (
	"fmt"
	"net/http"

	"github.com/desksync/desksync/helpdesk"
)

// newMembers are the items of memberships to be made.
func (a *applying) newMembers(works []*work) ([]item, error) {
	if err := a.findOrgs(works); err != nil {
		return nil, err
	}
	if err := a.findUsers(works); err != nil {
		return nil, err
	}
	var out []item
	for _, w := range works {
		if a.placed(w) {
			body := map[string]any{"user_id": w.user, "organization_id": w.org}
			if v, _ := w.want(helpdesk.Default); v.True() {
				body["default"] = true
			}
			out = append(out, item{w, body})
		}
	}
	return out, nil
}

// placed reports whether both ends of a membership are there; if not, the work ends.
func (a *applying) placed(w *work) bool {
	_, contact := helpdesk.SplitMember(w.change.Ref.Key)
	switch {
	case w.done:
	case w.org == 0:
		a.fail(w, noAccount(w))
	case w.user == 0:
		a.fail(w, notFound("no user here is the contact "+contact+", so there is nobody to join"))
	default:
		return true
	}
	return false
}

// findOrgs finds the organizations of memberships: as the change says, as made just
// before, or by the account.
func (a *applying) findOrgs(works []*work) error {
	var keys []string
	for _, w := range works {
		account, _ := helpdesk.SplitMember(w.change.Ref.Key)
		if w.org == 0 {
			w.org = a.lately(orgRef(account))
		}
		if w.org == 0 {
			keys = append(keys, account)
		}
	}
	rows, err := a.orgsBy(a.ctx, byKey, keys)
	if err != nil {
		return err
	}
	for i := range rows {
		for _, w := range works {
			if account, _ := helpdesk.SplitMember(w.change.Ref.Key); w.org == 0 && account == rows[i].key() {
				w.org = rows[i].ID
			}
		}
	}
	return nil
}

// findUsers is findOrgs for users. Whoever is never written joins nothing.
func (a *applying) findUsers(works []*work) error {
	var keys []string
	for _, w := range works {
		_, contact := helpdesk.SplitMember(w.change.Ref.Key)
		if w.user == 0 {
			w.user = a.lately(userRef(contact))
		}
		if w.user == 0 {
			keys = append(keys, contact)
		}
	}
	rows, err := a.usersBy(a.ctx, byKey, keys)
	if err != nil {
		return err
	}
	for i := range rows {
		for _, w := range works {
			_, contact := helpdesk.SplitMember(w.change.Ref.Key)
			if w.user != 0 || contact != rows[i].key() {
				continue
			}
			if w.user = rows[i].ID; a.spared(&rows[i]) != "" {
				a.skip(w, spare(a.spared(&rows[i])))
			}
		}
	}
	return nil
}

// membersBack looks for memberships that were to be made.
func (a *applying) membersBack(works []*work) (left []*work, err error) {
	pairs := make([]pair, len(works))
	for i, w := range works {
		pairs[i] = pair{w.user, w.org}
	}
	people, err := a.usersBy(a.ctx, byID, texts(usersOf(works)))
	if err != nil {
		return nil, err
	}
	has, err := a.among(a.ctx, people, pairs)
	if err != nil {
		return nil, err
	}
	homes := homesOf(people)
	for i, w := range works {
		if has[pairs[i]] == nil {
			w.home = homes[w.user]
			left = append(left, w)
			continue
		}
		a.applied(w)
	}
	return left, nil
}

func joined(rows []membership, org int64) *membership {
	for i := range rows {
		if rows[i].Organization == org {
			return &rows[i]
		}
	}
	return nil
}

func isNotFound(err error) bool {
	f := failureIn(err)
	return f != nil && f.status == http.StatusNotFound
}

// explainMember says why a membership was refused: for want of room, which only people
// can make, or otherwise.
func (a *applying) explainMember(w *work, why error) error {
	if a.room() == 1 && w.home != 0 && !isNotFound(why) {
		a.skip(w, unsafe("user %d is in organization %d, and this account keeps one organization per user: take the user out of it, or correct the contact in the CRM", w.user, w.home))
		return nil
	}
	rows, err := a.membersOf(a.ctx, w.user)
	switch most := a.room(); {
	case a.ctx.Err() != nil:
		return a.ctx.Err()
	case isNotFound(err), isNotFound(why):
		a.fail(w, notFound(fmt.Sprintf("user %d or organization %d is no longer there", w.user, w.org)))
	case err == nil && len(rows) >= most:
		a.skip(w, unsafe("user %d is in %d organizations already, the most that Zendesk allows; take the user out of one first", w.user, len(rows)))
	default:
		a.fail(w, why)
	}
	return nil
}

// endsOf finds both ends of memberships that are there already.
func (a *applying) endsOf(works ...*work) error {
	if err := a.findOrgs(works); err != nil {
		return err
	}
	return a.findUsers(works)
}

// removeMember ends a membership; the user stays.
func (a *applying) removeMember(w *work) error {
	if err := a.endsOf(w); err != nil {
		return a.refused(memberRemove, []*work{w}, err)
	}
	if w.done {
		return nil
	}
	if w.user == 0 || w.org == 0 {
		a.applied(w)
		return nil
	}
	c := call{method: http.MethodDelete, path: "users/" + idText(w.user) + "/organizations/" + idText(w.org)}
	if err := a.do(a.ctx, c, nil); err != nil && !isNotFound(err) {
		return a.refused(memberRemove, []*work{w}, err)
	}
	a.applied(w)
	return nil
}

// makeDefault makes a membership the user's default one. It is never taken from one
// but by giving it to another.
func (a *applying) makeDefault(w *work) error {
	if err := a.endsOf(w); err != nil {
		return a.refused(memberDefault, []*work{w}, err)
	}
	if !a.placed(w) {
		return nil
	}
	want, named := w.want(helpdesk.Default)
	if !named || !want.True() {
		return a.notDefault(w)
	}
	c := call{method: http.MethodPut, path: "users/" + idText(w.user) + "/organizations/" + idText(w.org) + "/make_default"}
	err := a.do(a.ctx, c, nil)
	if isNotFound(err) {
		a.fail(w, notFound("the membership is no longer in Zendesk; compare again to see whether it shall be made anew"))
		return nil
	}
	if err != nil {
		return a.refused(memberDefault, []*work{w}, err)
	}
	a.applied(w)
	return nil
}

// notDefault ends a work that wants a membership not to be the default one.
func (a *applying) notDefault(w *work) error {
	rows, err := a.membersOf(a.ctx, w.user)
	if err != nil && !isNotFound(err) {
		return a.refused(memberDefault, []*work{w}, err)
	}
	switch m := joined(rows, w.org); {
	case m == nil:
		a.fail(w, notFound("the membership is no longer in Zendesk; compare again to see whether it shall be made anew"))
	case m.isDefault():
		a.fail(w, unsupported("the default organization of a user moves only by making another one the default"))
	default:
		a.applied(w)
	}
	return nil
}
