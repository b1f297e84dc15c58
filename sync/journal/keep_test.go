package journal

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/pack"
)

// The person who is forgotten, and her colleague who is not.
const (
	janesMail = "Jane.Roe@acme.example"
	jane      = "Jane Roe"
)

// acquaint fills a journal with traces of Jane (contact c1) and Bob (contact c2).
func (d *desk) acquaint() Run {
	d.t.Helper()
	ctx := d.t.Context()
	run := d.begin()
	contactRow := func(id, name, mail string) Row {
		return Row{Role: crm.Contact, Account: "A", ID: id, Hash: hashFor(id), Cols: pack.Strings([]byte("abcd"), []string{name, mail})}
	}
	d.put(run, row(crm.Account, "A", "A", "acme"))
	d.put(run, Row{Role: crm.Team, Account: "A", ID: "t1", Hash: hashFor("t1"), Cols: pack.Strings([]byte("abcd"), []string{jane, janesMail})})
	d.put(run, contactRow("c1", jane, janesMail), contactRow("c2", "Bob Roe", "bob@acme.example"))
	d.mapped(d.pipe, Mapped{Account: "A", Claims: []Claim{name("acme"), mail(strings.ToLower(janesMail), "c1"), mail("bob@acme.example", "c2")}})
	user := func(key, name, mail string) Object {
		f := text("email", mail, "name", name)
		return Object{Kind: helpdesk.User, Key: key, Account: "A", TargetID: key, Pipeline: d.pipe.ID, Last: f, Written: true, Have: text("email", mail, "name", name, "phone", "555")}
	}
	member := func(contact, position string) Object {
		return Object{Kind: helpdesk.Membership, Key: "A/" + contact, TargetID: "m" + contact, Pipeline: d.pipe.ID, Last: text("position", position), Written: true}
	}
	org := d.org("A", "119", text("contact", "ask "+janesMail+" or jane.roe@ACME.example", "name", "Acme", "notes", jane))
	d.notes(run, org, user("c1", jane, janesMail), user("c2", "Bob Roe", "bob@acme.example"), member("c1", "Chief"), member("c2", "Clerk"))
	d.ok(d.PutStrangers(ctx, "support", []Stranger{
		{Kind: helpdesk.User, TargetID: "s1", Fields: text("email", janesMail), Claims: []Claim{mail(strings.ToLower(janesMail), "")}},
		{Kind: helpdesk.User, TargetID: "s2", Fields: text("email", "bob@acme.example")},
	}))
	change := func(seq int64, kind helpdesk.Kind, key, label string, deltas ...helpdesk.Delta) ChangeRow {
		c := helpdesk.Change{ID: "x", Op: helpdesk.Update, Ref: helpdesk.Ref{Kind: kind, Key: key}, Account: "A", Name: label, Deltas: deltas}
		return ChangeRow{Rank: 1, Seq: seq, Account: "A", Kind: kind, Key: key, Op: helpdesk.Update, Body: pack.String(c.Pack(nil), "a tail")}
	}
	delta := func(field, want, have string) helpdesk.Delta {
		return helpdesk.Delta{Field: field, Want: helpdesk.TextOf(want), Have: helpdesk.TextOf(have), Last: helpdesk.TextOf(have), Cause: helpdesk.Moved, Origin: "Contact.Name"}
	}
	d.ok(d.AddChanges(ctx, run, []ChangeRow{
		change(1, helpdesk.User, "c1", jane, delta("name", jane, "J. Maiden"), delta("email", janesMail, "")),
		change(2, helpdesk.User, "c2", "Bob Roe", delta("name", "Bob Roe", "B.")),
		change(3, helpdesk.Membership, "A/c1", "Acme", delta("position", "Chief", "Deputy")),
		change(4, helpdesk.Organization, "A", "Acme", delta("contact", "ask "+janesMail, "")),
		change(5, helpdesk.Organization, "B", "Other", delta("name", "Other", "")),
	}))
	d.ok(d.PutItems(ctx, run, []Item{
		{Class: ItemDrift, Account: "A", Kind: helpdesk.User, Key: "c1", Field: "name", Text: "Jane is now called J.", Body: helpdesk.TextOf("Jane R.").Pack(helpdesk.BoolOf(true).Pack(nil))},
		{Class: ItemConflict, Code: "e-mail twice", Account: "A", Value: strings.ToLower(janesMail), Text: "claimed twice: " + janesMail},
		{Class: ItemFinding, Account: "A", Value: "bob", Text: "Bob has no phone"},
	}))
	told := []byte(`{"title":"` + jane + ` is unknown","text":"ask ` + janesMail + `"}`)
	d.ok(d.StepAlerts(ctx, "", func([]Alert) (AlertStep, error) {
		return AlertStep{Put: []Alert{{Key: "k", Body: told}}, Out: []Outgoing{{Message: "m", Channel: "mail", Body: told}}}, nil
	}))
	failed := must(d.ClaimMessages(ctx, box))(d.t)[0]
	failed.State, failed.Said = Waiting, "no such recipient: "+janesMail
	d.ok(d.SettleMessage(ctx, failed))
	must(d.PutDecision(ctx, Decision{Pipeline: d.pipe.ID, Account: "A", Field: "contact", Action: "keep", Want: helpdesk.TextOf("ask " + janesMail), Reason: janesMail + " asked", Author: "kim"}))(d.t)
	d.ok(d.Seal(ctx, run, Sealed{}))
	d.ok(d.Send(ctx, run, Batch{No: 1, To: Pos{1, 5}}))
	d.ok(d.Settle(ctx, run, 1, []Settled{{Pos: Pos{1, 1}, State: helpdesk.Failed, Err: fmt.Errorf("no such user: %s", janesMail)}}))
	d.ok(d.Finish(ctx, run, Result{State: Partly, Error: "last: " + strings.ToUpper(janesMail)}))
	return run
}

