package zendesk

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
)

// failureIn returns what Zendesk answered, if the error is an answer.
func failureIn(err error) *failure {
	f, ok := errors.AsType[*failure](err)
	if !ok {
		return nil
	}
	return f
}

func hasCode(err error, code string) bool {
	f := failureIn(err)
	return f != nil && f.code == code
}

func retryAfter(err error) time.Duration {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f.RetryAfter
	}
	return 0
}

// refusal is a work that Zendesk refused, and why.
type refusal struct {
	*work
	err error
}

// resolve finds out what a refusal means: what there is already and is as wanted is
// made; what there is otherwise raced; what another one has, is said whose it is.
func (a *applying) resolve(l lane, list []refusal) error {
	if len(list) == 0 {
		return nil
	}
	works := make([]*work, len(list))
	why := make(map[*work]error, len(list))
	for i, r := range list {
		works[i], why[r.work] = r.work, r.err
	}
	switch l {
	case memberRemove:
		for _, r := range a.goneAlready(list) {
			a.fail(r.work, r.err)
		}
	case orgCreate, userCreate, memberCreate:
		left, err := a.readBack(l, works)
		if err != nil {
			return a.unread(works, err)
		}
		for _, w := range left {
			if err := a.explainRefusal(l, w, why[w]); err != nil {
				return err
			}
		}
	default:
		for _, w := range works {
			if fault.KindOf(why[w]) == fault.NotFound && l == orgUpdate {
				a.gone(w)
			} else {
				a.fail(w, why[w])
			}
		}
	}
	return nil
}

// unread ends works that cannot be looked for.
func (a *applying) unread(works []*work, err error) error {
	if a.ctx.Err() != nil {
		return a.ctx.Err()
	}
	for _, w := range works {
		a.fail(w, fault.New("zendesk.apply", fault.Unknown, fmt.Errorf("it is not known whether it was made: %w", err)))
	}
	return nil
}

// explainRefusal ends a work that made nothing.
func (a *applying) explainRefusal(l lane, w *work, why error) error {
	if l == userCreate {
		return a.explainUser(w, why)
	}
	if l == memberCreate {
		return a.explainMember(w, why)
	}
	a.fail(w, why)
	return nil
}

// readBack looks for what works were to make, ends those whose object is there, and
// returns the others.
func (a *applying) readBack(l lane, works []*work) ([]*work, error) {
	switch l {
	case userCreate:
		return a.usersBack(works)
	case memberCreate:
		return a.membersBack(works)
	default:
		return a.orgsBack(works)
	}
}

// orgsBack looks for organizations by their external ids.
func (a *applying) orgsBack(works []*work) (left []*work, err error) {
	have, err := a.readOrgs(nil, works)
	if err != nil {
		return nil, err
	}
	for _, w := range works {
		o := have[w]
		switch {
		case o == nil:
			left = append(left, w)
		case a.s.holds(w, o):
			w.id = o.ID
			a.applied(w)
		default:
			w.id = o.ID
			a.fail(w, raced("organization %d is of this account already and holds something else; it is compared again", o.ID))
		}
	}
	return left, nil
}

// usersBack looks for users by their external ids.
func (a *applying) usersBack(works []*work) (left []*work, err error) {
	keys := make([]string, len(works))
	for i, w := range works {
		keys[i] = w.change.Ref.Key
	}
	rows, err := a.usersBy(a.ctx, byKey, keys)
	if err != nil {
		return nil, err
	}
	byKeys := make(map[string]*user, len(rows))
	for i := range rows {
		byKeys[rows[i].key()] = &rows[i]
	}
	for _, w := range works {
		u := byKeys[w.change.Ref.Key]
		if u == nil {
			left = append(left, w)
			continue
		}
		a.there(w, u)
	}
	return left, nil
}

// there ends the create of a user who is there, and lets the membership that was to come
// with them be made by itself unless it is there too.
func (a *applying) there(w *work, u *user) {
	w.id = u.ID
	riders := w.riders
	w.riders = nil
	switch why := a.spared(u); {
	case why != "":
		w.riders = riders
		a.skip(w, spare(why))
		return
	case holdsUser(w, u):
		a.applied(w)
	default:
		a.fail(w, raced("user %d is this contact already and holds something else; it is compared again", u.ID))
	}
	for _, r := range riders {
		r.user = u.ID
		if u.Organization != nil && r.org != 0 && *u.Organization == r.org {
			a.applied(r)
			continue
		}
		a.again(r)
	}
}

