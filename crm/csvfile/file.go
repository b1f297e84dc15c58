package csvfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
)

// file is an open export, read up to the end of its header.
type file struct {
	path   string // as messages name it
	disk   *os.File
	info   fs.FileInfo // as it was when opened
	bytes  counter
	in     *scanner
	header header
}

// counter counts the bytes read from a file.
type counter struct {
	src io.Reader
	n   int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.src.Read(p)
	c.n += int64(n)
	return n, err
}

func (s *Source) openFile(role crm.Role) (*file, error) {
	disk, err := os.Open(s.path(role))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, s.absent(role)
	}
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", s.shown(role), err)
	}
	f := &file{path: s.shown(role), disk: disk, bytes: counter{src: disk}}
	if err := f.begin(s.opt.Encoding); err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

func (f *file) begin(encoding string) error {
	var err error
	if f.info, err = f.disk.Stat(); err != nil {
		return err
	}
	if f.info.IsDir() {
		return fmt.Errorf("%s is a folder; a CSV file was expected", f.path)
	}
	text, err := decode(&f.bytes, encoding)
	if err != nil {
		return at(f.path, err)
	}
	f.in = newScanner(text)
	f.header, err = readHeader(f.in, f.path)
	return err
}

func (f *file) close() { _ = f.disk.Close() } // only read: nothing can be lost

// unchanged reports as an error that the file is not the one that was opened: it
// grew, was written over or was replaced before size bytes of it were read.
func (f *file) unchanged(size int64) error {
	now, err := f.disk.Stat()
	if err != nil {
		return err
	}
	named, err := os.Stat(f.disk.Name())
	if err == nil && os.SameFile(named, f.info) && now.Size() == f.info.Size() &&
		now.ModTime().Equal(f.info.ModTime()) && size == now.Size() {
		return nil
	}
	return fault.New("csvfile.read", fault.Raced,
		fmt.Errorf("%s changed while it was read, and nothing was taken from it; run again when the export has ended", f.path))
}

// absent says which file is missing, and what lies in the folder instead.
func (s *Source) absent(role crm.Role) error {
	dir := filepath.ToSlash(s.opt.Dir)
	entries, err := os.ReadDir(s.opt.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return notFound("the folder %s does not exist; export the CRM's %s there, or correct sources.%s.dir", dir, section[role], s.opt.Name)
	}
	var others []string
	for _, e := range entries {
		if strings.EqualFold(filepath.Ext(e.Name()), ".csv") && e.Name() != s.file(role) {
			others = append(others, e.Name())
		}
	}
	holds := "it holds no CSV file at all"
	if len(others) > 0 {
		holds = "it holds " + strings.Join(others[:min(len(others), 8)], ", ")
	}
	return notFound("%s does not exist; %s: put the file there, or name it under sources.%s.files.%s",
		s.shown(role), holds, s.opt.Name, section[role])
}

func notFound(format string, args ...any) error {
	return fault.New("csvfile.read", fault.NotFound, fmt.Errorf(format, args...))
}
