package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/helpdesk/sqldesk"
	"github.com/desksync/desksync/internal/fault"
)

// rulesOf is the wiring of the pipeline whose rules hold in a store: the one named,
// or the first that writes there.
func (f *deskFlags) rulesOf(file *config.File, target string) (*wiring, error) {
	if f.pipeline != "" {
		w, err := f.wire(file, f.pipeline)
		if err == nil && w.cfg.To != target {
			err = usage("pipeline %s writes to %s, not to %s", f.pipeline, w.cfg.To, target)
		}
		return w, err
	}
	for name, p := range file.Pipelines.All() {
		if p.To == target {
			return f.wire(file, name)
		}
	}
	alone := &config.Pipeline{To: target, TimeZone: "UTC", Mark: config.Mark{DeleteAfter: config.Wait{Never: true}}}
	return &wiring{file: file, cfg: alone, secrets: file.Secrets(f.lookup), now: f.now}, nil
}

// desk opens a store for work by hand. Deletion follows the most careful of the
// pipelines that write to it, and spares what any of them protects.
func (w *wiring) desk(ctx context.Context, name string, readOnly bool) (*sqldesk.Store, error) {
	spec := targetSpec{name, w.file.Targets.Get(name), byHand, readOnly}
	opt := w.storeOptions(spec)
	opt.Retire.Protected, opt.Retire.Merging = map[string]bool{}, w.merging
	var errs []error
	for pipeline, cfg := range w.file.Pipelines.All() {
		if cfg.To != name {
			continue
		}
		other := &wiring{file: w.file, name: pipeline, cfg: cfg, secrets: w.secrets, now: w.now}
		mark, err := other.mark()
		errs = append(errs, err)
		maps.Copy(opt.Retire.Protected, mark.Protect)
		opt.Retire.Delete = opt.Retire.Delete && !mark.Never
		opt.Retire.Days = max(opt.Retire.Days, mark.DeleteAfter)
	}
	dsn, err := spec.cfg.Database.DSN(w.secrets)
	if err := errors.Join(append(errs, err, w.file.Err())...); err != nil {
		return nil, err
	}
	if !readOnly {
		return sqldesk.Open(ctx, dsn.Reveal(), opt)
	}
	store, err := sqldesk.OpenReadOnly(ctx, dsn.Reveal(), opt)
	if isNotFound(err) {
		err = fault.New("store.open", fault.NotFound, fmt.Errorf("%s holds no helpdesk store yet; make a first run with `desksync reconcile`, or an organization with `desksync store orgs create`: %s", name, fault.Plain(err)))
	}
	return store, err
}

// number reads #17.
func number(word string) (int64, bool) {
	digits, ok := strings.CutPrefix(word, "#")
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, ok && err == nil
}

func isNotFound(err error) bool { return fault.KindOf(err) == fault.NotFound }

func names(list []sqldesk.Named) string {
	out := make([]string, len(list))
	for i, o := range list {
		out[i] = o.String()
	}
	return strings.Join(out, ", ")
}

// takes wants the arguments that a usage line names: ORG is needed, [ORG] may be
// left out, and what ends in dots may come again.
func takes(use string) cobra.PositionalArgs {
	words := strings.Fields(use)[1:]
	least, most := 0, len(words)
	for _, w := range words {
		if !strings.HasPrefix(w, "[") {
			least++
		}
		if strings.Contains(w, "...") {
			most = math.MaxInt
		}
	}
	return func(cmd *cobra.Command, args []string) error {
		if most == 0 && len(args) > 0 {
			return usage("`%s` takes flags only, and no %q; see `%s --help`", cmd.CommandPath(), args[0], cmd.CommandPath())
		}
		if len(args) < least || len(args) > most {
			return usage("`%s` wants %s; see `%s --help`", cmd.CommandPath(), strings.Join(words, " "), cmd.CommandPath())
		}
		return nil
	}
}

// verb is one thing to do; use names its arguments.
func verb(use, short string, run func(*cobra.Command, []string) error) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Args: takes(use), RunE: run}
}

// family is a command that only its subcommands give a meaning.
func family(c *cobra.Command, subs ...*cobra.Command) *cobra.Command {
	c.AddCommand(subs...)
	c.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usage("`%s` knows no %q; see `%s --help`", cmd.CommandPath(), args[0], cmd.CommandPath())
		}
		return nil
	}
	if c.RunE == nil {
		c.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	return c
}
