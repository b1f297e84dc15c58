package salesforce

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

var pageColumns = []string{"Id", "Name", "AnnualRevenue", "Owner.Name", "Owner.Manager.Name", "Active__c"}

func readCells(src io.Reader, columns []string) (page, [][]string, error) {
	var rows [][]string
	p, err := readPage(src, newShape(columns), func(cells []string) error {
		rows = append(rows, slices.Clone(cells))
		return nil
	})
	return p, rows, err
}

// sample is the reference's page, with what is odd in it.
const sample = `{"totalSize":4301,"done":false,"nextRecordsUrl":"/services/data/v62.0/query/01gxx0000004CAyAAM-2000",
 "records":[{"attributes":{"type":"Account","url":"/services/data/v62.0/sobjects/Account/001xx000003DGb2AAG"},
  "Id":"001xx000003DGb2AAG","Name":"Ac\"me \\ \u00e9\uD83D\uDE00\n{[,]}","AnnualRevenue":3.5E7,
  "Owner":{"attributes":{"type":"User","url":"x"},"Name":"Ann Lee","Manager":null},"Active__c":true},
 {"attributes":{"type":"Account"},"Id":"001xx000003DGb3AAG","Name":null,"AnnualRevenue":null,"Owner":null,"Active__c":false}]}
`

func TestReadPage(t *testing.T) {
	t.Parallel()
	want := [][]string{
		{"001xx000003DGb2AAG", "Ac\"me \\ é😀\n{[,]}", "3.5E7", "Ann Lee", "", "true"},
		{"001xx000003DGb3AAG", "", "", "", "", "false"},
	}
	for name, src := range map[string]io.Reader{"at once": strings.NewReader(sample), "byte by byte": iotest.OneByteReader(strings.NewReader(sample))} {
		p, rows, err := readCells(src, pageColumns)
		if err != nil || p != (page{total: 4301, next: "/services/data/v62.0/query/01gxx0000004CAyAAM-2000", rows: 2}) {
			t.Errorf("%s: readPage = %+v, %v", name, p, err)
		}
		if !slices.EqualFunc(rows, want, slices.Equal) {
			t.Errorf("%s: rows = %q, want %q", name, rows, want)
		}
	}
}

func TestAPageCutAnywhereIsAnError(t *testing.T) {
	t.Parallel()
	whole := strings.TrimSpace(sample)
	for n := range len(whole) {
		if _, _, err := readCells(strings.NewReader(whole[:n]), pageColumns); !errors.Is(err, errShape) {
			t.Fatalf("a page cut after %d of %d bytes (%q) = %v", n, len(whole), whole[max(0, n-20):n], err)
		}
	}
}

func TestPagesThatAreNone(t *testing.T) {
	t.Parallel()
	record := `{"Id":"a"}`
	for name, body := range map[string]string{
		"a list":               `[]`,
		"an error":             `[{"errorCode":"X"}]`,
		"html":                 `<html>`,
		"nothing said of done": `{"totalSize":1,"records":[` + record + `]}`,
		"no records":           `{"totalSize":1,"done":true}`,
		"no count":             `{"done":true,"records":[` + record + `]}`,
		"a missing field":      `{"totalSize":1,"done":true,"records":[{"Name":"a"}]}`,
		"a record that is not": `{"totalSize":1,"done":true,"records":["a"]}`,
		"a field of a kind":    `{"totalSize":1,"done":true,"records":[{"Id":{"street":"a"}}]}`,
		"a field with a list":  `{"totalSize":1,"done":true,"records":[{"Id":["a"]}]}`,
		"junk behind":          `{"totalSize":1,"done":true,"records":[` + record + `]} x`,
		"two in one":           `{"totalSize":1,"done":true,"records":[{"Id":"a"}{"Id":"b"}]}`,
		"a wrong count":        `{"totalSize":-1,"done":true,"records":[]}`,
		"a bare word":          `{"totalSize":1,"done":true,"records":[{"Id":yes}]}`,
		"an escape of no sort": `{"totalSize":1,"done":true,"records":[{"Id":"\q"}]}`,
		"done as text":         `{"totalSize":1,"done":"true","records":[]}`,
	} {
		if p, rows, err := readCells(strings.NewReader(body), []string{"Id"}); !errors.Is(err, errShape) {
			t.Errorf("%s: readPage = %+v, %q, %v; want an error", name, p, rows, err)
		}
	}
}

// FuzzPage compares with encoding/json: what we read, it reads the same.
func FuzzPage(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte(`{"done":true,"totalSize":0,"records":[]}`))
	f.Add([]byte(`{"done":true,"totalSize":1,"records":[{"Id":"\ud83d\u00e9","id":1e5}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, rows, err := readCells(bytes.NewReader(body), []string{"Id"})
		_, slow, slowErr := readCells(iotest.OneByteReader(bytes.NewReader(body)), []string{"Id"})
		if (err == nil) != (slowErr == nil) || !slices.EqualFunc(rows, slow, slices.Equal) {
			t.Fatalf("%q reads as %q, %v at once and as %q, %v byte by byte", body, rows, err, slow, slowErr)
		}
		var want struct {
			Total   int                          `json:"totalSize"`
			Records []map[string]json.RawMessage `json:"records"`
		}
		if err != nil || json.Unmarshal(body, &want) != nil {
			return
		}
		if p.rows != len(want.Records) && bytes.Count(body, []byte(`records`)) == 1 && !bytes.Contains(bytes.ToLower(body), []byte(`\u00`)) {
			t.Fatalf("%q has %d records, we read %d", body, len(want.Records), p.rows)
		}
	})
}

func FuzzString(f *testing.F) {
	for _, s := range []string{`""`, `"a"`, `"\u00e9"`, `"\ud83d\ude00"`, `"\ud83dx"`, `"\\"`, `"\"`, `"a\/b"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, n, err := stringAt(s, 0)
		if err != nil {
			return
		}
		var want string
		if json.Unmarshal([]byte(s[:n]), &want) == nil && got != want && strings.ToValidUTF8(s, "") == s {
			t.Fatalf("stringAt(%q) = %q, want %q", s, got, want)
		}
	})
}

