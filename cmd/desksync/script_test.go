package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/text/encoding/charmap"
	"modernc.org/sqlite"

	"github.com/desksync/desksync/examples"
	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/dbx/dbtest"
)

// testNow names the variable that sets the clock of a command under test. The
// program itself does not know it.
const testNow = "DESKSYNC_TEST_NOW"

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"desksync": func() { os.Exit(mainUnderTest()) }}) //nolint:forbidigo // this is main under test
}

// mainUnderTest is main with a clock that a test sets.
func mainUnderTest() int {
	a := &app{in: os.Stdin, out: os.Stdout, err: os.Stderr, now: time.Now}
	if text := os.Getenv(testNow); text != "" {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			fmt.Fprintln(os.Stderr, testNow, err)
			return 99
		}
		a.now = func() time.Time { return at }
	}
	if file, pragma, ok := strings.Cut(os.Getenv(testPragma), " "); ok {
		sqlite.RegisterConnectionHook(func(c sqlite.ExecQuerierContext, dsn string) error {
			if !strings.Contains(dsn, file) {
				return nil
			}
			_, err := c.ExecContext(context.Background(), "PRAGMA "+pragma, nil)
			return err
		})
	}
	return a.execute(context.Background(), os.Args[1:])
}

// testPragma names the variable that sets something on every connection to a SQLite
// file: "support.db max_page_count=1" lets it not grow any more, as on a full disk.
const testPragma = "DESKSYNC_TEST_PRAGMA"

// TestScripts runs the real command and reads what a user sees. Beside testscript's
// own commands there are:
//
//	exits CODE COMMAND…    runs a command and checks its exit code
//	shop                   lays down the files of the demonstration, nothing run yet
//	act2                   lays the second export over it
//	crowd N                adds so many accounts, each with a charge, to the export
//	replace FILE OLD NEW   replaces a text that stands in the file exactly once
//	append FILE TEXT       adds a line to a file
//	truncate FILE BYTES    leaves so many bytes of a file
//	latin1 FILE            writes a file again in Windows-1252
//	oneline                puts what was printed on one line, for texts that were wrapped
//	sql FILE STATEMENT     runs SQL on a SQLite file and prints the rows
//	lock FILE              keeps a SQLite file locked for writing until unlock
//	unlock                 lets go of it
//	remember NAME TEXT     sets NAME to the number that begins the line of TEXT that was printed
//	json PATH WANT         checks a value in the JSON that was printed: run, todo.organization.update, 0.id
//	fits COLUMNS           checks that no line that was printed is wider
//	receive NAME FILE KEY  receives webhooks at the address in NAME, and notes them in FILE
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, scripts(nil))
}

// TestScriptsOnPostgres runs some of the scripts with both databases on PostgreSQL.
func TestScriptsOnPostgres(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"merges", "merges_refused"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := scripts(map[string]string{testJournal: dbtest.Postgres(t), testStore: dbtest.Postgres(t)})
			p.Dir, p.Files = "", []string{"testdata/script/" + name + ".txtar"}
			testscript.Run(t, p)
		})
	}
}

// Where the databases of a script are, if not in files.
const (
	testJournal = "DESKSYNC_TEST_JOURNAL"
	testStore   = "DESKSYNC_TEST_STORE"
)

func scripts(env map[string]string) testscript.Params {
	return testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			for name, value := range env {
				e.Setenv(name, value)
			}
			e.Setenv(testNow, "2026-11-21T09:00:00Z")
			e.Setenv("USER", "tester")
			e.Values[lockKey{}] = &lock{}
			e.Setenv("NAME300", strings.Repeat("N", 300))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "shop": layShop, "act2": layAct2, "crowd": addCrowd, "replace": replaceText, "append": appendLine, "truncate": truncate, "latin1": latin1,
			"oneline": oneLine, "sql": runSQL, "lock": lockFile, "unlock": unlockFile, "json": checkJSON, "fits": checkWidth, "remember": remember, "receive": receive,
		},
		RequireUniqueNames: true,
	}
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		got = e.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("%s exits %d, want %s", strings.Join(args[1:], " "), got, args[0])
	}
}

func layShop(ts *testscript.TestScript, _ bool, _ []string) {
	lay(ts, examples.Demo())
	for sqlite, env := range map[string]string{"sqlite:desksync.db": testJournal, "sqlite:support.db": testStore} {
		if dsn := ts.Getenv(env); dsn != "" {
			replaceText(ts, false, []string{"desksync.yaml", sqlite, dsn})
		}
	}
}

func layAct2(ts *testscript.TestScript, _ bool, _ []string) { lay(ts, examples.DemoAct2()) }

func lay(ts *testscript.TestScript, files fs.FS) {
	ts.Check(fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		to := ts.MkAbs(path)
		if err != nil || entry.IsDir() {
			return errors.Join(err, os.MkdirAll(to, 0o755))
		}
		text, err := fs.ReadFile(files, path)
		return errors.Join(err, os.WriteFile(to, text, 0o644))
	}))
}

// remember takes the number of an item: those of PostgreSQL have gaps.
func remember(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: remember NAME TEXT")
	}
	for line := range strings.Lines(ts.ReadFile("stdout")) {
		number, _, _ := strings.Cut(line, " ")
		if _, err := strconv.Atoi(number); err == nil && strings.Contains(line, args[1]) {
			ts.Setenv(args[0], number)
			return
		}
	}
	ts.Fatalf("no line that begins with a number holds %q", args[1])
}