// holdsUser reports whether a user holds all that a change writes.
func holdsUser(w *work, u *user) bool {
	for _, d := range w.writes {
		switch {
		case d.Field == helpdesk.Email && !strings.EqualFold(d.Want.Text(), textOf(u.Email)):
			return false
		case d.Field == helpdesk.Name && d.Want.Text() != u.Name:
			return false
		}
	}
	return true
}

// explainUser says why a user was refused: whose the address is, if it is somebody's.
// Nobody is ever taken over or moved.
func (a *applying) explainUser(w *work, why error) error {
	email := textIn(w, helpdesk.Email)
	u, err := a.userWith(email)
	switch {
	case a.ctx.Err() != nil:
		return a.ctx.Err()
	case err != nil || u == nil:
		a.fail(w, why)
	case a.spared(u) != "":
		a.skip(w, spare(a.spared(u)))
	case u.key() != "":
		a.fail(w, wrong("its e-mail belongs to %s, who has the external id %s, and is never taken from them; one of the two has to give it up", u.label(), clip(u.key())))
	default:
		a.fail(w, raced("its e-mail belongs to %s, who is tied to no contact yet; the next listing shows them, and nobody is moved from where they are", u.label()))
	}
	return nil
}

// userWith finds the user with an address; nil: there is none.
func (a *applying) userWith(email string) (*user, error) {
	if email == "" {
		return nil, nil
	}
	var got struct {
		Users []user `json:"users"`
	}
	if err := a.get(a.ctx, "users/search", url.Values{"query": {`email:"` + strings.ReplaceAll(email, `"`, "") + `"`}}, &got); err != nil {
		return nil, err
	}
	for i := range got.Users {
		if got.Users[i].email() == strings.ToLower(email) && !got.Users[i].deleted() {
			return &got.Users[i], nil
		}
	}
	return nil, nil
}

// settling is how long a job of which nothing was heard may still be at work.
const settling = 15 * time.Second

// recover finds out what became of works of which nothing was heard: it reads them back,
// waits once, and reads again. What was not made is sent once more: a second one of an
// external id is refused by Zendesk.
func (a *applying) recover(l lane, works []*work, why error) error {
	a.opt.Log(a.ctx, Note{"reply lost", laneNames[l] + ": " + fault.Sentence(why)})
	if l != orgCreate && l != userCreate && l != memberCreate {
		return a.repeat(works, why)
	}
	left := works
	for try := range 2 {
		missing, err := a.readBack(l, left)
		if err != nil {
			return a.unread(left, err)
		}
		if left = missing; len(left) == 0 {
			return nil
		}
		if try == 0 {
			if err := a.opt.Sleep(a.ctx, settling); err != nil {
				return err
			}
		}
	}
	return a.repeat(left, why)
}

// repeat sends works once more that can be sent twice; then nobody knows.
func (a *applying) repeat(works []*work, why error) error {
	for _, w := range works {
		if w.lost++; w.lost > 1 {
			a.fail(w, fault.New("zendesk.apply", fault.Unknown, fmt.Errorf("it is not known whether it was made: %w", why)))
			continue
		}
		a.again(w)
	}
	return nil
}

// onePerCall remembers that the account takes no users in bulk, and sends them singly.
func (a *applying) onePerCall(l lane, works []*work) {
	if a.bulk(l) {
		a.mu.Lock()
		a.noBulk[l] = true
		a.mu.Unlock()
		a.opt.Log(a.ctx, Note{"no bulk", "this account does not " + laneNames[l] + " in bulk, so each takes a call; ask Zendesk to allow bulk user import"})
	}
	a.again(works...)
}

// bulk reports whether the account takes works of a lane in bulk, as far as is known.
func (t *Target) bulk(l lane) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	moves := l == memberRemove && !t.opt.MultiOrg // who leaves makes room at once, for where they go
	return !l.alone() && !t.noBulk[l] && !moves
}
