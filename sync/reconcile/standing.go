package reconcile

import (
	"context"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/sync/journal"
)

// standing is how the account at hand stands, for those who tell people of contracts
// that end and of new organizations without a contact.
func (s *sink) standing() journal.Standing {
	now := journal.Standing{Account: s.now.group.ID, Made: s.created && !s.looks()}
	if s.now.unread != nil || s.now.result.Skip != "" {
		return now
	}
	now.ARR = s.now.result.ARR
	if !s.now.result.SLA.Expired {
		now.Ends = s.now.result.SLA.Expiration
	}
	now.Bare = s.Mapper.Columns()[crm.Contact] != nil && len(s.now.group.Contacts)+len(s.now.group.Relations) == 0
	return now
}

// putStandings stores how the accounts of a page stand; as of another day they stand
// otherwise.
func (s *sink) putStandings(ctx context.Context) error {
	if s.trigger.AsOf != 0 {
		return nil
	}
	return s.journal.PutStandings(ctx, s.run, s.standings)
}
