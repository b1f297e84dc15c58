package domains

import "testing"

func BenchmarkClean(b *testing.B) {
	for name, text := range map[string]string{
		"clean": "eu.acme.com", "url": "https://www.Acme.com/about", "idna": "Bücher.example", "provider": "gmail.com",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = builtIn.Clean(text)
			}
		})
	}
}
