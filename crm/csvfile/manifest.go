package csvfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/day"
)

// manifestNames are the files that can say what an export holds; the first found counts.
var manifestNames = []string{"manifest.json", "manifest.yaml", "manifest.yml"}

// manifest says what whoever exported the files meant to export:
//
//	{"exported_at": "2026-11-21T05:00:00Z", "files": {"accounts.csv": {"rows": 11204}}}
type manifest struct {
	ExportedAt   string              `yaml:"exported_at"`  // an instant with its zone, or a day
	Organization string              `yaml:"organization"` // id of the CRM organization; may be missing
	Files        map[string]promised `yaml:"files"`

	name string // of the manifest itself; empty: there is none
	day  day.Day
}

// promised is what a manifest says of one file.
type promised struct {
	Rows  *int   `yaml:"rows"`  // rows of data, without header and footer
	Bytes *int64 `yaml:"bytes"` // size of the file; may be missing
}

// UnmarshalYAML also reads a plain number of rows.
func (p *promised) UnmarshalYAML(b []byte) error {
	var n int
	if yaml.Unmarshal(b, &n) == nil {
		p.Rows = &n
		return nil
	}
	type plain promised
	return yaml.UnmarshalWithOptions(b, (*plain)(p), yaml.Strict())
}

// manifest reads the folder's manifest; without one, and where none is asked
// for, it is empty.
func (s *Source) manifest() (manifest, error) {
	if s.opt.Complete != ByManifest {
		return manifest{}, nil
	}
	for _, name := range manifestNames {
		b, err := os.ReadFile(filepath.Join(s.opt.Dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return manifest{}, err
		}
		m := manifest{name: filepath.ToSlash(filepath.Join(s.opt.Dir, name))}
		if err := m.parse(b, s.opt.Location); err != nil {
			return manifest{}, fmt.Errorf("%s cannot be used: %w", m.name, err)
		}
		return m, nil
	}
	return manifest{}, nil
}

func (m *manifest) parse(b []byte, loc *time.Location) error {
	if err := yaml.UnmarshalWithOptions(b, m, yaml.Strict()); err != nil {
		return err
	}
	if m.ExportedAt == "" {
		return errors.New("exported_at is missing; write when the export was made, such as 2026-11-21T05:00:00Z")
	}
	if id, err := crm.ParseID(m.Organization); err == nil {
		m.Organization = id // 15 and 18 characters are the same organization
	}
	at, err := crm.Canonical(crm.Date, m.ExportedAt, loc)
	if err != nil {
		return fmt.Errorf("exported_at: %w, or an instant such as 2026-11-21T05:00:00Z", err)
	}
	m.day, err = day.Parse(at)
	return err
}

// promises returns how many rows a file must have; 0 where nothing is said of it.
func (m *manifest) promises(file string) int {
	if p, ok := m.Files[file]; ok && p.Rows != nil {
		return *p.Rows
	}
	return 0
}

// prove returns why a file of so many rows and bytes is not what the manifest
// promises; empty when it is.
func (m *manifest) prove(f *file, file string, n int) string {
	dir := filepath.ToSlash(filepath.Dir(f.path))
	if m.name == "" {
		return fmt.Sprintf("%s has no manifest.json or manifest.yaml that says how many rows were exported; write one, or set complete: declared if what lies there is always whole", dir)
	}
	p, ok := m.Files[file]
	switch {
	case !ok || p.Rows == nil:
		return fmt.Sprintf("%s does not say how many rows %s has; add it under files", m.name, file)
	case *p.Rows != n:
		return fmt.Sprintf("%s has %s and %s promises %s; export it again", f.path, rows(n), m.name, crm.Count(*p.Rows))
	case p.Bytes != nil && *p.Bytes != f.info.Size():
		return fmt.Sprintf("%s has %s bytes and %s promises %s; export it again", f.path, crm.Count(int(f.info.Size())), m.name, crm.Count(int(*p.Bytes)))
	}
	return ""
}
