package sqldesk

import (
	"slices"

	"github.com/desksync/desksync/helpdesk"
)

// mergeOrganizations merges one organization into another: its members, domains and
// tickets pass over, the rest of it goes. What moves is stamped as nobody's write, so
// that the next listing shows it.
func (b *batch) mergeOrganizations() error {
	for i, c := range b.of(helpdesk.Organization, helpdesk.Merge) {
		var rows []orgRow
		if err := b.look(&rows, lookup{orgsByKey, []string{c.Ref.Key, c.Into}, 2}); err != nil {
			return err
		}
		loser, winner, err := pairOf(c, rows)
		if err == nil && loser != nil {
			err = b.s.exempted(loser.Fields)
		}
		switch {
		case err != nil:
			b.fail(i, err)
			continue
		case loser == nil:
			b.out[i].State, b.out[i].TargetID = helpdesk.Applied, c.IntoID
			continue
		}
		if err := b.pass(loser.ID, winner.ID); err != nil {
			return err
		}
		b.done(i, winner.ID)
	}
	return nil
}

// pairOf finds both organizations of a merge; no loser: it was made already.
func pairOf(c helpdesk.Change, rows []orgRow) (loser, winner *orgRow, err error) {
	if c.Ref.Key == "" || c.Into == "" || c.Into == c.Ref.Key {
		return nil, nil, invalid("apply", "the organization of one account is merged into that of another, not %q into %q", c.Ref.Key, c.Into)
	}
	for i := range rows {
		if rows[i].ExternalID.String == c.Ref.Key {
			loser = &rows[i]
		} else {
			winner = &rows[i]
		}
	}
	switch {
	case loser == nil:
		return nil, nil, nil
	case winner == nil:
		return nil, nil, notFound("apply", "no organization here carries the account %q, which was to take it in", c.Into)
	case c.TargetID != "" && c.TargetID != idText(loser.ID), c.IntoID != "" && c.IntoID != idText(winner.ID):
		return nil, nil, raced("%s and %s are number %d and %d now, not %s and %s; they moved meanwhile", c.Ref.Key, c.Into, loser.ID, winner.ID, c.TargetID, c.IntoID)
	}
	return loser, winner, nil
}

// pass moves what is to move and deletes the loser. The order matters: a user has one
// default organization, and no organization goes while a ticket of it is not closed.
func (b *batch) pass(loser, winner int64) error {
	if err := b.collapse(loser, winner); err != nil {
		return err
	}
	now := b.now()
	for _, step := range []struct {
		table, q string
		args     []any
	}{
		{"membership", `UPDATE membership SET organization_id = ?, seq = ?, writer = 0 WHERE organization_id = ?`, []any{winner, b.seq, loser}},
		{"organization_domain", `
			INSERT INTO organization_domain (organization_id, domain)
			SELECT w.id, d.domain FROM organization_domain d JOIN organization w ON w.id = ? WHERE d.organization_id = ?
			ON CONFLICT (organization_id, domain) DO NOTHING`, []any{winner, loser}},
		{"ticket", `UPDATE ticket SET organization_id = ?, updated_at = ? WHERE organization_id = ?`, []any{winner, now, loser}},
		{"organization", `UPDATE organization SET updated_at = ?, seq = ?, writer = 0 WHERE id = ?`, []any{now, b.seq, winner}},
		{"organization", `DELETE FROM organization WHERE id = ?`, []any{loser}},
	} {
		if _, err := b.t.change(step.table, step.q, step.args...); err != nil {
			return err
		}
	}
	return nil
}

// collapse ends the loser's memberships of users who are in the winner too, which
// becomes their default organization where the loser was.
func (b *batch) collapse(loser, winner int64) error {
	var twins []struct {
		ID      int64 `db:"id"` // of the loser's membership
		Twin    int64 `db:"twin"`
		Default bool  `db:"is_default"`
	}
	const both = `
		SELECT l.id, w.id AS twin, l.is_default
		FROM   membership l JOIN membership w ON w.user_id = l.user_id AND w.organization_id = ?
		WHERE  l.organization_id = ?`
	if err := b.t.list(&twins, both, winner, loser); err != nil {
		return err
	}
	for page := range slices.Chunk(twins, keysPerQuery) {
		var gone, first []int64
		for _, x := range page {
			if gone = append(gone, x.ID); x.Default {
				first = append(first, x.Twin)
			}
		}
		if _, err := b.t.change("membership", `UPDATE membership SET is_default = false WHERE is_default AND id IN (?)`, gone); err != nil {
			return err
		}
		if _, err := b.t.change("membership", `DELETE FROM membership WHERE id IN (?)`, gone); err != nil {
			return err
		}
		if len(first) == 0 {
			continue
		}
		if _, err := b.t.change("membership", `UPDATE membership SET is_default = true, seq = ?, writer = 0 WHERE id IN (?)`, b.seq, first); err != nil {
			return err
		}
	}
	return nil
}
