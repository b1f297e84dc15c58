package journal

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
)

// put stages rows of one role and marks their accounts dirty.
func (d *desk) put(run Run, rows ...Row) {
	d.t.Helper()
	b := StageBatch{Role: rows[0].Role, Put: rows}
	for _, r := range rows {
		b.Dirty = append(b.Dirty, r.Account)
	}
	d.ok(d.PutStage(d.t.Context(), run, b))
}

// heads reads all heads of a role in pages of limit.
func (d *desk) headsOf(role crm.Role, limit int) []Head {
	d.t.Helper()
	var out []Head
	for after := (Key{}); ; {
		page := must(d.StageHashes(d.t.Context(), d.pipe.ID, role, after, limit))(d.t)
		if len(page) == 0 {
			return out
		}
		out = append(out, page...)
		last := out[len(out)-1]
		after = Key{last.Account, last.ID}
	}
}

func (d *desk) dirty() []string {
	d.t.Helper()
	var out []string
	for after := ""; ; {
		page := must(d.DirtyPage(d.t.Context(), d.pipe.ID, after, 2))(d.t)
		if len(page) == 0 {
			return out
		}
		out = append(out, page...)
		after = page[len(page)-1]
	}
}

func TestStageGivesBackWhatWasPut(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		a := row(crm.Account, account(1), account(1), "acme")
		a.Parent = account(9)
		d.put(run, a)
		d.put(run, row(crm.Contact, account(1), contact(2), "two"), row(crm.Contact, account(1), contact(1), "one"))
		d.put(run, row(crm.Subscription, account(1), "s1", "gold"), row(crm.Subscription, account(2), "s2", "orphan"))
		d.put(run, row(crm.Relation, account(1), "r1", "also"))
		d.put(run, row(crm.Team, account(1), "t1", "manager"))
		d.put(run, row(crm.Contact, account(1), contact(1), "one again"))
		groups := must(d.Groups(t.Context(), d.pipe.ID, []string{account(2), account(1), account(3)}))(t)
		if len(groups) != 3 || groups[0].ID != account(2) || groups[0].Account != nil || groups[2].Account != nil {
			t.Fatalf("groups %+v", groups)
		}
		g := groups[1]
		a.ReadRun = run.ID
		if g.Account == nil || !equalRow(*g.Account, a) || g.Lost {
			t.Errorf("account %+v, want %+v", g.Account, a)
		}
		want := []Row{row(crm.Contact, account(1), contact(1), "one again"), row(crm.Contact, account(1), contact(2), "two")}
		for i := range want {
			want[i].ReadRun = run.ID
			if !equalRow(g.Contacts[i], want[i]) {
				t.Errorf("contact %+v, want %+v", g.Contacts[i], want[i])
			}
		}
		if len(g.Contacts) != 2 || len(g.Subscriptions) != 1 || len(g.Relations) != 1 || len(g.Team) != 1 || len(groups[0].Subscriptions) != 1 {
			t.Errorf("group %+v", g)
		}
		if rows := must(d.AccountRows(t.Context(), d.pipe.ID, []string{account(1), account(2)}))(t); len(rows) != 1 || rows[account(1)].Parent != account(9) {
			t.Errorf("account rows %+v", rows)
		}
		if got := d.dirty(); !slices.Equal(got, []string{account(1), account(2)}) {
			t.Errorf("dirty %v", got)
		}
	})
}

func equalRow(a, b Row) bool {
	return a.Role == b.Role && a.Account == b.Account && a.ID == b.ID && a.Parent == b.Parent && a.Hash == b.Hash &&
		string(a.Cols) == string(b.Cols) && a.ReadRun == b.ReadRun && a.Lost == b.Lost
}

func TestStageBatchWithoutRoleIsRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		wantKind(t, d.PutStage(t.Context(), d.begin(), StageBatch{Role: "ticket"}), fault.Invalid)
	})
}

