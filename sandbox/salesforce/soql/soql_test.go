package soql_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/sandbox/salesforce/soql"
)

func TestStatements(t *testing.T) {
	t.Parallel()
	const text = `select a.Id, a.Owner.Name, (SELECT LastName FROM Contacts WHERE Email != null ORDER BY LastName LIMIT 3)
		FROM Account a
		WHERE (a.Name LIKE 'A\%\_b%' OR Name = 'it\'s\n\\ 100\%') AND (NOT Type IN ('Customer', null)) AND CreatedDate >= 2026-01-31T08:15:00+01:00
		ORDER BY Name DESC NULLS LAST, Id LIMIT 10 OFFSET 5`
	q, err := soql.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if got := q.Select[0].Path.String() + " " + q.Select[1].Path.String(); got != "Id Owner.Name" {
		t.Errorf("selected %s, want Id Owner.Name", got)
	}
	sub := q.Select[2].Sub
	if sub == nil || sub.From != "Contacts" || sub.Limit != 3 || len(sub.Order) != 1 {
		t.Errorf("sub-query = %+v", sub)
	}
	if q.Limit != 10 || q.Offset != 5 || !q.Order[0].Desc || !q.Order[0].NullsLast || q.Order[1].Desc {
		t.Errorf("order, limit, offset = %+v", q)
	}
	and := q.Where.(soql.And)
	or := and[0].(soql.Or)
	if got := or[0].(soql.Compare).Value.Text; got != `A\%\_b%` {
		t.Errorf("pattern = %q", got)
	}
	if got := or[1].(soql.Compare).Value.Text; got != "it's\n\\ 100%" {
		t.Errorf("string = %q", got)
	}
	if in := and[1].(soql.Not).Of.(soql.In); len(in.Values) != 2 || in.Values[1].Type != soql.Null {
		t.Errorf("in = %+v", in)
	}
	want := time.Date(2026, 1, 31, 7, 15, 0, 0, time.UTC)
	if got := and[2].(soql.Compare).Value; got.Type != soql.DateTime || !got.Time.Equal(want) {
		t.Errorf("time = %+v, want %v", got, want)
	}
}

