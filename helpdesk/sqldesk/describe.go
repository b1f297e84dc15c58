package sqldesk

import (
	"cmp"
	"context"

	"github.com/desksync/desksync/helpdesk"
)

// Describe reports what this store can do; the answer follows from its options.
func (s *Store) Describe(ctx context.Context) (helpdesk.Capabilities, error) {
	if err := s.db.PingContext(ctx); err != nil {
		return helpdesk.Capabilities{}, s.db.Fault("sqldesk.describe", err)
	}
	caps := Offers(s.opt)
	caps.Account = "sqldesk:" + s.account
	return caps, nil
}

// Offers is what a store with these options can do, whether or not it exists yet;
// only its account is missing.
func Offers(opt Options) helpdesk.Capabilities {
	opt = opt.defaults()
	edit := []helpdesk.Op{helpdesk.Create, helpdesk.Update, helpdesk.Retire}
	return helpdesk.Capabilities{
		Ops: map[helpdesk.Kind][]helpdesk.Op{
			helpdesk.Organization: {helpdesk.Create, helpdesk.Update, helpdesk.Retire, helpdesk.Delete, helpdesk.Merge},
			helpdesk.User:         {helpdesk.Create, helpdesk.Update},
			helpdesk.Membership:   edit,
		},
		Specs: map[helpdesk.Kind][]helpdesk.Spec{
			helpdesk.Organization: opt.organizationSpecs(),
			helpdesk.User:         {{Name: helpdesk.Name, Type: helpdesk.Text, MaxLen: maxName}, {Name: helpdesk.Email, Type: helpdesk.Text, MaxLen: maxEmail}},
			helpdesk.Membership: {
				{Name: helpdesk.Default, Type: helpdesk.Bool, ZeroIsEmpty: true},
				{Name: helpdesk.Position, Type: helpdesk.Text, MaxLen: maxName},
				{Name: helpdesk.Manager, Type: helpdesk.Bool, ZeroIsEmpty: true},
			},
		},
		Batch:          opt.BatchSize,
		Incremental:    map[helpdesk.Kind]bool{helpdesk.Organization: true, helpdesk.User: true, helpdesk.Membership: true},
		UniqueNames:    !opt.SharedNames,
		MultiOrg:       opt.MultiOrg,
		MaxMemberships: opt.MaxMemberships,
		Families:       []string{helpdesk.TagPrefix, helpdesk.DomPrefix, helpdesk.GroupPrefix},
	}
}

func (o Options) organizationSpecs() []helpdesk.Spec {
	specs := []helpdesk.Spec{
		{Name: helpdesk.Name, Type: helpdesk.Text, MaxLen: maxName},
		{Name: helpdesk.Notes, Type: helpdesk.Text, MaxLen: maxText},
		{Name: helpdesk.Summary, Type: helpdesk.Text, MaxLen: maxText},
		{Name: helpdesk.Contact, Type: helpdesk.Text, MaxLen: maxText},
	}
	for _, f := range o.Fields {
		specs = append(specs, f.spec())
	}
	return specs
}

func (f Field) spec() helpdesk.Spec {
	spec := helpdesk.Spec{Name: helpdesk.FieldPrefix + f.Key, Title: f.Label, Type: f.Type, Choices: f.Choices, Tag: f.Tag}
	if f.Type == helpdesk.Text {
		spec.MaxLen = f.maxLen()
	}
	return spec
}

func (f Field) maxLen() int { return cmp.Or(f.MaxLen, maxText) }
