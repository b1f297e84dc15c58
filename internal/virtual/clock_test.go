package virtual_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/desksync/desksync/internal/virtual"
)

var start = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

func TestWaitsPassAtOnce(t *testing.T) {
	t.Parallel()
	c := virtual.NewClock(start)
	for range 3 {
		if err := c.Sleep(t.Context(), time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if got := c.Now().Sub(start); got != 3*time.Hour {
		t.Errorf("three waits of an hour took %v", got)
	}
	c.Reach(start)
	if got := c.Now().Sub(start); got != 3*time.Hour {
		t.Errorf("the clock went back to %v", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) || c.Now().Sub(start) != 3*time.Hour {
		t.Errorf("a wait that was cancelled gave %v and passed", err)
	}
}

// TestCallsSideBySideTakeTheTimeOfOne begins ten calls before any is answered.
func TestCallsSideBySideTakeTheTimeOfOne(t *testing.T) {
	t.Parallel()
	c, f := virtual.NewClock(start), virtual.NewFollower(start)
	var there sync.WaitGroup
	there.Add(10)
	server := httptest.NewServer(f.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		there.Done()
		there.Wait()
		_, _ = io.WriteString(w, "heard")
	})))
	defer server.Close()
	client := &http.Client{Transport: c.Transport(http.DefaultTransport, 80*time.Millisecond)}
	var done sync.WaitGroup
	for range 10 {
		done.Go(func() { get(t, client, server.URL) })
	}
	done.Wait()
	if got := c.Now().Sub(start); got != 80*time.Millisecond {
		t.Errorf("ten calls side by side took %v", got)
	}
	there.Add(1)
	get(t, client, server.URL)
	if got := c.Now().Sub(start); got != 160*time.Millisecond || f.Now().Sub(start) != 120*time.Millisecond {
		t.Errorf("after one more it is %v later here, and %v there", got, f.Now().Sub(start))
	}
}

func get(t *testing.T, client *http.Client, url string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Error(err)
		return
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Error(err)
		return
	}
	if at, err := http.ParseTime(resp.Header.Get("Date")); err != nil || !at.Equal(start) {
		t.Errorf("the answer is of %v, %v; want the virtual time in whole seconds", at, err)
	}
	_ = resp.Body.Close()
}

func TestAFollowerRefusesWhatIsNoTime(t *testing.T) {
	t.Parallel()
	f, w := virtual.NewFollower(start), httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	r.Header.Set(virtual.Header, "tomorrow")
	f.Handler(http.NotFoundHandler()).ServeHTTP(w, r)
	if w.Code != http.StatusBadRequest || f.Now() != start {
		t.Errorf("answered %d, at %v", w.Code, f.Now())
	}
}
