package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/desksync/desksync/cmd/internal/wire"
	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/helpdesk"
)

// remedy says which of what a helpdesk does not have `desksync target prepare` makes there;
// nil: nothing.
func remedy(ctx context.Context, w *wire.Pipeline, tgt helpdesk.Target) error {
	z, ok := tgt.(preparer)
	cfg := w.File.Targets.Get(w.Config.To)
	if !ok || cfg == nil {
		return nil
	}
	lacks, err := z.Missing(ctx, w.Offered().Specs[helpdesk.Organization])
	if err != nil {
		return fmt.Errorf("%s: %w", w.Config.To, err)
	}
	var can []string
	for _, l := range lacks {
		if l.Can {
			can = append(can, l.Text)
		}
	}
	rest, err := untyped(ctx, w, cfg, tgt)
	if err != nil {
		return err
	}
	return mends(w.Config.To, can, rest)
}

// mends is what the command makes, of what is missing and has a type in the file, and what
// it would make of the rest.
func mends(target string, can, untyped []string) error {
	command, said := "`desksync target prepare "+target+"`", []string(nil)
	if len(can) > 0 {
		said = append(said, strings.Join(can, "; ")+": "+command+" puts that right")
	}
	if len(untyped) > 0 {
		said = append(said, fmt.Sprintf("the file gives no type for %s: write it under targets.%s.fields, and %s makes the field", joinWords(untyped), target, command))
	}
	if len(said) == 0 {
		return nil
	}
	return fmt.Errorf("%s: %s", target, strings.Join(said, "; "))
}

// untyped are the fields of rules that the helpdesk does not have, and the file neither.
func untyped(ctx context.Context, w *wire.Pipeline, cfg *config.Target, tgt helpdesk.Target) (out []string, err error) {
	caps, err := tgt.Describe(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", w.Config.To, err)
	}
	for _, name := range w.Config.Organizations.Fields.Names() {
		_, there := caps.Spec(helpdesk.Organization, helpdesk.FieldPrefix+name)
		if !there && !slices.Contains(cfg.Fields.Names(), name) {
			out = append(out, name)
		}
	}
	return out, nil
}