// mentions lists the tables in which any of the words stands, in text or packed.
func (d *desk) mentions(words ...string) map[string]bool {
	d.t.Helper()
	out := map[string]bool{}
	for _, table := range tablesOf(d.t, d.db) {
		for _, values := range d.allOf(table) {
			var all []byte
			for _, v := range values {
				switch v := v.(type) {
				case []byte:
					all = append(all, v...)
				default:
					all = fmt.Append(all, v)
				}
			}
			for _, w := range words {
				if bytes.Contains(bytes.ToLower(all), bytes.ToLower([]byte(w))) {
					out[table] = true
				}
			}
		}
	}
	return out
}

func TestForgettingAPerson(t *testing.T) {
	t.Parallel()
	for about, p := range map[string]Person{
		"by address": {Email: " JANE.roe@acme.example ", Who: "kim", Reason: "asked on 2026-11-20"},
		"by contact": {Contact: "c1", Who: "kim", Reason: "asked on 2026-11-20"},
	} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, d *desk) { testForget(t, d, p) })
		})
	}
}

func testForget(t *testing.T, d *desk, p Person) {
	t.Helper()
	run := d.acquaint()
	traces := []string{janesMail, jane, "J. Maiden", "Chief", "Deputy", "Jane is", "Jane R."}
	if got := d.mentions(traces...); len(got) < 10 {
		t.Fatalf("she stands only in %v: the test is blind", got)
	}
	d.sealAll(run)
	receipt := must(d.Forget(t.Context(), p))(t)
	if got := d.mentions(traces...); len(got) != 0 {
		t.Errorf("she still stands in %v", got)
	}
	for _, kept := range []string{"Bob Roe", "bob@acme.example", "Clerk", "Acme", "Bob has no phone"} {
		if got := d.mentions(kept); len(got) == 0 {
			t.Errorf("%q went too", kept)
		}
	}
	if got := d.dirty(); len(got) != 1 || got[0] != "A" {
		t.Errorf("dirty %v, want her account", got)
	}
	for table, n := range map[string]int{"stage": 2, "mapped": 1, "object": 3, "change": 3, "item": 2, "stranger": 1, "outcome": 1, "run": 1} {
		if receipt.Counts[table] != n {
			t.Errorf("receipt counts %d in %s, want %d (%v)", receipt.Counts[table], table, n, receipt.Counts)
		}
	}
	testReadable(t, d, run)
	if list := must(d.Receipts(t.Context()))(t); len(list) != 1 || list[0].ID != receipt.ID || list[0].Counts["change"] != 3 {
		t.Errorf("receipts %+v", list)
	}
	must(d.Forget(t.Context(), p))(t)
	testReadable(t, d, run)
	if got := d.contests(); len(got) != 0 {
		t.Errorf("contests %v", got)
	}
}

