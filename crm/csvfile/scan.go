package csvfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

const (
	bufferSize = 256 << 10
	maxRecord  = 8 << 20 // no record of Salesforce is larger; more is a quote that is never closed
)

// verdict says how the scan of a record ended.
type verdict uint8

const (
	whole    verdict = iota
	more             // the buffer ends first
	bare             // a quote inside a field that does not begin with one
	trailing         // something between a closing quote and the next separator
)

// field is one cell: where it stands in the record, without its quotes.
type field struct {
	from, to int
	quoted   bool
	doubled  bool // has doubled quotes
}

// scanner splits a file into records and cells, strictly and without copying.
// One record is held at a time, and no more than maxRecord of it.
type scanner struct {
	src   io.Reader
	sep   byte
	stops [256]bool // the bytes at which a bare cell ends: separator, line end, quote

	buf      []byte
	pos, end int
	eof      bool

	raw    []byte  // the record, valid until next
	fields []field // its cells
	line   int     // the line on which it begins
	after  int     // the line behind it
	odd    bool    // it holds a carriage return before its end, or a zero byte
	cut    bool    // the file ended inside quotes, or inside a character
}

func newScanner(src io.Reader) *scanner {
	s := &scanner{src: src, buf: make([]byte, bufferSize), after: 1}
	s.separate(',')
	return s
}

// separate sets what separates cells.
func (s *scanner) separate(sep byte) {
	s.sep, s.stops = sep, [256]bool{}
	for _, c := range []byte{sep, '\n', '"'} {
		s.stops[c] = true
	}
}

// next reads a record; io.EOF when there is none left. Blank lines are passed over.
func (s *scanner) next() error {
	for {
		if err := s.scan(); err != nil {
			return err
		}
		blank := len(s.fields) == 1 && !s.fields[0].quoted && s.fields[0].from == s.fields[0].to
		if !blank || s.cut {
			return nil
		}
	}
}

func (s *scanner) scan() error {
	for {
		if s.pos == s.end && s.eof {
			return io.EOF
		}
		n, v := s.split(s.buf[s.pos:s.end])
		s.line = s.after
		if v == bare || v == trailing {
			return s.broken(v, n)
		}
		if v == more && s.eof { // the end of the file inside quotes
			s.cut, n, v = true, s.end-s.pos, whole
		}
		if v == whole {
			return s.take(n)
		}
		if err := s.fill(); err != nil {
			return err
		}
	}
}

// peek reads until the buffer holds the first line, or is full.
func (s *scanner) peek() error {
	for !s.eof && s.end < len(s.buf) && bytes.IndexByte(s.buf[:s.end], '\n') < 0 {
		if err := s.fill(); err != nil {
			return err
		}
	}
	return nil
}

// unended reports whether the file ended without a line end behind the record:
// it may have been cut there.
func (s *scanner) unended() bool { return s.eof && s.pos == s.end && !bytes.HasSuffix(s.raw, newline) }

// take accepts n bytes as the record.
func (s *scanner) take(n int) error {
	s.raw = s.buf[s.pos : s.pos+n]
	s.pos += n
	s.after += bytes.Count(s.raw, newline)
	s.odd = bytes.IndexByte(s.raw[:max(0, n-2)], '\r') >= 0 || bytes.IndexByte(s.raw, 0) >= 0
	if utf8.Valid(s.raw) {
		return nil
	}
	return s.notUTF8()
}

var newline = []byte{'\n'}

