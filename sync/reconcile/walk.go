package reconcile

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/desksync/desksync/sync/journal"
)

// phaseWalk is what a phase does with the dirty accounts, page by page: work on a
// page, then store what came of it.
type phaseWalk[T any] struct {
	phase string
	total int
	work  func(context.Context, []journal.Group) (T, error)
	store func(T) error
}

// page is a page of accounts on its way through a phase.
type page[T any] struct {
	accounts int
	groups   []journal.Group
	made     T
}

// walk takes the dirty accounts, in key order and with everything staged under
// them, through a phase. Loading, working and storing go on side by side; order is
// kept, and at most a handful of pages are in memory.
func walk[T any](ctx context.Context, p *pass, w phaseWalk[T]) error {
	group, ctx := errgroup.WithContext(ctx)
	loaded, worked := make(chan page[T], 1), make(chan page[T], 1)
	group.Go(func() error {
		defer close(loaded)
		return p.load(ctx, func(accounts int, groups []journal.Group) error {
			return send(ctx, loaded, page[T]{accounts: accounts, groups: groups})
		})
	})
	group.Go(func() error {
		defer close(worked)
		for x := range loaded {
			var err error
			if x.made, err = w.work(ctx, x.groups); err != nil {
				return err
			}
			if err := send(ctx, worked, x); err != nil {
				return err
			}
		}
		return nil
	})
	group.Go(func() error {
		done := 0
		for x := range worked {
			p.opt.Checkpoint(w.phase)
			if err := w.store(x.made); err != nil {
				return err
			}
			done += x.accounts
			p.opt.Progress(Progress{Phase: w.phase, Done: done, Total: w.total})
		}
		return nil
	})
	return group.Wait()
}

func send[T any](ctx context.Context, to chan<- T, x T) error {
	select {
	case to <- x:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// load reads the dirty accounts page by page.
func (p *pass) load(ctx context.Context, next func(accounts int, groups []journal.Group) error) error {
	for after := ""; ; {
		accounts, err := p.journal.DirtyPage(ctx, p.pipe.ID, after, p.opt.Page)
		if err != nil || len(accounts) == 0 {
			return err
		}
		groups, err := p.journal.Groups(ctx, p.pipe.ID, p.chosen(accounts))
		if err != nil {
			return err
		}
		if err := next(len(accounts), groups); err != nil {
			return err
		}
		after = accounts[len(accounts)-1]
	}
}

// chosen leaves only the accounts the trigger asks for.
func (p *pass) chosen(accounts []string) []string {
	if p.only == nil {
		return accounts
	}
	var out []string
	for _, a := range accounts {
		if p.only[a] {
			out = append(out, a)
		}
	}
	return out
}
