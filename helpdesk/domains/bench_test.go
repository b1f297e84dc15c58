package domains

import (
	"fmt"
	"testing"
)

func BenchmarkClean(b *testing.B) {
	for name, text := range map[string]string{
		"clean": "eu.acme.com", "url": "https://www.Acme.com/about", "idna": "Bücher.example", "provider": "gmail.com",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = Clean(text)
			}
		})
	}
}

func BenchmarkEmailDomain(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, _ = EmailDomain("Jane.Doe@eu.acme.com")
	}
}

func BenchmarkMatch(b *testing.B) {
	var claims []Claim
	for n := range 100_000 {
		claims = append(claims, Claim{Domain: fmt.Sprintf("c%d.example", n), ID: fmt.Sprint(n), Name: "C"})
	}
	x := NewIndex(Nobody, claims)
	b.ReportAllocs()
	for b.Loop() {
		x.Match("mail.eu.c4711.example")
	}
}
