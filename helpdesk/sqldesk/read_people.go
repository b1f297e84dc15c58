package sqldesk

import (
	"context"
	"database/sql"
	"slices"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
)

// keysPerQuery bounds an IN list.
const keysPerQuery = 500

// Get implements helpdesk.Target.
func (s *Store) Get(ctx context.Context, k helpdesk.Kind, keys []string) ([]helpdesk.Object, error) {
	var out []helpdesk.Object
	for chunk := range slices.Chunk(keys, keysPerQuery) {
		items, err := s.byKey(ctx, k, chunk)
		if err != nil {
			return nil, err
		}
		out = append(out, objects(items)...)
	}
	return out, nil
}

func (s *Store) byKey(ctx context.Context, k helpdesk.Kind, keys []string) ([]item, error) {
	if k != helpdesk.Membership {
		return s.items(ctx, k, `x.external_id IN (?) ORDER BY x.id`, keys)
	}
	accounts, contacts := make([]string, len(keys)), make([]string, len(keys))
	for i, key := range keys {
		accounts[i], contacts[i] = helpdesk.SplitMember(key)
	}
	items, err := s.items(ctx, k, `u.external_id IN (?) AND o.external_id IN (?) ORDER BY x.id`, contacts, accounts)
	return slices.DeleteFunc(items, func(i item) bool { return !slices.Contains(keys, i.object.Ref.Key) }), err
}

func (s *Store) users(ctx context.Context, query string, args []any) ([]item, error) {
	var rows []struct {
		contactRow
		Seq  int64  `db:"seq"`
		Name string `db:"name"`
	}
	if err := s.db.SelectContext(ctx, &rows, query, args...); err != nil {
		return nil, err
	}
	items := make([]item, len(rows))
	for i, r := range rows {
		fields := addText(addText(make(helpdesk.Fields, 0, 3), helpdesk.Email, r.Email), helpdesk.Name, r.Name)
		if err := s.spared(&r.contactRow); err != nil {
			fields = addText(fields, helpdesk.Spared, fault.Sentence(err))
		}
		items[i] = item{r.ID, r.Seq, object(helpdesk.User, r.ExternalID.String, r.ID, fields)}
	}
	return items, nil
}

func (s *Store) memberships(ctx context.Context, query string, args []any) ([]item, error) {
	var rows []struct {
		ID       int64          `db:"id"`
		Seq      int64          `db:"seq"`
		Default  bool           `db:"is_default"`
		Position string         `db:"position"`
		Manager  bool           `db:"manager"`
		Account  sql.NullString `db:"account"`
		Contact  sql.NullString `db:"contact"`
	}
	if err := s.db.SelectContext(ctx, &rows, query, args...); err != nil {
		return nil, err
	}
	items := make([]item, len(rows))
	for i, r := range rows {
		key := ""
		if r.Account.Valid && r.Contact.Valid {
			key = helpdesk.MemberKey(r.Account.String, r.Contact.String)
		}
		fields := addFlag(make(helpdesk.Fields, 0, 3), helpdesk.Default, r.Default)
		fields = addText(addFlag(fields, helpdesk.Manager, r.Manager), helpdesk.Position, r.Position)
		items[i] = item{r.ID, r.Seq, object(helpdesk.Membership, key, r.ID, fields)}
	}
	return items, nil
}

func addFlag(f helpdesk.Fields, name string, on bool) helpdesk.Fields {
	return append(f, helpdesk.Field{Name: name, Value: helpdesk.BoolOf(on)})
}
