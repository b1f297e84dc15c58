package reconcile

import (
	"context"
	"iter"
	"slices"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/adopt"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// counted tells how far a listing has come.
func (a *adoption) counted(kind helpdesk.Kind, pages iter.Seq2[helpdesk.Page, error]) iter.Seq2[helpdesk.Page, error] {
	return func(yield func(helpdesk.Page, error) bool) {
		n := 0
		for page, err := range pages {
			n += len(page.Objects)
			a.opt.Progress(Progress{Phase: "list " + string(kind) + "s", Done: n})
			if !yield(page, err) {
				return
			}
		}
	}
}

// gather takes what is wanted and what is held into memory, as far as links depend on it:
// some 300 bytes an object. What a record has to do with an object shows only once all
// others are known.
func (a *adoption) gather(ctx context.Context) error {
	err := a.eachWanted(ctx, func(subjects []subject) error {
		for i := range subjects {
			a.want(&subjects[i])
		}
		return nil
	})
	a.held = map[helpdesk.Kind][]adopt.Held{}
	for _, kind := range adopted {
		if err == nil {
			a.held[kind], err = a.heldOf(ctx, kind)
		}
	}
	return err
}

// eachWanted maps all accounts that are staged, page by page, and hands on those that the
// rules want and that are in scope.
func (a *adoption) eachWanted(ctx context.Context, use func([]subject) error) error {
	worker := a.Mapper.NewWorker()
	a.out.Beyond = 0
	for after := (journal.Key{}); ; {
		heads, err := a.stagePage(ctx, crm.Account, after)
		if err != nil || len(heads) == 0 {
			return err
		}
		for part := range slices.Chunk(heads, a.opt.Page) {
			ids := make([]string, len(part))
			for i := range part {
				ids[i] = part[i].ID
			}
			groups, err := a.journal.Groups(ctx, a.pipe.ID, ids)
			if err != nil {
				return err
			}
			if err := a.loadKin(ctx, groups); err != nil {
				return err
			}
			subjects := make([]subject, 0, len(groups))
			for i := range groups {
				if s := a.mapSubject(worker, &groups[i]); a.inQuestion(&s) {
					subjects = append(subjects, s)
				}
			}
			if err := use(subjects); err != nil {
				return err
			}
		}
		last := heads[len(heads)-1]
		after = journal.Key{Account: last.Account, ID: last.ID}
	}
}

// inQuestion reports whether the rules want the organization of an account, and it may be
// written.
func (a *adoption) inQuestion(s *subject) bool {
	if s.unread != nil || a.gone(s.group) || s.result.Skip != "" {
		return false
	}
	if a.outOfScope(s.group.ID, s.result.NotYet) {
		a.out.Beyond++
		return false
	}
	return true
}

func (a *adoption) want(s *subject) {
	org := &s.result.Org
	a.wanted = append(a.wanted, adopt.Wanted{Ref: org.Ref, Account: s.group.ID, Name: textIn(org.Fields, helpdesk.Name), Domains: org.Fields.Family(helpdesk.DomPrefix)})
	for i := range s.result.Users {
		u := &s.result.Users[i]
		a.wanted = append(a.wanted, adopt.Wanted{Ref: u.Ref, Account: s.group.ID, Name: textIn(u.Fields, helpdesk.Name), Email: textIn(u.Fields, helpdesk.Email)})
	}
}

func textIn(f helpdesk.Fields, name string) string {
	v, _ := f.Get(name)
	return v.Text()
}

// heldOf lists what the target holds of a kind, by what the journal has of it. What came
// back as a stranger is one, whatever it was before.
func (a *adoption) heldOf(ctx context.Context, kind helpdesk.Kind) ([]adopt.Held, error) {
	var out []adopt.Held
	stranger := map[string]bool{}
	for after := ""; ; {
		page, err := a.journal.StrangersAfter(ctx, a.TargetName, kind, after, journal.MaxPage)
		if err != nil {
			return nil, err
		}
		if len(page) == 0 {
			break
		}
		for i := range page {
			stranger[page[i].TargetID] = true
			out = append(out, a.heldAs(page[i].TargetID, "", page[i].Fields))
		}
		after = page[len(page)-1].TargetID
	}
	for after := ""; ; {
		page, err := a.journal.ObjectsAfter(ctx, a.TargetName, kind, after, journal.MaxPage)
		if err != nil || len(page) == 0 {
			return out, err
		}
		for i := range page {
			if o := &page[i]; o.HaveState != journal.HaveGone && !stranger[o.TargetID] {
				out = append(out, a.heldAs(o.TargetID, o.Key, o.Have))
			}
		}
		after = page[len(page)-1].Key
	}
}

// heldAs is an object as proposals see it. One that was recorded under the id in its
// field carries no external id.
func (a *adoption) heldAs(id, key string, f helpdesk.Fields) adopt.Held {
	h := adopt.Held{
		ID: id, Key: key, Stored: key, Name: textIn(f, helpdesk.Name), Email: textIn(f, helpdesk.Email),
		Domains: f.Family(helpdesk.DomPrefix), Spared: textIn(f, helpdesk.Spared),
	}
	if a.Match.IDField != "" {
		h.FieldID = textIn(f, helpdesk.FieldPrefix+a.Match.IDField)
	}
	if _, loose := f.Get(changeset.LinkField); loose {
		h.Key = ""
	}
	return h
}