// TestHeadsComeInByteOrder checks pages of any size against a plain model; keys
// with letters of both cases, shared prefixes and other scripts.
func TestHeadsComeInByteOrder(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		model := map[Key]Head{}
		names := rapid.StringMatching(`[aAbBzZ0é_/-]{1,4}`)
		rapid.Check(t, func(r *rapid.T) {
			var rows []Row
			for range rapid.IntRange(1, 30).Draw(r, "rows") {
				k := Key{names.Draw(r, "account"), names.Draw(r, "id")}
				word := rapid.StringMatching(`[a-z]{3}`).Draw(r, "word")
				rows = slices.DeleteFunc(rows, func(x Row) bool { return x.Account == k.Account && x.ID == k.ID })
				rows = append(rows, row(crm.Contact, k.Account, k.ID, word))
				model[k] = Head{Account: k.Account, ID: k.ID, Hash: hashFor(word)}
			}
			d.put(run, rows...)
			var want []Head
			for _, h := range model {
				want = append(want, h)
			}
			slices.SortFunc(want, func(a, b Head) int { return cmp.Or(strings.Compare(a.Account, b.Account), strings.Compare(a.ID, b.ID)) })
			limit := rapid.IntRange(1, 40).Draw(r, "limit")
			if got := d.headsOf(crm.Contact, limit); !slices.Equal(got, want) {
				r.Fatalf("pages of %d gave %v, want %v", limit, got, want)
			}
			from := rapid.IntRange(0, len(want)-1).Draw(r, "from")
			rest := must(d.StageHashes(t.Context(), d.pipe.ID, crm.Contact, Key{want[from].Account, want[from].ID}, 1000))(t)
			if !slices.Equal(rest, want[from+1:]) && len(want) <= 1000 {
				r.Fatalf("after %v came %v, want %v", want[from], rest, want[from+1:])
			}
		})
	})
}

func TestMissingCountsOnlyWhenTaken(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		d.put(run, row(crm.Account, account(1), account(1), "a"), row(crm.Account, account(2), account(2), "b"))
		d.put(run, row(crm.Contact, account(1), contact(1), "c"), row(crm.Contact, account(1), contact(2), "c"), row(crm.Contact, account(2), contact(3), "c"))
		d.sealAll(run)
		d.miss(run, crm.Account, Key{account(2), account(2)})
		d.miss(run, crm.Contact, Key{account(1), contact(1)}, Key{account(2), contact(3)})
		if n := must(d.MissingCount(t.Context(), d.pipe.ID))(t); n[crm.Account] != 1 || n[crm.Contact] != 2 || n[crm.Subscription] != 0 {
			t.Errorf("missing %v", n)
		}
		if keys := must(d.MissingPage(t.Context(), d.pipe.ID, crm.Contact, Key{account(1), contact(1)}, 9))(t); len(keys) != 1 || keys[0] != (Key{account(2), contact(3)}) {
			t.Errorf("missing contacts after the first: %v", keys)
		}
		if got := d.headsOf(crm.Contact, 9); len(got) != 3 || len(d.dirty()) != 0 {
			t.Errorf("noted apart, yet %d contacts are staged and %v dirty", len(got), d.dirty())
		}
		d.ok(d.TakeMissing(t.Context(), run))
		if got := d.headsOf(crm.Contact, 9); len(got) != 1 || got[0].ID != contact(2) {
			t.Errorf("contacts left %v", got)
		}
		if got := d.dirty(); !slices.Equal(got, []string{account(1), account(2)}) {
			t.Errorf("dirty %v, want both accounts", got)
		}
		heads := d.headsOf(crm.Account, 9)
		if len(heads) != 2 || heads[0].Lost || !heads[1].Lost || heads[1].Hash != [16]byte{} {
			t.Errorf("account heads %v, want the second lost and without a hash", heads)
		}
		if g := must(d.Groups(t.Context(), d.pipe.ID, []string{account(2)}))(t); !g[0].Lost || g[0].Account == nil || string(g[0].Account.Cols) != "cols of b" {
			t.Errorf("lost group %+v", g[0])
		}
		if n := must(d.StageCount(t.Context(), d.pipe.ID, crm.Account))(t); n != 1 {
			t.Errorf("%d accounts present, want 1", n)
		}
		if n := must(d.MissingCount(t.Context(), d.pipe.ID))(t); len(n) != 0 {
			t.Errorf("still missing %v", n)
		}
	})
}

// miss notes keys as missing, as a read that did not meet them.
func (d *desk) miss(run Run, role crm.Role, keys ...Key) {
	d.t.Helper()
	b := StageBatch{Role: role}
	for _, h := range d.headsOf(role, 500) {
		if slices.Contains(keys, Key{h.Account, h.ID}) {
			b.Missing = append(b.Missing, h)
		}
	}
	d.ok(d.PutStage(d.t.Context(), run, b))
}

