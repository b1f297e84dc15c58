package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/cmd/internal/wire"
	"github.com/desksync/desksync/examples"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/sync/reconcile"
)

const demoPipeline = "customers"

func (a *app) demoCommand() *cobra.Command {
	var act int
	var both bool
	dir := "desksync-demo"
	c := &cobra.Command{
		Use:   "demo",
		Short: "Try desksync on a small shop, without account, server or network",
		Long: "Writes a configuration, a CRM export and an empty helpdesk store into a folder, makes a pass, and says what it did and why.\n" +
			"In the second act the CRM exports again, and people edit the helpdesk by hand. With --saas two stand-ins are started, one for\n" +
			"Salesforce and one for Zendesk, both sides are edited, and the commands that follow are shown with what they say.\n\n" + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if both {
				return a.demoSaaS(cmd.Context(), saasDir(dir, cmd.Flags().Changed("dir")))
			}
			if act != 1 && act != 2 {
				return usage("--act is 1 or 2")
			}
			return a.demo(cmd.Context(), demoDir(dir, cmd.Flags().Changed("dir")), act)
		},
	}
	c.Flags().IntVar(&act, "act", 1, "1: the first export; 2: the CRM and the helpdesk have moved")
	c.Flags().BoolVar(&both, "saas", false, "between stand-ins for Salesforce and Zendesk instead, on this machine")
	c.Flags().StringVar(&dir, "dir", dir, "`folder` to write to")
	return c
}

// saasDir is the folder of the demonstration between two stand-ins.
func saasDir(dir string, named bool) string {
	if named {
		return dir
	}
	return "desksync-saas"
}

// demoDir is the folder of the demonstration: the one named, or where we stand if
// that is one already.
func demoDir(dir string, named bool) string {
	if _, err := os.Stat("started"); err == nil && !named {
		return "."
	}
	return dir
}

func (a *app) demo(ctx context.Context, dir string, act int) error {
	if err := a.writeDemo(dir, act); err != nil {
		return err
	}
	a.config = filepath.Join(dir, defaultConfig)
	if act == 2 {
		if err := a.with(ctx, func(s *session) error { return s.editDemo(ctx) }); err != nil {
			return err
		}
	}
	act, err := demoAct(dir)
	if err != nil {
		return err
	}
	return a.with(ctx, func(s *session) error { return s.passDemo(ctx, act) })
}

// demoDay is the day that the dates of the demonstration were written for.
var demoDay = day.Date(2026, time.November, 19)

// writeDemo lays the files of an act down, unless they are there already. Dates are
// moved so that the story plays today.
func (a *app) writeDemo(dir string, act int) error {
	_, err := os.Stat(filepath.Join(dir, defaultConfig))
	started := err == nil
	if act == 2 && !started {
		return usage("there is no demonstration in %s yet; begin with `desksync demo`", dir)
	}
	if act == 1 {
		if started {
			return nil
		}
		return a.lay(examples.Demo(), dir, day.Of(a.now())-demoDay)
	}
	offset, err := demoOffset(dir)
	if err != nil {
		return err
	}
	if err := a.lay(examples.DemoAct2(), dir, offset); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "started"), []byte((demoDay+offset).String()+secondAct), 0o644) //nolint:gosec // files for a newcomer to look into
}

// secondAct stands behind the day in the file that a demonstration is known by, once
// the second act began.
const secondAct = "\nact 2\n"

// demoAct is the act that a demonstration is in, whichever was asked for.
func demoAct(dir string) (int, error) {
	started, err := os.ReadFile(filepath.Join(dir, "started")) //nolint:gosec // our own file
	if bytes.HasSuffix(started, []byte(secondAct)) {
		return 2, err
	}
	return 1, err
}

// demoOffset is by how many days the first act was moved, read back from its manifest.
func demoOffset(dir string) (day.Day, error) {
	manifest, err := os.ReadFile(filepath.Join(dir, "started")) //nolint:gosec // our own file
	if err != nil {
		return 0, usage("%s does not look like a demonstration: %v; remove it and begin with `desksync demo`", dir, errors.Unwrap(err))
	}
	began, err := day.Parse(string(bytes.TrimSpace(bytes.TrimSuffix(manifest, []byte(secondAct)))))
	return began - demoDay, err
}

func (a *app) lay(files fs.FS, dir string, offset day.Day) error {
	return fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		to := filepath.Join(dir, filepath.FromSlash(path))
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			return os.MkdirAll(to, 0o755) //nolint:gosec // files for a newcomer to look into
		}
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		if err := os.WriteFile(to, moveDates(text, offset), 0o644); err != nil { //nolint:gosec // the same
			return fmt.Errorf("%s cannot be written: %w", to, err)
		}
		if path == defaultConfig {
			return os.WriteFile(filepath.Join(dir, "started"), []byte((demoDay+offset).String()+"\n"), 0o644) //nolint:gosec // the same
		}
		return nil
	})
}

var isoDay = regexp.MustCompile(`\b20\d\d-[01]\d-[0-3]\d`)

