package crm_test

import (
	"strings"
	"testing"

	"github.com/desksync/desksync/crm"
)

func TestParseID(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ in, want, err string }{
		"15 characters get their checksum":     {in: "001xx000003DGb2", want: "001xx000003DGb2AAG"},
		"18 characters with the right one":     {in: "001xx000003DGb2AAG", want: "001xx000003DGb2AAG"},
		"recorded from a real organization":    {in: "0014W000027f6V3", want: "0014W000027f6V3QAI"},
		"recorded from another one":            {in: "001B000001LntWl", want: "001B000001LntWlIAJ"},
		"a wrong checksum names the right one": {in: "001Aa000003DGb2IAH", err: "the id 001Aa000003DGb2IAH has a wrong checksum (001Aa000003DGb2 ends in IAG)"},
		"cut by the old sync":                  {in: "001xx000003DGb", err: "the id 001xx000003DGb has 14 characters; a Salesforce id has 15 or 18"},
		"empty":                                {in: "", err: "the id  has 0 characters; a Salesforce id has 15 or 18"},
		"a number a spreadsheet made of it":    {in: "1.00E+17", err: "the id 1.00E+17 has 8 characters; a Salesforce id has 15 or 18"},
		"a character that no id has":           {in: "001xx000003DG-2", err: "the id 001xx000003DG-2 has the character '-'; a Salesforce id has only letters and digits"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := crm.ParseID(tt.in)
			if text(err) != tt.err || got != tt.want {
				t.Errorf("ParseID(%q) = %q, %v; want %q, %q", tt.in, got, err, tt.want, tt.err)
			}
			if tt.err == "" && crm.ShortID(got) != tt.in[:15] {
				t.Errorf("ShortID(%q) = %q, want %q", got, crm.ShortID(got), tt.in[:15])
			}
		})
	}
}

func TestRestoreCase(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in, want string
		ok       bool
	}{
		"all capitals":                        {"001AA000003DGB2IAG", "001Aa000003DGb2IAG", true},
		"all small":                           {"001aa000003dgb2iag", "001Aa000003DGb2IAG", true},
		"only the id is folded":               {"001aa000003dgb2IAG", "001Aa000003DGb2IAG", true},
		"mixed case is not folded":            {"001Aa000003DGb2IAH", "001Aa000003DGb2IAH", false},
		"15 characters tell nothing":          {"001AA000003DGB2", "001AA000003DGB2", false},
		"a digit cannot be a capital":         {"001AA000003DGB2PAG", "001AA000003DGB2PAG", false},
		"9 is in no checksum":                 {"001AA000003DGB29AG", "001AA000003DGB29AG", false},
		"digits only have no case to restore": {"001000000000001AAA", "001000000000001AAA", false},
		"not letters and digits":              {"001AA-00003DGB2IAG", "001AA-00003DGB2IAG", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, ok := crm.RestoreCase(tt.in); got != tt.want || ok != tt.ok {
				t.Errorf("RestoreCase(%q) = %q, %v; want %q, %v", tt.in, got, ok, tt.want, tt.ok)
			}
		})
	}
}

func FuzzParseID(f *testing.F) {
	for _, s := range []string{"001xx000003DGb2", "001xx000003DGb2AAG", "001Aa000003DGb2IAH", "", "ä", "001AA000003DGB2IAG", strings.Repeat("z", 18)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := crm.ParseID(s)
		appended, ok := crm.AppendID([]byte("before "), []byte(s))
		if ok != (err == nil) || string(appended) != "before "+id {
			t.Fatalf("ParseID(%q) = %q, %v, but AppendID gives %q, %v", s, id, err, appended, ok)
		}
		if err != nil {
			return
		}
		if again, err := crm.ParseID(id); err != nil || again != id || crm.ShortID(id) != s[:15] {
			t.Fatalf("ParseID(%q) = %q, which read again is %q, %v", s, id, again, err)
		}
		if upper := strings.ToUpper(id); upper != id {
			if got, ok := crm.RestoreCase(upper); !ok || got != id {
				t.Fatalf("RestoreCase(%q) = %q, %v; want %q", upper, got, ok, id)
			}
		}
	})
}

func BenchmarkAppendID(b *testing.B) {
	id, buf := []byte("001xx000003DGb2AAG"), make([]byte, 0, 18)
	for b.Loop() {
		buf, _ = crm.AppendID(buf[:0], id)
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
