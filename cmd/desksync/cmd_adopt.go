package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/adopt"
	"github.com/desksync/desksync/sync/reconcile"
)

type adoptFlags struct {
	pipeline, out, in string
	full, yes         bool
}

func (a *app) adoptCommand() *cobra.Command {
	var f adoptFlags
	c := &cobra.Command{
		Use: "adopt", Short: "Link a helpdesk that was there before to the CRM, after review",
		Long: "With --out, reads the CRM and lists the helpdesk, and writes a CSV that proposes which organization belongs to which account, and\n" +
			"which user to which contact, with the evidence. It shows how the fields compare, so that policies can be chosen. Nothing is written to the helpdesk.\n" +
			"With --in, links what the reviewed file says yes to, and touches nothing else of it. It may be done again.\n\n" + exitHelp,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if (f.out == "") == (f.in == "") {
				return usage("adopt wants either --out FILE, to write proposals, or --in FILE, to link what was reviewed")
			}
			return a.with(cmd.Context(), func(s *session) error { return s.adopt(cmd.Context(), f) })
		},
	}
	c.Flags().StringVar(&f.pipeline, "pipeline", "", "only this `pipeline`")
	c.Flags().StringVar(&f.out, "out", "", "write proposals to a new `file`")
	c.Flags().StringVar(&f.in, "in", "", "link what this reviewed `file` says yes to")
	c.Flags().BoolVar(&f.full, "full", false, "read the source and list the helpdesk in full, whatever they say changed")
	c.Flags().BoolVarP(&f.yes, "yes", "y", false, "link, after it was shown")
	return c
}

func (s *session) adopt(ctx context.Context, f adoptFlags) error {
	names, err := s.chosen(f.pipeline)
	if err != nil {
		return err
	}
	if len(names) != 1 {
		return usage("adopt is about one pipeline; name it with --pipeline: %s", joinWords(names))
	}
	if f.out != "" {
		return s.adoptOut(ctx, names[0], f)
	}
	return s.adoptIn(ctx, names[0], f)
}

// adoptOut proposes. A file that is there may hold what people decided, and stays.
func (s *session) adoptOut(ctx context.Context, pipeline string, f adoptFlags) error {
	if _, err := os.Lstat(f.out); err == nil {
		return usage("%s is there already, and may hold what people decided; name another file, or remove it", f.out)
	}
	r, err := s.reconcilerOf(ctx, pipeline, true)
	if err != nil {
		return err
	}
	found, err := r.Propose(ctx, s.who(), f.full)
	if err != nil {
		return err
	}
	if err := writeWhole(f.out, func(w io.Writer) error { return adopt.Write(w, found.Proposals) }); err != nil {
		return err
	}
	s.printProposals(found, f.out)
	return nil
}

// writeWhole writes a file that only its owner can read, whole or not at all.
func writeWhole(name string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".desksync-*")
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", name, innermostOf(err))
	}
	defer os.Remove(f.Name()) //nolint:errcheck // gone already where all went well
	w := bufio.NewWriter(f)
	err = errors.Join(write(w), w.Flush(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", name, err)
	}
	return nil
}

// mayReplace refuses to write over a file that does not begin as one of the kind: a slip
// of the keyboard must not cost the configuration or a database.
func mayReplace(name, begins string) error {
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return nil // writing says what is wrong with the place
	}
	f, err := os.Open(name) //nolint:gosec // the operator names it
	if err != nil {
		return usage("%s is there already, and cannot be read: %v", name, innermostOf(err))
	}
	defer f.Close() //nolint:errcheck // only read
	head := make([]byte, len(begins))
	if n, err := io.ReadFull(f, head); err != nil || string(head[:n]) != begins {
		return usage("%s is there already, and is something else; name another file", name)
	}
	return nil
}

// adoptIn links, after it has shown what.
func (s *session) adoptIn(ctx context.Context, pipeline string, f adoptFlags) error {
	rows, err := s.readReviewed(f.in)
	if err != nil {
		return err
	}
	file := reconcile.AdoptFile{By: s.who(), Name: filepath.Base(f.in), Rows: rows, Preview: true}
	preview, err := s.adoptWith(ctx, pipeline, file)
	if err != nil {
		return err
	}
	s.printChosen(preview, f.in)
	links := len(preview.Chosen.Links)
	if links == 0 || s.observes(pipeline) {
		return s.nothingToLink(preview, pipeline, f.in)
	}
	if !f.yes && !s.confirm(ctx, "Link %s in %s?", count(links, "object"), preview.Target) {
		s.hint("nothing was written; do it with: %s", s.self("adopt --in %s --yes", f.in))
		return exit(exitFound)
	}
	if err := s.audit(ctx, "adopt", pipeline, fmt.Sprintf("%s linked, as %s says", count(links, "object"), file.Name)); err != nil {
		return err
	}
	file.Preview = false
	done, err := s.adoptWith(ctx, pipeline, file)
	s.acted(ctx, pipeline)
	if err != nil {
		return err
	}
	return s.linked(done)
}

func (s *session) adoptWith(ctx context.Context, pipeline string, file reconcile.AdoptFile) (*reconcile.Adoption, error) {
	r, err := s.reconcilerOf(ctx, pipeline, file.Preview)
	if err != nil {
		return nil, err
	}
	return r.Adopt(ctx, file)
}

func (s *session) observes(pipeline string) bool {
	return s.file.Pipelines.Get(pipeline).Mode == "observe"
}

// readReviewed reads the file before anything is asked of anybody. What is wrong with it
// is said line by line, and then nothing of it is followed.
func (s *session) readReviewed(name string) ([]adopt.Row, error) {
	f, err := os.Open(name) //nolint:gosec // the operator names it
	if err != nil {
		return nil, usage("%s cannot be read: %v; write it with `desksync adopt --out %s`", name, errors.Unwrap(err), name)
	}
	defer f.Close() //nolint:errcheck // only read
	rows, problems, err := adopt.Read(f)
	if err != nil {
		return nil, usage("%s cannot be read: %v", name, err)
	}
	var errs []error
	for _, p := range problems {
		errs = append(errs, fmt.Errorf("%s:%d: %s", name, p.Line, p.Text))
	}
	if len(errs) > 0 {
		return nil, &exitError{exitUsage, errors.Join(append(errs, fmt.Errorf("%s: nothing was linked", count(len(errs), "line")+" cannot be followed"))...)}
	}
	return rows, nil
}

func (s *session) nothingToLink(a *reconcile.Adoption, pipeline, file string) error {
	switch {
	case len(a.Chosen.Links) > 0:
		return &exitError{exitRefused, fmt.Errorf("pipeline %s only observes (mode: observe): nothing was linked", pipeline)}
	case len(a.Chosen.Refused) > 0:
		s.say("nothing of %s can be linked", file)
		return exit(exitRefused)
	default:
		s.say("nothing of %s is left to link", file)
		return nil
	}
}

// linked says what became of it.
func (s *session) linked(a *reconcile.Adoption) error {
	s.printReport(a.Report)
	if code := codeOfReport(a.Report); code != exitOK {
		return exit(code)
	}
	if len(a.Chosen.Refused) > 0 {
		return exit(exitPartly)
	}
	s.hint("what the fields hold is not changed yet; see what a pass would do: desksync diff")
	return nil
}

// kindName is a kind in the plural.
func kindName(k helpdesk.Kind) string { return string(k) + "s" }