// testReadable checks that what was redacted reads as before.
func testReadable(t *testing.T, d *desk, run Run) {
	t.Helper()
	all := d.changesIn(run.ID, ChangeFilter{Dropped: true})
	for _, c := range all {
		change, err := helpdesk.ReadChange(pack.Read(c.Body))
		if err != nil || change.Ref.Key != c.Key {
			t.Errorf("change %v reads as %+v, %v", c.Pos(), change, err)
		}
	}
	if len(all) != 5 || len(d.changesIn(run.ID, ChangeFilter{})) != 2 {
		t.Errorf("of 5 changes %d are there and %d still count, want 2", len(all), len(d.changesIn(run.ID, ChangeFilter{})))
	}
	objects := must(d.ObjectsOf(t.Context(), "support", []string{"A"}, []string{"c1", "c2"}))(t)
	if v, _ := objects.Organization("A").Last.Get("contact"); v.Text() != "ask "+Forgotten+" or "+Forgotten {
		t.Errorf("the organization's contact text is %q", v.Text())
	}
	if v, _ := objects.User("c1").Have.Get("phone"); v.Text() != Forgotten || objects.User("c1").TargetID != "c1" {
		t.Errorf("her user is %+v", objects.User("c1"))
	}
	for _, i := range must(d.Items(t.Context(), ItemFilter{}, 9))(t) {
		if i.Class == ItemDrift && (i.Text != Forgotten || i.Field != "name" || len(i.Body) == 0) {
			t.Errorf("her drift reads %+v", i)
		}
	}
}

func TestWhatIsForgottenDoesNotStandInTheFilesEither(t *testing.T) {
	t.Parallel()
	d := newDesk(t, ready.SQLite(t))
	d.sealAll(d.acquaint())
	if !d.inFiles(janesMail) {
		t.Fatal("she stands in no file: the test is blind")
	}
	must(d.Forget(t.Context(), Person{Email: janesMail, Who: "kim", Reason: "asked on 2026-11-20"}))(t)
	for _, trace := range []string{janesMail, jane, "J. Maiden"} {
		if d.inFiles(trace) {
			t.Errorf("%q still stands in a file of the database", trace)
		}
	}
	if !d.inFiles("bob@acme.example") {
		t.Error("Bob went too")
	}
}

// inFiles reports whether a word stands in the file of the database, or beside it.
func (d *desk) inFiles(word string) bool {
	d.t.Helper()
	files, err := filepath.Glob(strings.TrimPrefix(d.dsn, "sqlite:") + "*")
	if err != nil || len(files) < 2 {
		d.t.Fatalf("files %v, %v; want the database and its log", files, err)
	}
	for _, name := range files {
		if bytes.Contains(bytes.ToLower(must(os.ReadFile(name))(d.t)), bytes.ToLower([]byte(word))) {
			return true
		}
	}
	return false
}

func TestForgettingWaitsForTheRun(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		_, err := d.Forget(t.Context(), Person{Who: "kim"})
		wantKind(t, err, fault.Invalid)
		run := d.begin()
		_, err = d.Forget(t.Context(), Person{Email: janesMail})
		wantKind(t, err, fault.Unsafe)
		d.finish(run)
		if _, err := d.Forget(t.Context(), Person{Email: "nobody@nowhere.example"}); err != nil {
			t.Errorf("forgetting someone unknown: %v", err)
		}
	})
}

func TestPruning(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		var runs []Run
		for i := range 5 {
			run := d.sealed(2)
			if i == 1 {
				d.ok(d.PutItems(ctx, run, []Item{{Class: ItemDrift, Account: "A"}}))
			}
			d.ok(d.Send(ctx, run, Batch{No: 1, To: Pos{1, 1}}))
			d.ok(d.Settle(ctx, run, 1, []Settled{{Pos: Pos{1, 1}, State: helpdesk.Skipped}}))
			d.finish(run)
			runs = append(runs, run)
			d.clock.Move(24 * time.Hour)
		}
		id := must(d.PutDecision(ctx, Decision{Pipeline: d.pipe.ID, Account: "A", Action: "keep"}))(t)
		d.ok(d.Release(ctx, id, "kim", "over"))
		d.clock.Move(time.Hour)
		if n := must(d.Prune(ctx, Retention{}))(t); len(n) != 0 {
			t.Errorf("keeping for ever deletes %v", n)
		}
		n := must(d.Prune(ctx, Retention{Runs: 36 * time.Hour, KeepRuns: 3, Decisions: time.Minute, Audit: time.Minute, Items: time.Minute}))(t)
		if n["run"] != 1 || n["change"] != 2 || n["batch"] != 1 || n["outcome"] != 1 || n["total"] == 0 || n["decision"] != 1 || n["audit"] != 2 || n["item"] != 0 {
			t.Errorf("deleted %v, want the first run: the second has an open item, the others are the newest three", n)
		}
		if left := must(d.Runs(ctx, RunFilter{}, 9))(t); len(left) != 4 || left[3].ID != runs[1].ID {
			t.Errorf("runs left %+v", left)
		}
	})
}