func addCrowd(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: crowd N")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	ts.Check(crowd(ts.MkAbs("crm"), n))
}

// crowd adds n accounts with a charge each to the export of the demonstration.
func crowd(dir string, n int) error {
	var accounts, charges strings.Builder
	for i := range n {
		fmt.Fprintf(&accounts, "001Bb00000%05d,Company %05d,Customer,,1200,USD,SMB,D. Lee,false,company%05d.example\n", i, i, i)
		fmt.Fprintf(&charges, "a2BBb00000%05d,001Bb00000%05d,Starter,%d,2026-04-01,2027-03-31,Active,1200\n", i, i, i+1)
	}
	manifest := fmt.Sprintf(`{"exported_at": "2026-11-21T05:00:00Z", "files": {"accounts.csv": %d, "contacts.csv": 17, "subscriptions.csv": %d}}`, 13+n, 15+n)
	return errors.Join(
		appendTo(filepath.Join(dir, "accounts.csv"), accounts.String()), appendTo(filepath.Join(dir, "subscriptions.csv"), charges.String()),
		os.WriteFile(filepath.Join(dir, "manifest.json"), []byte(manifest), 0o644))
}

func appendTo(file, text string) error {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

func replaceText(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: replace FILE OLD NEW")
	}
	text := ts.ReadFile(args[0])
	if n := strings.Count(text, unescape(ts, args[1])); n != 1 {
		ts.Fatalf("%s has %q %d times", args[0], args[1], n)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(text, unescape(ts, args[1]), unescape(ts, args[2]), 1)), 0o644))
}

// unescape reads \n, \xff and the like.
func unescape(ts *testscript.TestScript, text string) string {
	out, err := strconv.Unquote(`"` + strings.ReplaceAll(text, `"`, `\"`) + `"`)
	ts.Check(err)
	return out
}

func appendLine(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: append FILE TEXT")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(ts.ReadFile(args[0])+unescape(ts, args[1])+"\n"), 0o644))
}

func truncate(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: truncate FILE BYTES")
	}
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), n))
}

func latin1(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: latin1 FILE")
	}
	text, err := charmap.Windows1252.NewEncoder().String(ts.ReadFile(args[0]))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o644))
}

func oneLine(ts *testscript.TestScript, _ bool, _ []string) {
	fmt.Fprintln(ts.Stdout(), strings.Join(strings.Fields(ts.ReadFile("stdout")), " "))
}

func runSQL(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: sql FILE STATEMENT")
	}
	db, err := dbx.Open(context.Background(), "sqlite:"+ts.MkAbs(args[0]))
	ts.Check(err)
	defer db.Close()
	rows, err := db.QueryxContext(context.Background(), args[1])
	ts.Check(err)
	ts.Check(printRows(ts.Stdout(), rows))
}

func printRows(w io.Writer, rows *sqlx.Rows) error {
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		cells, err := rows.SliceScan()
		if err != nil {
			return err
		}
		for i, c := range cells {
			if b, ok := c.([]byte); ok {
				cells[i] = string(b)
			}
		}
		fmt.Fprintln(w, cells...)
	}
	return rows.Err()
}

type lockKey struct{}

func lockFile(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: lock FILE")
	}
	db, err := dbx.Open(context.Background(), "sqlite:"+ts.MkAbs(args[0]))
	ts.Check(err)
	tx, err := db.BeginTxx(context.Background(), nil)
	ts.Check(err)
	ts.Value(lockKey{}).(*lock).free = func() error { return errors.Join(tx.Rollback(), db.Close()) }
	ts.Defer(func() { unlockFile(ts, false, nil) })
}

// lock is what a script keeps locked.
type lock struct{ free func() error }

func unlockFile(ts *testscript.TestScript, _ bool, _ []string) {
	l := ts.Value(lockKey{}).(*lock)
	if l.free != nil {
		ts.Check(l.free())
	}
	l.free = nil
}

// checkJSON walks the last JSON document on standard output along a path of keys
// and places, and compares what stands there.
func checkJSON(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: json PATH WANT")
	}
	var at any
	for d := json.NewDecoder(strings.NewReader(ts.ReadFile("stdout"))); d.More(); {
		at = nil
		if err := d.Decode(&at); err != nil {
			ts.Fatalf("the output is no JSON: %v", err)
		}
	}
	for key := range strings.SplitSeq(args[0], ".") {
		at = into(at, key)
	}
	got := "absent"
	if at != nil {
		got = fmt.Sprint(at)
	}
	if (got == args[1]) == neg {
		ts.Fatalf("%s is %q, want %q (not: %v)", args[0], got, args[1], neg)
	}
}

func into(at any, key string) any {
	switch x := at.(type) {
	case map[string]any:
		return x[key]
	case []any:
		if key == "#" {
			return len(x)
		}
		if i, err := strconv.Atoi(key); err == nil && i < len(x) {
			return x[i]
		}
	}
	return nil
}

func checkWidth(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: fits COLUMNS")
	}
	room, err := strconv.Atoi(args[0])
	ts.Check(err)
	for _, line := range strings.Split(ts.ReadFile("stdout"), "\n") {
		if n := len([]rune(line)); n > room {
			ts.Fatalf("%d columns, more than %d:\n%s", n, room, line)
		}
	}
}
