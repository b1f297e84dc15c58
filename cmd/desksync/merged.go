package main

import (
	"context"
	"fmt"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fold"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

// mergedAway is a merge that a run made.
type mergedAway struct {
	helpdesk.Change
	run journal.Run
}

// eachMerge goes through the merges of a target that were made, newest first, until fn
// returns false.
func (s *session) eachMerge(ctx context.Context, target string, fn func(mergedAway) bool) error {
	for run, err := range s.journal.EachRun(ctx, journal.RunFilter{Mode: journal.Merge}) {
		if err != nil {
			return err
		}
		if run.Target != target || run.Sealed.IsZero() {
			continue
		}
		c, err := s.mergeOf(ctx, &run)
		if err != nil || c != nil && !fn(mergedAway{*c, run}) {
			return err
		}
	}
	return nil
}

// mergeOf is the merge that a run made; nil: it failed, or is not at its end.
func (s *session) mergeOf(ctx context.Context, run *journal.Run) (*helpdesk.Change, error) {
	for c, err := range reconcile.Changes(ctx, s.journal, run.ID, journal.ChangeFilter{Op: helpdesk.Merge}) {
		if err != nil {
			return nil, err
		}
		failed, err := s.journal.Outcomes(ctx, run.ID, journal.Pos{}, journal.MaxPage)
		for _, o := range failed {
			if o.ChangeID == c.ID {
				return nil, err
			}
		}
		if err != nil || run.Finished.IsZero() {
			return nil, err
		}
		return &c, nil
	}
	return nil, nil //nolint:nilnil // the run was pruned, or stored nothing
}

// wentInto says into which organization that of an account was merged; nothing: into none.
func (s *session) wentInto(ctx context.Context, target, account string) (words string, err error) {
	var made mergedAway
	err = s.eachMerge(ctx, target, func(m mergedAway) bool {
		if m.Account == account {
			made = m
		}
		return made.Into == ""
	})
	if err != nil || made.Into == "" {
		return "", err
	}
	objects, err := s.journal.ObjectsOf(ctx, target, []string{made.Into}, nil)
	into := changeset.Party{Account: made.Into, Name: nameIn(&objects, made.Into)}
	return fmt.Sprintf("; %s was merged into %s by run %d at %s", made.Name, into, made.run.ID, made.run.Started.UTC().Format("2006-01-02 15:04:05")), err
}

// mergedNamed is the account whose organization had a name until it was merged.
func (s *session) mergedNamed(ctx context.Context, target, name string) (account string, err error) {
	err = s.eachMerge(ctx, target, func(m mergedAway) bool {
		if fold.Name(m.Name) == fold.Name(name) {
			account = m.Account
		}
		return account == ""
	})
	return account, err
}
