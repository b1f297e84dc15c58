package wire

import (
	"context"
	"fmt"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/crm/csvfile"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/domains"
	"github.com/desksync/desksync/helpdesk/sqldesk"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sla"
)

// Target is a helpdesk that can be closed.
type Target interface {
	helpdesk.Target
	Close() error
}

// The constructors by the type that the file names.
var (
	sources = map[string]func(*Pipeline, string, *config.Source) (crm.Source, error){"csv": csvSource, "salesforce": salesforceSource}
	targets = map[string]func(context.Context, *Pipeline, TargetSpec) (Target, error){"sqldesk": openStore, "zendesk": zendeskTarget}
)

// TargetSpec is what a target's constructor is told.
type TargetSpec struct {
	Name     string
	Config   *config.Target
	Instance string
	readOnly bool
}

func (w *Pipeline) sourceNamed(name string) (crm.Source, error) {
	cfg := w.File.Sources.Get(name)
	if cfg == nil {
		return nil, mistaken("%s has no source %q", w.File.Name(), name)
	}
	build, ok := sources[cfg.Type]
	if !ok {
		return nil, mistaken("%s: sources.%s.type: %s is not built into this desksync", w.File.Name(), name, cfg.Type)
	}
	return build(w, name, cfg)
}

func (w *Pipeline) targetNamed(ctx context.Context, name, instance string, readOnly bool) (Target, error) {
	cfg := w.File.Targets.Get(name)
	if cfg == nil {
		return nil, mistaken("%s has no target %q", w.File.Name(), name)
	}
	build, ok := targets[cfg.Type]
	if !ok {
		return nil, mistaken("%s: targets.%s.type: %s is not built into this desksync", w.File.Name(), name, cfg.Type)
	}
	return build(ctx, w, TargetSpec{name, cfg, instance, readOnly})
}

func csvSource(w *Pipeline, name string, c *config.Source) (crm.Source, error) {
	dir, err := c.Dir.Resolve(w.Secrets)
	if err != nil {
		return nil, err
	}
	opt := CSVOptions(name, c)
	opt.Dir, opt.Names, opt.Location = dir, w.ColumnNames(), w.Location()
	if opt.Names == nil {
		opt.Names = mapping.NamedColumns(w.spec())
	}
	return csvfile.New(opt)
}

// CSVOptions says how the files of a source are read; where they lie and how rules
// spell their columns is left open.
func CSVOptions(name string, c *config.Source) csvfile.Options {
	return csvfile.Options{
		Name: name, IDs: c.IDs, Complete: c.Complete, Encoding: c.Encoding, Dates: c.Dates,
		Files: map[crm.Role]string{
			crm.Account: c.Files.Accounts, crm.Contact: c.Files.Contacts, crm.Subscription: c.Files.Subscriptions, crm.Relation: c.Files.Relations,
			crm.Team: c.Files.Team,
		},
		Columns: map[crm.Role]csvfile.KeyColumns{
			crm.Account:      {ID: c.Columns.Accounts.ID, Parent: c.Columns.Accounts.Parent},
			crm.Contact:      {ID: c.Columns.Contacts.ID, Account: c.Columns.Contacts.Account},
			crm.Subscription: {ID: c.Columns.Subscriptions.ID, Account: c.Columns.Subscriptions.Account},
			crm.Relation:     {ID: c.Columns.Relations.ID, Account: c.Columns.Relations.Account, Contact: c.Columns.Relations.Contact},
			crm.Team:         {ID: c.Columns.Team.ID, Account: c.Columns.Team.Account},
		},
		Types: map[crm.Role]map[string]crm.Type{
			crm.Account: columnTypes(c.Columns.Accounts.Types), crm.Contact: columnTypes(c.Columns.Contacts.Types),
			crm.Subscription: columnTypes(c.Columns.Subscriptions.Types), crm.Relation: columnTypes(c.Columns.Relations.Types),
			crm.Team: columnTypes(c.Columns.Team.Types),
		},
	}
}

// ColumnNames are the columns that rules name, in the rules' own spelling, so that
// a header in other letter case is recognised.
func (w *Pipeline) ColumnNames() map[crm.Role][]string {
	mapper, problems := w.CompileOpen(helpdesk.Capabilities{}, w.Rules())
	if len(problems) > 0 || mapper == nil {
		return nil // reported when the rules are compiled in earnest
	}
	return mapper.Columns()
}

