package reconcile

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fold"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// linkStrangers looks up what the page needs besides its own rows: objects without
// a CRM id that are recognised as ours, other pipelines that want an account, and
// open tickets where something may be deleted.
func (p *pass) linkStrangers(ctx context.Context, subjects []subject, out *sink) error {
	out.links = map[helpdesk.Ref]changeset.Known{}
	if err := join(p.carried(ctx, subjects, out), p.findSpared(ctx, subjects, out)); err != nil {
		return err
	}
	wanted := map[helpdesk.Kind]map[string]helpdesk.Ref{helpdesk.Organization: {}, helpdesk.User: {}}
	for i := range subjects {
		p.recognise(&subjects[i], out, wanted)
	}
	for kind, ids := range wanted {
		strangers, err := p.journal.Strangers(ctx, p.TargetName, kind, slices.Sorted(maps.Keys(ids)))
		if err != nil {
			return err
		}
		for _, s := range strangers {
			if out.spare(ids[s.TargetID].Key, s.Fields) {
				continue
			}
			out.links[ids[s.TargetID]] = changeset.Known{TargetID: s.TargetID, Have: s.Fields, Exists: true}
		}
	}
	return p.outside(ctx, subjects, out)
}

// recognise finds the target ids of strangers that belong to a subject: an
// organization of the same name where names may match, a user of the same e-mail.
func (p *pass) recognise(s *subject, out *sink, wanted map[helpdesk.Kind]map[string]helpdesk.Ref) {
	if s.result.Skip != "" || p.gone(s.group) {
		return
	}
	if name, _ := s.result.Org.Fields.Get(helpdesk.Name); s.org == nil && p.Match.ByName && len(s.carriers) == 0 {
		if id := p.onlyStranger(journal.ClaimName, fold.Name(name.Text()), s.group.ID); id != "" {
			wanted[helpdesk.Organization][id] = s.result.Org.Ref
		}
	}
	for i := range s.result.Users {
		u := &s.result.Users[i]
		mail, _ := u.Fields.Get(helpdesk.Email)
		if out.userOf(u.Ref.Key) != nil {
			continue
		}
		if id := p.onlyStranger(journal.ClaimEmail, strings.ToLower(mail.Text()), s.group.ID); id != "" {
			wanted[helpdesk.User][id] = u.Ref
		}
	}
}

// onlyStranger returns the one object without a CRM id that holds what only this
// account claims; empty if there is none, or more than one, or another account.
func (p *pass) onlyStranger(kind journal.ClaimKind, value, account string) string {
	c := p.contests[claimKey{kind, value}]
	if c == nil {
		return ""
	}
	id := ""
	for _, h := range c.Holders {
		switch {
		case !h.Stranger() && h.Account != account, h.Stranger() && (id != "" || h.Carries != "" && h.Carries != account):
			return ""
		case h.Stranger():
			id = h.TargetID
		}
	}
	return id
}

func (s *sink) userOf(contact string) *journal.Object { return s.objects.User(contact) }

// outside loads what only few accounts need: who else wants them, and their tickets.
func (p *pass) outside(ctx context.Context, subjects []subject, out *sink) error {
	var accounts, ids []string
	for i := range subjects {
		s := &subjects[i]
		gone := p.gone(s.group) || s.result.Skip != ""
		if s.org == nil || !gone && s.org.Pipeline == p.pipe.ID {
			continue
		}
		accounts = append(accounts, s.group.ID)
		if gone && p.mayGo(s.org) {
			ids = append(ids, s.org.TargetID)
		}
	}
	if len(accounts) == 0 {
		return nil
	}
	var err error
	if out.others, err = p.journal.WantedElsewhere(ctx, p.TargetName, p.pipe.ID, accounts); err != nil {
		return err
	}
	return out.countTickets(ctx, ids)
}

// mayGo reports whether a marked organization may have to be deleted today: only then its
// tickets are counted, which may cost a call each.
func (p *pass) mayGo(o *journal.Object) bool {
	exempt, _ := o.Have.Get(p.Mark.Exempt)
	return p.markOf(o).Over(p.day) && !p.Mark.Protect[o.Key] && !exempt.True()
}

func (s *sink) countTickets(ctx context.Context, ids []string) (err error) {
	counter, ok := s.Target.(helpdesk.TicketCounter)
	if !ok || len(ids) == 0 {
		return nil
	}
	s.tickets, err = counter.OpenTickets(ctx, ids)
	return err
}

// openTickets is how many tickets are not closed, or -1 where that is not known.
func (s *sink) openTickets(o *journal.Object) int {
	if s.tickets == nil {
		return -1
	}
	return s.tickets[o.TargetID]
}

func (s *sink) wantedBy(o *journal.Object) string { return s.others[o.Key] }
