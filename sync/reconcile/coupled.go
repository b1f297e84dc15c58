package reconcile

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/pack"
	"github.com/desksync/desksync/sync/journal"
)

// codeCoupled is the finding about a tag that a field of the target brings by itself.
const codeCoupled = "tag_of_field"

// maxMet bounds for how many accounts of a tag it is remembered that their rules yield it.
// Most runs compare few accounts: the finding is over once none of these yields the tag.
const maxMet = 100

// met is for which accounts the rules for tags yield a tag.
type met map[string]bool

// recallCoupled loads the findings of earlier runs about tags that fields still bring.
func (p *pass) recallCoupled(ctx context.Context) error {
	if p.trigger.AsOf != 0 {
		return nil // all is compared, and nothing is kept
	}
	filter := journal.ItemFilter{Pipeline: p.pipe.ID, Class: journal.ItemFinding, Code: codeCoupled}
	for i, err := range p.journal.EachItem(ctx, filter) {
		if err != nil {
			return err
		}
		if p.coupled[i.Value] == "" {
			continue
		}
		p.met[i.Value] = met{}
		for r := pack.Read(string(i.Body)); !r.Done() && r.Err() == nil; {
			p.met[i.Value][r.String()] = true
		}
	}
	return nil
}

// unmeet forgets what the rules yielded for an account: it is compared again.
func (p *pass) unmeet(account string) {
	for _, m := range p.met {
		delete(m, account)
	}
}

// leaveCoupled takes out of what an account wants the tags that a field brings: they come
// and go with its value.
func (p *pass) leaveCoupled(s *subject) {
	for _, tag := range s.result.Org.Fields.Family(helpdesk.TagPrefix) {
		if p.coupled[tag] != "" {
			s.result.Org.Fields = s.result.Org.Fields.Without(helpdesk.TagPrefix + tag)
			p.meet(tag, s.group.ID)
		}
	}
}

func (p *pass) meet(tag, account string) {
	if p.met[tag] == nil {
		p.met[tag] = met{}
	}
	if len(p.met[tag]) < maxMet {
		p.met[tag][account] = true
	}
}

// tellCoupled tells of the tags that were taken out, once for all accounts.
func (p *pass) tellCoupled(ctx context.Context) error {
	items := make([]journal.Item, 0, len(p.met))
	for _, tag := range slices.Sorted(maps.Keys(p.met)) {
		if len(p.met[tag]) > 0 {
			items = append(items, p.coupledItem(tag))
		}
	}
	p.rep.Findings += len(items)
	return p.putItems(ctx, items)
}

func (p *pass) coupledItem(tag string) journal.Item {
	var body []byte
	for _, account := range slices.Sorted(maps.Keys(p.met[tag])) {
		body = pack.String(body, account)
	}
	field := strings.TrimPrefix(p.coupled[tag], helpdesk.FieldPrefix)
	return journal.Item{
		Class: journal.ItemFinding, Code: codeCoupled, Kind: helpdesk.Organization, Field: helpdesk.TagPrefix + tag, Value: tag, Body: body,
		Text: "the tag " + tag + " comes and goes with the field " + field + " of " + p.TargetName + ": no rule for tags decides over it; leave it out of organizations.tags",
	}
}