func moveDates(text []byte, offset day.Day) []byte {
	return isoDay.ReplaceAllFunc(text, func(m []byte) []byte {
		d, err := day.Parse(string(m))
		if err != nil {
			return m
		}
		return []byte((d + offset).String())
	})
}

// editDemo does by hand what people do in a helpdesk between two passes.
func (s *session) editDemo(ctx context.Context) error {
	w, err := s.wire(s.file, demoPipeline)
	if err != nil {
		return err
	}
	store, err := w.Target(ctx, "somebody at the helpdesk", false)
	if err != nil {
		return err
	}
	s.closers = append(s.closers, store.Close)
	var changes []helpdesk.Change
	for i, e := range examples.DemoEdits() {
		c, err := editChange(ctx, store, i, e)
		if err != nil {
			return err
		}
		changes = append(changes, c)
		s.hint("%s set %s of %s to %s", e.Who, e.Field, e.Account, e.Value)
	}
	for o, err := range store.Apply(ctx, slices.Values(changes)) {
		if err := errors.Join(err, o.Err); err != nil {
			return err
		}
	}
	return nil
}

func editChange(ctx context.Context, store wire.Target, i int, e examples.Edit) (helpdesk.Change, error) {
	objects, err := store.Get(ctx, helpdesk.Organization, []string{e.Account})
	if err != nil || len(objects) != 1 {
		return helpdesk.Change{}, errors.Join(err, usage("the store has no organization %s; run `desksync demo` first", e.Account))
	}
	caps, err := store.Describe(ctx)
	if err != nil {
		return helpdesk.Change{}, err
	}
	kind := helpdesk.Bool
	if spec, ok := caps.Spec(helpdesk.Organization, e.Field); ok {
		kind = spec.Type
	}
	value, err := helpdesk.Parse(kind, e.Value)
	return helpdesk.Change{
		ID: fmt.Sprint("edit ", i), Op: helpdesk.Update, Ref: objects[0].Ref, Account: e.Account, TargetID: objects[0].ID,
		Deltas: []helpdesk.Delta{{Field: e.Field, Want: value}},
	}, err
}

func (s *session) passDemo(ctx context.Context, act int) error {
	r, err := s.reconcilerOf(ctx, demoPipeline, false)
	if err != nil {
		return err
	}
	rep, err := r.Run(ctx, reconcile.Trigger{Mode: reconcile.Reconcile, By: "demo"})
	if err != nil {
		return err
	}
	if s.json {
		s.printReport(rep)
		return exit(codeOfReport(rep))
	}
	if !s.quiet {
		s.printHead(rep)
		if err := s.printStory(ctx, rep, act); err != nil {
			return err
		}
	}
	s.prose(0, "run %d: %s, %s", rep.Run, rep.State, outcomeText(rep))
	s.printSums(rep)
	s.nextSteps(rep, act)
	return exit(codeOfReport(rep))
}

// printStory shows what the pass did: of the first act, in which everything is new,
// only the beginning.
func (s *session) printStory(ctx context.Context, rep *reconcile.Report, act int) error {
	if rep.Summary.Idle() && rep.Conflicts == 0 {
		return nil
	}
	how := view{pipeline: demoPipeline}
	if act == 1 {
		how.max, how.rest = 3, s.self("runs show %d", rep.Run)
	}
	s.say("")
	err := s.printChanges(ctx, rep.Run, how)
	s.say("")
	return err
}

// nextSteps names the commands to try after an act.
func (s *session) nextSteps(rep *reconcile.Report, act int) {
	if s.quiet {
		return
	}
	steps := [][2]string{
		{"explain \"Jason Enterprises\" support_level", "why it holds what it holds"},
		{"diff --as-of " + (rep.Day + 12).String(), "what the calendar alone will change"},
		{"org \"Ace Tomato\"", "one organization, by name, id or domain"},
		{"runs show " + fmt.Sprint(rep.Run) + " --findings", "what is worth a look and stops nothing"},
		{"demo --act 2", "the CRM and the helpdesk move"},
	}
	if act == 2 {
		steps = [][2]string{
			{"drift", "what people edited; then keep, revert, adopt or snooze one"},
			{"conflicts", "what no rule can decide; then resolve one"},
			{fmt.Sprintf("runs show %d", rep.Run), "what this run did"},
			{fmt.Sprintf("undo %d", rep.Run), "a preview of its inverse"},
		}
	}
	s.say("\nNext, try:")
	for _, x := range steps {
		s.try(x[0], x[1])
	}
}

// try shows a command and what it is for, on one line where that fits.
func (s *session) try(command, why string) {
	self := s.self("%s", command)
	if strings.HasPrefix(command, "demo") {
		self = selfName("") + " " + command
	}
	if len(self) <= 48 && s.width() >= 100 {
		s.say("  %-48s %s", self, why)
		return
	}
	s.say("  %s:\n    %s", why, self)
}

// selfName is how the newcomer called desksync, with the configuration to name.
func selfName(config string) string {
	self := "desksync"
	if strings.Contains(os.Args[0], "go-build") {
		self = "go run ./cmd/desksync"
	}
	if config != "" && config != defaultConfig {
		self += " --config " + config
	}
	return self
}
