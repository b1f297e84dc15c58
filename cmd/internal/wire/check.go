package wire

import (
	"context"
	"errors"
	"fmt"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/mapping"
)

// CheckOffline checks the rules as far as no network is needed: expressions, types,
// fields of the target that the file declares, and the columns of a source on disk. It
// says what it could not check.
func (w *Pipeline) CheckOffline(ctx context.Context) (unchecked string, err error) {
	rules, caps, spec := w.Rules(), w.Offered(), w.spec()
	schema, unchecked, err := w.columnsAtHand(ctx)
	spec.Open = err != nil || unchecked != ""
	mapper, problems := mapping.Compile(spec, schema, caps, rules)
	for _, p := range problems {
		w.File.Report(w.path(p.Path), p.Offset, p.Msg, p.Fix)
	}
	w.checkTags(caps, rules)
	w.scope()
	if len(problems) > 0 {
		mapper = nil // nothing is sure of what its fields take
	}
	_, overridesErr := w.OverridesFor(mapper)
	return unchecked, errors.Join(err, overridesErr)
}

// columnsAtHand reads the columns of a source whose files lie on this machine.
func (w *Pipeline) columnsAtHand(ctx context.Context) (schema crm.Schema, unchecked string, err error) {
	c := w.File.Sources.Get(w.Config.From)
	if c == nil {
		return schema, "columns", nil // the file says so itself
	}
	if c.Type != "csv" {
		return schema, fmt.Sprintf("whether %s (%s) has the columns that the rules name; that takes --online", w.Config.From, c.Type), nil
	}
	source, err := w.Source()
	if err != nil {
		return schema, "columns", nil //nolint:nilerr // a missing secret: Unresolved names every one of them
	}
	schema, err = source.Describe(ctx)
	if fault.KindOf(err) == fault.NotFound {
		return schema, fmt.Sprintf("the columns of %s: %s", w.Config.From, fault.Sentence(err)), nil
	}
	if err != nil {
		return schema, "", fmt.Errorf("%s: %w", w.Config.From, err)
	}
	return schema, "", nil
}
