package sqldesk

import (
	"fmt"
	"slices"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/dbx"
)

const nameHolders = `SELECT id, name_fold AS text, name AS label FROM organization WHERE name_fold`

// settleNames drops the organizations whose wanted name another one holds, and
// lets go of names that pass on within the batch.
func (b *batch) settleNames(works []*orgWork) ([]*orgWork, error) {
	claims := make([]claim, 0, len(works))
	for _, w := range works {
		if w.old != w.row.Fold {
			claims = append(claims, claim{w.i, w.row.ID, w.old, w.row.Fold})
		}
	}
	if b.s.opt.SharedNames || len(claims) == 0 {
		return works, nil
	}
	holders, labels, err := b.holders(nameHolders, claims)
	if err != nil {
		return nil, err
	}
	for _, c := range settle(claims, holders) {
		b.fail(c.i, nameTaken(c, holders, labels))
	}
	works = slices.DeleteFunc(works, func(w *orgWork) bool { return b.out[w.i].State != "" })
	claims = slices.DeleteFunc(claims, func(c claim) bool { return b.out[c.i].State != "" })
	return works, b.letGo("organization", `UPDATE organization SET name_fold = CAST(? AS text) || id WHERE id IN (?)`, inTheWay(claims), "\x01")
}

func nameTaken(c claim, holders map[string]int64, labels map[string]string) error {
	if id, ok := holders[c.want]; ok {
		return raced("organization %d is called %q already, and names are unique here; rename one of them", id, labels[c.want])
	}
	return raced("another organization of this run gets the name %q, and names are unique here; rename one of them", c.want)
}

// holders reads who holds what the claims want.
func (b *batch) holders(q string, claims []claim) (map[string]int64, map[string]string, error) {
	wants := make([]string, len(claims))
	for i, c := range claims {
		wants[i] = c.want
	}
	var rows []struct {
		ID    int64  `db:"id"`
		Text  string `db:"text"`
		Label string `db:"label"`
	}
	if err := b.t.among(&rows, q, wants); err != nil {
		return nil, nil, err
	}
	ids, labels := map[string]int64{}, map[string]string{}
	for _, r := range rows {
		ids[r.Text], labels[r.Text] = r.ID, r.Label
	}
	return ids, labels, nil
}

// letGo frees texts that stand in the way, until their rows are written in full.
func (b *batch) letGo(table, q string, ids []int64, args ...any) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := b.t.change(table, q, append(args, ids)...)
	return err
}

// moves are rows of one table of elements that come or go.
type moves struct{ add, drop [][]any }

var (
	tagTable    = dbx.Table{Name: "organization_tag", Columns: []string{"organization_id", "tag"}}
	domainTable = dbx.Table{Name: "organization_domain", Columns: []string{"organization_id", "domain"}}
	groupTable  = dbx.Table{Name: "organization_group", Columns: []string{"organization_id", "group_id"}}
)

// partTables are the tables behind the prefixes.
var partTables = []struct {
	prefix string
	table  dbx.Table
}{{helpdesk.TagPrefix, tagTable}, {helpdesk.DomPrefix, domainTable}, {helpdesk.GroupPrefix, groupTable}}

// partMoves compares the wanted elements with those that are there, and marks the
// organizations that change.
func (b *batch) partMoves(works []*orgWork) (map[string]moves, error) {
	out := map[string]moves{}
	for _, p := range partTables {
		have, err := b.haveParts(p.prefix, works)
		if err != nil {
			return nil, err
		}
		var m moves
		for _, w := range works {
			m.compare(w, p.prefix, have)
		}
		out[p.prefix] = m
	}
	return out, nil
}

func (m *moves) compare(w *orgWork, prefix string, have map[int64][]string) {
	for _, p := range w.parts {
		if p.prefix != prefix || p.on == slices.Contains(have[w.row.ID], p.name) {
			continue
		}
		w.dirty = true
		if p.on {
			m.add = append(m.add, []any{w.row.ID, p.name})
			have[w.row.ID] = append(have[w.row.ID], p.name) // the same domain may be spelled twice
		} else {
			m.drop = append(m.drop, []any{w.row.ID, p.name})
		}
	}
}

// haveParts reads the elements behind one prefix of the organizations that the
// batch wants to change there.
func (b *batch) haveParts(prefix string, works []*orgWork) (map[int64][]string, error) {
	var ids []int64
	for _, w := range works {
		if !w.fresh && slices.ContainsFunc(w.parts, func(p part) bool { return p.prefix == prefix }) {
			ids = append(ids, w.row.ID)
		}
	}
	if len(ids) == 0 {
		return map[int64][]string{}, nil
	}
	var rows []partRow
	err := b.t.list(&rows, partQueries[prefix], ids)
	return grouped(rows), err
}

func (b *batch) moveParts(all map[string]moves) error {
	for _, p := range partTables {
		m := all[p.prefix]
		if p.prefix == helpdesk.GroupPrefix {
			if err := b.groupIDs(m); err != nil {
				return err
			}
		}
		if err := b.dropParts(p.table.Name, p.table.Columns[1], m.drop); err != nil {
			return err
		}
		if err := b.fresh(p.table, slices.Values(m.add)); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) dropParts(table, column string, rows [][]any) error {
	for chunk := range slices.Chunk(rows, 200) {
		q := fmt.Sprintf(`DELETE FROM %s WHERE`, table)
		var args []any
		for i, r := range chunk {
			q += map[bool]string{true: " ", false: " OR "}[i == 0] + `(organization_id = ? AND ` + column + ` = ?)`
			args = append(args, r...)
		}
		if _, err := b.t.change(table, q, args...); err != nil {
			return err
		}
	}
	return nil
}

// groupIDs puts the ids of groups in the place of their names; groups that are to
// be linked and do not exist are made.
func (b *batch) groupIDs(m moves) error {
	ids := map[string]int64{}
	for _, r := range slices.Concat(m.add, m.drop) {
		name := r[1].(string) //nolint:forcetypeassert // put there by compare
		if _, ok := ids[name]; !ok {
			id, err := b.t.group(name)
			if err != nil {
				return err
			}
			ids[name] = id
		}
		r[1] = ids[name]
	}
	return nil
}
