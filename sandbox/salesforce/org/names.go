package org

import (
	"fmt"
	"strings"
)

// ugly are names as real people type them into a CRM, or paste.
func ugly() []string {
	return []string{
		"=cmd|' /C calc'!A0", "חברת שלום בע\"מ", "شركة النور \u202eSARL", "O'Brien & Söhne <b>GmbH</b>", "株式会社 🚀 ロケット",
		"Zwei\nZeilen AG", `Back\slash "Quoted", Inc.`, "  Leading And Trailing  ", strings.Repeat("Very Long Name ", 17),
		"N/A", "null", "#N/A", "%_50% Off_", "e\u0301clair SA", "Éclair SA", "-1+1", "@SUM(A1)", "Tab\tSeparated", "½ Price; DROP TABLE account;--", "👩‍👩‍👧‍👦 Family Office",
	}
}

func accountName(_ *seeder, n int, h uint64) any {
	if n%25 == 7 {
		names := ugly()
		name := names[n/25%len(names)]
		if n/25 < len(names) {
			return name
		}
		return cutTo(fmt.Sprintf("%s %d", name, n), 255)
	}
	first := []string{"Acme", "Globex", "Initech", "Umbrella", "Stark", "Wayne", "Hooli", "Vandelay", "Wonka", "Cyberdyne", "Tyrell", "Aperture"}
	second := []string{"Industries", "Logistics", "Systems", "Foods", "Energy", "Media", "Software", "Bank", "Health", "Labs"}
	legal := []string{"Inc.", "LLC", "GmbH", "Ltd", "S.A.", "AB", "Oy", "B.V."}
	return fmt.Sprintf("%s %s %d %s", first[below(h, 12)], second[below(h>>8, 10)], n, legal[below(h>>16, 8)])
}

// cutTo keeps the first characters; a name holds so many of them, not bytes.
func cutTo(s string, characters int) string {
	r := []rune(s)
	return string(r[:min(len(r), characters)])
}

// domain is that of an account; a few share one, some have junk.
func domain(_ *seeder, n int, h uint64) string {
	switch below(h, 20) {
	case 0:
		return "example.com"
	case 1:
		return "www.expressl&t.example"
	case 2:
		return "müller-" + fmt.Sprint(n) + ".example"
	}
	return fmt.Sprintf("customer%d.example", n)
}

func website(s *seeder, n int, h uint64) any {
	return []string{"https://www.", "", "http://", "WWW."}[below(h>>20, 4)] + domain(s, n, s.dice(salt("domain"), n))
}

func firstName(_ *seeder, n int, h uint64) any {
	names := []string{"Ann", "José", "Bob", "Zoë", "李", "Мария", "D'Arcy", "Jean-Luc", "Ólafur", "Priya", "محمد"}
	if n%97 == 96 {
		return nil
	}
	return names[below(h, len(names))]
}

func lastName(_ *seeder, n int, h uint64) any {
	names := []string{"Lee", "García", "O'Neil", "van der Berg", "Müller", "王", "Иванова", "Smith-Jones", "Þórsdóttir", "Patel", "الحسن", "=1+1"}
	return names[below(h, len(names))] + [2]string{"", fmt.Sprint(" ", n)}[below(h>>9, 2)]
}

// note is a long text with all that breaks readers of CSV: quotes, line breaks, NUL.
func note(_ *seeder, n int, h uint64) any {
	switch below(h, 6) {
	case 0:
		return nil
	case 1:
		return "First line\r\nsecond \"quoted\", with a comma\n\nlast"
	case 2:
		return "binary\x00inside " + fmt.Sprint(n)
	case 3:
		return strings.Repeat("long ", 200) + fmt.Sprint(n)
	}
	return fmt.Sprintf("Customer %d since %d", n, 2000+below(h>>8, 25))
}
