package helpdesk

import "context"

// PolicyKeeper is a Target that shows the SLA policies of its account. They are asked for
// in every pass, so it remembers them as it does what Describe found.
type PolicyKeeper interface {
	// SLAPolicies lists the account's policies in the order in which they are tried: of
	// several that match a ticket, the first is taken. An account that has none to show
	// is fault.Unsupported.
	SLAPolicies(ctx context.Context) ([]SLAPolicy, error)
}

// SLAPolicy is a policy of the account. A ticket has to meet all of All, and one of Any
// where there are some.
type SLAPolicy struct {
	Title    string
	All, Any []Condition
}

// Condition is one condition of a policy.
type Condition struct {
	Field    string // TicketTags, or what else the helpdesk looks at
	Operator string // Includes: one of Values is enough; Excludes: none may be there; others mean what the helpdesk says
	Values   []string
}

// What conditions on the tags of tickets say.
const (
	TicketTags = "current_tags"
	Includes   = "includes"
	Excludes   = "not_includes"
)

// Expirer is a Target that knows what of itself will stop working.
type Expirer interface {
	// Expires says what stops working, when, and what to do; one sentence each.
	Expires() []string
}
