package sqldesk_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/sqldesk"
	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/fault"
)

// feed reads the feed of a kind from a cursor: keys (or ids of strangers) that
// moved, ids that are gone, and the next cursor.
func feed(t *testing.T, d helpdesk.Target, k helpdesk.Kind, since helpdesk.Cursor) (moved, gone []string, next helpdesk.Cursor) {
	t.Helper()
	for p, err := range d.Objects(t.Context(), k, since) {
		must(t, err)
		for _, o := range p.Objects {
			key := o.Ref.Key
			if key == "" {
				key = "#" + o.ID
			}
			moved = append(moved, key)
		}
		gone, next = append(gone, p.Gone...), p.Next
	}
	slices.Sort(moved)
	return moved, gone, next
}

// two accounts with one person each, who is in both.
func (d *desk) seed(t *testing.T) {
	t.Helper()
	apply(t, d,
		create(helpdesk.Organization, "A", "name", text("Ace"), "tag:x", yes, "domain:ace.example", yes, "group:g", yes),
		create(helpdesk.Organization, "B", "name", text("Bolt")),
		create(helpdesk.User, "u1", "email", text("u1@x.example")), create(helpdesk.User, "u2", "email", text("u2@x.example")),
		create(helpdesk.Membership, "A/u1"), create(helpdesk.Membership, "B/u1"), create(helpdesk.Membership, "A/u2"))
}

func TestTheFeedSeesWhatOtherProgramsDo(t *testing.T) {
	t.Parallel()
	orgA := "(SELECT id FROM organization WHERE external_id = 'A')"
	u1, u2 := "(SELECT id FROM helpdesk_user WHERE external_id = 'u1')", "(SELECT id FROM helpdesk_user WHERE external_id = 'u2')"
	tests := map[string]struct {
		sql  string
		kind helpdesk.Kind
		want string
	}{
		"a new organization":        {"INSERT INTO organization (name, external_id) VALUES ('New', 'N')", helpdesk.Organization, "N"},
		"a field":                   {`UPDATE organization SET fields = '{"seats": 5}' WHERE external_id = 'A'`, helpdesk.Organization, "A"},
		"all names":                 {"UPDATE organization SET name = concat_ws(' ', name, 'Ltd')", helpdesk.Organization, "A B"},
		"a tag added":               {"INSERT INTO organization_tag VALUES (" + orgA + ", 'new')", helpdesk.Organization, "A"},
		"a tag changed":             {"UPDATE organization_tag SET tag = 'y'", helpdesk.Organization, "A"},
		"a tag removed":             {"DELETE FROM organization_tag", helpdesk.Organization, "A"},
		"a domain added":            {"INSERT INTO organization_domain VALUES (" + orgA + ", 'new.example')", helpdesk.Organization, "A"},
		"a domain changed":          {"UPDATE organization_domain SET domain = 'y.example'", helpdesk.Organization, "A"},
		"a domain removed":          {"DELETE FROM organization_domain", helpdesk.Organization, "A"},
		"a link removed":            {"DELETE FROM organization_group", helpdesk.Organization, "A"},
		"a linked group renamed":    {"UPDATE usergroup SET name = 'other'", helpdesk.Organization, "A"},
		"a linked group deleted":    {"DELETE FROM usergroup", helpdesk.Organization, "A"},
		"a user's name":             {"UPDATE helpdesk_user SET name = 'X' WHERE external_id = 'u2'", helpdesk.User, "u2"},
		"a new user":                {"INSERT INTO helpdesk_user (email, external_id) VALUES ('n@x.example', 'n')", helpdesk.User, "n"},
		"a new membership":          {"INSERT INTO membership (user_id, organization_id) VALUES (" + u2 + ", (SELECT id FROM organization WHERE external_id = 'B'))", helpdesk.Membership, "B/u2"},
		"a position":                {"UPDATE membership SET position = 'Boss' WHERE user_id = " + u2, helpdesk.Membership, "A/u2"},
		"a default that moved":      {"DELETE FROM membership WHERE user_id = " + u1 + " AND organization_id = " + orgA, helpdesk.Membership, "B/u1"},
		"an organization re-keyed":  {"UPDATE organization SET external_id = 'A2' WHERE external_id = 'A'", helpdesk.Membership, "A2/u1 A2/u2"},
		"a user whose key is taken": {"UPDATE helpdesk_user SET external_id = 'u9' WHERE external_id = 'u1'", helpdesk.Membership, "A/u9 B/u9"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			on(t, nil, func(t *testing.T, d *desk) {
				d.seed(t)
				_, _, cursor := feed(t, d, tt.kind, "")
				d.sql(t, tt.sql)
				moved, _, next := feed(t, d, tt.kind, cursor)
				if got := strings.Join(moved, " "); got != tt.want {
					t.Errorf("after %q the feed shows %q, want %q", tt.sql, got, tt.want)
				}
				if again, gone, _ := feed(t, d, tt.kind, next); len(again)+len(gone) != 0 {
					t.Errorf("the feed shows it again: %v, gone %v", again, gone)
				}
			})
		})
	}
}

