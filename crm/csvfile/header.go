package csvfile

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/desksync/desksync/crm"
)

// header is the first record of a file.
type header struct {
	path  string
	names []string // trimmed; an empty one has no name
	quote bool     // all of them are quoted, and so should be all cells
	ended bool     // the line has an end
}

// readHeader reads the names of the columns, and from them what separates cells:
// a comma, else a semicolon or a tab. A line "sep=;" before them is obeyed.
func readHeader(in *scanner, path string) (header, error) {
	h := header{path: path}
	if err := in.peek(); err != nil {
		return h, at(path, err)
	}
	sep, hinted := separator(in.buf[in.pos:in.end])
	in.separate(sep)
	if hinted {
		_ = in.next() // the line with the hint; what is wrong with it shows again below
	}
	if err := in.next(); err != nil {
		return h, at(path, noHeader(err))
	}
	if in.cut {
		return h, fmt.Errorf("%s:%d: a quote in the header is never closed; export the file again", path, in.line)
	}
	h.quote, h.ended = true, !in.unended()
	for _, f := range in.fields {
		h.quote = h.quote && f.quoted
		h.names = append(h.names, strings.TrimSpace(string(in.value(f))))
	}
	if i := bytes.IndexByte(bytes.TrimRight(in.raw, "\r\n"), '\r'); i >= 0 {
		return h, fmt.Errorf("%s ends its lines with a lone carriage return, as old Macs do; save it with line ends LF or CRLF", path)
	}
	return h, nil
}

func noHeader(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("has no header line; export it again with the names of the columns first")
	}
	return err
}

// separator looks at the first line, outside quotes; hinted says that the line
// holds nothing else.
func separator(b []byte) (sep byte, hinted bool) {
	line, _, _ := bytes.Cut(b, newline)
	if hint, ok := bytes.CutPrefix(bytes.ToLower(line), []byte("sep=")); ok && len(hint) > 0 && hint[0] != '\r' {
		return hint[0], true
	}
	counts, quoted := map[byte]int{}, false
	for _, c := range line {
		if c == '"' {
			quoted = !quoted
		} else if !quoted {
			counts[c]++
		}
	}
	for _, sep := range []byte{',', ';', '\t'} {
		if counts[sep] > 0 {
			return sep, false
		}
	}
	return ',', false
}

// find returns the position of a column, or -1: an exact match first, else one
// that differs only in letter case. Two that are equally good are an error.
func (h header) find(name string) (int, error) {
	for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
		var at []int
		for i, n := range h.names {
			if same(n, name) {
				at = append(at, i)
			}
		}
		if len(at) > 1 {
			return -1, fmt.Errorf("%s has the column %s twice (columns %d and %d); export it once", h.path, quoteName(name), at[0]+1, at[1]+1)
		}
		if len(at) == 1 {
			return at[0], nil
		}
	}
	return -1, nil
}

// describe lists the columns of a file as a schema offers them.
func (s *Source) describe(_ context.Context, role crm.Role) ([]crm.Column, error) {
	f, err := s.openFile(role)
	if err != nil {
		return nil, err
	}
	defer f.close()
	if _, err := s.keys(role, f.header); err != nil {
		return nil, err
	}
	var out []crm.Column
	for _, h := range f.header.names {
		name := s.spelling(role, h)
		known := slices.ContainsFunc(out, func(c crm.Column) bool { return c.Name == name })
		if name != "" && !known {
			out = append(out, crm.Column{Name: name, Type: s.typeOf(role, name)})
		}
	}
	return out, nil
}

func (s *Source) typeOf(role crm.Role, name string) crm.Type {
	types := s.opt.Types[role]
	if t, ok := types[name]; ok {
		return t
	}
	for n, t := range types {
		if strings.EqualFold(n, name) {
			return t
		}
	}
	return crm.Text
}

// spelling gives a header the letter case that the configuration uses for it, or
// Salesforce does; other headers stay as they are.
func (s *Source) spelling(role crm.Role, header string) string {
	same := func(name string) bool { return strings.EqualFold(name, header) }
	if slices.Contains(s.opt.Names[role], header) {
		return header
	}
	for _, names := range [][]string{s.opt.Names[role], sortedKeys(s.opt.Types[role]), s.keyNames(role), standardNames} {
		if i := slices.IndexFunc(names, same); i >= 0 {
			return names[i]
		}
	}
	return header
}

func (s *Source) keyNames(role crm.Role) []string {
	c := s.opt.Columns[role]
	return slices.DeleteFunc([]string{c.ID, c.Account, c.Parent}, func(n string) bool { return n == "" })
}

func sortedKeys(types map[string]crm.Type) []string {
	var out []string
	for name := range types {
		out = append(out, name)
	}
	slices.SortFunc(out, cmp.Compare)
	return out
}
