package account

import (
	"strconv"
	"strings"
)

// ugly are names as people type them into a helpdesk, or paste.
func ugly() []string {
	return []string{
		"=cmd() Calc", "חברת שלום בע\"מ", "شركة النور \u202eSARL", "O'Brien & Söhne <b>GmbH</b>", "株式会社 🚀 ロケット", "Zwei\nZeilen AG",
		`Back\slash "Quoted", Inc.`, strings.TrimSpace(strings.Repeat("Very Long Name ", 16)), "N/A", "null", "#N/A", "%_50% Off_",
		"e\u0301clair SA", "Éclair SA", "-1+1", "@SUM(A1)", "Tab\tSeparated", "½ Price; DROP TABLE organizations;--", "👩‍👩‍👧‍👦 Family Office", "0", "İstanbul Ticaret", "STRASSE & Co", "Straße & Co",
	}
}

// name is that of an organization; no two are equal without regard to letter case.
func (s *seeder) name(n int) string {
	if n%25 == 7 {
		names := ugly()
		name := names[n/25%len(names)]
		if n/25 < len(names) {
			return name
		}
		return name + " " + strconv.Itoa(n)
	}
	h := s.dice("name", n)
	first := [...]string{"Acme", "Globex", "Initech", "Umbrella", "Stark", "Wayne", "Hooli", "Vandelay", "Wonka", "Cyberdyne", "Tyrell", "Aperture"}
	second := [...]string{"Industries", "Logistics", "Systems", "Foods", "Energy", "Media", "Software", "Bank", "Health", "Labs"}
	legal := [...]string{"Inc.", "LLC", "GmbH", "Ltd", "S.A.", "AB", "Oy", "B.V."}
	return first[h%12] + " " + second[(h>>8)%10] + " " + strconv.Itoa(n) + " " + legal[(h>>16)%8]
}

func (s *seeder) domain(n int) string { return "customer" + strconv.Itoa(n) + ".example" }

// salesforceID is an id of 18 characters, of the record n of the object with this prefix.
func salesforceID(prefix string, n int) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
	b := []byte(prefix + "5g0000000000")
	for i, v := len(b)-1, n+20_000; v > 0; i, v = i-1, v/62 {
		b[i] = digits[v%62]
	}
	for block := range 3 {
		bits := 0
		for j, c := range b[block*5 : block*5+5] {
			if c >= 'A' && c <= 'Z' {
				bits |= 1 << j
			}
		}
		b = append(b, letters[bits])
	}
	return string(b)
}
