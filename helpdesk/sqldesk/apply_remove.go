package sqldesk

import (
	"iter"
	"slices"

	"github.com/desksync/desksync/helpdesk"
)

// storeMembers writes the memberships that changed. Those that stop being the
// default come first: a user never has two.
func (b *batch) storeMembers(p *people) error {
	var rows []*memberRow
	for _, has := range p.has {
		for _, m := range has {
			if m.dirty || m.aside {
				rows = append(rows, m)
			}
		}
	}
	slices.SortFunc(rows, func(x, y *memberRow) int { return slices.Compare(x.order(), y.order()) })
	if err := b.loseDefault(rows); err != nil {
		return err
	}
	if err := b.numberMembers(rows); err != nil {
		return err
	}
	if err := b.store(memberTable, memberChanged, func(fresh bool) iter.Seq[[]any] { return b.memberRows(rows, fresh) }); err != nil {
		return err
	}
	for _, has := range p.has {
		for _, m := range has {
			for _, i := range m.waiting {
				b.done(i, m.ID)
			}
		}
	}
	return nil
}

// order puts stored rows by id and new ones behind them, as the batch has them.
func (m *memberRow) order() []int64 {
	if m.fresh {
		return []int64{1, int64(m.waiting[0])}
	}
	return []int64{0, m.ID}
}

func (b *batch) loseDefault(rows []*memberRow) error {
	var ids []int64
	for _, m := range rows {
		if !m.fresh && !m.Default {
			ids = append(ids, m.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	_, err := b.t.change("membership", `UPDATE membership SET is_default = false WHERE is_default AND id IN (?)`, ids)
	return err
}

func (b *batch) numberMembers(rows []*memberRow) error {
	fresh := slices.DeleteFunc(slices.Clone(rows), func(m *memberRow) bool { return !m.fresh })
	ids, err := b.t.reserve("membership", len(fresh))
	for i, id := range ids {
		fresh[i].ID = id
	}
	return err
}

// memberRows yields the rows to write. What changed on the side is not of this
// writer: the next listing shows it.
func (b *batch) memberRows(rows []*memberRow, fresh bool) iter.Seq[[]any] {
	now := b.now()
	return func(yield func([]any) bool) {
		for _, m := range rows {
			if m.fresh != fresh {
				continue
			}
			st := b.over(m.stamp)
			if m.aside {
				st.Writer = 0
			}
			if !yield([]any{m.ID, m.User, m.Organization, m.Default, m.Position, m.Manager, now, st.Seq, st.Writer, st.Other}) {
				return
			}
		}
	}
}

// removeMembers takes users out of organizations. The default moves to the oldest
// membership that is left.
func (b *batch) removeMembers() error {
	p, err := b.people(helpdesk.Retire)
	if err != nil || p == nil {
		return err
	}
	var ids []int64
	for i, c := range b.of(helpdesk.Membership, helpdesk.Retire) {
		m := p.find(c)
		if m == nil {
			b.out[i].State = helpdesk.Applied
			continue
		}
		if err := b.s.spared(p.byID[m.User]); err != nil {
			b.skip(i, err)
			continue
		}
		ids = append(ids, m.ID)
		b.done(i, m.ID)
	}
	if len(ids) == 0 {
		return nil
	}
	_, err = b.t.change("membership", `DELETE FROM membership WHERE id IN (?)`, ids)
	return err
}

// deleteOrganizations deletes for good: never while a ticket is not closed, and
// never what is exempted. Users stay; their memberships and domains go.
func (b *batch) deleteOrganizations() error {
	for i, c := range b.of(helpdesk.Organization, helpdesk.Delete) {
		var rows []orgRow
		id, _ := targetID(c)
		if err := b.t.list(&rows, `SELECT `+orgColumns+` FROM organization WHERE external_id = ? OR external_id IS NULL AND id = ?`, c.Ref.Key, id); err != nil {
			return err
		}
		if len(rows) == 0 {
			b.out[i].State = helpdesk.Applied
			continue
		}
		err := b.t.deletable(b.s, rows[0].ID, rows[0].Fields)
		if err != nil {
			b.fail(i, err)
			continue
		}
		if _, err := b.t.change("organization", `DELETE FROM organization WHERE id = ?`, rows[0].ID); err != nil {
			return err
		}
		b.done(i, rows[0].ID)
	}
	return nil
}

// exempted refuses to end an organization that somebody exempted from that.
func (s *Store) exempted(fields string) error {
	list, err := readEntries(fields)
	if err != nil {
		return err
	}
	if f, ok := s.specs[s.opt.Retire.Exempt]; ok && list.get(f).True() {
		return unsafe("it is exempted from deletion by %s; take that off first", f.Key)
	}
	return nil
}

// deletable refuses the deletion of an organization that someone still needs.
func (t *txn) deletable(s *Store, id int64, fields string) error {
	if err := s.exempted(fields); err != nil {
		return err
	}
	var open int
	if err := t.get(&open, `SELECT count(*) FROM ticket WHERE organization_id = ? AND status <> 'closed'`, id); err != nil {
		return err
	}
	if open > 0 {
		return unsafe("it has tickets that are not closed (%d; solved is not closed); it is never deleted before they are", open)
	}
	return nil
}
