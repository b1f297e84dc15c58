package reconcile

import (
	"bytes"
	"context"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/pack"
	"github.com/desksync/desksync/sync/journal"
)

// codeNoRoom is the finding about a membership for which there was no room.
const codeNoRoom = "no_room"

// Where a target's calls are counted, it is not asked again for room that it did not have:
// not before the contact's account, the user or memberships there have changed, or somebody
// asks for a full pass.

// recallRoom loads the findings of earlier runs about memberships for which there was no
// room.
func (p *pass) recallRoom(ctx context.Context) error {
	p.crowded = map[string]journal.Item{}
	if _, counted := p.Target.(helpdesk.Paced); !counted || p.trigger.Full {
		return nil
	}
	filter := journal.ItemFilter{Pipeline: p.pipe.ID, Class: journal.ItemFinding, Code: codeNoRoom}
	for i, err := range p.journal.EachItem(ctx, filter) {
		if err != nil {
			return err
		}
		p.crowded[helpdesk.MemberKey(i.Account, i.Field)] = i
	}
	return nil
}

// movedUsers lets the memberships of users whom a page shows be tried again.
func (p *pass) movedUsers(ctx context.Context, kind helpdesk.Kind, page *helpdesk.Page) error {
	if kind != helpdesk.User || len(p.crowded) == 0 {
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

// knewOf reports whether a change of the user was known when there was no room: feeds show
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
	return p.askAnew(ctx, func(*journal.Item) bool { return true })
}

// askAnew ends findings, and has their accounts compared.
func (p *pass) askAnew(ctx context.Context, which func(*journal.Item) bool) error {
	for key, i := range p.crowded {
		if !which(&i) {
			continue
		}
		delete(p.crowded, key)
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
	i, crowded := s.crowded[member]
	if !crowded || !bytes.HasPrefix(i.Body, packBasis(s.now.basis)) {
		return false
	}
	s.rep.Findings++
	s.items = append(s.items, i)
	return true
}

// roomBody is what a membership was wanted for, and when there was no room.
func (p *pass) roomBody(b basis) []byte {
	return pack.Uint(packBasis(b), uint64(p.opt.Now().Unix())) //nolint:gosec // after 1970
}

func packBasis(b basis) []byte { return pack.String(pack.String(nil, b.source), b.rules) }
