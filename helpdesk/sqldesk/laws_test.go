package sqldesk_test

import (
	"context"
	"testing"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/helpdesktest"
	"github.com/desksync/desksync/helpdesk/sqldesk"
	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/dbx/dbtest"
)

// ready is a database with the tables of a store, copied for each test.
var ready = dbtest.Prepare(func(ctx context.Context, dsn string) error {
	s, err := sqldesk.Open(ctx, dsn, sqldesk.Options{SharedNames: true, Edition: sqldesk.Enterprise, MultiOrg: true})
	if err != nil {
		return err
	}
	return s.Close()
})

// desk is a store under test with the plain SQL access that other programs have.
type desk struct {
	*sqldesk.Store
	dsn   string
	other *dbx.DB
}

func open(t *testing.T, dsn string, opt sqldesk.Options) *desk {
	t.Helper()
	s, err := sqldesk.Open(t.Context(), dsn, opt)
	if err != nil {
		t.Fatal(err)
	}
	other, err := dbx.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := other.Close(); err != nil {
			t.Error(err)
		}
	})
	return &desk{s, dsn, other}
}

// sql is what another program does to the tables.
func (d *desk) sql(t *testing.T, q string, args ...any) {
	t.Helper()
	if _, err := d.other.ExecContext(t.Context(), d.other.Rebind(q), args...); err != nil {
		t.Fatalf("%s: %v", q, err)
	}
}

// every is a store's options with a field of every type.
func every() sqldesk.Options {
	return sqldesk.Options{
		Writer: "journal-1", Edition: sqldesk.Enterprise, MultiOrg: true,
		Fields: []sqldesk.Field{
			{Key: "support_level", Label: "Plan", Type: helpdesk.Choice, Choices: []helpdesk.Option{{Value: "gold", Label: "Gold", Tag: "gold"}, {Value: "silver", Tag: "silver"}, {Value: "expired"}}},
			{Key: "account_owner", Type: helpdesk.Text, MaxLen: 100},
			{Key: "aar", Type: helpdesk.Decimal},
			{Key: "seats", Type: helpdesk.Integer},
			{Key: "support_hold", Type: helpdesk.Bool, Tag: "hold"},
			{Key: "expiration_date", Type: helpdesk.Date},
			{Key: "mark_for_deletion", Type: helpdesk.Bool},
			{Key: "ignore_deletion", Type: helpdesk.Bool},
		},
	}
}

func TestTheStoreObeysTheLaws(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		dsn  func(testing.TB) string
		edit func(*sqldesk.Options)
	}{
		"sqlite":                            {ready.SQLite, func(*sqldesk.Options) {}},
		"postgres":                          {ready.Postgres, func(*sqldesk.Options) {}},
		"sqlite, one organization per user": {ready.SQLite, func(o *sqldesk.Options) { o.MultiOrg = false }},
		"postgres, small batches":           {ready.Postgres, func(o *sqldesk.Options) { o.BatchSize = 2 }},
		"sqlite, no journal, shared names":  {ready.SQLite, func(o *sqldesk.Options) { o.Writer, o.SharedNames = "", true }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opt := every()
			tt.edit(&opt)
			helpdesktest.Run(t, harness(opt, tt.dsn))
		})
	}
}

func harness(opt sqldesk.Options, dsn func(testing.TB) string) helpdesktest.Harness {
	return helpdesktest.Harness{
		New:  func(t *testing.T) helpdesk.Target { return open(t, dsn(t), opt) },
		Many: 2100,
		Edit: func(t *testing.T, target helpdesk.Target, _ helpdesk.Kind, id, field string, v helpdesk.Value) {
			target.(*desk).sql(t, "UPDATE organization SET "+field+" = ? WHERE id = ?", v.Text(), id)
		},
		Remove: func(t *testing.T, target helpdesk.Target, k helpdesk.Kind, id string) {
			target.(*desk).sql(t, "DELETE FROM "+string(k)+" WHERE id = ?", id)
		},
		Stranger: func(t *testing.T, target helpdesk.Target, name string) string {
			d := target.(*desk)
			d.sql(t, "INSERT INTO organization (name) VALUES (?)", name)
			var id string
			if err := d.other.GetContext(t.Context(), &id, d.other.Rebind("SELECT id FROM organization WHERE name = ?"), name); err != nil {
				t.Fatal(err)
			}
			return id
		},
		Spared: func(t *testing.T, target helpdesk.Target, email string) string {
			d := target.(*desk)
			d.sql(t, "INSERT INTO helpdesk_user (name, email, email_fold, role) VALUES ('Agent', ?, ?, 'agent')", email, email)
			var id string
			if err := d.other.GetContext(t.Context(), &id, d.other.Rebind("SELECT id FROM helpdesk_user WHERE email = ?"), email); err != nil {
				t.Fatal(err)
			}
			return id
		},
	}
}
