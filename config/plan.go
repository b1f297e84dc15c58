package config

// Plan is a row of the plan catalogue.
type Plan struct {
	// Name of the plan; a level field holds it. The plan named expired is for accounts whose charges are all over.
	Plan string `yaml:"plan" jsonschema:"required"`
	// SLA policy that the plan gives, or none.
	SLA string `yaml:"sla" jsonschema:"required"`
	// Tag that leads tickets to the policy; the plan's name if left out. A plan without SLA has a tag only if it is given.
	Tag string `yaml:"tag"`
	// Whether it stands beside the order: it brings its tag and is never the level itself.
	Flag bool `yaml:"flag" jsonschema:"default=false"`
	// Product names of charges that give this plan, matched exactly.
	Products []string `yaml:"products"`
}

// SLAPolicy is a named promise and the tickets it is for, written as its name or
// in full. Without tags it is for tickets with a tag of one of its plans.
type SLAPolicy struct {
	// Name of the policy.
	Name string `yaml:"name" jsonschema:"required"`
	// Which tags a ticket needs.
	Tags TagFilter `yaml:"tags"`
	// Ticket forms it is for; all if left out.
	Forms []string `yaml:"forms"`
	// Ticket forms it is not for.
	NotForms []string `yaml:"not_forms"`
	// Ticket stages it is for; all if left out.
	Stages []string `yaml:"stages"`
	// Ticket stages it is not for.
	NotStages []string `yaml:"not_stages"`
}

// TagFilter selects tickets by their tags.
type TagFilter struct {
	// At least one of these.
	Any []string `yaml:"any"`
	// Every one of these.
	All []string `yaml:"all"`
	// Not one of these.
	None []string `yaml:"none"`
}

// Subscriptions says which columns of a subscription row hold what.
type Subscriptions struct {
	// Column with the charge's own id; that of the source if left out.
	ID string `yaml:"id"`
	// Column with the product name, as the catalogue spells it.
	Product string `yaml:"product" jsonschema:"required"`
	// Column with the number of seats.
	Quantity string `yaml:"quantity"`
	// Column with the first day; empty in a row: since ever.
	Start string `yaml:"start"`
	// Column with the last day; empty in a row: open end.
	End string `yaml:"end" jsonschema:"required"`
	// Column with the status.
	Status string `yaml:"status"`
	// Column with the yearly amount.
	ARR string `yaml:"arr"`
	// Statuses that make a charge count for nothing.
	Inactive []string `yaml:"inactive"`
}
