package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/reconcile"
)

// defaultConfig is the file that is read where --config names none.
const defaultConfig = "desksync.yaml"

// commands lists the subcommands; each stands in a file of its own.
func commands() []func(*app) *cobra.Command {
	return []func(*app) *cobra.Command{
		(*app).diffCommand, (*app).reconcileCommand, (*app).applyCommand, (*app).demoCommand, (*app).runsCommand,
		(*app).approveCommand, (*app).rejectCommand, (*app).undoCommand, (*app).adoptCommand, (*app).driftCommand, (*app).conflictsCommand, (*app).mergesCommand,
		(*app).testCommand, (*app).explainCommand, (*app).orgCommand, (*app).storeCommand, (*app).overrideCommand, (*app).sourceCommand, (*app).targetCommand, (*app).validateCommand, (*app).initCommand,
		(*app).alertCommand, (*app).auditCommand, (*app).forgetCommand, (*app).backupCommand, (*app).restoreCommand, (*app).rebindCommand,
		(*app).serveCommand, (*app).readyCommand, (*app).queueCommand, (*app).sandboxCommand, (*app).schemaCommand, (*app).versionCommand,
	}
}

// execute runs one command line, says what went wrong, and returns the exit code.
func (a *app) execute(ctx context.Context, args []string) int {
	root := a.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err != nil {
		a.complain(err)
	}
	return codeOf(err)
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "desksync",
		Short: "Keeps helpdesk organizations true to the CRM, and says so when they are not",
		Long: "desksync keeps helpdesk organizations true to the CRM, and says so when they are not.\n" +
			"Begin with `desksync demo`, or with `desksync init` for your own.\n\n" + exitHelp,
		SilenceErrors: true, SilenceUsage: true,
		PersistentPreRunE: func(*cobra.Command, []string) error { return a.settle() },
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetFlagErrorFunc(flagError)
	flags := root.PersistentFlags()
	flags.StringVar(&a.config, "config", defaultConfig, "configuration `file`")
	flags.BoolVar(&a.json, "json", false, "print JSON for programs instead of text for people")
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "print results only, no progress and no hints")
	flags.StringVar(&a.logFormat, "log-format", "text", "log lines as `text` or json, on standard error")
	for _, c := range commands() {
		root.AddCommand(c(a))
	}
	if a.more != nil {
		root.AddCommand(a.more(a))
	}
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	if help, _, err := root.Find([]string{"help"}); err == nil {
		help.Args = helpArgs
	}
	strictArgs(root)
	return root
}

// helpArgs refuses what is no command; the library would help with all of them then.
func helpArgs(c *cobra.Command, args []string) error {
	about, rest, err := c.Root().Find(args)
	if err != nil || len(rest) > 0 {
		return wrongArgs(about, rest)
	}
	return nil
}

// strictArgs makes wrong arguments and unknown subcommands errors of usage, everywhere.
func strictArgs(c *cobra.Command) {
	check := c.Args
	if c.HasSubCommands() && !c.Runnable() {
		check = cobra.NoArgs
		c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	}
	if check != nil {
		c.Args = func(c *cobra.Command, args []string) error { return argsError(c, args, check(c, args)) }
	}
	for _, sub := range c.Commands() {
		strictArgs(sub)
	}
}

func argsError(c *cobra.Command, args []string, err error) error {
	if _, ours := errors.AsType[*exitError](err); err == nil || ours {
		return err
	}
	return wrongArgs(c, args)
}

func wrongArgs(c *cobra.Command, args []string) error {
	if len(args) == 0 || !c.HasSubCommands() {
		return usage("%s takes no argument: %q; see %s --help", c.CommandPath(), args, c.CommandPath())
	}
	c.SuggestionsMinimumDistance = 2
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		return usage("%s has no command %q; did you mean %s?", c.CommandPath(), args[0], near[0])
	}
	return usage("%s has no command %q; see %s --help", c.CommandPath(), args[0], c.CommandPath())
}

// settle makes ready what every command needs once the flags are known.
func (a *app) settle() error {
	switch a.logFormat {
	case "json":
		a.log = zerolog.New(a.err).With().Timestamp().Logger().Hook(naming{})
	case "text":
		a.log = zerolog.New(zerolog.ConsoleWriter{Out: a.err, NoColor: !isTerminal(a.err), TimeFormat: time.DateTime}).With().Timestamp().Logger().Level(zerolog.WarnLevel).Hook(naming{})
	default:
		return usage("--log-format %q is not known; write text or json", a.logFormat)
	}
	if a.progress == nil {
		a.progress = a.progressPrinter()
	}
	return nil
}

// complain says what went wrong: every fault of a file with its place, anything else
// in one sentence, each once.
func (a *app) complain(err error) {
	for _, line := range a.complaints(map[string]bool{}, err) {
		fmt.Fprintln(a.err, line)
	}
}

// complaints are the lines of an error, without what was said already.
func (a *app) complaints(said map[string]bool, err error) []string {
	switch e := err.(type) { //nolint:errorlint // each layer in turn
	case nil:
		return nil
	case *exitError:
		return a.complaints(said, e.cause)
	case config.Problems:
		var out []string
		for _, p := range e {
			out = append(out, once(said, p.Error(), p.Render(a.width()))...)
		}
		return out
	case interface{ Unwrap() []error }:
		var out []string
		for _, x := range e.Unwrap() {
			out = append(out, a.complaints(said, x)...)
		}
		return out
	}
	if problems, ok := errors.AsType[config.Problems](err); ok {
		return a.complaints(said, problems)
	}
	if errors.Is(err, context.Canceled) {
		const line = "interrupted: what was written is noted, and the next run goes on"
		return once(said, line, line)
	}
	return once(said, fault.Gist(err), fault.Plain(err))
}

// once is a line about something that was not said yet.
func once(said map[string]bool, gist, line string) []string {
	if seen(said, gist) {
		return nil
	}
	return []string{line}
}

// width is that of the terminal, else what COLUMNS says, else 100.
func (a *app) width() int {
	if w := a.columns(); w > 0 {
		return w
	}
	return 100
}

// columns is the width of what is printed to; 0 where nobody says, as in a log.
func (a *app) columns() int {
	if f, ok := a.out.(*os.File); ok {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 { //nolint:gosec // a file descriptor
			return w
		}
	}
	w, err := strconv.Atoi(os.Getenv("COLUMNS"))
	if err != nil || w < 40 {
		return 0
	}
	return w
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) //nolint:gosec // a file descriptor
}

func (a *app) color() bool { return isTerminal(a.out) && os.Getenv("NO_COLOR") == "" }

// progressPrinter prints how far a pass has come.
func (a *app) progressPrinter() func(reconcile.Progress) {
	if a.quiet || a.json {
		return nil
	}
	return newProgress(a.err, a.now, isTerminal(a.err)).show
}

// listing gives a command that lists by itself the word list too.
func listing(c *cobra.Command) *cobra.Command {
	list := &cobra.Command{Use: "list", Short: c.Short, Hidden: true, Args: c.Args, RunE: c.RunE}
	list.Flags().AddFlagSet(c.Flags())
	c.AddCommand(list)
	return c
}

// oneArg wants exactly one argument, and says which.
func oneArg(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usage("%s wants one argument: %s", cmd.CommandPath(), what)
		}
		return nil
	}
}
