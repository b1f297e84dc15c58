package config

// Target is a helpdesk. Some keys belong to one type only.
type Target struct {
	// What kind of helpdesk it is: the embedded store, or a Zendesk account.
	Type string `yaml:"type" jsonschema:"required,enum=sqldesk,enum=zendesk"`
	// Zendesk: acme for https://acme.zendesk.com.
	Subdomain string `yaml:"subdomain"`
	// Zendesk: the whole address instead of the subdomain, such as that of a stand-in on this machine.
	URL string `yaml:"url"`
	// Zendesk: who logs in. Required there.
	Auth *ZendeskAuth `yaml:"auth"`
	// Zendesk: the part of the account's limits that desksync may use; the rest is left to others.
	RateShare Share `yaml:"rate_share" jsonschema:"default=50%"`
	// Zendesk: calls per minute of the account's plan; as its answers say if left out.
	RateLimit int `yaml:"rate_limit" jsonschema:"minimum=1"`
	// Zendesk: background jobs at once, of the 30 that an account has; the share of them if left out.
	Jobs int `yaml:"jobs" jsonschema:"minimum=1,maximum=30"`
	// Zendesk: what becomes of a user's address when the CRM has another one: the new one becomes the primary one once it is verified, at once, or when somebody decides.
	OnAddressChange string `yaml:"on_address_change" jsonschema:"enum=verified,enum=always,enum=hold,default=verified"`
	// Zendesk: how old the last listing of everything may be: there is no feed of memberships, and those of organizations and users need not show all that went.
	AuditEvery Span `yaml:"audit_every" jsonschema:"default=7d"`
	// Store: sqlite:FILE, or postgres://… with sslmode stated. Not the journal's database file. Required there.
	Database Secret `yaml:"database"`
	// Custom fields of organizations, by key. A key and its type cannot be changed later. Zendesk: those that rules need, for `desksync target prepare`; the account's own are read from it.
	Fields Map[TargetField] `yaml:"fields"`
	// Store: edition the store is licensed for; several organizations per user need professional or enterprise.
	Edition string `yaml:"edition" jsonschema:"enum=team,enum=professional,enum=enterprise,default=team"`
	// Whether a user may be in several organizations.
	MultiOrganization bool `yaml:"multi_organization" jsonschema:"default=false"`
	// Store: organizations per user, where there may be several.
	MaxMemberships int `yaml:"max_memberships" jsonschema:"minimum=1,maximum=300,default=300"`
	// Store: whether no two organizations may have one name; names are compared folded.
	UniqueNames *bool `yaml:"unique_names" jsonschema:"default=true"`
	// E-mail domains of the helpdesk's own people, who are never written; no organization may claim one.
	OwnDomains []string `yaml:"own_domains"`
	// Store: changes written at once.
	BatchSize int `yaml:"batch_size" jsonschema:"minimum=1,maximum=500,default=500"`
	// Store: whether agents, and not only administrators, may add and remove customers and organizations.
	AgentsManageOrganizations bool `yaml:"agents_manage_organizations" jsonschema:"default=false"`
	// Store: SLA policies of this store, where they differ from those of the whole file.
	SLAPolicies []SLAPolicy `yaml:"sla_policies"`
}

// TargetField is a custom field of organizations.
type TargetField struct {
	// Type of its values.
	Type string `yaml:"type" jsonschema:"required,enum=text,enum=dropdown,enum=integer,enum=decimal,enum=checkbox,enum=date"`
	// What people see; the key if left out.
	Title string `yaml:"title"`
	// Options of a dropdown.
	Options []Option `yaml:"options"`
	// Tag that a checkbox brings while it is set.
	Tag string `yaml:"tag"`
	// Longest text, in characters.
	MaxLength int `yaml:"max_length" jsonschema:"minimum=1,maximum=65535"`
}

// Option is one option of a dropdown, written as its value or in full.
type Option struct {
	// What is stored.
	Value string `yaml:"value" jsonschema:"required"`
	// What people see; the value if left out.
	Label string `yaml:"label"`
	// Tag that the organization has while the option is chosen; none if left out.
	Tag string `yaml:"tag"`
}