func TestTheFeedSaysWhatIsGone(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		d.seed(t)
		cursors := map[helpdesk.Kind]helpdesk.Cursor{}
		for _, k := range []helpdesk.Kind{helpdesk.Organization, helpdesk.User, helpdesk.Membership} {
			_, _, cursors[k] = feed(t, d, k, "")
		}
		d.sql(t, "DELETE FROM organization WHERE external_id = 'A'")
		d.sql(t, "DELETE FROM helpdesk_user WHERE external_id = 'u2'")
		for k, want := range map[helpdesk.Kind]int{helpdesk.Organization: 1, helpdesk.User: 1, helpdesk.Membership: 2} {
			if _, gone, _ := feed(t, d, k, cursors[k]); len(gone) != want {
				t.Errorf("%s: gone are %v, want %d", k, gone, want)
			}
		}
	})
}

func TestAnotherJournalsWritesAreSeen(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		d.seed(t)
		opt := every()
		opt.Writer = "journal-2"
		other := open(t, d.dsn, opt)
		_, _, mine := feed(t, d, helpdesk.Organization, "")
		_, _, theirs := feed(t, other, helpdesk.Organization, "")
		apply(t, other, change(helpdesk.Update, helpdesk.Organization, "A", "notes", text("by the other")))
		apply(t, d, change(helpdesk.Update, helpdesk.Organization, "A", "summary", text("by me")), change(helpdesk.Update, helpdesk.Organization, "B", "summary", text("by me")))
		if moved, _, _ := feed(t, d, helpdesk.Organization, mine); strings.Join(moved, " ") != "A" {
			t.Errorf("I see %v, want A, which the other touched before me", moved)
		}
		if moved, _, _ := feed(t, other, helpdesk.Organization, theirs); strings.Join(moved, " ") != "A B" {
			t.Errorf("the other sees %v, want A and B", moved)
		}
	})
}

func TestWhatMovesOnTheSideIsSeen(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		d.seed(t)
		_, _, cursor := feed(t, d, helpdesk.Membership, "")
		apply(t, d, change(helpdesk.Update, helpdesk.Membership, "B/u1", "default", yes))
		moved, _, cursor := feed(t, d, helpdesk.Membership, cursor)
		if strings.Join(moved, " ") != "A/u1" {
			t.Errorf("when B became the default, the feed shows %v, want A/u1, which lost it", moved)
		}
		apply(t, d, change(helpdesk.Retire, helpdesk.Membership, "B/u1"))
		if moved, _, _ := feed(t, d, helpdesk.Membership, cursor); strings.Join(moved, " ") != "A/u1" {
			t.Errorf("when B went, the feed shows %v, want A/u1, which is the default now", moved)
		}
	})
}

// TestAListingThatWasCutShortLosesNothing stops after one page, then after two, and
// starts anew from where the last page says.
func TestAListingThatWasCutShortLosesNothing(t *testing.T) {
	t.Parallel()
	const many = 2300
	on(t, nil, func(t *testing.T, d *desk) {
		var changes []helpdesk.Change
		for i := range many {
			changes = append(changes, create(helpdesk.Organization, fmt.Sprintf("A%04d", i), "name", text(fmt.Sprint("Name ", i))))
		}
		apply(t, d, changes...)
		_, _, cursor := feed(t, d, helpdesk.Organization, "")
		for i := range 3 { // three transactions, so that cursors can stand between them
			d.sql(t, "UPDATE organization SET notes = 'edited' WHERE external_id >= ? AND external_id < ?", fmt.Sprintf("A%04d", i*700), fmt.Sprintf("A%04d", i*700+700))
			d.sql(t, "DELETE FROM organization WHERE external_id = ?", fmt.Sprintf("A%04d", 2200+i))
		}
		seen, gone := map[string]bool{}, map[string]bool{}
		for take := 1; take <= 10; take++ {
			pages := 0
			for p, err := range d.Objects(t.Context(), helpdesk.Organization, cursor) {
				must(t, err)
				for _, o := range p.Objects {
					seen[o.Ref.Key] = true
				}
				for _, id := range p.Gone {
					gone[id] = true
				}
				cursor = p.Next
				if pages++; pages == take {
					break
				}
			}
		}
		if len(seen) != 2100 || len(gone) != 3 {
			t.Errorf("page by page the feed showed %d edited and %d gone, want 2100 and 3", len(seen), len(gone))
		}
	})
}

