package sqldesk_test

import (
	"strings"
	"testing"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/sqldesk"
	"github.com/desksync/desksync/internal/fault"
)

func TestBothDatabasesHoldTheSameTables(t *testing.T) {
	t.Parallel()
	ready.SameSchema(t)
}

func TestAStoreKeepsItsIdentity(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		again := open(t, d.dsn, every())
		first, err := d.Describe(t.Context())
		must(t, err)
		second, err := again.Describe(t.Context())
		must(t, err)
		if first.Account != second.Account || !strings.HasPrefix(first.Account, "sqldesk:") || len(first.Account) < 20 {
			t.Errorf("the store calls itself %q, then %q", first.Account, second.Account)
		}
	})
}

func TestDeclaredFieldsAreMadeAndKeepTheirType(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		opt := every()
		opt.Fields = append(opt.Fields, sqldesk.Field{Key: "region", Type: helpdesk.Choice, Choices: []helpdesk.Option{{Value: "emea"}}})
		opt.Fields[0].Choices = append(opt.Fields[0].Choices, helpdesk.Option{Value: "ultimate", Label: "Ultimate"})
		wider := open(t, d.dsn, opt)
		apply(t, wider, create(helpdesk.Organization, "001", "name", text("Ace"), "field:region", helpdesk.ChoiceOf("emea"), "field:support_level", helpdesk.ChoiceOf("ultimate")))
		var types []string
		must(t, d.other.SelectContext(t.Context(), &types, "SELECT type FROM field WHERE key IN ('region', 'aar') ORDER BY key"))
		same(t, "types", types, []string{"decimal", "dropdown"})

		opt.Fields[2].Type = helpdesk.Integer
		_, err := sqldesk.Open(t.Context(), d.dsn, opt)
		refused(t, err, fault.Invalid, "aar", "decimal", "integer", "another key")

		narrow := open(t, d.dsn, sqldesk.Options{Edition: sqldesk.Enterprise, MultiOrg: true})
		apply(t, narrow, rename("001", "Ace Ltd"))
		got, err := wider.Get(t.Context(), helpdesk.Organization, []string{"001"})
		must(t, err)
		if v, _ := got[0].Fields.Get("field:region"); v.Text() != "emea" {
			t.Errorf("a field that is no longer declared was lost: %v", got[0])
		}
	})
}

func TestWhatCannotWorkIsRefusedInWords(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		opt   sqldesk.Options
		words []string
	}{
		"a field twice":              {sqldesk.Options{Fields: []sqldesk.Field{{Key: "a", Type: helpdesk.Text}, {Key: "a", Type: helpdesk.Date}}}, []string{"a", "twice"}},
		"a field without a type":     {sqldesk.Options{Fields: []sqldesk.Field{{Key: "a"}}}, []string{"a", "dropdown"}},
		"a field without a key":      {sqldesk.Options{Fields: []sqldesk.Field{{Type: helpdesk.Text}}}, []string{"key"}},
		"a dropdown without options": {sqldesk.Options{Fields: []sqldesk.Field{{Key: "a", Type: helpdesk.Choice}}}, []string{"a", "options"}},
		"an unknown tie":             {sqldesk.Options{Tie: "newest"}, []string{"newest", "lowest_id"}},
		"a limit below one":          {sqldesk.Options{MultiOrg: true, Edition: sqldesk.Enterprise, MaxMemberships: -1}, []string{"-1"}},
	}
	for name, tt := range tests {
		_, err := sqldesk.Open(t.Context(), "sqlite:"+t.TempDir()+"/x.db", tt.opt)
		if err == nil {
			t.Errorf("%s was accepted", name)
			continue
		}
		refused(t, err, fault.Invalid, tt.words...)
	}
}

func TestAStoreFromTheFutureIsRefused(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		d.sql(t, "INSERT INTO sqldesk_version (version_id, is_applied) VALUES (999, true)")
		_, err := sqldesk.Open(t.Context(), d.dsn, every())
		refused(t, err, fault.Invalid, "newer desksync")
	})
}

func TestNamesBecomeUniqueOnlyIfTheyAre(t *testing.T) {
	t.Parallel()
	on(t, func(o *sqldesk.Options) { o.SharedNames = true }, func(t *testing.T, d *desk) {
		apply(t, d, create(helpdesk.Organization, "001", "name", text("Ace")), create(helpdesk.Organization, "002", "name", text("ACE")))
		_, err := sqldesk.Open(t.Context(), d.dsn, every())
		refused(t, err, fault.Invalid, "A", "rename them first")
		apply(t, d, rename("002", "Bolt"))
		unique := open(t, d.dsn, every())
		bad := rename("002", "ace")
		refused(t, try(t, unique, bad)[bad.ID].Err, fault.Raced, "unique")
	})
}
