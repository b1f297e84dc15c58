package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/desksync/desksync/sync/journal"
)

// matter is an item with everybody whom it concerns.
type matter struct {
	journal.Item
	accounts []string
	names    []string
	decided  *journal.Decision // nil: it waits for somebody
}

// listed is what a command printed, of which some may be decided already.
type listed struct{ open, decided int }

// sharedBy is what the items of one conflict have in common.
type sharedBy struct {
	pipeline    int64
	code, field string
}

// printItems prints the open items that a filter lets through but those to leave out,
// and says how many there are. What concerns several accounts at once, as a conflict
// does, is printed once.
func (s *session) printItems(ctx context.Context, filter journal.ItemFilter, without map[int64]bool) (listed, error) {
	var n listed
	list, err := s.matters(ctx, filter, without)
	if err != nil {
		return n, err
	}
	if err := s.settleMatters(ctx, filter.Pipeline, list); err != nil {
		return n, err
	}
	for page := range slices.Chunk(list, viewPage) {
		if err := s.nameMatters(ctx, page); err != nil {
			return n, err
		}
		for _, m := range page {
			s.printMatter(m)
			if n.open++; m.decided != nil {
				n.decided++
			}
		}
	}
	n.open -= n.decided
	return n, nil
}

// matters gathers items; those of one conflict are one matter.
func (s *session) matters(ctx context.Context, filter journal.ItemFilter, without map[int64]bool) ([]*matter, error) {
	var list []*matter
	seen := map[sharedBy]*matter{}
	for i, err := range s.journal.EachItem(ctx, filter) {
		if err != nil {
			return nil, err
		}
		if without[i.ID] {
			continue
		}
		key := sharedBy{i.Pipeline, i.Code, i.Field}
		m := seen[key]
		if m == nil || i.Class != journal.ItemConflict {
			m = &matter{Item: i}
			list, seen[key] = append(list, m), m
		}
		m.accounts = append(m.accounts, i.Account)
	}
	return list, nil
}

// nameMatters looks up what people call the accounts of items.
func (s *session) nameMatters(ctx context.Context, page []*matter) error {
	targets, err := s.targetsByPipeline(ctx)
	if err != nil {
		return err
	}
	for _, m := range page {
		accounts := slices.Compact(slices.Sorted(slices.Values(m.accounts)))
		m.accounts, m.names = accounts, make([]string, len(accounts))
		for i, list := 0, accounts; i < len(list) && targets[m.Pipeline] != "" && list[i] != ""; i++ {
			objects, err := s.journal.ObjectsOf(ctx, targets[m.Pipeline], list[i:i+1], nil)
			if err != nil {
				return err
			}
			m.names[i] = nameIn(&objects, list[i])
		}
	}
	return nil
}

func (s *session) targetsByPipeline(ctx context.Context) (map[int64]string, error) {
	list, err := s.journal.Pipelines(ctx)
	out := map[int64]string{}
	for _, p := range list {
		out[p.ID] = p.Target
	}
	return out, err
}

// who names the accounts of an item with their ids.
func (m *matter) who() string {
	var out []string
	for i, id := range m.accounts {
		switch {
		case id == "":
		case m.names[i] == "":
			out = append(out, id)
		default:
			out = append(out, m.names[i]+" ("+id+")")
		}
	}
	return strings.Join(out, " and ")
}

// printMatter prints one item: a line about what and whose, and a sentence below it.
func (s *session) printMatter(m *matter) {
	if s.json && m.Class == journal.ItemMerge {
		s.printJSON(mergeJSON(m))
		return
	}
	if s.json {
		want, have, last := itemValues(&m.Item)
		s.printJSON(map[string]any{
			"id": m.ID, "class": m.Class, "code": m.Code, "accounts": m.accounts, "names": m.names, "kind": m.Kind, "key": m.Key, "field": m.Field, "value": m.Value,
			"want": want, "have": have, "last": last, "text": m.text(), "since": m.Since, "run": m.LastRun, "decided": m.decided != nil,
		})
		return
	}
	head, since := strings.ReplaceAll(m.Code, "_", " "), ", since "+m.Since.UTC().Format("2006-01-02 15:04")
	if !m.Over.IsZero() {
		since += ", over since " + m.Over.UTC().Format("2006-01-02 15:04")
	}
	if m.Class == journal.ItemGuard {
		head = "held by guard " + head
	}
	if who := m.who(); who != "" {
		head += ": " + who
	}
	s.wrapped(fmt.Sprintf("%-3d ", m.ID), s.width(), head+since)
	for _, line := range wrapText(m.text(), s.width()-4, s.width()-4) {
		s.say("    %s", line)
	}
}

// printItem prints one item that was asked for by its number.
func (s *session) printItem(ctx context.Context, i *journal.Item) error {
	filter := journal.ItemFilter{Pipeline: i.Pipeline, Class: i.Class, Over: !i.Over.IsZero()}
	m := &matter{Item: *i, accounts: []string{i.Account}}
	if i.Class == journal.ItemConflict {
		for x, err := range s.journal.EachItem(ctx, filter) {
			if err != nil {
				return err
			}
			if x.Code == i.Code && x.Field == i.Field {
				m.accounts = append(m.accounts, x.Account)
			}
		}
	}
	if err := s.nameMatters(ctx, []*matter{m}); err != nil {
		return err
	}
	s.printMatter(m)
	return nil
}
