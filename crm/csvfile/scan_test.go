package csvfile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
)

// scanAll returns the cells of all records, and where the file ended.
func scanAll(src io.Reader) (rows [][]string, cut bool, err error) {
	s := newScanner(src)
	for {
		if err := s.next(); errors.Is(err, io.EOF) {
			return rows, s.cut, nil
		} else if err != nil {
			return rows, s.cut, err
		}
		if s.cut {
			return rows, true, nil
		}
		var row []string
		for _, f := range s.fields {
			row = append(row, string(s.value(f)))
		}
		rows = append(rows, row)
	}
}

// FuzzScanner compares with encoding/csv, the strict standard: what one reads, the
// other reads the same; what one refuses, the other refuses.
func FuzzScanner(f *testing.F) {
	for _, s := range []string{
		"a,b\n1,2\n", "\"a\"\"b\",c\r\n", "a\n\n\r\nb", "\"a\nb\"\n", "\"a", "a\"b", "\"a\"b", "a,\r\n", "\r", "a\r\nb\r", ",\n", "\"\r\n\"", "é,\"ü\"\n", "\"a\"\r", "\xff", "\"a\"\r\r\n", "a\r\r\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, cut, err := scanAll(strings.NewReader(s))
		slow, slowCut, slowErr := scanAll(iotest.OneByteReader(strings.NewReader(s)))
		if !same(got, slow) || cut != slowCut || (err == nil) != (slowErr == nil) {
			t.Fatalf("%q reads as %q byte by byte and as %q at once", s, slow, got)
		}
		if strings.ContainsAny(s, "\x00") || bytes.ContainsRune([]byte(s), 0xFFFD) || !isUTF8(s) {
			return
		}
		want, refused := csv.NewReader(strings.NewReader(s)), error(nil)
		want.FieldsPerRecord = -1
		rows, refused := want.ReadAll()
		if (refused != nil) != (err != nil || cut) {
			t.Fatalf("%q: encoding/csv says %v; we say %v, cut: %v", s, refused, err, cut)
		}
		if refused == nil && !same(got, rows) {
			t.Fatalf("%q reads as %q, encoding/csv reads %q", s, got, rows)
		}
	})
}

func isUTF8(s string) bool { return strings.ToValidUTF8(s, "") == s }

func same(a, b [][]string) bool {
	return slices.EqualFunc(a, b, func(x, y []string) bool { return slices.Equal(x, y) })
}

func TestScannerCountsLines(t *testing.T) {
	t.Parallel()
	s := newScanner(strings.NewReader("a\n\n\"b\nc\"\r\nd\n"))
	var lines []int
	for s.next() == nil {
		lines = append(lines, s.line)
	}
	if !slices.Equal(lines, []int{1, 3, 5}) {
		t.Errorf("records begin on lines %v, want 1, 3, 5", lines)
	}
}

func TestScannerReportsWhatTheDiskSays(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is broken")
	if _, _, err := scanAll(io.MultiReader(strings.NewReader("a,b\n1"), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
}

// TestChanged moves the file between opening it and reading it.
func TestChanged(t *testing.T) {
	t.Parallel()
	const before = "Id,Name\n001Aa000003DGb2IAG,A\n"
	tests := map[string]func(path string) error{
		"it grew": func(path string) error {
			return os.WriteFile(path, []byte(before+"001Aa000004QmX1IAK,B\n"), 0o600)
		},
		"it was written over with something broken": func(path string) error {
			return os.WriteFile(path, []byte("Id,Name\n001Aa000004QmX1IAK,\"B\"x"), 0o600)
		},
		"it was cut": func(path string) error { return os.Truncate(path, 12) },
		"it was replaced": func(path string) error {
			return errors.Join(os.Remove(path), os.WriteFile(path, []byte(before), 0o600))
		},
		"it was taken away": os.Remove,
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "accounts.csv")
			if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
				t.Fatal(err)
			}
			src, _ := New(Options{Dir: filepath.Dir(path), Complete: Declared})
			var rep crm.Report
			r, err := src.open(crm.Query{Role: crm.Account}, manifest{}, &rep)
			if err != nil {
				t.Fatal(err)
			}
			defer r.close()
			if err := change(path); err != nil {
				t.Fatal(err)
			}
			err = r.gather(t.Context())
			if fault.KindOf(err) != fault.Raced || !strings.HasSuffix(err.Error(), "accounts.csv changed while it was read, and nothing was taken from it; run again when the export has ended") {
				t.Errorf("got %v, want a raced fault that says so", err)
			}
		})
	}
}

