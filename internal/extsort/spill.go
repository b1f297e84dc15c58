package extsort

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/desksync/desksync/internal/fault"
)

const (
	writeBuffer = 64 << 10
	minBuffer   = 4 << 10 // of one run while merging
	maxBuffer   = 256 << 10
)

// spill is the temporary file: sorted runs one after another. Where the system
// allows it, the file loses its name at once, so that even a killed process
// leaves nothing behind.
type spill struct {
	dir  string
	file *os.File
	size int64
	runs []run
}

// run is a part of the file.
type run struct{ from, to int64 }

// write appends a sorted batch as a run.
func (f *spill) write(b *batch) error {
	if err := f.open(); err != nil {
		return err
	}
	w := bufio.NewWriterSize(f.file, writeBuffer)
	from := f.size
	for _, e := range b.entries {
		record := b.blocks[e.block][e.offset:]
		_, n := split(record)
		f.size += int64(n)
		_, _ = w.Write(record[:n]) // a failure sticks until Flush
	}
	f.runs = append(f.runs, run{from, f.size})
	return f.failed("writing", w.Flush())
}

func (f *spill) open() error {
	if f.file != nil {
		return nil
	}
	file, err := os.CreateTemp(f.dir, "desksync-sort-*")
	if err != nil {
		return f.failed("creating a file", err)
	}
	f.file = file
	_ = os.Remove(file.Name()) // refused on Windows while open; remove tries again
	return nil
}

// remove closes the file and takes it off the disk.
func (f *spill) remove() error {
	if f.file == nil {
		return nil
	}
	name, err := f.file.Name(), f.file.Close()
	f.file, f.runs = nil, nil
	if gone := os.Remove(name); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return f.failed("removing", err)
}

// cursors opens all runs for reading; together their buffers take about memory bytes.
func (f *spill) cursors(memory, common int) []*cursor {
	size := min(max(memory/len(f.runs), minBuffer), maxBuffer)
	list := make([]*cursor, len(f.runs))
	for i, r := range f.runs {
		src := io.NewSectionReader(f.file, r.from, r.to-r.from)
		list[i] = &cursor{src: src, buf: make([]byte, 0, size), common: common, failed: f.failed}
	}
	return list
}

func (f *spill) failed(doing string, err error) error {
	if err == nil {
		return nil
	}
	dir := f.dir
	if dir == "" {
		dir = os.TempDir()
	}
	return fault.New("extsort.spill", fault.Unavailable,
		fmt.Errorf("%s in the temporary directory %s did not work; free some room there or choose another one (TMPDIR): %w", doing, dir, err))
}
