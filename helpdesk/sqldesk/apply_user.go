package sqldesk

import (
	"database/sql"
	"iter"
	"slices"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/dbx"
)

// contactRow is what must be known of a user to put them into an organization.
type contactRow struct {
	ID         int64          `db:"id"`
	ExternalID sql.NullString `db:"external_id"`
	Email      string         `db:"email"`
	Role       Role           `db:"role"`
	Suspended  bool           `db:"suspended"`
}

// userRow is a user as Apply reads and writes it.
type userRow struct {
	contactRow
	Name string         `db:"name"`
	Fold sql.NullString `db:"email_fold"`
	stamp
}

const (
	contactColumns = `id, external_id, email, role, suspended`
	userColumns    = contactColumns + `, name, email_fold, seq, writer, other_seq`

	usersByKey   = `SELECT ` + userColumns + ` FROM helpdesk_user WHERE external_id`
	usersByID    = `SELECT ` + userColumns + ` FROM helpdesk_user WHERE id`
	usersByEmail = `SELECT ` + userColumns + ` FROM helpdesk_user WHERE email_fold`
)

var userTable = dbx.Table{
	Name:    "helpdesk_user",
	Columns: []string{"id", "external_id", "name", "email", "email_fold", "created_at", "updated_at", "seq", "writer", "other_seq"},
}

// userChanged is the conflict clause by which rows that are there are written over.
const userChanged = `ON CONFLICT (id) DO UPDATE SET external_id = excluded.external_id, name = excluded.name, email = excluded.email,
	email_fold = excluded.email_fold, updated_at = excluded.updated_at, seq = excluded.seq, writer = excluded.writer, other_seq = excluded.other_seq`

// userWork is one user on its way.
type userWork struct {
	i     int
	row   userRow
	old   string
	fresh bool
	dirty bool
}

// writeUsers makes and updates users. A contact without a user here takes the user
// with its e-mail, if nobody else has.
func (b *batch) writeUsers() error {
	works, mails, err := b.userWorks()
	if err != nil || len(works) == 0 {
		return err
	}
	if works, err = b.settleEmails(works, mails); err != nil {
		return err
	}
	fresh := slices.DeleteFunc(slices.Clone(works), func(w *userWork) bool { return w.row.ID != 0 })
	ids, err := b.t.reserve("helpdesk_user", len(fresh))
	if err != nil {
		return err
	}
	for i, id := range ids {
		fresh[i].row.ID = id
	}
	if err := b.store(userTable, userChanged, func(fresh bool) iter.Seq[[]any] { return b.userRows(works, fresh) }); err != nil {
		return err
	}
	for _, w := range works {
		b.done(w.i, w.row.ID)
		if w.fresh {
			b.made.users[w.row.ExternalID.String] = &w.row.contactRow
		}
	}
	return nil
}

// userWorks reads the users concerned, lays the changes over them, and returns who
// holds the addresses that are wanted.
func (b *batch) userWorks() ([]*userWork, map[string]*userRow, error) {
	found, mails, err := b.readUsers()
	if err != nil {
		return nil, nil, err
	}
	var works []*userWork
	for i, c := range b.of(helpdesk.User, helpdesk.Create, helpdesk.Update) {
		row, err := found.pick(c, userIdentity)
		if err == nil && row == nil {
			row, err = linked(c, mails)
		}
		if err == nil && row != nil {
			err = b.s.spared(&row.contactRow)
		}
		switch {
		case err != nil && isSpared(err):
			b.skip(i, err)
		case err != nil:
			b.fail(i, err)
		default:
			works = b.userWork(works, i, c, row)
		}
	}
	return works, mails, nil
}

func userIdentity(r *userRow) (sql.NullString, int64) { return r.ExternalID, r.ID }

// linked finds the user with the e-mail that a change wants. One that belongs to
// another contact is never taken from it.
func linked(c helpdesk.Change, mails map[string]*userRow) (*userRow, error) {
	row := mails[wantedEmail(c)]
	if row != nil && row.ExternalID.Valid {
		return nil, invalid("apply", "its e-mail belongs to user %d, who is contact %s in the CRM, and is never taken from them; one contact has to give it up", row.ID, row.ExternalID.String)
	}
	return row, nil
}

func wantedEmail(c helpdesk.Change) string {
	for d := range c.Writes() {
		if d.Field == helpdesk.Email {
			return foldEmail(d.Want.Text())
		}
	}
	return ""
}