func columnTypes(m config.Map[config.ColumnType]) map[string]crm.Type {
	types := map[config.ColumnType]crm.Type{
		config.ColumnText: crm.Text, config.ColumnNumber: crm.Number, config.ColumnCurrency: crm.Money,
		config.ColumnCheckbox: crm.Bool, config.ColumnDate: crm.Date, config.ColumnMulti: crm.Multi,
	}
	out := map[string]crm.Type{}
	for name, t := range m.All() {
		out[name] = types[*t]
	}
	return out
}

func openStore(ctx context.Context, w *Pipeline, t TargetSpec) (Target, error) {
	dsn, err := t.Config.Database.DSN(w.Secrets)
	if err != nil {
		return nil, fmt.Errorf("targets.%s.database: %w", t.Name, err)
	}
	return OpenStoreAt(ctx, w, t, dsn.Reveal())
}

// OpenStoreAt opens a store whose database is at dsn.
func OpenStoreAt(ctx context.Context, w *Pipeline, t TargetSpec, dsn string) (*sqldesk.Store, error) {
	open := sqldesk.Open
	if t.readOnly {
		open = sqldesk.OpenReadOnly
	}
	s, err := open(ctx, dsn, w.StoreOptions(t))
	if t.readOnly && !w.Observes() && fault.KindOf(err) == fault.NotFound {
		s, err = w.firstLook(ctx, t, dsn)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.Name, err)
	}
	return s, nil
}

// firstLook makes the tables of a store that is not there yet, so that a first preview
// has an empty helpdesk to compare with.
func (w *Pipeline) firstLook(ctx context.Context, t TargetSpec, dsn string) (*sqldesk.Store, error) {
	s, err := sqldesk.Open(ctx, dsn, w.StoreOptions(t))
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return sqldesk.OpenReadOnly(ctx, dsn, w.StoreOptions(t))
}

// StoreOptions say what a store is and allows.
func (w *Pipeline) StoreOptions(t TargetSpec) sqldesk.Options {
	c := t.Config
	return sqldesk.Options{
		Now: w.env.Now, Writer: t.Instance, BatchSize: c.BatchSize, Fields: storeFields(c.Fields), Edition: sqldesk.Edition(c.Edition), OwnDomains: c.OwnDomains, MultiOrg: c.MultiOrganization,
		MaxMemberships: c.MaxMemberships, Tie: domains.Tie(w.Config.Organizations.Domains.Tie), AgentsManage: c.AgentsManageOrganizations,
		SharedNames: c.UniqueNames != nil && !*c.UniqueNames, Policies: w.StorePolicies(c), CleanDomain: w.domainRules().Clean,
		Retire: sqldesk.Retire{Field: w.Config.Mark.Field, Exempt: w.Config.Mark.Exempt, Delete: !w.Config.Mark.DeleteAfter.Never, Days: w.Config.Mark.DeleteAfter.Days},
	}
}

var fieldTypes = map[string]helpdesk.Type{
	"text": helpdesk.Text, "dropdown": helpdesk.Choice, "integer": helpdesk.Integer, "decimal": helpdesk.Decimal,
	"checkbox": helpdesk.Bool, "date": helpdesk.Date,
}

func storeFields(m config.Map[config.TargetField]) []sqldesk.Field {
	var out []sqldesk.Field
	for key, f := range m.All() {
		field := sqldesk.Field{Key: key, Label: f.Title, Type: fieldTypes[f.Type], MaxLen: f.MaxLength, Tag: f.Tag}
		for _, o := range f.Options {
			field.Choices = append(field.Choices, helpdesk.Option{Value: o.Value, Label: o.Label, Tag: o.Tag})
		}
		out = append(out, field)
	}
	return out
}

// StorePolicies are the SLA policies of a store: its own, or those of the file with
// the tags of their plans.
func (w *Pipeline) StorePolicies(c *config.Target) []sqldesk.Policy {
	var out []sqldesk.Policy
	if len(c.SLAPolicies) > 0 {
		for _, p := range c.SLAPolicies {
			out = append(out, sqldesk.Policy{Name: p.Name, Filter: storeFilter(filterOf(p))})
		}
		return out
	}
	for _, p := range w.Rules().Policies() {
		out = append(out, sqldesk.Policy{Name: p.Name, Filter: storeFilter(p.Filter)})
	}
	return out
}

func storeFilter(f sla.Filter) sqldesk.Filter {
	return sqldesk.Filter{
		Any: f.Any, All: f.All, None: f.None, Forms: f.Forms, NotForms: f.NotForms, Stages: f.Stages, NotStages: f.NotStages,
	}
}
