package journal

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"strings"

	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/fault"
)

// Backup writes the whole journal into a new file that only its owner can read,
// while others go on reading and writing. A journal in PostgreSQL is
// fault.Unsupported: its server has pg_dump for that.
func (j *Journal) Backup(ctx context.Context, file string) error {
	if j.db.Dialect == dbx.Postgres {
		return fault.New("journal.backup", fault.Unsupported, errors.New(
			"the journal is in PostgreSQL; back it up there, as a user who may read it (PGUSER, PGPASSWORD): "+dumpCommand(file, j.db.Name)))
	}
	if err := newFile(file); err != nil {
		return err
	}
	if err := j.copyInto(ctx, file); err != nil {
		return errors.Join(j.db.Fault("journal.backup", err), os.Remove(file))
	}
	return nil
}

// dumpCommand is what copies a database into a file, ready for a shell. The name is
// that of messages: host and database, the host a folder where it is a socket.
func dumpCommand(file, name string) string {
	host, database := path.Split(name)
	address := url.URL{Scheme: "postgres", Host: strings.TrimSuffix(host, "/"), Path: "/" + database}
	if strings.HasPrefix(host, "/") {
		address.Host = ""
		if folder := strings.TrimSuffix(host, "/"); folder != "" {
			address.RawQuery = url.Values{"host": {folder}}.Encode()
		}
	}
	return "pg_dump --format=custom --file=" + shellWord(file) + " --dbname=" + shellWord(address.String())
}

// shellWord quotes a text so that a shell takes it as one word.
func shellWord(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// newFile makes an empty file of mode 0600 and refuses one that is there.
func newFile(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fault.New("journal.backup", fault.Invalid, errors.New(path+" exists; move it away or name another file"))
	}
	if err != nil {
		return fault.New("journal.backup", fault.Invalid, fmt.Errorf("the backup cannot be written: %w", err))
	}
	return f.Close()
}

// copyInto writes the database into an empty file and waits for the disk.
func (j *Journal) copyInto(ctx context.Context, path string) error {
	if _, err := j.db.ExecContext(ctx, `VACUUM INTO ?`, path); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