func TestPruningIsDoneOnceADay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		crash := func() {
			run := d.begin()
			d.ok(d.AddChanges(t.Context(), run, changesOf(1)))
			d.finish(run)
			d.sql(`UPDATE run SET state = 'interrupted'`)
		}
		for i, step := range []struct {
			later time.Duration
			want  int
		}{{0, 1}, {time.Hour, 0}, {24 * time.Hour, 2}, {0, 0}} {
			crash()
			d.clock.Move(step.later)
			if n := must(d.PruneDaily(t.Context(), Retention{}))(t); n["change"] != step.want {
				t.Errorf("time %d: deleted %v, want %d changes", i+1, n, step.want)
			}
		}
	})
}

func TestPruningRemovesWhatACrashLeft(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		d.ok(d.AddChanges(t.Context(), run, changesOf(7)))
		d.finish(run)
		d.sql(`UPDATE run SET state = 'interrupted'`) // as if Abandon had died after its first transaction
		if n := must(d.Prune(t.Context(), Retention{}))(t); n["change"] != 7 || n["run"] != 0 {
			t.Errorf("deleted %v, want the 7 changes", n)
		}
	})
}

func TestPruningForgetsLostAccountsWithoutAnOrganization(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		run := d.begin()
		d.put(run, row(crm.Account, "A", "A", "a"), row(crm.Account, "B", "B", "b"), row(crm.Account, "C", "C", "c"))
		d.notes(run, d.org("A", "1", text("name", "a")))
		d.miss(run, crm.Account, Key{"A", "A"}, Key{"B", "B"})
		d.ok(d.TakeMissing(t.Context(), run))
		d.sealAll(run)
		if n := must(d.Prune(t.Context(), Retention{}))(t); n["stage"] != 1 {
			t.Errorf("deleted %v, want B alone", n)
		}
		if got := d.headsOf(crm.Account, 9); len(got) != 2 || got[0].Account != "A" || got[1].Account != "C" {
			t.Errorf("left %v", got)
		}
	})
}

func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	d := newDesk(t, ready.SQLite(t))
	run := d.furnish()
	before := d.content()
	dir := t.TempDir()
	path := filepath.Join(dir, "it's a backup.db")
	d.ok(d.Backup(t.Context(), path))
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("backup has mode %v, %v", info.Mode(), err)
	}
	wantKind(t, d.Backup(t.Context(), path), fault.Invalid)

	dest := "sqlite:" + filepath.Join(dir, "journal.db")
	leftLog(t, filepath.Join(dir, "journal.db-wal"))
	opt := Options{Now: d.clock.Now, Dead: nobodyDies}
	d.ok(Restore(t.Context(), path, dest, "kim", opt))
	wantKind(t, Restore(t.Context(), path, dest, "kim", opt), fault.Invalid)

	r := &desk{t: t, dsn: dest, clock: d.clock, pipe: d.pipe}
	r.Journal = r.open()
	after := r.content()
	for _, table := range []string{"stage", "object", "change", "mapped", "item", "decision", "stranger", "batch"} {
		if before[table] != after[table] {
			t.Errorf("table %s came back as %s, was %s", table, after[table], before[table])
		}
	}
	if !r.restored() || r.Instance() == d.Instance() || r.Instance() == "" || d.restored() {
		t.Errorf("restored %v, instance %q, the original's %q", r.restored(), r.Instance(), d.Instance())
	}
	wantKind(t, r.Beat(t.Context(), run), fault.Raced)
	if got := must(r.RunByID(t.Context(), run.ID))(t); got.State != Interrupted {
		t.Errorf("the run that was under way is %s", got.State)
	}
	if c := must(r.Cursor(t.Context(), "support", helpdesk.Organization))(t); c != "" {
		t.Errorf("the feed goes on at %q, want from the beginning", c)
	}
	if got := r.dirty(); len(got) != 3 {
		t.Errorf("dirty %v, want all", got)
	}
	if again := r.open(); !r.restored() || again.Instance() != r.Instance() {
		t.Error("opened again, it forgot that it was restored")
	}
	d.ok(r.ClearRestored(t.Context(), r.pipe.ID, "kim"))
	if r.restored() {
		t.Error("confirmed, it still counts as restored")
	}
}

// leftLog puts the log of a database that is gone where the new one's would stand:
// SQLite would merge it into whatever it finds there.
func leftLog(t *testing.T, path string) {
	t.Helper()
	other := newDesk(t, ready.SQLite(t))
	other.furnish()
	log, err := os.ReadFile(strings.TrimPrefix(other.dsn, "sqlite:") + "-wal")
	other.ok(err)
	other.ok(os.WriteFile(path, log, 0o600))
}

