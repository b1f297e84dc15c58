package helpdesk

import "context"

// Warner is a Target that knows what someone should acknowledge there: what is right by
// the rules, and yet lets people see more than they did before.
type Warner interface {
	// Warnings returns what nobody acknowledged yet of some organizations, by target
	// id; those without are missing from the answer.
	Warnings(ctx context.Context, ids []string) (map[string][]Warning, error)
}

// Warning is one thing to acknowledge.
type Warning struct {
	Field string // that it is about, such as domain:acme.com
	Text  string // one sentence, with what to do
}
