package sqldesk

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/dbx"
)

type fieldRow struct {
	Key    string `db:"key"`
	Label  string `db:"label"`
	Type   string `db:"type"`
	MaxLen int    `db:"max_len"`
	Tag    string `db:"tag"`
}

type optionRow struct {
	Field string `db:"field_key"`
	Value string `db:"value"`
	Label string `db:"label"`
	Tag   string `db:"tag"`
}

// declare makes the fields of the options that are missing and brings labels and
// options up to date. A field that is no longer declared stays.
func (s *Store) declare(t *txn) error {
	var have []fieldRow
	if err := t.list(&have, `SELECT key, label, type, max_len, tag FROM field`); err != nil {
		return err
	}
	var options []optionRow
	if err := t.list(&options, `SELECT field_key, value, label, tag FROM field_option ORDER BY field_key, position`); err != nil {
		return err
	}
	for _, f := range s.opt.Fields {
		i := slices.IndexFunc(have, func(r fieldRow) bool { return r.Key == f.Key })
		if i >= 0 && have[i].Type != f.Type.String() {
			return invalid("open", "the field %s is a %s in this store and a %s in the configuration; a field keeps its type: correct the type, or declare a new field under another key", f.Key, have[i].Type, f.Type)
		}
		if i < 0 || have[i] != f.row() || !slices.Equal(optionsOf(options, f.Key), f.optionRows()) {
			if err := t.putField(f); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *txn) putField(f Field) error {
	const q = `
		INSERT INTO field (key, label, type, max_len, tag) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (key) DO UPDATE SET label = excluded.label, max_len = excluded.max_len, tag = excluded.tag`
	r := f.row()
	if err := t.exec(q, r.Key, r.Label, r.Type, r.MaxLen, r.Tag); err != nil {
		return err
	}
	if err := t.exec(`DELETE FROM field_option WHERE field_key = ?`, f.Key); err != nil {
		return err
	}
	table := dbx.Table{Name: "field_option", Columns: []string{"field_key", "value", "label", "tag", "position"}}
	return t.load(table, func(yield func([]any) bool) {
		for i, o := range f.optionRows() {
			if !yield([]any{o.Field, o.Value, o.Label, o.Tag, i}) {
				return
			}
		}
	})
}

func (f Field) row() fieldRow {
	return fieldRow{f.Key, cmp.Or(f.Label, f.Key), f.Type.String(), f.MaxLen, f.Tag}
}

func (f Field) optionRows() []optionRow {
	out := make([]optionRow, 0, len(f.Choices))
	for _, o := range f.Choices {
		out = append(out, optionRow{f.Key, o.Value, cmp.Or(o.Label, o.Value), o.Tag})
	}
	return out
}

func optionsOf(all []optionRow, key string) []optionRow {
	out := make([]optionRow, 0, len(all))
	for _, o := range all {
		if o.Field == key {
			out = append(out, o)
		}
	}
	return out
}

// offers returns the dropdown's option of a value.
func (f Field) offers(value string) bool {
	return slices.ContainsFunc(f.Choices, func(o helpdesk.Option) bool { return o.Value == value })
}

// keepPolicies writes the SLA policies of the options down, so that other programs
// can read which one applies.
func (s *Store) keepPolicies(t *txn) error {
	var have []struct {
		Name   string `db:"name"`
		Filter string `db:"filter"`
	}
	if err := t.list(&have, `SELECT name, filter FROM sla_policy ORDER BY position`); err != nil {
		return err
	}
	stored := make([]Policy, len(have))
	for i, r := range have {
		stored[i].Name = r.Name
		if err := json.Unmarshal([]byte(r.Filter), &stored[i].Filter); err != nil {
			return err
		}
	}
	if slices.EqualFunc(stored, s.opt.Policies, Policy.equal) {
		return nil
	}
	return t.putPolicies(s.opt.Policies)
}

func (t *txn) putPolicies(policies []Policy) error {
	if err := t.exec(`DELETE FROM sla_policy`); err != nil {
		return err
	}
	for i, p := range policies {
		filter, err := json.Marshal(p.Filter)
		if err != nil {
			return err
		}
		if err := t.exec(`INSERT INTO sla_policy (position, name, filter) VALUES (?, ?, ?)`, i+1, p.Name, string(filter)); err != nil {
			return err
		}
	}
	return nil
}

func (p Policy) equal(o Policy) bool {
	return p.Name == o.Name && slices.EqualFunc(p.Filter.lists(), o.Filter.lists(), slices.Equal[[]string])
}

func (f Filter) lists() [][]string {
	return [][]string{f.All, f.Any, f.None, f.Forms, f.NotForms, f.Stages, f.NotStages}
}
