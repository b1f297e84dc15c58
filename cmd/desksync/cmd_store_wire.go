package main

import (
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/cmd/internal/wire"
	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/helpdesk/sqldesk"
	"github.com/desksync/desksync/internal/fault"
)

// rulesOf is the pipeline whose rules hold in a store: the one named, or the first that
// writes there.
func (f *deskFlags) rulesOf(file *config.File, target string) (*wire.Pipeline, error) {
	if f.pipeline == "" {
		return wire.ForTarget(file, target, f.env()), nil
	}
	w, err := f.wire(file, f.pipeline)
	if err == nil && w.Config.To != target {
		err = usage("pipeline %s writes to %s, not to %s", f.pipeline, w.Config.To, target)
	}
	return w, err
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

// family is a command with subcommands, whatever it does without one.
func family(c *cobra.Command, subs ...*cobra.Command) *cobra.Command {
	c.AddCommand(subs...)
	c.Args = cobra.NoArgs
	return c
}
