package config

// Source is a CRM, or files that it exported. Some keys belong to one type only.
type Source struct {
	// What kind of source it is: files that were exported, or a Salesforce organization.
	Type string `yaml:"type" jsonschema:"required,enum=csv,enum=salesforce"`
	// Salesforce: where to log in. Client credentials need the organization's My Domain, such as https://acme.my.salesforce.com.
	LoginURL string `yaml:"login_url" jsonschema:"default=https://login.salesforce.com"`
	// Salesforce: who logs in. Required there.
	Auth *SalesforceAuth `yaml:"auth"`
	// Salesforce: the part of the organization's daily API calls that desksync may make.
	DailyShare Share `yaml:"daily_share" jsonschema:"default=20%"`
	// Salesforce: the version of the API, which never changes by itself.
	APIVersion string `yaml:"api_version" jsonschema:"default=v62.0"`
	// Salesforce: the most rows that are read page by page; more are read by a Bulk job. 0 reads everything by Bulk.
	BulkRows int `yaml:"bulk_rows" jsonschema:"minimum=0,default=10000"`
	// Salesforce: how far a read of changes looks back behind the read before it, for transactions that are committed late; at most 12h.
	Overlap Minutes `yaml:"overlap" jsonschema:"default=10m"`
	// Salesforce: how old the last full read may be, before a run reads everything again: changes never show formula fields, names of parents, and what was purged.
	FullEvery Minutes `yaml:"full_every" jsonschema:"default=24h"`
	// Salesforce: which objects are read, and which of their records.
	Objects SalesforceObjects `yaml:"objects"`
	// Folder with the exported files, relative to this file. Required for csv.
	Dir Path `yaml:"dir"`
	// What proves that an export is whole: a manifest beside the files, or your word for it.
	Complete string `yaml:"complete" jsonschema:"enum=manifest,enum=declared,default=manifest"`
	// What ids look like: Salesforce ids of 15 or 18 characters with their checksum, or any text.
	IDs string `yaml:"ids" jsonschema:"enum=salesforce,enum=text,default=salesforce"`
	// How text is encoded; UTF-16 is recognised by itself.
	Encoding string `yaml:"encoding" jsonschema:"enum=utf-8,enum=windows-1252,default=utf-8"`
	// How dates are written that are not YYYY-MM-DD: not at all, 11/21/2026, or 21.11.2026.
	Dates string `yaml:"dates" jsonschema:"enum=iso,enum=mdy,enum=dmy,default=iso"`
	// File names, where they are not accounts.csv, contacts.csv, subscriptions.csv, relations.csv and team.csv.
	Files Files `yaml:"files"`
	// Names and types of columns that are not to be guessed.
	Columns Columns `yaml:"columns"`
}

// Files names the files of an export; what is left out has its usual name.
type Files struct {
	// Accounts.
	Accounts string `yaml:"accounts" jsonschema:"default=accounts.csv"`
	// Contacts; the file may be missing.
	Contacts string `yaml:"contacts" jsonschema:"default=contacts.csv"`
	// Subscriptions, one row per charge; the file may be missing.
	Subscriptions string `yaml:"subscriptions" jsonschema:"default=subscriptions.csv"`
	// Further accounts of contacts; the file may be missing.
	Relations string `yaml:"relations" jsonschema:"default=relations.csv"`
	// Account teams, one row per member; the file may be missing.
	Team string `yaml:"team" jsonschema:"default=team.csv"`
}

// Columns says which columns hold ids, and what is not text. Id columns that are
// left out are found by their usual names.
type Columns struct {
	// Columns of the accounts file.
	Accounts AccountColumns `yaml:"accounts"`
	// Columns of the contacts file.
	Contacts ChildColumns `yaml:"contacts"`
	// Columns of the subscriptions file.
	Subscriptions ChildColumns `yaml:"subscriptions"`
	// Columns of the relations file.
	Relations RelationColumns `yaml:"relations"`
	// Columns of the file with account teams.
	Team ChildColumns `yaml:"team"`
}

// AccountColumns are the key columns of accounts.
type AccountColumns struct {
	// Column with the account's id.
	ID string `yaml:"id"`
	// Column with the id of the parent account.
	Parent string `yaml:"parent"`
	// Types of columns that are not text.
	Types Map[ColumnType] `yaml:"types"`
}

// ChildColumns are the key columns of rows that belong to an account.
type ChildColumns struct {
	// Column with the row's own id.
	ID string `yaml:"id"`
	// Column with the id of the account it belongs to.
	Account string `yaml:"account"`
	// Types of columns that are not text.
	Types Map[ColumnType] `yaml:"types"`
}

// RelationColumns are the key columns of a contact's further accounts.
type RelationColumns struct {
	// Column with the row's own id.
	ID string `yaml:"id"`
	// Column with the id of the account.
	Account string `yaml:"account"`
	// Column with the id of the contact.
	Contact string `yaml:"contact" jsonschema:"default=ContactId"`
	// Types of columns that are not text.
	Types Map[ColumnType] `yaml:"types"`
}

// ColumnType is the type of a CRM column: text, number, currency, checkbox, date
// or multi (several choices).
type ColumnType string

// The column types.
const (
	ColumnText     ColumnType = "text"
	ColumnNumber   ColumnType = "number"
	ColumnCurrency ColumnType = "currency"
	ColumnCheckbox ColumnType = "checkbox"
	ColumnDate     ColumnType = "date"
	ColumnMulti    ColumnType = "multi"
)
