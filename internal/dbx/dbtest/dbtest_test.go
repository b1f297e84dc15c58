package dbtest_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/dbx/dbtest"
)

var plans = dbtest.Prepare(func(ctx context.Context, dsn string) error {
	db, err := dbx.Open(ctx, dsn)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "CREATE TABLE plan (name text PRIMARY KEY)")
	return errors.Join(err, db.Close())
})

func TestCopiesOfATemplateAreApart(t *testing.T) {
	t.Parallel()
	for range 2 {
		plans.Each(t, func(t *testing.T, dsn string) {
			db, err := dbx.Open(t.Context(), dsn)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.Exec("INSERT INTO plan (name) VALUES ('gold')"); err != nil {
				t.Errorf("a copy is not fresh: %v", err)
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAFailedTemplateFailsEveryCopy(t *testing.T) {
	t.Parallel()
	broken := dbtest.Prepare(func(context.Context, string) error { return errors.New("no such table") })
	for range 2 {
		if err := broken.Ready(t.Context()); err == nil || err.Error() != "no such table" {
			t.Errorf("Ready = %v, want the error of the preparation", err)
		}
	}
}

// childEnv makes this test binary start a cluster, print its DSN and wait to be killed.
const childEnv = "DBTEST_CHILD"

func TestClusterEndsWithItsProcess(t *testing.T) {
	t.Parallel()
	if os.Getenv(childEnv) != "" {
		c, err := dbtest.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = os.Stdout.WriteString(c.DSN + "\n")
		_, _ = io.Copy(io.Discard, os.Stdin)
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestClusterEndsWithItsProcess$")
	cmd.Env = append(os.Environ(), childEnv+"=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	dsn, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	mustDie(t, strings.TrimSpace(dsn), func() {
		if err := cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
		_ = cmd.Wait()
		_ = in.Close()
	})
}

// mustDie holds a session open, kills the server's owner, and waits for the
// session's end.
func mustDie(t *testing.T, dsn string, kill func()) {
	t.Helper()
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.PingContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	kill()
	if _, err := db.ExecContext(t.Context(), "SELECT pg_sleep(60)"); err == nil {
		t.Error("the server outlived the process that started it")
	}
}

func TestAStoppedClusterLeavesNothing(t *testing.T) {
	t.Parallel()
	c, err := dbtest.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(c.Dir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", c.Dir(), err)
	}
}