// FuzzFile reads anything as an export: no panic, ascending records, and every
// row accounted for.
func FuzzFile(f *testing.F) {
	for _, s := range []string{
		"Id,Name\n001Aa000003DGb2IAG,A\n001Aa000003DGb2,B\n", "Id,Name,ParentId\n1,\"a\nb\",\n2,,1\n\nGrand Total\n", "sep=;\nId;Name\n1;2\n",
		"\xef\xbb\xbfId\n1\n", "\xff\xfeI\x00d\x00\n\x001\x00", "Id,Name\n1,2", "Id,Name\n1,\"2", "Id,Id\n1,1\n",
	} {
		f.Add([]byte(s), true)
		f.Add([]byte(s), false)
	}
	dir := f.TempDir()
	path := filepath.Join(dir, "accounts.csv")
	f.Fuzz(func(t *testing.T, text []byte, salesforce bool) {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		opt := Options{Dir: dir, Complete: Declared, IDs: TextIDs}
		if salesforce {
			opt.IDs = SalesforceIDs
		}
		src, _ := New(opt)
		var rep crm.Report
		last, n := "", 0
		var failed error
		for rec, err := range src.Records(t.Context(), crm.Query{Role: crm.Account}, &rep) {
			if err != nil {
				failed = err
				continue
			}
			if failed != nil || rec.ID <= last {
				t.Fatalf("%q after %q, or after %v", rec.ID, last, failed)
			}
			last = rec.ID
			n++
		}
		if rep.Complete == (rep.Why != "") || n != rep.Rows && failed == nil || failed != nil && rep.Complete {
			t.Fatalf("%d records, error %v, report %+v", n, failed, rep)
		}
	})
}

// benchmarkText is an export of n contacts with twelve columns.
func benchmarkText(n int, quoted bool) []byte {
	var b bytes.Buffer
	b.WriteString("Id,AccountId,Email,FirstName,LastName,Name,Title,Inactive_Contact__c,Role__c,Phone,MailingCity,SystemModstamp\n")
	for i := range n {
		at := i * 7919 % n
		row := fmt.Sprintf("003Aa0000%06d,001Aa0000%06d,ann.lee.%d@acme-%d.example,Ann,Lee,Ann Lee,Head of IT,false,Admin;Billing,+49 30 1234,Berlin,2026-11-20T08:15:00.000Z", at, at/3, at, at/3)
		if quoted {
			row = `"` + strings.ReplaceAll(row, ",", `","`) + `"`
		}
		b.WriteString(row + "\n")
	}
	return b.Bytes()
}

const benchmarkRows = 200_000

// BenchmarkRead reads, checks, sorts and yields contacts of 12 columns, 8 of them
// asked for; the goal is 400,000 rows/s on one core.
func BenchmarkRead(b *testing.B) {
	for _, quoted := range []bool{false, true} {
		b.Run(fmt.Sprintf("quoted=%v", quoted), func(b *testing.B) {
			dir := b.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "contacts.csv"), benchmarkText(benchmarkRows, quoted), 0o600); err != nil {
				b.Fatal(err)
			}
			src, _ := New(Options{Dir: dir, Complete: Declared})
			q := crm.Query{Role: crm.Contact, Columns: []string{"Email", "FirstName", "LastName", "Name", "Title", "Inactive_Contact__c", "Role__c", "MailingCity"}}
			for b.Loop() {
				var rep crm.Report
				for _, err := range src.Records(b.Context(), q, &rep) {
					if err != nil {
						b.Fatal(err)
					}
				}
				if rep.Rows != benchmarkRows {
					b.Fatal(rep)
				}
			}
			b.ReportMetric(float64(benchmarkRows*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// BenchmarkScan compares splitting alone with encoding/csv.
func BenchmarkScan(b *testing.B) {
	for _, quoted := range []bool{false, true} {
		text := benchmarkText(benchmarkRows, quoted)
		b.Run(fmt.Sprintf("scanner/quoted=%v", quoted), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				s := newScanner(bytes.NewReader(text))
				for s.next() == nil {
				}
			}
		})
		b.Run(fmt.Sprintf("encoding_csv/quoted=%v", quoted), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				r := csv.NewReader(bytes.NewReader(text))
				r.ReuseRecord = true
				for _, err := r.Read(); err == nil; _, err = r.Read() {
				}
			}
		})
	}
}