// readUsers reads the users that the batch names, by id and by e-mail.
func (b *batch) readUsers() (found[userRow], map[string]*userRow, error) {
	f, mails := found[userRow]{map[string]*userRow{}, map[int64]*userRow{}}, map[string]*userRow{}
	keys, ids := b.wanted(helpdesk.User, helpdesk.Create, helpdesk.Update)
	var folds []string
	for _, c := range b.of(helpdesk.User, helpdesk.Create, helpdesk.Update) {
		if m := wantedEmail(c); m != "" {
			folds = append(folds, m)
		}
	}
	for _, q := range []lookup{{usersByKey, keys, len(keys)}, {usersByID, ids, len(ids)}, {usersByEmail, folds, len(folds)}} {
		var rows []userRow
		if err := b.look(&rows, q); err != nil {
			return f, nil, err
		}
		for i := range rows {
			f.add(&rows[i], rows[i].ExternalID, rows[i].ID)
			mails[rows[i].Fold.String] = f.id[rows[i].ID]
		}
	}
	delete(mails, "")
	return f, mails, nil
}

// userWork lays one change over its user and adds it to the works, or fails it.
func (b *batch) userWork(works []*userWork, i int, c helpdesk.Change, row *userRow) []*userWork {
	w := &userWork{i: i}
	if row == nil && c.Op == helpdesk.Update {
		b.fail(i, notFound("apply", "the user is no longer in the helpdesk; compare again to see whether it shall be made anew"))
		return works
	}
	if row != nil {
		w.row, w.old = *row, row.Fold.String
	} else {
		w.fresh, w.dirty = true, true
	}
	if err := w.lay(c); err != nil {
		b.fail(i, err)
		return works
	}
	if err := b.s.spared(&w.row.contactRow); err != nil {
		b.skip(i, err)
		return works
	}
	if row != nil {
		row.ExternalID = w.row.ExternalID
	}
	return append(works, w)
}

func (w *userWork) lay(c helpdesk.Change) error {
	if c.Ref.Key == "" && w.row.ID == 0 || !plainText(c.Ref.Key) || len(c.Ref.Key) > maxKeyText {
		return invalid("apply", "%q cannot be a CRM id", c.Ref.Key)
	}
	if c.Ref.Key != "" && w.row.ExternalID.String != c.Ref.Key {
		w.row.ExternalID, w.dirty = sql.NullString{String: c.Ref.Key, Valid: true}, true
	}
	for d := range c.Writes() {
		if err := w.layDelta(d); err != nil {
			return err
		}
	}
	return nil
}

func (w *userWork) layDelta(d helpdesk.Delta) error {
	into, limit := &w.row.Name, maxName
	switch d.Field {
	case helpdesk.Name:
	case helpdesk.Email:
		into, limit = &w.row.Email, maxEmail
	default:
		return unsupported("apply", "a user has no field %s here", d.Field)
	}
	text, err := textOf(d.Field, d.Want, limit)
	if err != nil {
		return err
	}
	if d.Field == helpdesk.Email && text != "" && !goodEmail(text) {
		return invalid("apply", "%q is not an e-mail address", text)
	}
	w.dirty = w.dirty || *into != text
	*into = text
	fold := foldEmail(w.row.Email)
	w.row.Fold = sql.NullString{String: fold, Valid: fold != ""}
	return nil
}

// settleEmails drops the users whose wanted address another one holds.
func (b *batch) settleEmails(works []*userWork, mails map[string]*userRow) ([]*userWork, error) {
	claims := make([]claim, 0, len(works))
	for _, w := range works {
		if w.old != w.row.Fold.String && w.row.Fold.Valid {
			claims = append(claims, claim{w.i, w.row.ID, w.old, w.row.Fold.String})
		}
	}
	if len(claims) == 0 {
		return works, nil
	}
	holders := make(map[string]int64, len(mails))
	for fold, row := range mails {
		holders[fold] = row.ID
	}
	for _, c := range settle(claims, holders) {
		b.fail(c.i, raced("another user (%d) has the e-mail %s; one of them has to give it up", holders[c.want], c.want))
	}
	works = slices.DeleteFunc(works, func(w *userWork) bool { return b.out[w.i].State != "" })
	claims = slices.DeleteFunc(claims, func(c claim) bool { return b.out[c.i].State != "" })
	return works, b.letGo("helpdesk_user", `UPDATE helpdesk_user SET email_fold = NULL WHERE id IN (?)`, inTheWay(claims))
}

// userRows yields the rows that are new, or those that change.
func (b *batch) userRows(works []*userWork, fresh bool) iter.Seq[[]any] {
	now := b.now()
	return func(yield func([]any) bool) {
		for _, w := range works {
			r, st := &w.row, b.over(w.row.stamp)
			if w.dirty && w.fresh == fresh && !yield([]any{r.ID, r.ExternalID, r.Name, r.Email, r.Fold, now, now, st.Seq, st.Writer, st.Other}) {
				return
			}
		}
	}
}
