package adopt_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/adopt"
)

// someID draws from few ids, so that they meet, in any form that people keep.
func someID(t *rapid.T, name string) string {
	short := rapid.SampledFrom([]string{"001Aa000003DGb2", "001aA000003dGB2", "001Aa000004QmX1", "001000000000001"}).Draw(t, name)
	form := rapid.SampledFrom([]func(string) string{
		func(s string) string { return s }, func(s string) string { return s + crm.Suffix(s) }, func(s string) string { return strings.ToUpper(s + crm.Suffix(s)) },
		func(string) string { return "" }, func(string) string { return "junk" },
	}).Draw(t, name+" form")
	return form(short)
}

func world(t *rapid.T) ([]adopt.Wanted, []adopt.Held) {
	names := rapid.SampledFrom([]string{"Acme", "ACME", "Bolt", "", "=1+1"})
	domains := rapid.SliceOfN(rapid.SampledFrom([]string{"a.example", "A.example", "b.example"}), 0, 2)
	var wanted []adopt.Wanted
	for range rapid.IntRange(0, 5).Draw(t, "wanted") {
		short := rapid.SampledFrom([]string{"001Aa000003DGb2", "001aA000003dGB2", "001Aa000004QmX1", "001000000000001"}).Draw(t, "id")
		wanted = append(wanted, account(short+crm.Suffix(short), names.Draw(t, "name"), domains.Draw(t, "domains")...))
	}
	var held []adopt.Held
	seen := map[string]bool{"": false}
	for i := range rapid.IntRange(0, 6).Draw(t, "held") {
		key := someID(t, "key")
		if key != "" && seen[strings.ToLower(key)] {
			key = "" // helpdesks keep external ids unique, whatever their case
		}
		seen[strings.ToLower(key)] = true
		held = append(held, adopt.Held{ID: string(rune('a' + i)), Key: key, FieldID: someID(t, "field"), Name: names.Draw(t, "held name"), Domains: domains.Draw(t, "held domains")})
	}
	return wanted, held
}

// TestNoOrganizationIsProposedTwice holds the laws of proposals over anything: each
// account once and in order, no object for two of them without asking, nothing taken
// from whom it belongs to, and the same whatever the order of what came in.
func TestNoOrganizationIsProposedTwice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		wanted, held := world(t)
		list := adopt.Propose(helpdesk.Organization, wanted, held)
		took, last := map[string]string{}, ""
		keys := map[string]bool{}
		for _, w := range wanted {
			keys[w.Ref.Key] = true
		}
		for i := range list {
			p := &list[i]
			if p.Ref.Key <= last {
				t.Fatalf("%s stands behind %s", p.Ref.Key, last)
			}
			last = p.Ref.Key
			if p.Link != adopt.Yes && p.Link != adopt.Linked {
				continue
			}
			if by := took[p.Held.ID]; by != "" {
				t.Fatalf("%s is proposed for %s and %s", p.Held.ID, by, p.Ref.Key)
			}
			took[p.Held.ID] = p.Ref.Key
			if keys[p.Held.Key] && p.Held.Key != p.Ref.Key {
				t.Fatalf("%s of %s is taken for %s", p.Held.ID, p.Held.Key, p.Ref.Key)
			}
			if p.Evidence&(adopt.ByExternalID|adopt.ByIDField) == 0 {
				t.Fatalf("%s says %s by %s", p.Ref.Key, p.Link, p.Evidence)
			}
		}
		if len(list) != len(keys) {
			t.Fatalf("%d proposals for %d accounts", len(list), len(keys))
		}
		slices.Reverse(wanted)
		if again := lines(adopt.Propose(helpdesk.Organization, wanted, held)); again != lines(list) && unambiguous(wanted) {
			t.Fatalf("in another order:\n%s\nwas\n%s", again, lines(list))
		}
	})
}

// unambiguous reports whether each account comes once: of two, one is taken.
func unambiguous(wanted []adopt.Wanted) bool {
	seen := map[helpdesk.Ref]bool{}
	for _, w := range wanted {
		if seen[w.Ref] {
			return false
		}
		seen[w.Ref] = true
	}
	return true
}

// TestWhatIsWrittenIsReadAndFollowed writes proposals and reads them back: every row is
// as it was, and what says yes is linked unless it moved; doing so again links nothing.
func TestWhatIsWrittenIsReadAndFollowed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		wanted, held := world(t)
		list := adopt.Propose(helpdesk.Organization, wanted, held)
		var file bytes.Buffer
		if err := adopt.Write(&file, list); err != nil {
			t.Fatal(err)
		}
		rows, problems, err := adopt.Read(&file)
		if err != nil || len(problems) > 0 || len(rows) != len(list) {
			t.Fatalf("%d rows of %d, %v, %v", len(rows), len(list), problems, err)
		}
		yes := 0
		for i := range rows {
			want := adopt.RowOf(&list[i])
			if want.Line = rows[i].Line; rows[i] != want {
				t.Fatalf("read %+v, wrote %+v", rows[i], want)
			}
			if want.Link == adopt.Yes {
				yes++
			}
		}
		by := map[helpdesk.Kind][]adopt.Held{helpdesk.Organization: held}
		chosen := adopt.Choose(rows, wanted, by)
		if len(chosen.Links) != yes || len(chosen.Refused) > 0 {
			t.Fatalf("%d of %d links, refused %v", len(chosen.Links), yes, chosen.Refused)
		}
		for _, x := range chosen.Links {
			x.Held.Key = x.Ref.Key // as the helpdesk does
		}
		if again := adopt.Choose(rows, wanted, by); len(again.Links) > 0 || len(again.Refused) > 0 {
			t.Fatalf("once more: %d links, refused %v", len(again.Links), again.Refused)
		}
	})
}