func TestACursorFromElsewhere(t *testing.T) {
	t.Parallel()
	on(t, nil, func(t *testing.T, d *desk) {
		d.seed(t)
		var complete bool
		for p, err := range d.Objects(t.Context(), helpdesk.Organization, "seq:999999") {
			must(t, err)
			complete = p.Complete
		}
		if !complete {
			t.Error("a cursor from beyond the end, as after a restore, does not list everything")
		}
		for _, bad := range []helpdesk.Cursor{"seq:", "seq:x", "42", "'; --"} {
			for _, err := range d.Objects(t.Context(), helpdesk.Organization, bad) {
				refused(t, err, fault.Invalid, "no place in the feed")
			}
		}
		for _, err := range d.Objects(t.Context(), "ticket", "") {
			refused(t, err, fault.Unsupported, "ticket")
		}
	})
}

// TestOthersMayWriteWhileApplyDoes: nobody is stopped by a deadlock, and a reader
// that follows the feed misses nothing, although transactions overlap.
func TestOthersMayWriteWhileApplyDoes(t *testing.T) {
	t.Parallel()
	const rounds, people = 30, 40
	on(t, func(o *sqldesk.Options) { o.BatchSize = 7 }, func(t *testing.T, d *desk) {
		var changes []helpdesk.Change
		for i := range people {
			changes = append(changes, create(helpdesk.Organization, fmt.Sprintf("A%02d", i), "name", text(fmt.Sprint("Name ", i))))
		}
		apply(t, d, changes...)
		reader := open(t, d.dsn, every())
		_, _, cursor := feed(t, reader, helpdesk.Organization, "")
		var wg sync.WaitGroup
		done, seen := make(chan bool), map[string]string{}
		follow := func() {
			for p, err := range reader.Objects(t.Context(), helpdesk.Organization, cursor) {
				if err != nil {
					t.Error(err)
					return
				}
				for _, o := range p.Objects {
					v, _ := o.Fields.Get("notes")
					seen[o.Ref.Key] = v.Text()
				}
				cursor = p.Next
			}
		}
		wg.Go(func() {
			for round := range rounds {
				for i := range changes {
					changes[i] = change(helpdesk.Update, helpdesk.Organization, changes[i].Ref.Key, "summary", text(fmt.Sprint("round ", round)))
				}
				persist(t, d.other, func() error {
					for _, err := range d.Apply(t.Context(), slices.Values(changes)) {
						if err != nil {
							return err
						}
					}
					return nil
				})
			}
		})
		wg.Go(func() {
			for round := range rounds {
				for i := range 5 {
					q := d.other.Rebind("UPDATE organization SET notes = ? WHERE external_id >= ? AND external_id <= ?")
					persist(t, d.other, func() error {
						_, err := d.other.ExecContext(t.Context(), q, fmt.Sprint("edit ", round, i), fmt.Sprintf("A%02d", i*8), fmt.Sprintf("A%02d", i*8+7))
						return err
					})
				}
			}
		})
		go func() { wg.Wait(); close(done) }()
		for running := true; running; {
			select {
			case <-done:
				running = false
			default:
			}
			follow()
		}
		got, err := d.Get(t.Context(), helpdesk.Organization, keysOf(changes))
		must(t, err)
		for _, o := range got {
			if v, _ := o.Fields.Get("notes"); seen[o.Ref.Key] != v.Text() {
				t.Errorf("%s holds %q, the feed last showed %q", o.Ref, v.Text(), seen[o.Ref.Key])
			}
		}
	})
}

// persist tries again while a database says that it is busy, as every program does
// that shares a SQLite file. Anything else, a deadlock above all, fails the test.
func persist(t *testing.T, db *dbx.DB, write func() error) {
	t.Helper()
	for range 20 {
		err := write()
		if err == nil {
			return
		}
		if db.Dialect != dbx.SQLite || fault.KindOf(db.Fault("test", err)) != fault.Unavailable {
			t.Error(err)
			return
		}
	}
	t.Error("the database stayed busy")
}

func keysOf(changes []helpdesk.Change) []string {
	var out []string
	for _, c := range changes {
		out = append(out, c.Ref.Key)
	}
	return out
}
