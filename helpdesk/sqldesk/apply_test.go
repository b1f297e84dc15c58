package sqldesk_test

import (
	"slices"
	"testing"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/sqldesk"
	"github.com/desksync/desksync/internal/fault"
)

// try applies changes and returns the outcomes by change.
func try(t *testing.T, d helpdesk.Target, changes ...helpdesk.Change) map[string]helpdesk.Outcome {
	t.Helper()
	out := map[string]helpdesk.Outcome{}
	for o, err := range d.Apply(t.Context(), slices.Values(changes)) {
		if err != nil {
			t.Fatal(err)
		}
		out[o.ChangeID] = o
	}
	return out
}

// apply is try for changes that must all be made, the last ones of a list that may
// be refused excepted by the caller reading the outcomes.
func apply(t *testing.T, d helpdesk.Target, changes ...helpdesk.Change) map[string]helpdesk.Outcome {
	t.Helper()
	return try(t, d, changes...)
}

var _ = sqldesk.Open
var _ = fault.Invalid
