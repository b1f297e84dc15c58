package dbtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Cluster is a running throw-away PostgreSQL: unix socket only, nothing synced to
// disk, owned by "desksync", trusted by its closed directory. It ends with this
// process, however that ends.
type Cluster struct {
	DSN string

	dir   string // holds data, socket and log; readable by the server's user only
	bin   string
	as    credential
	watch *exec.Cmd // cleans up when its input ends
	hold  io.Closer // that input
}

// settings trade all safety for speed; the data live for one run of tests.
var settings = []string{
	"fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0",
	"listen_addresses=", "max_connections=300", "shared_buffers=64MB", "timezone=UTC",
}

// Start makes and starts a cluster; as root it runs as the user postgres, or nobody.
func Start(ctx context.Context) (*Cluster, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	c := &Cluster{bin: bin, as: unprivileged()}
	if err := c.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("dbtest: a throw-away PostgreSQL of %s does not start: %w", bin, err), c.Stop(context.WithoutCancel(ctx)))
	}
	c.DSN = "postgres://desksync@/postgres?" + url.Values{"host": {c.dir}, "sslmode": {"disable"}}.Encode()
	return c, nil
}

func (c *Cluster) start(ctx context.Context) (err error) {
	if c.dir, err = os.MkdirTemp(shortDir(), "desksync-pg-"); err != nil {
		return err
	}
	if err := c.as.own(c.dir); err != nil {
		return err
	}
	if err := c.watchOver(); err != nil {
		return err
	}
	if err := c.run(ctx, "initdb", "-D", c.data(), "-U", "desksync", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"); err != nil {
		return err
	}
	opts := []string{"-k", c.dir}
	for _, s := range settings {
		opts = append(opts, "-c", s)
	}
	return c.run(ctx, "pg_ctl", "start", "-D", c.data(), "-w", "-t", "60", "-s", "-l", filepath.Join(c.dir, "log"), "-o", strings.Join(opts, " "))
}

// Restart has the server end at once, as in a crash, and start again.
func (c *Cluster) Restart(ctx context.Context) error {
	return c.run(ctx, "pg_ctl", "restart", "-D", c.data(), "-w", "-t", "60", "-s", "-m", "immediate", "-l", filepath.Join(c.dir, "log"))
}

// watchOver starts a shell that waits for the end of its input, which only we hold
// open, and then stops the server and removes its files; more than once, for we may
// have been killed while they were being made.
func (c *Cluster) watchOver() (err error) {
	const wait = `read -r _; cd /; for _ in 1 2 3 4 5 6 7 8 9; do "$1" stop -D "$2" -m immediate -s; rm -rf "$3" && exit; sleep 1; done; exit 1`
	c.watch = exec.Command("sh", "-c", wait, "sh", filepath.Join(c.bin, "pg_ctl"), c.data(), c.dir) //nolint:noctx // outlives every context
	c.watch.Dir = c.dir
	c.as.detach(c.watch)
	if c.hold, err = c.watch.StdinPipe(); err != nil {
		return err
	}
	return c.watch.Start()
}

// Stop ends the cluster and removes its files. If ctx ends first that goes on alone.
func (c *Cluster) Stop(ctx context.Context) error {
	if c.watch == nil || c.watch.Process == nil {
		return os.RemoveAll(c.dir) // empty: nothing was made
	}
	done := make(chan error, 1)
	go func() { done <- errors.Join(c.hold.Close(), c.watch.Wait()) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Dir is where the cluster keeps its data, its socket and its log.
func (c *Cluster) Dir() string { return c.dir }

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

// run calls one of PostgreSQL's programs and fails with what it printed.
func (c *Cluster) run(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(c.bin, name), args...)
	c.as.become(cmd)
	cmd.Dir, cmd.Env = c.dir, append(os.Environ(), "LC_ALL=C")
	out, err := os.Create(filepath.Join(c.dir, name+".out")) // a pipe would be held open by the server
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(out.Name())
		log, _ := os.ReadFile(filepath.Join(c.dir, "log"))
		return fmt.Errorf("%s: %w: %s", name, err, bytes.TrimSpace(append(said, log...)))
	}
	return nil
}

// binaries returns the folder of initdb: from PATH, or where packages put it.
func binaries() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path), nil
		}
	}
	var found []string
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin/initdb", "/usr/pgsql-*/bin/initdb",
		"/opt/homebrew/opt/postgresql@*/bin/initdb", "/usr/local/opt/postgresql@*/bin/initdb",
	} {
		match, _ := filepath.Glob(pattern)
		found = append(found, match...)
	}
	if len(found) == 0 {
		return "", errors.New("dbtest: PostgreSQL is not installed; install it with `apt-get install postgresql` or `brew install postgresql@17`, or name a server in " + Env)
	}
	return filepath.Dir(slices.Max(found)), nil
}

// shortDir is where a socket's path stays below 104 bytes and any user may go.
func shortDir() string {
	if info, err := os.Stat("/tmp"); err == nil && info.IsDir() {
		return "/tmp"
	}
	return os.TempDir()
}
