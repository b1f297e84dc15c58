package csvfile

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// sniffed is how much of a file is looked at before reading it.
const sniffed = 1024

// decode returns the file as UTF-8 without byte order mark. A file that is no
// text is an error that says what it seems to be.
func decode(src io.Reader, encoding string) (io.Reader, error) {
	r := bufio.NewReaderSize(src, 4*sniffed) // larger reads pass it by
	head, err := r.Peek(sniffed)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(bytes.TrimSpace(head)) == 0 {
		return nil, errors.New("is empty; export it again")
	}
	if what := foreign(head); what != "" {
		return nil, errors.New("is not CSV but " + what)
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, err = r.Discard(3)
		return r, err
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Reader(r), nil
	case encoding == Windows1252:
		return charmap.Windows1252.NewDecoder().Reader(r), nil
	}
	return r, nil
}

// foreign recognises what people save under the name .csv by mistake.
func foreign(head []byte) string {
	for _, f := range []struct{ begins, what string }{
		{"PK\x03\x04", "an Excel workbook or a zip archive; unpack it, or save it as CSV (UTF-8)"},
		{"\xd0\xcf\x11\xe0", "an old Excel workbook; save it as CSV (UTF-8)"},
		{"\x1f\x8b", "a gzip archive; unpack it"},
		{"<", "HTML or XML: Salesforce exports reports so when Excel is chosen; choose the format CSV, encoding UTF-8"},
	} {
		if bytes.HasPrefix(bytes.TrimSpace(head), []byte(f.begins)) {
			return f.what
		}
	}
	hasMark := bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff"))
	if !hasMark && bytes.Count(head, []byte{0}) > len(head)/4 {
		return "UTF-16 without a byte order mark; save it as UTF-8"
	}
	return ""
}

// cp1252 is what a byte means in Windows-1252, for messages.
func cp1252(b byte) rune { return charmap.Windows1252.DecodeByte(b) }
