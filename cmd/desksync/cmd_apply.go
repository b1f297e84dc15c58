package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

// savedFormat is the version of the form of saved diffs.
const savedFormat = 2

// savedBegins is how saved diffs of all forms begin.
const savedBegins = `{"desksync_diff":`

// savedHead is the first line of a saved diff; each further line is one change.
type savedHead struct {
	Desksync int    `json:"desksync_diff"`
	Pipeline string `json:"pipeline"`
	Target   string `json:"target"`
	Instance string `json:"journal"`
	Run      int64  `json:"run"`
	Digest   string `json:"digest"`
}

// savedChange is a change as text for people and in full for apply.
type savedChange struct {
	Show   string  `json:"change"`
	Data   string  `json:"data"`
	Source string  `json:"source"` // what identifies what it was computed from
	Rules  string  `json:"rules"`
	ARR    float64 `json:"arr"`
	Class  uint32  `json:"class,omitempty"` // what alerts go by
}

func (a *app) applyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "apply FILE",
		Short: "Apply exactly what `diff --save` stored, and refuse what has moved since",
		Args:  oneArg("the file that diff --save wrote"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error { return s.applyFile(cmd.Context(), args[0]) })
		},
	}
}

// saveDiff writes the changes of a run to a file that only its owner can read,
// whole or not at all.
func (s *session) saveDiff(ctx context.Context, rep *reconcile.Report, name string) error {
	head := savedHead{savedFormat, rep.Pipeline, rep.Target, s.journal.Instance(), rep.Run, rep.Digest.String()}
	if err := writeWhole(name, func(w io.Writer) error { return s.saveChanges(ctx, w, head) }); err != nil {
		return err
	}
	s.hint("saved; apply exactly this with: desksync apply %s", name)
	return nil
}

func (s *session) saveChanges(ctx context.Context, w io.Writer, head savedHead) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(head); err != nil {
		return err
	}
	open := false
	for c, err := range reconcile.ComputedIn(ctx, s.journal, head.Run, journal.ChangeFilter{Held: &open}) {
		if err != nil {
			return err
		}
		line := savedChange{fmt.Sprintf("%s %s %s", c.Op, c.Ref, c.Name), base64.StdEncoding.EncodeToString(c.Pack(nil)), c.Source, c.Rules, c.ARR, c.Class}
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) applyFile(ctx context.Context, name string) error {
	f, err := os.Open(name) //nolint:gosec // the operator names it
	if err != nil {
		return usage("%s cannot be read: %v; write it with `desksync diff --save %s`", name, errors.Unwrap(err), name)
	}
	defer f.Close() //nolint:errcheck // only read
	dec := json.NewDecoder(bufio.NewReader(f))
	head, err := s.readHead(name, dec)
	if err != nil {
		return err
	}
	r, err := s.reconcilerOf(ctx, head.Pipeline, false)
	if err != nil {
		return err
	}
	if err := s.audit(ctx, "apply", fmt.Sprintf("run %d", head.Run), filepath.Base(name)); err != nil {
		return err
	}
	rep, err := r.Replay(ctx, reconcile.Replay{Mode: journal.Apply, Parent: head.Run, By: "apply " + filepath.Base(name), Changes: savedChanges(name, dec)})
	s.acted(ctx, head.Pipeline)
	if err != nil {
		return err
	}
	return s.replayed(rep)
}

func (s *session) readHead(name string, dec *json.Decoder) (savedHead, error) {
	var head savedHead
	if err := dec.Decode(&head); err != nil || head.Desksync == 0 {
		return head, usage("%s is not a saved diff; write one with `desksync diff --save FILE`", name)
	}
	if head.Desksync > savedFormat {
		return head, usage("%s was saved by a newer desksync; install that, or save the diff again", name)
	}
	if head.Desksync < savedFormat {
		return head, usage("%s was saved by an older desksync, and does not say what it was computed from; save the diff again", name)
	}
	if head.Instance != s.journal.Instance() {
		return head, &exitError{exitRefused, fmt.Errorf("%s was saved from another journal; save the diff again with this configuration", name)}
	}
	return head, nil
}

func savedChanges(name string, dec *json.Decoder) iter.Seq2[reconcile.Computed, error] {
	return func(yield func(reconcile.Computed, error) bool) {
		for line := 2; dec.More(); line++ {
			c, err := readSaved(dec)
			if err != nil {
				err = usage("%s:%d: is damaged: %v; save the diff again", name, line, err)
			}
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}

// readSaved reads one change, and refuses one that is not what its id says.
func readSaved(dec *json.Decoder) (reconcile.Computed, error) {
	var x savedChange
	if err := dec.Decode(&x); err != nil {
		return reconcile.Computed{}, err
	}
	data, err := base64.StdEncoding.DecodeString(x.Data)
	if err != nil {
		return reconcile.Computed{}, err
	}
	c, err := helpdesk.UnpackChange(data)
	if err == nil && changeset.ID(&c) != c.ID {
		err = errors.New("the change is not the one that was saved")
	}
	return reconcile.Computed{Change: c, Source: x.Source, Rules: x.Rules, ARR: x.ARR, Class: x.Class}, err
}

// replayed says what became of changes that were computed before.
func (s *session) replayed(rep *reconcile.Report) error {
	if s.json {
		s.printJSON(reportJSON(rep))
	} else {
		s.printReplayed(rep)
	}
	switch {
	case len(rep.Refused) > 0 && rep.Applied == 0 && rep.Standing == 0:
		return exit(exitRefused)
	case len(rep.Refused) > 0 || rep.Failed > 0 || rep.Waiting > 0:
		return exit(exitPartly)
	default:
		return nil
	}
}

// printReplayed says what was refused, what was written, and what stood there already.
func (s *session) printReplayed(rep *reconcile.Report) {
	for _, x := range rep.Refused {
		where, what := "moved in "+rep.Target+" since", joinWords(x.Fields)
		if x.Why != "" {
			where, what = "moved since", x.Why
		}
		s.say("refused %s %s (%s): %s: %s", x.Change.Op, x.Change.Name, x.Change.Ref.Key, where, what)
	}
	if rep.Summary.Writes() == 0 && len(rep.Refused) == 0 && rep.Standing > 0 {
		s.prose(0, "run %d: nothing left to write: %s holds all of it already", rep.Run, rep.Target)
		return
	}
	s.printReport(rep)
	if rep.Standing > 0 {
		s.prose(0, "%s stood in %s already", count(rep.Standing, "change"), rep.Target)
	}
}
