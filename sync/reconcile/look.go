package reconcile

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/journal"
)

// Recognize lets the source of a pipeline go on from what its login saw at an earlier
// run, where that was of the same configuration. It is to be said before the source is
// asked anything.
func Recognize(ctx context.Context, j *journal.Journal, pipeline, config string, source crm.Source) error {
	s, ok := source.(crm.Sighted)
	if !ok {
		return nil
	}
	text, err := j.Sight(ctx, pipeline)
	if of, sight, found := strings.Cut(text, " "); found && of == ofConfig(config) {
		s.Recognize(sight)
	}
	return err
}

func ofConfig(text string) string {
	sum := digest([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// keepSight remembers for later runs what the source's login saw, or that it is to be
// asked again.
func (p *pass) keepSight(ctx context.Context) error {
	s, ok := p.Source.(crm.Sighted)
	if !ok {
		return nil
	}
	sight := s.Sight()
	if p.blinded {
		sight = "" // rules could not be checked against it: the next run looks for itself
	}
	if sight != "" {
		sight = ofConfig(p.Config) + " " + sight
	}
	return p.journal.KeepSight(ctx, p.Name, sight)
}

// lookAgain asks what the login sees now, before a full read: what it no longer sees is
// refused there, and what it sees in another way ends the run.
func (p *pass) lookAgain(ctx context.Context) error {
	s, ok := p.Source.(crm.Sighted)
	if !ok {
		return nil
	}
	before := p.schema
	var err error
	if p.schema, err = s.Look(ctx); err != nil {
		return fmt.Errorf("%s: %w", p.SourceName, err)
	}
	for role, names := range p.Mapper.Columns() {
		for _, name := range names {
			was, known := before.Column(role, name)
			is, seen := p.schema.Column(role, name)
			p.blinded = p.blinded || known && !seen
			if known && seen && is.Type != was.Type {
				return fault.New("reconcile.read", fault.Unavailable, fmt.Errorf("%s gives %s.%s another type than it did: run again, and the rules are checked anew", p.SourceName, role, name))
			}
		}
	}
	return nil
}
