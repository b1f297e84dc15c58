package salesforce

import (
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
)

// FuzzQuick holds that the quick way says what the slow one says.
func FuzzQuick(f *testing.F) {
	for _, s := range []string{"", "true", "0", "00", "31200.0", ".0", "0.0", "1.50", "-1.0", "2026-01-31", "2026-02-28", "2026-02-29", "2024-02-29", "2026-04-31", "2026-12-31", "2026-00-10", "2026-13-01", "2026-01-31T08:15:00.000+0000", "2026-01-28T23:59:59.999Z", "2026-01-28T24:00:00.000Z", "a;b", ";a", "a;;b", "a; b", "\n", "x\r\ny", "é"} {
		for _, t := range []uint8{uint8(crm.Text), uint8(crm.Number), uint8(crm.Money), uint8(crm.Bool), uint8(crm.Date), uint8(crm.Multi)} {
			f.Add(t, s, true)
			f.Add(t, s, false)
		}
	}
	east := time.FixedZone("east", 9*3600)
	f.Fuzz(func(t *testing.T, kind uint8, s string, utc bool) {
		typ := crm.Type(kind % 6)
		got, ok := quick(typ, s, utc)
		if !ok {
			return
		}
		loc := east
		if utc {
			loc = time.UTC
		}
		if want, err := crm.Canonical(typ, s, loc); err != nil || got != want {
			t.Errorf("quick(%d, %q) = %q, crm.Canonical says %q, %v", typ, s, got, want, err)
		}
	})
}

func TestValuesAreTheSameBothWays(t *testing.T) {
	t.Parallel()
	opt := &Options{Location: time.UTC}
	tests := []struct {
		typ            crm.Type
		rest, csv, out string
	}{
		{crm.Date, "2026-01-31T08:15:00.000+0000", "2026-01-31T08:15:00.000Z", "2026-01-31"},
		{crm.Date, "2026-01-31", "2026-01-31", "2026-01-31"},
		{crm.Money, "9.5E8", "9.5E8", "950000000"},
		{crm.Number, "39000.0", "39000", "39000"},
		{crm.Text, "a\r\nb\x00", "a\nb", "a\nb"},
		{crm.Text, "N/A", "N/A", "N/A"},
		{crm.Multi, "four;six", "four;six", "four;six"},
		{crm.Bool, "true", "true", "true"},
	}
	for _, tt := range tests {
		for _, in := range []string{tt.rest, tt.csv} {
			if got, err := canonical(tt.typ, in, opt); err != nil || got != tt.out {
				t.Errorf("canonical(%d, %q) = %q, %v; want %q", tt.typ, in, got, err, tt.out)
			}
		}
	}
	if _, err := canonical(crm.Text, "a\xff", opt); err == nil {
		t.Error("text that is not UTF-8 was taken")
	}
}