// sealAll compares everything dirty and begins a new run's worth of marks; the run
// is used on, which a test may.
func (d *desk) sealAll(run Run) {
	d.t.Helper()
	_, err := d.db.Exec(d.db.Rebind(`DELETE FROM dirty WHERE pipeline = ?`), run.Pipeline)
	d.ok(err)
}

func TestLostAccountIsMissedOnceAndMayComeBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		d.put(run, row(crm.Account, account(1), account(1), "a"))
		d.miss(run, crm.Account, Key{account(1), account(1)})
		d.ok(d.TakeMissing(t.Context(), run))
		d.miss(run, crm.Account, Key{account(1), account(1)})
		if n := must(d.MissingCount(t.Context(), d.pipe.ID))(t); len(n) != 0 {
			t.Errorf("a lost account is missed again: %v", n)
		}
		d.put(run, row(crm.Account, account(1), account(1), "a"))
		if h := d.headsOf(crm.Account, 9); len(h) != 1 || h[0].Lost || h[0].Hash != hashFor("a") {
			t.Errorf("come back as %+v", h)
		}
	})
}

func TestClearMissingForgets(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		d.put(run, row(crm.Account, account(1), account(1), "a"))
		d.miss(run, crm.Account, Key{account(1), account(1)})
		d.ok(d.ClearMissing(t.Context(), run))
		d.ok(d.TakeMissing(t.Context(), run))
		if h := d.headsOf(crm.Account, 9); len(h) != 1 || h[0].Lost {
			t.Errorf("after clearing, the account is %+v", h)
		}
	})
}

func TestTakingMoreMissingThanOnePage(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		var rows []Row
		for i := range 1203 {
			rows = append(rows, row(crm.Subscription, account(i), "s", "x"))
		}
		d.put(run, rows...)
		d.sealAll(run)
		var heads []Head
		for _, h := range d.headsOf(crm.Subscription, 1000) {
			if h.Account != account(700) {
				heads = append(heads, h)
			}
		}
		d.ok(d.PutStage(t.Context(), run, StageBatch{Role: crm.Subscription, Missing: heads}))
		d.ok(d.TakeMissing(t.Context(), run))
		if left := d.headsOf(crm.Subscription, 1000); len(left) != 1 || left[0].Account != account(700) {
			t.Errorf("left %v", left)
		}
		if n := must(d.DirtyCount(t.Context(), d.pipe.ID))(t); n != 1202 {
			t.Errorf("%d dirty, want 1202", n)
		}
	})
}

func TestReadsAreRemembered(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		if _, ok := must2(d.LastRead(t.Context(), d.pipe.ID, crm.Account))(t); ok {
			t.Error("a read is remembered before the first")
		}
		d.ok(d.NoteRead(t.Context(), run, crm.Account, ReadInfo{Rows: 11204, Complete: true, Fingerprint: "f"}))
		d.ok(d.NoteRead(t.Context(), run, crm.Account, ReadInfo{Rows: 7}))
		got, ok := must2(d.LastRead(t.Context(), d.pipe.ID, crm.Account))(t)
		if !ok || got != (ReadInfo{Run: run.ID, Rows: 11204, Complete: true, Fingerprint: "f", At: d.clock.Now(), PlacedAt: d.clock.Now()}) {
			t.Errorf("last complete read %+v, %v", got, ok)
		}
	})
}

func TestWhereDeltaReadsGoOnIsRemembered(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run, full := d.begin(), d.clock.Now()
		d.ok(d.NoteRead(t.Context(), run, crm.Contact, ReadInfo{Rows: 9, Complete: true, Place: "one"}))
		d.clock.Move(time.Hour)
		d.ok(d.NotePlace(t.Context(), run, crm.Contact, "two", 10))
		got, _ := must2(d.LastRead(t.Context(), d.pipe.ID, crm.Contact))(t)
		if want := (ReadInfo{Run: run.ID, Rows: 10, Complete: true, At: full, Place: "two", PlacedAt: d.clock.Now()}); got != want {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		d.ok(d.Rebind(t.Context(), SourceSide, "other", "x", "kim"))
		if got, _ := must2(d.LastRead(t.Context(), d.pipe.ID, crm.Contact))(t); got.Place != "two" {
			t.Errorf("another source was bound anew, and the place is %q", got.Place)
		}
		d.ok(d.Rebind(t.Context(), SourceSide, d.pipe.Source, "x", "kim"))
		if got, _ := must2(d.LastRead(t.Context(), d.pipe.ID, crm.Contact))(t); got.Place != "" || got.Rows != 10 {
			t.Errorf("the source was bound anew, and %+v is remembered", got)
		}
	})
}

