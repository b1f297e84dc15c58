package reconcile

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/journal"
)

// codeCoupled is the finding about a tag that a field of the target brings by itself.
const codeCoupled = "tag_of_field"

// leaveCoupled takes out of what an account wants the tags that a field brings: they come
// and go with its value.
func (p *pass) leaveCoupled(s *subject) {
	for _, tag := range s.result.Org.Fields.Family(helpdesk.TagPrefix) {
		if field := p.coupled[tag]; field != "" {
			s.result.Org.Fields = s.result.Org.Fields.Without(helpdesk.TagPrefix + tag)
			p.met[tag] = field
		}
	}
}

// tellCoupled tells of the tags that were taken out, once for all accounts.
func (p *pass) tellCoupled(ctx context.Context) error {
	items := make([]journal.Item, 0, len(p.met))
	for _, tag := range slices.Sorted(maps.Keys(p.met)) {
		field := strings.TrimPrefix(p.met[tag], helpdesk.FieldPrefix)
		items = append(items, journal.Item{
			Class: journal.ItemFinding, Code: codeCoupled, Kind: helpdesk.Organization, Field: helpdesk.TagPrefix + tag, Value: tag,
			Text: "the tag " + tag + " comes and goes with the field " + field + " of " + p.TargetName + ": no rule for tags decides over it; leave it out of organizations.tags",
		})
	}
	p.rep.Findings += len(items)
	return p.putItems(ctx, items)
}
