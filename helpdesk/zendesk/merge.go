package zendesk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
)

// merging is a merge of organizations as Zendesk shows it.
type merging struct {
	ID     string `json:"id"`
	Loser  int64  `json:"loser_id"`
	Winner int64  `json:"winner_id"`
	Status string `json:"status"`
}

const (
	mergeLook = 2 * time.Second
	mergeLong = 30 * time.Second
	mergeMost = 10 * time.Minute
)

// PreviewMerge implements helpdesk.Merger.
func (t *Target) PreviewMerge(ctx context.Context, loser, winner string) (helpdesk.MergeEffect, error) {
	e := helpdesk.MergeEffect{Tickets: -1}
	s, err := t.look(ctx)
	if err != nil {
		return e, err
	}
	rows, err := t.orgsBy(ctx, byID, []string{loser, winner})
	if err != nil {
		return e, err
	}
	from, to := orgIn(rows, idOf(loser)), orgIn(rows, idOf(winner))
	if from == nil || to == nil {
		return e, notFound("organization " + loser + " or " + winner + " is not in Zendesk")
	}
	for page, err := range cursorPages[membership](ctx, t, "organizations/"+loser+"/organization_memberships", "organization_memberships") {
		if err != nil {
			return e, err
		}
		e.Users += len(page)
	}
	if e.Open, e.Tickets, err = t.countTickets(ctx, loser); err != nil {
		return e, err
	}
	for _, d := range s.object(from).Fields.Family(helpdesk.DomPrefix) {
		if !slices.Contains(s.object(to).Fields.Family(helpdesk.DomPrefix), d) {
			e.Domains = append(e.Domains, d)
		}
	}
	if from.SharedTickets || from.SharedComments {
		e.Drops = append(e.Drops, "its sharing of tickets")
	}
	return e, nil
}

func orgIn(rows []organization, id int64) *organization {
	for i := range rows {
		if rows[i].ID == id {
			return &rows[i]
		}
	}
	return nil
}

func orgOf(rows []organization, key string) *organization {
	for i := range rows {
		if key != "" && rows[i].key() == key {
			return &rows[i]
		}
	}
	return nil
}

// mergeOrg merges one organization into another and waits for the end of it. One whose
// loser is not there was made already.
func (a *applying) mergeOrg(w *work) error {
	c := &w.change
	if c.Ref.Key == "" || c.Into == "" || c.Into == c.Ref.Key {
		a.fail(w, wrong("the organization of one account is merged into that of another, not %q into %q", clip(c.Ref.Key), clip(c.Into)))
		return nil
	}
	rows, err := a.orgsBy(a.ctx, byKey, []string{c.Ref.Key, c.Into})
	if err != nil {
		return a.refused(orgMerge, []*work{w}, err)
	}
	loser, winner := orgOf(rows, c.Ref.Key), orgOf(rows, c.Into)
	switch {
	case loser == nil:
		w.id = idOf(c.IntoID)
		a.applied(w)
		return nil
	case winner == nil:
		a.fail(w, notFound("no organization here carries the account "+c.Into+", which was to take it in"))
		return nil
	case c.TargetID != "" && c.TargetID != idText(loser.ID), c.IntoID != "" && c.IntoID != idText(winner.ID):
		a.fail(w, raced("%s and %s are organizations %d and %d now, not %s and %s; they moved meanwhile", c.Ref.Key, c.Into, loser.ID, winner.ID, c.TargetID, c.IntoID))
		return nil
	}
	return a.mergeInto(w, loser.ID, winner.ID)
}

func (a *applying) mergeInto(w *work, loser, winner int64) error {
	var got struct {
		Merge merging `json:"organization_merge"`
	}
	c := call{
		method: http.MethodPost, path: "organizations/" + idText(loser) + "/merge", once: true,
		body: map[string]any{"organization_merge": map[string]any{"winner_id": winner}},
	}
	if err := a.do(a.ctx, c, &got); err != nil {
		return a.refused(orgMerge, []*work{w}, err) // looked at anew if it was lost: who is gone was merged
	}
	w.id = winner
	a.say(helpdesk.Outcome{ChangeID: w.change.ID, State: helpdesk.Sent, Token: token{merged, got.Merge.ID, 0, idText(winner)}.String()})
	if a.left {
		return nil
	}
	err := a.followMerge(a.ctx, got.Merge.ID)
	switch {
	case a.ctx.Err() != nil:
		return a.ctx.Err()
	case err != nil:
		a.fail(w, err)
	default:
		a.note(helpdesk.Organization, loser, "")
		a.applied(w)
	}
	return nil
}

// followMerge waits for the end of a merge.
func (t *Target) followMerge(ctx context.Context, id string) error {
	wait, waited := mergeLook, time.Duration(0)
	for {
		var got struct {
			Merge merging `json:"organization_merge"`
		}
		if err := t.get(ctx, "organization_merges/"+id, nil, &got); err != nil {
			return err
		}
		switch got.Merge.Status {
		case "complete", "completed":
			return nil
		case "error":
			return fault.New("zendesk.merge", fault.Raced, fmt.Errorf("the merge %s ended with an error; Zendesk asks to try it again", clip(id)))
		}
		if waited >= mergeMost {
			return fault.New("zendesk.merge", fault.Unknown, errors.New("the merge "+clip(id)+" is still under way; the next run looks what became of it"))
		}
		if err := t.opt.Sleep(ctx, wait); err != nil {
			return err
		}
		waited, wait = waited+wait, min(2*wait, mergeLong)
	}
}
