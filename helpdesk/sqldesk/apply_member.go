package sqldesk

import (
	"cmp"
	"slices"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/fault"
)

// memberRow is a membership as Apply reads and writes it. Whether its user is
// copied on new tickets, and further roles, are theirs: no sync touches them.
type memberRow struct {
	ID           int64  `db:"id"`
	User         int64  `db:"user_id"`
	Organization int64  `db:"organization_id"`
	Default      bool   `db:"is_default"`
	Position     string `db:"position"`
	Manager      bool   `db:"manager"`
	stamp

	fresh   bool  // not stored yet
	dirty   bool  // changed by this batch
	aside   bool  // changed on the side: another membership became the default one
	waiting []int // changes of the batch that end with this row
}

const (
	memberColumns = `id, user_id, organization_id, is_default, position, manager, seq, writer, other_seq`

	membersByUser = `SELECT ` + memberColumns + ` FROM membership WHERE user_id`
	accountsByKey = `SELECT id, external_id FROM organization WHERE external_id`
	contactsByKey = `SELECT ` + contactColumns + ` FROM helpdesk_user WHERE external_id`
)

var memberTable = dbx.Table{
	Name: "membership",
	Columns: []string{
		"id", "user_id", "organization_id", "is_default", "position", "manager", "created_at",
		"seq", "writer", "other_seq",
	},
}

// memberChanged is the conflict clause by which rows that are there are written over.
const memberChanged = `ON CONFLICT (id) DO UPDATE SET is_default = excluded.is_default, position = excluded.position, manager = excluded.manager,
	seq = excluded.seq, writer = excluded.writer, other_seq = excluded.other_seq`

// people is what the memberships of a batch are about.
type people struct {
	orgs  map[string]int64       // by CRM id
	users map[string]*contactRow // by CRM id
	byID  map[int64]*contactRow  // by own id
	has   map[int64][]*memberRow // all memberships of these users
	rows  map[int64]*memberRow   // the same, by their ids
}

// writeMembers makes and updates memberships. The organization and the user are
// found by their CRM ids, so both must have been made before.
func (b *batch) writeMembers() error {
	p, err := b.people(helpdesk.Create, helpdesk.Update)
	if err != nil || p == nil {
		return err
	}
	for i, c := range b.of(helpdesk.Membership, helpdesk.Create, helpdesk.Update) {
		row, err := b.member(p, c)
		if err == nil {
			err = row.lay(p, c)
		}
		switch {
		case err != nil && (isSpared(err) || fault.KindOf(err) == fault.Unsafe):
			b.skip(i, err)
		case err != nil:
			b.fail(i, err)
		default:
			p.keep(row)
			row.waiting = append(row.waiting, i)
		}
	}
	return b.storeMembers(p)
}

// people reads the organizations, users and memberships that open changes are about;
// it returns nil if there are none.
func (b *batch) people(ops ...helpdesk.Op) (*people, error) {
	keys, ids := b.wanted(helpdesk.Membership, ops...)
	if len(keys)+len(ids) == 0 {
		return nil, nil
	}
	p := &people{map[string]int64{}, map[string]*contactRow{}, map[int64]*contactRow{}, map[int64][]*memberRow{}, map[int64]*memberRow{}}
	accounts, contacts := make([]string, len(keys)), make([]string, len(keys))
	for i, k := range keys {
		accounts[i], contacts[i] = helpdesk.SplitMember(k)
	}
	if err := b.readAccounts(p, accounts); err != nil {
		return nil, err
	}
	if err := b.readContacts(p, contacts, ids); err != nil {
		return nil, err
	}
	return p, b.readMemberships(p)
}

func (b *batch) readAccounts(p *people, accounts []string) error {
	accounts = slices.DeleteFunc(accounts, func(key string) bool {
		id, ok := b.made.orgs[key]
		if ok {
			p.orgs[key] = id
		}
		return ok
	})
	if len(accounts) == 0 {
		return nil
	}
	slices.Sort(accounts)
	var rows []struct {
		ID  int64  `db:"id"`
		Key string `db:"external_id"`
	}
	err := b.t.among(&rows, accountsByKey, slices.Compact(accounts))
	for _, r := range rows {
		p.orgs[r.Key] = r.ID
	}
	return err
}

func (b *batch) readContacts(p *people, contacts []string, members []int64) error {
	var rows, more []contactRow
	contacts = slices.DeleteFunc(contacts, func(key string) bool {
		u, ok := b.made.users[key]
		if ok {
			p.users[key], p.byID[u.ID] = u, u
		}
		return ok
	})
	if len(contacts) > 0 {
		if err := b.t.among(&rows, contactsByKey, contacts); err != nil {
			return err
		}
	}
	if len(members) > 0 {
		if err := b.t.list(&more, `SELECT `+contactColumns+` FROM helpdesk_user WHERE id IN (SELECT user_id FROM membership WHERE id IN (?))`, members); err != nil {
			return err
		}
	}
	for _, r := range append(rows, more...) {
		p.byID[r.ID] = &r
		if r.ExternalID.Valid {
			p.users[r.ExternalID.String] = &r
		}
	}
	return nil
}

