package wire

import (
	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/crm/salesforce"
	"github.com/desksync/desksync/internal/secret"
)

// salesforceSource connects to a Salesforce organization when it is first asked. Its
// secrets are looked up at every login.
func salesforceSource(w *Pipeline, name string, c *config.Source) (crm.Source, error) {
	opt, err := salesforceOptions(name, c, w.Secrets)
	if err != nil {
		return nil, err
	}
	opt.Names, opt.Location, opt.Now = w.ColumnNames(), w.Location(), w.env.Now
	if _, named := opt.Names[crm.Team]; w.Whole && !named && opt.Names != nil {
		opt.Names[crm.Team] = []string{}
	}
	return salesforce.New(opt)
}

// CheckSalesforce says what is wrong with the objects and conditions of the pipeline's
// source, without asking Salesforce. A secret that is missing is told elsewhere.
func (w *Pipeline) CheckSalesforce() error {
	c := w.File.Sources.Get(w.Config.From)
	if c == nil || c.Type != "salesforce" || c.Auth == nil {
		return nil
	}
	opt, err := salesforceOptions(w.Config.From, c, w.Secrets)
	if err != nil {
		return nil //nolint:nilerr // Unresolved names every one of them
	}
	_, err = salesforce.New(opt)
	return err
}

// salesforceOptions says which organization is read, as whom, and what of it.
func salesforceOptions(name string, c *config.Source, from secret.Source) (salesforce.Options, error) {
	if c.Auth == nil {
		return salesforce.Options{}, mistaken("sources.%s.auth is required", name)
	}
	login, err := from.Expand(c.LoginURL)
	if err != nil {
		return salesforce.Options{}, err
	}
	user, err := from.Expand(c.Auth.Username)
	if err != nil {
		return salesforce.Options{}, err
	}
	client, err := c.Auth.ClientID.Resolve(from)
	if err != nil {
		return salesforce.Options{}, err
	}
	rows := c.BulkRows
	if rows == 0 {
		rows = -1 // always Bulk
	}
	return salesforce.Options{
		Name: name, LoginURL: login, Version: c.APIVersion, Share: float64(c.DailyShare), BulkRows: rows, Overlap: c.Overlap.Duration(),
		Auth: salesforce.Auth{
			Type: c.Auth.Type, ClientID: client.Reveal(), Username: user, Audience: c.Auth.Audience,
			Key:    func() (secret.Text, error) { return c.Auth.PrivateKey.Resolve(from) },
			Secret: func() (secret.Text, error) { return c.Auth.ClientSecret.Resolve(from) },
		},
		Objects: map[crm.Role]salesforce.Object{
			crm.Account: salesforceObject(c.Objects.Accounts), crm.Contact: salesforceObject(c.Objects.Contacts),
			crm.Subscription: salesforceObject(c.Objects.Subscriptions), crm.Relation: salesforceObject(c.Objects.Relations),
			crm.Team: salesforceObject(c.Objects.Team),
		},
	}, nil
}

func salesforceObject(o config.SalesforceObject) salesforce.Object {
	return salesforce.Object{Name: o.Object, Account: o.Account, Parent: o.Parent, Where: o.Where, SOQL: o.SOQL}
}
