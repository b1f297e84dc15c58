package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/desksync/desksync/internal/day"
)

// SalesforceAuth says who logs in to Salesforce, and how: an External Client App and
// its user.
type SalesforceAuth struct {
	// A signed assertion of a user, or the app's own secret.
	Type string `yaml:"type" jsonschema:"enum=jwt,enum=client_credentials,default=jwt"`
	// Consumer key of the External Client App.
	ClientID Secret `yaml:"client_id" jsonschema:"required" need:"copy the consumer key of the External Client App"`
	// For jwt: the integration user.
	Username string `yaml:"username"`
	// For jwt: the private key (PEM) whose certificate the app knows, such as file:/run/secrets/sf.pem.
	PrivateKey Secret `yaml:"private_key"`
	// For jwt: whom the assertion is for, where it is not the login host of this kind of organization.
	Audience string `yaml:"audience"`
	// For client_credentials: the app's consumer secret.
	ClientSecret Secret `yaml:"client_secret"`
	// The day on which this login stops, such as the last one of the certificate. It is told 30, 15 and 7 days before.
	Ends day.Day `yaml:"ends"`
}

// SalesforceObjects says what is read for each role; what is left out has its default.
type SalesforceObjects struct {
	// Accounts: the object Account.
	Accounts SalesforceObject `yaml:"accounts"`
	// Contacts: the object Contact.
	Contacts SalesforceObject `yaml:"contacts"`
	// Subscriptions, one record per charge, such as Zuora__Subscription__c or Asset; without an object there are none.
	Subscriptions SalesforceObject `yaml:"subscriptions"`
	// Further accounts of contacts: AccountContactRelation, where the organization has it.
	Relations SalesforceObject `yaml:"relations"`
	// Account teams: AccountTeamMember, where the organization has it.
	Team SalesforceObject `yaml:"team"`
}

// SalesforceObject is an object, and which of its records are read.
type SalesforceObject struct {
	// API name of the object.
	Object string `yaml:"object"`
	// Field with the id of the account a record belongs to, or a path over parents, such as Zuora__Subscription__r.Zuora__Account__c.
	Account string `yaml:"account"`
	// For accounts: the field with the parent account; ParentId if left out.
	Parent string `yaml:"parent"`
	// Condition in SOQL, such as Type IN ('Customer', 'Former Customer'); all records if left out.
	Where string `yaml:"where"`
	// A whole SOQL statement instead of object and where. It must select Id, the field with the account, and all that rules name.
	SOQL string `yaml:"soql"`
}

// The keys of a source that belong to one type.
var sourceKeys = map[string][]string{
	"csv":        {"dir", "complete", "ids", "encoding", "dates", "files", "columns"},
	"salesforce": {"login_url", "auth", "daily_share", "api_version", "bulk_rows", "overlap", "full_every", "objects"},
}

// checkSources reports keys of another type of source, and those that are missing.
func (f *File) checkSources() {
	for name, s := range f.Sources.All() {
		path := "sources." + name
		for _, kind := range []string{"csv", "salesforce"} {
			for _, key := range sourceKeys[kind] {
				if s.Type != "" && s.Type != kind && f.doc.Has(path+"."+key) {
					f.doc.ReportKey(path+"."+key, "is for type: "+kind, "remove it, or write type: "+kind)
				}
			}
		}
		switch s.Type {
		case "csv":
			f.checkExports(path, s)
		case "salesforce":
			f.checkSalesforce(path, s)
		}
	}
}

func (f *File) checkExports(path string, s *Source) {
	if s.Dir == "" && !f.doc.Faulty(path) { // a fault may be the folder under another name
		f.doc.ReportKey(path, "dir is required", "name the folder with the exported files, such as dir: ./crm")
	}
}

func (f *File) checkSalesforce(path string, s *Source) {
	if s.DailyShare <= 0 && !f.doc.Faulty(path+".daily_share") {
		f.doc.Report(path+".daily_share", "allows no call at all", "write a share above 0%, such as 20%")
	}
	if s.Overlap.Duration() > 12*time.Hour {
		f.doc.Report(path+".overlap", s.Overlap.String()+" is out of range", "write 1m to 12h")
	}
	if s.Auth == nil {
		if !f.doc.Faulty(path) {
			f.doc.ReportKey(path, "auth is required", "write auth: {type: jwt, client_id: …, username: …, private_key: file:…}")
		}
		return
	}
	f.checkAuth(path+".auth", s)
	for _, o := range []struct {
		key string
		SalesforceObject
	}{{"accounts", s.Objects.Accounts}, {"contacts", s.Objects.Contacts}, {"subscriptions", s.Objects.Subscriptions}, {"relations", s.Objects.Relations}, {"team", s.Objects.Team}} {
		at := path + ".objects." + o.key
		if o.SOQL != "" && o.Where != "" {
			f.doc.Report(at+".where", "stands beside a whole statement", "put the condition into soql")
		}
		if o.Parent != "" && o.key != "accounts" {
			f.doc.ReportKey(at+".parent", "only accounts have parents", "remove it")
		}
	}
}

// checkAuth reports what a way to log in needs, and what it does not look at.
func (f *File) checkAuth(path string, s *Source) {
	a := s.Auth
	needs := map[string]bool{"username": a.Type == "jwt", "private_key": a.Type == "jwt", "client_secret": a.Type == "client_credentials"}
	fixes := map[string]string{
		"username": "name the integration user", "private_key": "write file:PATH of the key whose certificate the app knows",
		"client_secret": "copy the consumer secret of the External Client App",
	}
	for _, key := range []string{"username", "private_key", "client_secret"} {
		switch has := f.doc.Has(path + "." + key); {
		case needs[key] && !has:
			f.doc.ReportKey(path, fmt.Sprintf("%s is required for type: %s", key, a.Type), fixes[key])
		case !needs[key] && has && a.Type != "":
			f.doc.ReportKey(path+"."+key, "is not used for type: "+a.Type, "remove it")
		}
	}
	host := strings.TrimSuffix(strings.TrimPrefix(s.LoginURL, "https://"), "/")
	if a.Type == "client_credentials" && slices.Contains([]string{"login.salesforce.com", "test.salesforce.com"}, host) {
		f.doc.ReportKey(path, host+" takes no client credentials", "write login_url with the organization's My Domain, such as https://acme.my.salesforce.com")
	}
}