// readMemberships reads what these users are in; whom the batch made is in nothing yet.
func (b *batch) readMemberships(p *people) error {
	ids := make([]int64, 0, len(p.byID))
	for id, u := range p.byID {
		if b.made.users[u.ExternalID.String] != u {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	var rows []memberRow
	err := b.t.among(&rows, membersByUser, ids)
	slices.SortFunc(rows, func(x, y memberRow) int { return cmp.Compare(x.ID, y.ID) })
	for i := range rows {
		p.has[rows[i].User] = append(p.has[rows[i].User], &rows[i])
		p.rows[rows[i].ID] = &rows[i]
	}
	return err
}

// find returns the membership that a change is about; nil if there is none.
func (p *people) find(c helpdesk.Change) *memberRow {
	if c.Ref.Key == "" {
		id, _ := targetID(c)
		return p.rows[id]
	}
	account, contact := helpdesk.SplitMember(c.Ref.Key)
	user, ok := p.users[contact]
	if !ok {
		return nil
	}
	i := slices.IndexFunc(p.has[user.ID], func(m *memberRow) bool { return m.Organization == p.orgs[account] })
	if i < 0 {
		return nil
	}
	return p.has[user.ID][i]
}

// member returns the membership of a change, made if it is to be created.
func (b *batch) member(p *people, c helpdesk.Change) (*memberRow, error) {
	m := p.find(c)
	if m != nil {
		return m, b.s.spared(p.byID[m.User])
	}
	account, contact := helpdesk.SplitMember(c.Ref.Key)
	user, org := p.users[contact], p.orgs[account]
	switch {
	case c.Op == helpdesk.Update:
		return nil, notFound("apply", "the membership is no longer in the helpdesk; compare again to see whether it shall be made anew")
	case org == 0:
		return nil, notFound("apply", "no organization here carries the account %q, so nobody can join it", account)
	case user == nil:
		return nil, notFound("apply", "no user here is the contact %q, so there is nobody to join", contact)
	}
	if err := b.s.spared(user); err != nil {
		return nil, err
	}
	if err := b.room(p.has[user.ID], user); err != nil {
		return nil, err
	}
	first := !slices.ContainsFunc(p.has[user.ID], func(m *memberRow) bool { return m.Default })
	return &memberRow{User: user.ID, Organization: org, Default: first, fresh: true, dirty: true}, nil
}

// full says why a user cannot be in one organization more.
const full = "%s is in %d organizations already, the most that this store allows; take the user out of one first"

// room leaves to people what to do with a user who may be in no organization more.
func (b *batch) room(has []*memberRow, user *contactRow) error {
	most := b.s.opt.MaxMemberships
	if len(has) < most {
		return nil
	}
	if most > 1 {
		return unsafe(full, user.label(), len(has))
	}
	var in namedRow
	if err := b.t.get(&in, `SELECT `+namedColumns+` FROM organization o WHERE o.id = ?`, has[0].Organization); err != nil {
		return err
	}
	return unsafe("%s is in %s, and this store keeps one organization per user: take the user out of it, or correct the contact in the CRM", user.label(), in.named())
}

// lay puts a change on the membership, once it is known that all of it fits.
func (m *memberRow) lay(p *people, c helpdesk.Change) error {
	next := *m
	for d := range c.Writes() {
		if err := next.layDelta(d); err != nil {
			return err
		}
	}
	next.dirty = next.dirty || next.Default != m.Default || next.Position != m.Position || next.Manager != m.Manager
	*m = next
	if m.Default && m.dirty {
		p.onlyDefault(m)
	}
	return nil
}

func (m *memberRow) layDelta(d helpdesk.Delta) (err error) {
	switch d.Field {
	case helpdesk.Default:
		m.Default, err = flagOf(d)
	case helpdesk.Manager:
		m.Manager, err = flagOf(d)
	case helpdesk.Position:
		m.Position, err = textOf(d.Field, d.Want, maxName)
	default:
		err = unsupported("apply", "a membership has no field %s here", d.Field)
	}
	return err
}

func flagOf(d helpdesk.Delta) (bool, error) {
	if t := d.Want.Type(); t != helpdesk.Bool && t != helpdesk.Empty && t != helpdesk.Nothing {
		return false, invalid("apply", "%s is a checkbox; it cannot take the %s %q", d.Field, t, d.Want.Text())
	}
	return d.Want.True(), nil
}

// onlyDefault takes the default away from the user's other memberships.
func (p *people) onlyDefault(m *memberRow) {
	for _, o := range p.has[m.User] {
		if o != m && o.Organization != m.Organization && o.Default {
			o.Default, o.aside = false, true
		}
	}
}

// keep remembers a membership that was just made.
func (p *people) keep(m *memberRow) {
	if !slices.Contains(p.has[m.User], m) {
		p.has[m.User] = append(p.has[m.User], m)
	}
}
