package crmgen

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/desksync/desksync/internal/day"
)

type manifest struct {
	ExportedAt string              `json:"exported_at"`
	Files      map[string]promised `json:"files"`
}

type promised struct {
	Rows  int   `json:"rows"`
	Bytes int64 `json:"bytes"`
}

func newManifest(d day.Day) manifest {
	return manifest{ExportedAt: d.String() + "T05:00:00Z", Files: map[string]promised{}}
}

func (m manifest) save(dir string) error {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, ManifestFile), append(b, '\n'), 0o600)
}

// promise rewrites what the manifest says of one file.
func promise(dir, file string, rows int, size int64) error {
	b, err := os.ReadFile(filepath.Join(dir, ManifestFile))
	if err != nil {
		return err
	}
	var m manifest
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	if rows < 0 {
		rows = m.Files[file].Rows
	}
	m.Files[file] = promised{rows, size}
	return m.save(dir)
}

// ChangeLastCharge rewrites the last row of the subscriptions file in place, in
// no time whatever its size, and returns the charge before and after.
func ChangeLastCharge(dir string, change func(*Charge)) (before, after Charge, err error) {
	f, err := os.OpenFile(filepath.Join(dir, SubscriptionsFile), os.O_RDWR, 0)
	if err != nil {
		return before, after, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	at, line, err := lastLine(f)
	if err != nil {
		return before, after, err
	}
	row, err := csv.NewReader(bytes.NewReader(line)).Read()
	if err != nil {
		return before, after, err
	}
	if before, err = parseCharge(row); err != nil {
		return before, after, err
	}
	after = before
	change(&after)
	line = append(after.append(nil), '\n')
	if err := f.Truncate(at); err != nil {
		return before, after, err
	}
	if _, err := f.WriteAt(line, at); err != nil {
		return before, after, err
	}
	return before, after, promise(dir, SubscriptionsFile, -1, at+int64(len(line)))
}

// lastLine returns the last line of a file and where it begins.
func lastLine(f *os.File) (int64, []byte, error) {
	const most = 4096
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, nil, err
	}
	tail := make([]byte, min(most, size))
	if _, err := f.ReadAt(tail, size-int64(len(tail))); err != nil {
		return 0, nil, err
	}
	i := bytes.LastIndexByte(bytes.TrimSuffix(tail, []byte("\n")), '\n') + 1
	return size - int64(len(tail)-i), tail[i:], nil
}

// Edit streams one file through edit, which may change the cells of a row, found
// by their header, and returns whether to keep it. The manifest follows.
func Edit(dir, file string, edit func(cell func(header string) *string) (keep bool)) (err error) {
	in, err := os.Open(filepath.Join(dir, file))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.CreateTemp(dir, "edit-*")
	if err != nil {
		return err
	}
	rows, err := editRows(csv.NewReader(in), csv.NewWriter(out), edit)
	if err != nil {
		return errors.Join(err, out.Close(), os.Remove(out.Name()))
	}
	info, err := out.Stat()
	if err != nil {
		return errors.Join(err, out.Close())
	}
	if err := errors.Join(out.Close(), os.Rename(out.Name(), filepath.Join(dir, file))); err != nil {
		return err
	}
	return promise(dir, file, rows, info.Size())
}

func editRows(in *csv.Reader, out *csv.Writer, edit func(func(string) *string) bool) (rows int, err error) {
	header, err := in.Read()
	if err != nil {
		return 0, err
	}
	at := map[string]int{}
	for i, name := range header {
		at[name] = i
	}
	if err := out.Write(header); err != nil {
		return 0, err
	}
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			out.Flush()
			return rows, out.Error()
		}
		if err != nil {
			return rows, err
		}
		if !edit(func(name string) *string { return &row[at[name]] }) {
			continue
		}
		rows++
		if err := out.Write(row); err != nil {
			return rows, err
		}
	}
}
