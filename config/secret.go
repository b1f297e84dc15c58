package config

import (
	"errors"
	"iter"
	"path/filepath"
	"strings"

	"github.com/desksync/desksync/config/strict"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/secret"
)

// Secret is a text that may hold ${VARIABLES}, or file:NAME for the content of a
// file. It is looked up when it is used and not before, and prints as ***.
type Secret struct{ text string }

// UnmarshalText keeps the text as it is written, and refuses half a variable.
func (s *Secret) UnmarshalText(b []byte) error {
	if strings.TrimSpace(string(b)) == "" {
		return errors.New("is empty; give it a value, ${VARIABLE} or file:NAME")
	}
	s.text = string(b)
	return wellFormed(s.text)
}

// String never gives the text away.
func (s Secret) String() string {
	if s.text == "" {
		return ""
	}
	return "***"
}

// GoString never gives the text away.
func (s Secret) GoString() string { return s.String() }

// MarshalText never gives the text away.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// IsZero reports whether nothing was given.
func (s Secret) IsZero() bool { return s.text == "" }

// Resolve looks the secret up.
func (s Secret) Resolve(from secret.Source) (secret.Text, error) { return from.Resolve(s.text) }

// DSN looks up the name of a database; a SQLite file without a full path lies
// beside the configuration.
func (s Secret) DSN(from secret.Source) (secret.Text, error) {
	dsn, err := from.Resolve(s.text)
	if err != nil {
		return secret.Text{}, err
	}
	name, ok := strings.CutPrefix(dsn.Reveal(), "sqlite:")
	if !ok || name == ":memory:" {
		return dsn, nil
	}
	return secret.New("sqlite:" + beside(from.Dir, name)), nil
}

// Path is a file or folder, relative to the configuration file; it may hold
// ${VARIABLES}.
type Path string

// UnmarshalText refuses half a variable.
func (p *Path) UnmarshalText(b []byte) error {
	if strings.TrimSpace(string(b)) == "" {
		return errors.New("is empty; give it the name of a file, or remove the line")
	}
	*p = Path(b)
	return wellFormed(string(b))
}

// Resolve returns the path as the operating system wants it.
func (p Path) Resolve(from secret.Source) (string, error) {
	name, err := from.Expand(string(p))
	if err != nil || name == "" {
		return "", err
	}
	return beside(from.Dir, name), nil
}

// wellFormed reports a variable that is written wrong, whatever its value.
func wellFormed(s string) error {
	_, err := secret.Source{Lookup: func(string) (string, bool) { return "x", true }}.Expand(s)
	return innermost(err)
}

// innermost drops what names the package: the place in the file says more.
func innermost(err error) error {
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Err != nil {
		return e.Err
	}
	return err
}

func beside(dir, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

// Secrets is where the secrets of this file are looked up: file: paths begin
// beside it. A nil lookup is the environment.
func (f *File) Secrets(lookup func(string) (string, bool)) secret.Source {
	return secret.Source{Dir: f.Dir(), Lookup: lookup}
}

// channels yields those of alerts.
func (f *File) channels() iter.Seq2[string, *Channel] {
	if f.Alerts == nil {
		return Map[Channel](nil).All()
	}
	return f.Alerts.Channels.All()
}

// Unresolved reports every variable that is not set and every secret file that
// cannot be read.
func (f *File) Unresolved(from secret.Source) Problems {
	var out Problems
	note := func(path string, err error) {
		if err != nil {
			msg, fix, _ := strings.Cut(innermost(err).Error(), "; ")
			out = append(out, f.Annotate(path, 0, msg, fix))
		}
	}
	try := func(path string, s Secret) { _, err := s.Resolve(from); note(path, err) }
	file := func(path string, p Path) { _, err := p.Resolve(from); note(path, err) }
	try("journal.dsn", f.Journal.DSN)
	for name, t := range f.Targets.All() {
		try("targets."+name+".database", t.Database)
		if t.Auth != nil {
			try("targets."+name+".auth.client_secret", t.Auth.ClientSecret)
			try("targets."+name+".auth.token", t.Auth.Token)
		}
	}
	for name, s := range f.Sources.All() {
		file("sources."+name+".dir", s.Dir)
		if s.Auth != nil {
			at := "sources." + name + ".auth."
			try(at+"client_id", s.Auth.ClientID)
			try(at+"private_key", s.Auth.PrivateKey)
			try(at+"client_secret", s.Auth.ClientSecret)
		}
	}
	file("overrides", f.Overrides)
	for name, c := range f.channels() {
		at := "alerts.channels." + name + "."
		try(at+"url", c.URL)
		try(at+"secret", c.Secret)
		try(at+"integration_key", c.IntegrationKey)
		try(at+"password", c.Password)
	}
	for name, p := range f.Pipelines.All() {
		file("pipelines."+name+".mark.protect", p.Mark.Protect.File)
	}
	return strict.Of(out.Err())
}
