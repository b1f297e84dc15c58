package config

// Target is a helpdesk.
type Target struct {
	// What kind of helpdesk it is.
	Type string `yaml:"type" jsonschema:"required,enum=sqldesk"`
	// sqlite:FILE, or postgres://… with sslmode stated. Not the journal's database file.
	Database Secret `yaml:"database" jsonschema:"required" need:"write database: sqlite:FILE or a postgres:// address"`
	// Custom fields of organizations, by key. A key and its type cannot be changed later.
	Fields Map[TargetField] `yaml:"fields"`
	// Edition the store is licensed for; several organizations per user need professional or enterprise.
	Edition string `yaml:"edition" jsonschema:"enum=team,enum=professional,enum=enterprise,default=team"`
	// Whether a user may be in several organizations.
	MultiOrganization bool `yaml:"multi_organization" jsonschema:"default=false"`
	// Organizations per user, where there may be several.
	MaxMemberships int `yaml:"max_memberships" jsonschema:"minimum=1,maximum=300,default=300"`
	// Whether no two organizations may have one name; names are compared folded.
	UniqueNames *bool `yaml:"unique_names" jsonschema:"default=true"`
	// E-mail domains of the helpdesk's own people, who are never written.
	OwnDomains []string `yaml:"own_domains"`
	// Changes written at once.
	BatchSize int `yaml:"batch_size" jsonschema:"minimum=1,maximum=500,default=500"`
	// Whether agents, and not only administrators, may add and remove customers and organizations.
	AgentsManageOrganizations bool `yaml:"agents_manage_organizations" jsonschema:"default=false"`
	// SLA policies of this store, where they differ from those of the whole file.
	SLAPolicies []SLAPolicy `yaml:"sla_policies"`
}

// TargetField is a custom field of the store.
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
