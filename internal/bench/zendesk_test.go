package main

import (
	"bufio"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/internal/virtual"
)

func TestTheLeastOfAFirstLoad(t *testing.T) {
	t.Parallel()
	if got := leastCalls(100_000); got != 3515 {
		t.Errorf("leastCalls(100,000) = %d; want 1,000 and 2,400 jobs, 114 questions, one look", got)
	}
	tests := map[float64]struct{ rate, jobs float64 }{1: {301.3, 340}, 0.5: {602.6, 680}}
	for share, want := range tests {
		if rate, jobs := bounds(100_000, share); math.Abs(rate-want.rate) > 0.1 || math.Abs(jobs-want.jobs) > 0.1 {
			t.Errorf("bounds at %v = %.1f s, %.1f s; want %.1f s, %.1f s", share, rate, jobs, want.rate, want.jobs)
		}
	}
}

func TestTheLeastOfARunAfterChanges(t *testing.T) {
	t.Parallel()
	if plain, lists := leastFor(1000, 0), leastFor(1000, 1); plain != 13 || lists != 23 {
		t.Errorf("leastFor(1000) = %d, with lists %d; want two feeds, 10 jobs, a question, and 10 reads more", plain, lists)
	}
}

func TestRoutesAreShownByHowOften(t *testing.T) {
	t.Parallel()
	s := stats{ByRoute: map[string]int{"GET b": 2, "GET a": 2, "": 1, "POST c": 10}}
	if got := routes(s); got != "10 POST c, 2 GET a, 2 GET b, 1 login" {
		t.Errorf("routes = %q", got)
	}
}

// TestTheBoxLivesInTheTimeOfItsCallers starts the stand-in as a measure does, in this
// process, and asks it the time.
func TestTheBoxLivesInTheTimeOfItsCallers(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	read, write := io.Pipe()
	in, end := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- serveBox(t.Context(), start.Format(time.RFC3339Nano), in, write) }()
	line, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	api, admin, _ := strings.Cut(strings.TrimSpace(line), " ")
	clock := virtual.NewClock(start.Add(time.Hour))
	client := &http.Client{Transport: clock.Transport(http.DefaultTransport, 2*time.Second)}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, api+"/api/v2/organizations", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if got, want := resp.Header.Get("Date"), start.Add(time.Hour+time.Second).Format(http.TimeFormat); got != want {
		t.Errorf("it is %s there; want %s", got, want)
	}
	x := &box{api: api, admin: admin}
	if s, err := x.read(t.Context()); err != nil || s.Calls != 1 {
		t.Errorf("read = %+v, %v; want one call", s, err)
	}
	if s, err := x.read(t.Context()); err != nil || s.Calls != 0 {
		t.Errorf("read again = %+v, %v; want none", s, err)
	}
	if orgs, users, members, err := x.counts(t.Context()); err != nil || orgs != 0 || users != 2 || members != 0 {
		t.Errorf("counts = %d, %d, %d, %v; want nothing but two of the staff", orgs, users, members, err)
	}
	if err := end.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
}