func TestLiterals(t *testing.T) {
	t.Parallel()
	tests := map[string]soql.Type{
		"null": soql.Null, "TRUE": soql.Bool, "-1.5e3": soql.Number, "+7": soql.Number, "2026-01-31": soql.Date, "'x'": soql.String,
		"'" + strings.Repeat("é", soql.MaxString) + "'": soql.String,
		"2026-01-31T08:15:00.123Z":                      soql.DateTime, "2026-01-31T08:15:00-0500": soql.DateTime, "LAST_N_DAYS:3": soql.Range, "today": soql.Range,
	}
	for text, want := range tests {
		q, err := soql.Parse("SELECT Id FROM A WHERE F = " + text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := q.Where.(soql.Compare).Value.Type; got != want {
			t.Errorf("%s is of type %v, want %v", text, got, want)
		}
	}
}

func TestRanges(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 13, 0, 0, 0, time.UTC) // a Sunday
	tests := map[string][2]string{
		"TODAY": {"2026-11-22", "2026-11-23"}, "YESTERDAY": {"2026-11-21", "2026-11-22"}, "LAST_N_DAYS:3": {"2026-11-19", "2026-11-23"},
		"NEXT_N_DAYS:3": {"2026-11-23", "2026-11-26"}, "N_DAYS_AGO:2": {"2026-11-20", "2026-11-21"}, "LAST_WEEK": {"2026-11-15", "2026-11-22"},
		"THIS_MONTH": {"2026-11-01", "2026-12-01"}, "LAST_N_MONTHS:2": {"2026-09-01", "2026-11-01"}, "THIS_QUARTER": {"2026-10-01", "2027-01-01"},
		"NEXT_YEAR": {"2027-01-01", "2028-01-01"}, "LAST_90_DAYS": {"2026-08-24", "2026-11-23"},
	}
	for text, want := range tests {
		q, err := soql.Parse("SELECT Id FROM A WHERE F = " + text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		from, to := q.Where.(soql.Compare).Value.Range(now)
		if got := [2]string{from.Format(time.DateOnly), to.Format(time.DateOnly)}; got != want {
			t.Errorf("%s = %v, want %v", text, got, want)
		}
	}
}

func TestMalformed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"first word":        {"SELEKT Id FROM A", "unexpected token: SELEKT"},
		"mixed and, or":     {"SELECT Id FROM A WHERE B = 1 AND C = 2 OR D = 3", "\nSELECT Id FROM A WHERE B = 1 AND C = 2 OR D = 3\n" + strings.Repeat(" ", 39) + "^\nERROR at Row:1:Column:40\nunexpected token: 'OR'"},
		"not beside others": {"SELECT Id FROM A WHERE NOT B = 1 AND C = 2", "unexpected token: 'AND'"},
		"second row":        {"SELECT Id\nFROM A WHERE B == 1", "ERROR at Row:2:Column:17\nunexpected token: '='"},
		"ends early":        {"SELECT Id FROM A WHERE", "unexpected token: '<EOF>'"},
		"space for a plus":  {"SELECT Id FROM A WHERE B > 2026-01-31T08:15:00 01:00", "unexpected token: '2026-01-31T08:15:00'"},
		"bad escape":        {`SELECT Id FROM A WHERE B = 'a\z'`, `Illegal character sequence '\z' in string literal.`},
		"open string":       {"SELECT Id FROM A WHERE B = 'a", "<EOF>"},
		"group by":          {"SELECT Id FROM A GROUP BY Id", "unexpected token: 'GROUP'"},
		"like a number":     {"SELECT Id FROM A WHERE B LIKE 1", "unexpected token: '1'"},
		"empty list":        {"SELECT Id FROM A WHERE B IN ()", "unexpected token: ')'"},
		"sub in sub":        {"SELECT Id, (SELECT Id, (SELECT Id FROM C) FROM B) FROM A", "unexpected token: '('"},
		"negative limit":    {"SELECT Id FROM A LIMIT -1", "unexpected token: '-1'"},
		"too long":          {"SELECT Id FROM A WHERE B = '" + strings.Repeat("x", soql.MaxStatement) + "'", "too long"},
		"too many subs":     {"SELECT Id" + strings.Repeat(", (SELECT Id FROM Cs)", soql.MaxSubqueries+1) + " FROM A", "Maximum 20"},
		"long string":       {"SELECT Id FROM A WHERE B = '" + strings.Repeat("x", soql.MaxString+1) + "'", "string literal is too long"},
		"nothing":           {"", "unexpected token: "},
		"word of two dots":  {"SELECT A..B FROM A", "unexpected token: 'A..B'"},
		"question mark":     {"SELECT Id FROM A WHERE B = ?", "unexpected token: '?'"},
		"unknown literal":   {"SELECT Id FROM A WHERE B = LAST_N_DAYS", "unexpected token: 'LAST_N_DAYS'"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := soql.Parse(tt.text)
			var bad *soql.Malformed
			if !errors.As(err, &bad) || !strings.HasSuffix(bad.Message, tt.want) && !strings.Contains(bad.Message, tt.want) {
				t.Errorf("Parse(%.80q) = %q, want %q", tt.text, err, tt.want)
			}
		})
	}
}

func TestLike(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text, pattern string
		want          bool
	}{
		{"Acme", "acme", true},
		{"Acme Inc", "a%c", true},
		{"Acme Inc", "a%x", false},
		{"100%", `100\%`, true},
		{"1000", `100\%`, false},
		{"a_b", `a\_b`, true},
		{"axb", `a\_b`, false},
		{`a\rest`, `a\\%`, true},
		{`a%`, `a\\%`, false},
		{`a\b`, `a\\b`, true},
		{"axb", "a_b", true},
		{"שלום", "ש%", true},
		{"", "%", true},
		{"", "_", false},
		{"aab", "%ab", true},
	}
	for _, tt := range tests {
		if got := soql.Like(tt.text, tt.pattern); got != tt.want {
			t.Errorf("Like(%q, %q) = %v, want %v", tt.text, tt.pattern, got, tt.want)
		}
	}
}

// FuzzParse reads anything without a panic, the same way twice, and letter case of
// what was read does not count.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"SELECT Id FROM Account", "SELECT COUNT() FROM A WHERE B IN ('a') AND (C = 1 OR NOT D = null)", "SELECT Id, (SELECT Id FROM Cs) FROM A a ORDER BY a.Id NULLS LAST LIMIT 1",
		`SELECT Id FROM A WHERE B LIKE '\%\'' OR C INCLUDES ('a;b')`, "SELECT Id FROM A WHERE B > LAST_N_DAYS:3 AND C < 2026-01-31T08:15:00Z",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := soql.Parse(text)
		again, err2 := soql.Parse(text)
		if (err == nil) != (err2 == nil) {
			t.Fatalf("%q: %v, then %v", text, err, err2)
		}
		if err == nil && (q.From != again.From || !reflect.DeepEqual(q.Select, again.Select)) {
			t.Fatalf("%q: %+v, then %+v", text, q, again)
		}
		if bad := new(soql.Malformed); err != nil && (!errors.As(err, &bad) || bad.Message == "") {
			t.Fatalf("%q: %v is no Malformed", text, err)
		}
	})
}
