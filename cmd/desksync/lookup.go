package main

import (
	"cmp"
	"context"
	"strings"

	"github.com/desksync/desksync/cmd/internal/wire"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fold"
	"github.com/desksync/desksync/internal/near"
	"github.com/desksync/desksync/sync/journal"
)

// accountsOf turns what people write for an organization into account ids: either
// form of the id, the name, or a domain. No words: nil, which means all.
func (s *session) accountsOf(ctx context.Context, pipeline string, words []string) ([]string, error) {
	if len(words) == 0 {
		return nil, nil
	}
	w, err := s.wire(s.file, pipeline)
	if err != nil {
		return nil, err
	}
	out := make([]string, 0, len(words))
	for _, word := range words {
		if id, err := w.Key(word); err == nil {
			out = append(out, id)
			continue
		}
		found, err := s.findOrganizations(ctx, w.Config.To, word)
		if err != nil {
			return nil, err
		}
		switch len(found) {
		case 0:
			merged, err := s.mergedNamed(ctx, w.Config.To, word)
			if err != nil {
				return nil, err
			}
			if merged != "" {
				out = append(out, merged)
				continue
			}
			return nil, s.nobody(ctx, w, word)
		case 1:
			out = append(out, found[0].Key)
		default:
			return nil, usage("%d organizations of %s match %q: %s; give the id", len(found), w.Config.To, word, strings.Join(keysOf(found), ", "))
		}
	}
	return out, nil
}

// nobody says that a word means no organization: which checksum of an id is wrong, or
// which name is near.
func (s *session) nobody(ctx context.Context, w *wire.Pipeline, word string) error {
	if _, err := w.Key(word); err != nil && len(word) == 18 && strings.HasPrefix(word, "00") {
		return usage("%v; write the id as the CRM shows it, or its first 15 characters", err)
	}
	id, err := s.pipelineID(ctx, w.Name)
	if err != nil {
		return err
	}
	if id < 0 {
		return usage("nothing is recorded of %q, because pipeline %s has never run; run `desksync diff` first", word, w.Name)
	}
	names, err := s.namesLike(ctx, w.Config.To, word)
	if err != nil {
		return err
	}
	return usage("no organization of %s has the id, name or domain %q%s", w.Config.To, word, cmp.Or(near.Meant(word, names), "; give the id as the CRM shows it, the whole name, or a domain"))
}

// namesLike are names of organizations that may be meant by a word: those that begin as
// it does, so that a million of them are not compared letter by letter.
func (s *session) namesLike(ctx context.Context, target, word string) ([]string, error) {
	const letters = 2
	var out []string
	folded := fold.Name(word)
	begin := folded[:min(letters, len(folded))]
	for after := ""; ; {
		page, err := s.journal.ObjectsAfter(ctx, target, helpdesk.Organization, after, journal.MaxPage)
		if err != nil || len(page) == 0 {
			return out, err
		}
		for i := range page {
			if name, _ := page[i].Have.Get(helpdesk.Name); strings.HasPrefix(fold.Name(name.Text()), begin) {
				out = append(out, name.Text())
			}
		}
		after = page[len(page)-1].Key
	}
}

// passedOver is what the last pipeline that does not know an organization said of it;
// an account id of which nothing is recorded is no mistake of writing.
func passedOver(said error, word string) error {
	if said == nil {
		return usage("nothing is recorded of the account %s; give the id of another one, or run `desksync diff` if it is new", word)
	}
	return said
}

func keysOf(objects []journal.Object) []string {
	out := make([]string, len(objects))
	for i := range objects {
		out[i] = objects[i].Key
	}
	return out
}

// findOrganizations looks organizations of ours up by exact folded name or by
// domain, reading page by page what is recorded of them.
func (s *session) findOrganizations(ctx context.Context, target, word string) ([]journal.Object, error) {
	var out []journal.Object
	folded, domain := fold.Name(word), helpdesk.DomPrefix+strings.ToLower(word)
	for after := ""; ; {
		page, err := s.journal.ObjectsAfter(ctx, target, helpdesk.Organization, after, journal.MaxPage)
		if err != nil || len(page) == 0 {
			return out, err
		}
		for _, o := range page {
			name, _ := o.Have.Get(helpdesk.Name)
			last, _ := o.Last.Get(helpdesk.Name)
			has, _ := o.Have.Get(domain)
			if fold.Name(name.Text()) == folded || fold.Name(last.Text()) == folded || has.True() || o.TargetID == word {
				out = append(out, o)
			}
		}
		after = page[len(page)-1].Key
	}
}
