package main

import (
	"context"
	"strings"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fold"
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
		if id, err := w.key(word); err == nil {
			out = append(out, id)
			continue
		}
		found, err := s.findOrganizations(ctx, w.cfg.To, word)
		if err != nil {
			return nil, err
		}
		switch len(found) {
		case 0:
			merged, err := s.mergedNamed(ctx, w.cfg.To, word)
			if err != nil {
				return nil, err
			}
			if merged != "" {
				out = append(out, merged)
				continue
			}
			return nil, usage("no organization of %s has the id, name or domain %q; look one up with `desksync org`", w.cfg.To, word)
		case 1:
			out = append(out, found[0].Key)
		default:
			return nil, usage("%d organizations of %s match %q: %s; give the id", len(found), w.cfg.To, word, strings.Join(keysOf(found), ", "))
		}
	}
	return out, nil
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