func csvRows(src io.Reader, columns []string) ([][]string, error) {
	var rows [][]string
	n, err := readCSV(src, columns, func(cells []string) error {
		rows = append(rows, slices.Clone(cells))
		return nil
	})
	if err == nil && n != len(rows) {
		err = fmt.Errorf("%d rows were counted and %d seen", n, len(rows))
	}
	return rows, err
}

func TestReadCSV(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body string
		want [][]string
		err  string
	}{
		"quoted":                   {"\"Id\",\"Owner.Name\"\n\"a\",\"Ann \"\"A\"\" Lee\"\n\"b\",\"two\nlines\"\n", [][]string{{"a", "Ann \"A\" Lee"}, {"b", "two\nlines"}}, ""},
		"null is empty":            {"\"Id\",\"Owner.Name\"\n\"a\",\n\"b\",\"\"\n", [][]string{{"a", ""}, {"b", ""}}, ""},
		"other order, other case":  {"\"OWNER.NAME\",\"ID\"\n\"x\",\"a\"\n", [][]string{{"a", "x"}}, ""},
		"header only":              {"\"Id\",\"Owner.Name\"\n", nil, ""},
		"nothing":                  {"", nil, ""},
		"another header":           {"\"Id\",\"Name\"\n\"a\",\"x\"\n", nil, "the header of a page has no Owner.Name"},
		"a column too many":        {"\"Id\",\"Owner.Name\",\"X\"\n", nil, "has 3 columns, and 2 were asked for"},
		"no header":                {"\"a\",\"x\"\n", nil, "the header of a page has no Id"},
		"cut in quotes":            {"\"Id\",\"Owner.Name\"\n\"a\",\"x\"\n\"b\",\"y", nil, "line 3 of a page is cut or broken"},
		"cut between cells":        {"\"Id\",\"Owner.Name\"\n\"a\"\n", nil, "line 2 of a page is cut or broken"},
		"cut behind the last cell": {"\"Id\",\"Owner.Name\"\n\"a\",\"x\"", nil, "the last line of a page has no end"},
		"a stray quote":            {"\"Id\",\"Owner.Name\"\na\"b,x\n", nil, "line 2 of a page is cut or broken"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows, err := csvRows(strings.NewReader(tt.body), []string{"Id", "Owner.Name"})
			if tt.err != "" {
				if !errors.Is(err, errShape) || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("readCSV = %q, %v; want %q", rows, err, tt.err)
				}
				return
			}
			if err != nil || !slices.EqualFunc(rows, tt.want, slices.Equal) {
				t.Errorf("readCSV = %q, %v; want %q", rows, err, tt.want)
			}
		})
	}
}

func TestAQuoteThatNeverEndsFillsNoMemory(t *testing.T) {
	t.Parallel()
	src := io.MultiReader(strings.NewReader("\"Id\"\n\""), endless{})
	if _, err := csvRows(src, []string{"Id"}); err == nil || !strings.Contains(err.Error(), "a row has more than") {
		t.Errorf("readCSV = %v", err)
	}
	src = io.MultiReader(strings.NewReader(`{"records":[{"Id":"`), endless{})
	if _, _, err := readCells(src, []string{"Id"}); err == nil || !strings.Contains(err.Error(), "a record has more than") {
		t.Errorf("readPage = %v", err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

// FuzzCSV holds that what a writer wrote is read, and that no beginning of it is.
func FuzzCSV(f *testing.F) {
	f.Add("a", "b\n\"c\"", 3)
	f.Add("", "\r\n", 20)
	f.Fuzz(func(t *testing.T, a, b string, cut int) {
		var out bytes.Buffer
		w := csv.NewWriter(&out)
		_ = w.WriteAll([][]string{{"Id", "Name"}, {"x" + a, b}})
		rows, err := csvRows(&out, []string{"Id", "Name"})
		if err != nil || len(rows) != 1 {
			t.Fatalf("%q, %q reads as %q, %v", a, b, rows, err)
		}
		raw := "\"Id\",\"Name\"\n\"x\",\"" + strings.ReplaceAll(b, `"`, `""`) + "\"\n"
		if cut < 0 || cut >= len(raw) || cut == len("\"Id\",\"Name\"\n") || cut == 0 {
			return
		}
		if rows, err := csvRows(strings.NewReader(raw[:cut]), []string{"Id", "Name"}); err == nil {
			t.Fatalf("%q reads as %q though it is cut", raw[:cut], rows)
		}
	})
}