func TestWhatTheCRMDeletedIsToldFromWhatIsLost(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		for i := range 3 {
			d.put(run, row(crm.Account, account(i), account(i), "a"))
		}
		d.miss(run, crm.Account, Key{account(0), account(0)}, Key{account(1), account(1)})
		d.ok(d.TakeMissing(t.Context(), run))
		d.ok(d.NoteDeleted(t.Context(), run, []string{account(1), account(2), "never staged"}))
		for i, want := range [][2]bool{{true, false}, {true, true}, {false, false}} {
			g := must(d.Groups(t.Context(), d.pipe.ID, []string{account(i)}))(t)
			if got := [2]bool{g[0].Lost, g[0].Deleted}; got != want {
				t.Errorf("account %d: lost and deleted %v, want %v", i, got, want)
			}
		}
		d.put(run, row(crm.Account, account(1), account(1), "back"))
		if g := must(d.Groups(t.Context(), d.pipe.ID, []string{account(1)}))(t); g[0].Lost || g[0].Deleted {
			t.Errorf("back, and %+v", g[0])
		}
	})
}

func TestHeadsOfSomeAccounts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		d.put(run, row(crm.Contact, account(1), contact(1), "a"), row(crm.Contact, account(1), contact(2), "b"), row(crm.Contact, account(2), contact(3), "c"))
		d.put(run, row(crm.Subscription, account(1), contact(9), "s"))
		var ids []string
		for _, h := range must(d.HeadsOf(t.Context(), d.pipe.ID, crm.Contact, []string{account(1), "nobody"}))(t) {
			ids = append(ids, h.Account+h.ID)
		}
		if want := []string{account(1) + contact(1), account(1) + contact(2)}; !slices.Equal(ids, want) {
			t.Errorf("heads %v, want %v", ids, want)
		}
	})
}

// must2 is must for a value and whether there is one.
func must2[T any](v T, ok bool, err error) func(testing.TB) (T, bool) {
	return func(t testing.TB) (T, bool) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v, ok
	}
}

func TestFindAccountsByTheirBeginning(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		d.put(run, row(crm.Account, "001A", "001A", "a"), row(crm.Account, "001B", "001B", "b"), row(crm.Account, "001BX", "001BX", "b"), row(crm.Account, "002", "002", "c"))
		if got := must(d.FindAccounts(t.Context(), d.pipe.ID, "001B", 9))(t); !slices.Equal(got, []string{"001B", "001BX"}) {
			t.Errorf("found %v", got)
		}
	})
}

func TestTooManyKeysAtOnceAreRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		many := make([]string, MaxPage+1)
		_, err := d.Groups(t.Context(), d.pipe.ID, many)
		wantKind(t, err, fault.Invalid)
		_, err = d.ObjectsOf(t.Context(), "support", many, nil)
		wantKind(t, err, fault.Invalid)
	})
}

func TestGroupsAreTheSameWhetherTheirAccountsStandTogether(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		var all, second []string
		for i := range 3 * minStretch {
			d.put(run, row(crm.Account, account(i), account(i), "a"))
			if i%3 > 0 {
				d.put(run, row(crm.Contact, account(i), contact(i), "c"), row(crm.Contact, account(i), contact(1000+i), "c"))
			}
			if all = append(all, account(i)); i%2 == 0 {
				second = append(second, account(i))
			}
		}
		slices.Sort(all)
		slices.Sort(second)
		for about, list := range map[string][]string{
			"all": all, "each second": second, "some of the middle": all[50 : 50+minStretch], "others too": append(all[:60:60], "zzz"), "unsorted": {all[9], all[3]},
		} {
			got := must(d.Groups(t.Context(), d.pipe.ID, list))(t)
			for i, id := range list {
				if want := must(d.Groups(t.Context(), d.pipe.ID, []string{id}))(t)[0]; !reflect.DeepEqual(got[i], want) {
					t.Errorf("%s: group %d is %+v, want %+v", about, i, got[i], want)
				}
			}
		}
	})
}
