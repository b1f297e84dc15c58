package reconcile

import (
	"context"
	"errors"
	"iter"
	"strings"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/fold"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

var kinds = []helpdesk.Kind{helpdesk.Organization, helpdesk.User, helpdesk.Membership}

// refresh takes over what changed in the target since it was last looked at, by
// the target's feed where it has one, else by listing everything.
func (p *pass) refresh(ctx context.Context) error {
	if err := errors.Join(p.unsure(ctx), p.notice(ctx), p.recallLeft(ctx)); err != nil {
		return err
	}
	for _, kind := range kinds {
		if len(p.caps.Ops[kind]) == 0 {
			continue
		}
		if err := p.refreshKind(ctx, kind); err != nil {
			return err
		}
	}
	return nil
}

func (p *pass) refreshKind(ctx context.Context, kind helpdesk.Kind) error {
	since, err := p.journal.Cursor(ctx, p.TargetName, kind)
	if err != nil {
		return err
	}
	if fresh, err := p.listedLately(ctx, kind); fresh || err != nil {
		return err
	}
	due, err := p.listingDue(ctx, kind)
	if err != nil {
		return err
	}
	full := p.trigger.Full || since == "" || !p.caps.Incremental[kind] || due
	if !full {
		_, err := p.takePages(ctx, kind, p.Target.Objects(ctx, kind, since))
		return err
	}
	if p.trigger.retry != nil {
		return p.rereads(ctx, kind, since)
	}
	if err := join(p.relook(ctx, kind), p.journal.BeginListing(ctx, p.run, kind)); err != nil {
		return err
	}
	complete, err := p.takePages(ctx, kind, p.Target.Objects(ctx, kind, ""))
	if err != nil {
		return err
	}
	if !complete {
		return &fault.Error{Op: "reconcile.refresh", Kind: fault.Unavailable, Err: errors.New(p.TargetName + " ended the listing of " + string(kind) + "s without its last page; nothing was taken for gone, run again")}
	}
	gone, err := p.journal.EndListing(ctx, p.run, kind)
	p.rep.Vanished += gone
	return join(err, p.movedMembers(ctx, kind, gone))
}

// listedLately reports whether a kind that has no feed, and is dear to list, was listed
// so lately that what is recorded of it is taken for what the target holds.
func (p *pass) listedLately(ctx context.Context, kind helpdesk.Kind) (bool, error) {
	every := p.caps.ListEvery[kind]
	if every == 0 || p.caps.Incremental[kind] || p.trigger.Full {
		return false, nil
	}
	last, err := p.journal.LastListing(ctx, p.TargetName, kind)
	return !last.IsZero() && p.opt.Now().Sub(last) < every, err
}

// listingDue reports whether a kind that has a feed is to be listed in full all the same,
// because that was not done for long: a feed shows what there is, and does not prove what
// is not.
func (p *pass) listingDue(ctx context.Context, kind helpdesk.Kind) (bool, error) {
	every := p.caps.ListEvery[kind]
	if every == 0 || !p.caps.Incremental[kind] || p.trigger.retry != nil {
		return false, nil
	}
	last, err := p.journal.LastListing(ctx, p.TargetName, kind)
	return !last.IsZero() && p.opt.Now().Sub(last) >= every, err
}

func (p *pass) takePages(ctx context.Context, kind helpdesk.Kind, pages iter.Seq2[helpdesk.Page, error]) (complete bool, err error) {
	for page, err := range pages {
		if err != nil {
			return false, err
		}
		p.opt.Checkpoint("refresh")
		if err := p.movedUsers(ctx, kind, &page); err != nil {
			return false, err
		}
		differ, err := p.journal.PutHave(ctx, p.run, kind, p.puts(kind, page), page.Next)
		if err := join(err, p.movedMembers(ctx, kind, differ+len(page.Gone))); err != nil {
			return false, err
		}
		p.rep.Refreshed += differ
		p.claims = p.claims || differ > 0
		complete = page.Complete
	}
	return complete, ctx.Err()
}

func (p *pass) puts(kind helpdesk.Kind, page helpdesk.Page) []journal.HavePut {
	out := make([]journal.HavePut, 0, len(page.Objects)+len(page.Gone))
	for i := range page.Objects {
		out = append(out, p.put(kind, &page.Objects[i]))
	}
	for _, id := range page.Gone {
		out = append(out, journal.HavePut{TargetID: id, Gone: true})
	}
	return out
}

// put says whose the object is. One that carries our id only in a field claims that id, and
// so does a user whom no sync may write.
func (p *pass) put(kind helpdesk.Kind, o *helpdesk.Object) journal.HavePut {
	h := journal.HavePut{Key: o.Ref.Key, TargetID: o.ID, Fields: o.Fields, Claims: claimsOf(kind, o.Fields)}
	if h.Key != "" {
		return h
	}
	as, _ := o.Fields.Get(helpdesk.SparedAs)
	switch id := p.idIn(o.Fields); {
	case kind == helpdesk.Organization && id != "":
		h.Key, h.Claims = id, append(h.Claims, journal.Claim{Kind: journal.ClaimID, Value: id})
		h.Loose = helpdesk.Field{Name: changeset.LinkField, Value: helpdesk.TextOf("field " + p.Match.IDField)}
	case kind == helpdesk.User && !as.IsEmpty():
		h.Key, h.Loose = as.Text(), helpdesk.Field{Name: helpdesk.SparedAs, Value: as}
		h.Claims = append(h.Claims, journal.Claim{Kind: journal.ClaimContact, Value: as.Text()})
	}
	return h
}

// idIn is the account whose id stands in match.id_field; empty: none does.
func (p *pass) idIn(fields helpdesk.Fields) string {
	if p.Match.IDField == "" {
		return ""
	}
	v, _ := fields.Get(helpdesk.FieldPrefix + p.Match.IDField)
	id, err := crm.ParseID(strings.TrimSpace(v.Text()))
	if err != nil {
		return "" // not an id: people write all sorts of things there
	}
	return id
}

// claimsOf says what an object of the target holds that only one may have.
func claimsOf(kind helpdesk.Kind, f helpdesk.Fields) []journal.Claim {
	var out []journal.Claim
	switch kind {
	case helpdesk.Organization:
		if name, _ := f.Get(helpdesk.Name); !name.IsEmpty() {
			out = append(out, journal.Claim{Kind: journal.ClaimName, Value: fold.Name(name.Text())})
		}
		for _, d := range f.Family(helpdesk.DomPrefix) {
			out = append(out, journal.Claim{Kind: journal.ClaimDomain, Value: d})
		}
	case helpdesk.User:
		if mail, _ := f.Get(helpdesk.Email); !mail.IsEmpty() {
			out = append(out, journal.Claim{Kind: journal.ClaimEmail, Value: strings.ToLower(mail.Text())})
		}
	case helpdesk.Membership:
	}
	return out
}
