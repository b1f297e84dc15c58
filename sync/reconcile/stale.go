package reconcile

import (
	"context"
	"fmt"
	"slices"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sync/journal"
)

// ofRules reports whether the changes are what the rules wanted in an earlier run. The
// inverse of a run is not: it goes against them.
func (req *Replay) ofRules() bool { return req.Mode == journal.Apply || req.Mode == journal.Approve }

// ofToday refuses changes that were computed for a day to come.
func (p *pass) ofToday(ctx context.Context, req Replay) error {
	if !req.ofRules() {
		return nil
	}
	was, err := p.journal.RunByID(ctx, req.Parent)
	if err != nil || was.Mode != journal.Forecast && was.Day <= p.day {
		p.then = was.Day
		return err
	}
	return fault.New("reconcile.replay", fault.Unsafe, fmt.Errorf("run %d is a forecast: its changes are those of %s, and today is %s; nothing was written", was.ID, was.Day, p.day))
}

// prepare loads what changes are compared with that the rules wanted.
func (p *pass) prepare(ctx context.Context, req Replay) error {
	if !req.ofRules() {
		return nil
	}
	p.deleted = map[string]bool{}
	if p.Mapper.NeedsRates() {
		if err := p.useRecorded(ctx); err != nil {
			return err
		}
	}
	return p.loadOverrides(ctx)
}

// stale says of each change what moved since it was computed, as far as the stage, the
// rules and the calendar tell; nothing where none did. The source is not asked.
func (p *pass) stale(ctx context.Context, list []instruction) ([]string, error) {
	out := make([]string, len(list))
	if p.then == 0 {
		return out, nil
	}
	accounts := make([]string, len(list))
	for i := range list {
		accounts[i] = list[i].Account
	}
	groups := map[string]*journal.Group{}
	for page := range slices.Chunk(sortedUnique(accounts), journal.MaxPage) {
		staged, err := p.journal.Groups(ctx, p.pipe.ID, page)
		if err != nil {
			return nil, err
		}
		if err := p.loadKin(ctx, staged); err != nil {
			return nil, err
		}
		for i := range staged {
			groups[staged[i].ID] = &staged[i]
		}
	}
	w := p.Mapper.NewWorker()
	for i := range list {
		out[i] = p.staleOne(w, &list[i], groups[list[i].Account])
	}
	return out, nil
}

func (p *pass) staleOne(w *mapping.Worker, in *instruction, g *journal.Group) string {
	ends := in.Ref.Kind == helpdesk.Organization && (in.Op == helpdesk.Retire || in.Op == helpdesk.Delete)
	now := p.basisOf(g)
	switch then := in.basis; {
	case len(then.source) != len(now.source) || len(then.rules) != len(now.rules):
		return "what it was computed from is not recorded any more"
	case p.gone(g) && !ends:
		return "the account is gone from " + p.SourceName
	case then.source != now.source:
		return "what " + p.SourceName + " says of the account"
	case then.rules[:16] != now.rules[:16]:
		return "the rules"
	case then.rules != now.rules:
		return "an override"
	case p.gone(g):
		return ""
	}
	return p.staleDay(w, g, ends)
}

// staleDay says whether the calendar alone changed what is wanted of an account, or an
// account that was gone is wanted again.
func (p *pass) staleDay(w *mapping.Worker, g *journal.Group, ends bool) string {
	if p.then == p.day && !ends {
		return ""
	}
	group, err := p.groupOf(g)
	if err != nil {
		return "the account cannot be read any more"
	}
	was, err := w.Map(&group, p.then)
	switch {
	case err != nil:
		return "the account cannot be read any more"
	case was.Next != 0 && was.Next <= p.day:
		return "the date: what is wanted may change on " + was.Next.String()
	case ends && was.Skip == "":
		return "the account is wanted again"
	default:
		return ""
	}
}