// fill makes room and reads on.
func (s *scanner) fill() error {
	rest := copy(s.buf, s.buf[s.pos:s.end])
	s.pos, s.end = 0, rest
	if rest == len(s.buf) {
		if rest >= maxRecord {
			return &lineError{line: s.line, msg: fmt.Sprintf("the record that begins here does not end within %d MiB: most likely a quote is opened and never closed; export the file again", maxRecord>>20)}
		}
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	for {
		n, err := s.src.Read(s.buf[s.end:])
		s.end += n
		if errors.Is(err, io.EOF) {
			s.eof = true
			return nil
		}
		if err != nil || n > 0 {
			return err
		}
	}
}

// split finds the cells of the record that b begins with, and how long it is.
func (s *scanner) split(b []byte) (int, verdict) {
	s.fields = s.fields[:0]
	for at := 0; ; at++ {
		f, end, v := s.cell(b, at)
		if v != whole {
			return end, v
		}
		if end == len(b) && !s.eof {
			return end, more
		}
		s.fields = append(s.fields, f)
		if end == len(b) {
			return end, whole
		}
		if b[end] == '\n' {
			return end + 1, whole
		}
		at = end
	}
}

// cell reads one cell, and returns where its separator stands.
func (s *scanner) cell(b []byte, at int) (field, int, verdict) {
	if at < len(b) && b[at] == '"' {
		return s.quoted(b, at+1)
	}
	end := at
	for end < len(b) && !s.stops[b[end]] {
		end++
	}
	if end < len(b) && b[end] == '"' && s.sep != '"' {
		return field{}, end, bare
	}
	to := end
	if to > at && b[to-1] == '\r' && (to == len(b) || b[to] == '\n') {
		to--
	}
	return field{from: at, to: to}, end, whole
}

func (s *scanner) quoted(b []byte, from int) (field, int, verdict) {
	f := field{from: from, to: from, quoted: true}
	for {
		n := bytes.IndexByte(b[f.to:], '"')
		if n < 0 || f.to+n+1 == len(b) && !s.eof {
			return f, len(b), more
		}
		f.to += n
		if f.to+1 == len(b) || b[f.to+1] != '"' {
			end, v := s.behind(b, f.to+1)
			return f, end, v
		}
		f.doubled = true
		f.to += 2
	}
}

// behind checks that a separator follows a closing quote.
func (s *scanner) behind(b []byte, at int) (int, verdict) {
	if at < len(b) && b[at] == '\r' {
		if at+1 == len(b) {
			if !s.eof {
				return at, more
			}
			return at + 1, whole
		}
		if b[at+1] == '\n' {
			return at + 1, whole
		}
	}
	if at == len(b) || b[at] == s.sep || b[at] == '\n' {
		return at, whole
	}
	return at, trailing
}

// broken says where quoting went wrong; n is how far into the record.
func (s *scanner) broken(v verdict, n int) error {
	head := s.buf[s.pos : s.pos+n]
	line := s.line + bytes.Count(head, newline)
	column := utf8.RuneCount(head[bytes.LastIndexByte(head, '\n')+1:]) + 1
	what := "a quote stands inside a value that is not quoted"
	if v == trailing {
		what = "a closing quote is followed by more text"
	}
	began := ""
	if line != s.line {
		began = fmt.Sprintf(" (the record begins on line %d)", s.line)
	}
	return &lineError{line, column, "broken quoting: " + what + began + `; quotes inside a value must be doubled (""): export the file again`}
}

// notUTF8 names the first byte that is not, and what it most likely means.
func (s *scanner) notUTF8() error {
	bad := 0
	for bad < len(s.raw) {
		r, n := utf8.DecodeRune(s.raw[bad:])
		if r == utf8.RuneError && n <= 1 {
			break
		}
		bad += n
	}
	if s.eof && s.pos == s.end && !utf8.FullRune(s.raw[bad:]) {
		s.cut = true
		return nil
	}
	line := s.line + bytes.Count(s.raw[:bad], newline)
	meant := cp1252(s.raw[bad])
	if meant == utf8.RuneError {
		return &lineError{line: line, msg: fmt.Sprintf("the byte 0x%02X is not UTF-8, and Windows-1252 has no such byte either: export the file with the encoding UTF-8", s.raw[bad])}
	}
	return &lineError{line: line, msg: fmt.Sprintf("the byte 0x%02X is not UTF-8, in Windows-1252 it would be %q: export the file with the encoding UTF-8, or set encoding: windows-1252", s.raw[bad], meant)}
}

// value returns the text of a cell: quotes undoubled, line ends as \n, no zero
// bytes. It is valid until next.
func (s *scanner) value(f field) []byte {
	v := s.raw[f.from:f.to]
	if f.doubled {
		v = bytes.ReplaceAll(v, []byte(`""`), []byte(`"`))
	}
	if s.odd {
		v = bytes.ReplaceAll(v, []byte{0}, nil)
	}
	if s.odd && f.quoted {
		v = bytes.ReplaceAll(v, []byte("\r\n"), newline)
	}
	return v
}