func TestRestoreRefusesWhatIsNoBackup(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, dest := filepath.Join(dir, "notes.txt"), filepath.Join(dir, "journal.db")
	if err := os.WriteFile(path, []byte("just some notes"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := Restore(t.Context(), path, "sqlite:"+dest, "kim", Options{})
	wantKind(t, err, fault.Invalid)
	if err == nil || !strings.Contains(err.Error(), "notes.txt is not a backup of a journal") {
		t.Errorf("the message is %v", err)
	}
	wantKind(t, Restore(t.Context(), filepath.Join(dir, "absent"), "sqlite:"+dest, "kim", Options{}), fault.NotFound)
	if _, err := os.Stat(dest); err == nil {
		t.Error("a refused restore left a file")
	}
}

func TestTheCommandThatDumpsAJournalCanBePasted(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ file, name, want string }{
		"a host":          {"x.dump", "db.example:5433/desksync", "--file='x.dump' --dbname='postgres://db.example:5433/desksync'"},
		"a socket":        {"x.dump", "/var/run/postgresql/desksync", "--file='x.dump' --dbname='postgres:///desksync?host=%2Fvar%2Frun%2Fpostgresql'"},
		"no host":         {"x.dump", "/desksync", "--file='x.dump' --dbname='postgres:///desksync'"},
		"an odd file":     {"Ann's copy; rm.dump", "db/desksync", `--file='Ann'\''s copy; rm.dump' --dbname='postgres://db/desksync'`},
		"an odd database": {"x", "db/a b", "--file='x' --dbname='postgres://db/a%20b'"},
	}
	for name, tt := range tests {
		if got, want := dumpCommand(tt.file, tt.name), "pg_dump --format=custom "+tt.want; got != want {
			t.Errorf("%s: %s\nwant %s", name, got, want)
		}
	}
}

func TestPostgresIsBackedUpByItsOwnTools(t *testing.T) {
	t.Parallel()
	d := newDesk(t, ready.Postgres(t))
	err := d.Backup(t.Context(), filepath.Join(t.TempDir(), "x"))
	wantKind(t, err, fault.Unsupported)
	if err == nil || !strings.Contains(err.Error(), "): pg_dump --format=custom --file='") {
		t.Errorf("the message is %v", err)
	}
	err = Restore(t.Context(), "x", d.dsn, "kim", Options{})
	wantKind(t, err, fault.Unsupported)
	if err == nil || !strings.Contains(err.Error(), "pg_restore") {
		t.Errorf("the message is %v", err)
	}
	d.ok(d.MarkRestored(t.Context(), "kim"))
	if !d.restored() || d.open().Instance() != d.Instance() {
		t.Error("not marked as restored")
	}
}

func TestNewerJournalIsRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		if d.db.Dialect == dbx.SQLite {
			d.sql(`INSERT INTO journal_version (version_id, is_applied) VALUES (4711, 1)`)
		} else {
			d.sql(`INSERT INTO journal_version (version_id, is_applied) VALUES (4711, true)`)
		}
		_, err := Open(t.Context(), d.dsn, Options{})
		wantKind(t, err, fault.Invalid)
		if err == nil || !strings.Contains(err.Error(), "written by a newer desksync") {
			t.Errorf("the message is %v", err)
		}
	})
}

// restored reports whether the desk's pipeline may only look.
func (d *desk) restored() bool {
	d.t.Helper()
	return must(d.Restored(d.t.Context(), d.pipe.ID))(d.t)
}

// TestEveryPipelineLooksOnceAfterARestore: one that looked writes again, while another
// does not yet; one that the backup does not know looks too, as long as any has to.
func TestEveryPipelineLooksOnceAfterARestore(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		other := must(d.Pipeline(ctx, "partners", "crm", "support"))(t)
		d.ok(d.MarkRestored(ctx, "kim"))
		later := must(d.Pipeline(ctx, "trials", "crm", "support"))(t)
		var got []bool
		look := func(looked int64) {
			if looked != 0 {
				d.ok(d.ClearRestored(ctx, looked, "kim"))
			}
			for _, p := range []int64{d.pipe.ID, other.ID, later.ID} {
				got = append(got, must(d.Restored(ctx, p))(t))
			}
		}
		look(0)
		look(d.pipe.ID)
		look(later.ID)
		look(other.ID)
		want := []bool{true, true, true, false, true, true, false, true, false, false, false, false}
		if !slices.Equal(got, want) {
			t.Errorf("who may only look: %v, want %v", got, want)
		}
		if n := len(d.allOf("meta")); n != 1 {
			t.Errorf("meta has %d rows, want what it had", n)
		}
	})
}
