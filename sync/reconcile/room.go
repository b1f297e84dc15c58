package reconcile

import (
	"bytes"
	"context"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/pack"
	"github.com/desksync/desksync/sync/journal"
)

// Codes of findings about what a target left to people.
const (
	codeNoRoom  = "no_room"       // a membership for which there was no room
	codeAddress = "address_waits" // a user whose new address waits, mostly for being verified
)

// Where a target's calls are counted, it is not asked again for what it left to people: not
// before the contact, the user or memberships there have changed, or somebody asks for a full
// pass.

// recallLeft loads the findings of earlier runs about what was left to people.
func (p *pass) recallLeft(ctx context.Context) error {
	p.left = map[helpdesk.Ref]journal.Item{}
	if _, counted := p.Target.(helpdesk.Paced); !counted || p.trigger.Full {
		return nil
	}
	for _, code := range []string{codeNoRoom, codeAddress} {
		filter := journal.ItemFilter{Pipeline: p.pipe.ID, Class: journal.ItemFinding, Code: code}
		for i, err := range p.journal.EachItem(ctx, filter) {
			if err != nil {
				return err
			}
			p.left[leftRef(&i)] = i
		}
	}
	return nil
}

// leftRef is what a finding about something left to people is about.
func leftRef(i *journal.Item) helpdesk.Ref {
	if i.Code == codeAddress {
		return helpdesk.Ref{Kind: helpdesk.User, Key: i.Field}
	}
	return helpdesk.Ref{Kind: helpdesk.Membership, Key: helpdesk.MemberKey(i.Account, i.Field)}
}

// relook lets addresses be looked at again before all users are listed: a feed need not show
// that one was verified.
func (p *pass) relook(ctx context.Context, kind helpdesk.Kind) error {
	if kind != helpdesk.User {
		return nil
	}
	return p.askAnew(ctx, func(i *journal.Item) bool { return i.Code == codeAddress })
}

// movedUsers lets what was left of users whom a page shows be tried again.
func (p *pass) movedUsers(ctx context.Context, kind helpdesk.Kind, page *helpdesk.Page) error {
	if kind != helpdesk.User || len(p.left) == 0 {
		return nil
	}
	shown := map[string]time.Time{}
	for i := range page.Objects {
		shown[page.Objects[i].Ref.Key] = page.Objects[i].Changed
	}
	return p.askAnew(ctx, func(i *journal.Item) bool {
		at, ok := shown[i.Field]
		return ok && !knewOf(i, at)
	})
}

// knewOf reports whether a change of the user was known when it was left to people: feeds show
// the last one again. Clocks may be a minute apart.
func knewOf(i *journal.Item, changed time.Time) bool {
	r := pack.Read(i.Body)
	_, _, asked := r.String(), r.String(), time.Unix(int64(r.Uint()), 0) //nolint:gosec // as packed
	return r.Err() == nil && !changed.IsZero() && changed.Add(time.Minute).Before(asked)
}

// movedMembers lets all memberships be tried again once some have changed.
func (p *pass) movedMembers(ctx context.Context, kind helpdesk.Kind, changed int) error {
	if kind != helpdesk.Membership || changed == 0 {
		return nil
	}
	return p.askAnew(ctx, func(i *journal.Item) bool { return i.Code == codeNoRoom })
}

// askAnew ends findings, and has their accounts compared.
func (p *pass) askAnew(ctx context.Context, which func(*journal.Item) bool) error {
	for ref, i := range p.left {
		if !which(&i) {
			continue
		}
		delete(p.left, ref)
		if err := p.journal.MarkDirty(ctx, p.pipe.ID, []string{i.Account}); err != nil {
			return err
		}
		if err := p.journal.CloseItem(ctx, p.run, i.ID); err != nil {
			return err
		}
	}
	return nil
}

// stillNoRoom reports whether a membership had no room, and nothing is known that would
// make some; the finding about it stays.
func (s *sink) stillNoRoom(member string) bool {
	return s.stillLeft(helpdesk.Ref{Kind: helpdesk.Membership, Key: member}, packBasis(s.now.basis))
}

// stillWaits reports whether an address was left to people, and nothing is known that would
// make it the user's.
func (s *sink) stillWaits(contact, address string) bool {
	return s.stillLeft(helpdesk.Ref{Kind: helpdesk.User, Key: contact}, packAddress(address))
}

func (s *sink) stillLeft(ref helpdesk.Ref, wanted []byte) bool {
	i, left := s.left[ref]
	if !left || !bytes.HasPrefix(i.Body, wanted) {
		return false
	}
	s.rep.Findings++
	s.items = append(s.items, i)
	return true
}

// leftBody is what something was wanted for, and when it was left to people.
func (p *pass) leftBody(wanted []byte) []byte {
	return pack.Uint(wanted, uint64(p.opt.Now().Unix())) //nolint:gosec // after 1970
}

func packAddress(address string) []byte { return pack.String(pack.String(nil, address), "") }

func packBasis(b basis) []byte { return pack.String(pack.String(nil, b.source), b.rules) }
