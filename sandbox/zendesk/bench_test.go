package zendesk

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
)

// benchCall makes a call in process, and reads its answer.
func benchCall(b *testing.B, box *Sandbox, method, path, body string) {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), method, "https://acme.zendesk.com/api/v2/"+path, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Authorization", basic(AdminEmail))
	req.Header.Set("Content-Type", "application/json")
	resp, err := box.RoundTrip(req)
	if err != nil || resp.StatusCode != 200 {
		b.Fatalf("%s %s: %v %+v", method, path, err, resp)
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		b.Fatal(err)
	}
	_ = resp.Body.Close()
}

// BenchmarkLarge measures calls of an account with a million organizations and 2,400,000
// users: on a clock that goes on by ten seconds a call, so that no limit is met.
func BenchmarkLarge(b *testing.B) {
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	begun := time.Now()
	box := New(Options{Organizations: 1_000_000, Now: func() time.Time { return now }})
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.Logf("made in %v, heap %d MiB", time.Since(begun).Round(time.Millisecond), m.HeapAlloc>>20)
	n := 0
	for name, call := range map[string]func() (method, path, body string){
		"create_many": func() (string, string, string) {
			return "POST", "organizations/create_many", batch(100, fmt.Sprint("new ", n))
		},
		"export": func() (string, string, string) { return "GET", "incremental/organizations?start_time=1735689600", "" },
		"list":   func() (string, string, string) { return "GET", "organizations?page[size]=100", "" },
		"show_many": func() (string, string, string) {
			ids := make([]string, 100)
			for i := range ids {
				ids[i] = fmt.Sprint(firstForBench + (n*100+i)%1_000_000)
			}
			return "GET", "organizations/show_many?ids=" + strings.Join(ids, ","), ""
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				n++
				now = now.Add(10 * time.Second)
				method, path, body := call()
				benchCall(b, box, method, path, body)
			}
		})
	}
	runtime.KeepAlive(box)
}

// firstForBench is the id of the first organization.
const firstForBench = 7_000_000_000_101
