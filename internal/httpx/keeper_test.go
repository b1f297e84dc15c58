package httpx_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/httpx"
)

// session is one of some service.
type session struct{ number string }

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestASessionIsRenewedOnceForAll(t *testing.T) {
	t.Parallel()
	made := 0
	k := httpx.NewKeeper(func(context.Context) (*session, error) {
		made++
		return &session{number: fmt.Sprint(made)}, nil
	}, func() time.Time { return noon })
	first, err := k.Session(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if got, err := k.Session(t.Context(), first); err != nil || got.number != "2" {
				t.Errorf("session = %v, %v, want the second", got, err)
			}
		})
	}
	wg.Wait()
	if made != 2 {
		t.Errorf("%d logins, want 2", made)
	}
}

func TestARefusedLoginIsNotTriedAgainAtOnce(t *testing.T) {
	t.Parallel()
	now, made := noon, 0
	answer := error(fault.New("test.login", fault.Denied, errors.New("no")))
	k := httpx.NewKeeper(func(context.Context) (*session, error) { made++; return nil, answer }, func() time.Time { return now })
	for range 5 {
		if _, err := k.Session(t.Context(), nil); !errors.Is(err, answer) {
			t.Fatalf("session = %v", err)
		}
	}
	now = now.Add(httpx.Sulk)
	_, _ = k.Session(t.Context(), nil)
	if made != 2 {
		t.Errorf("%d logins, want one, and one after a minute", made)
	}
	answer = fault.New("test.login", fault.Unavailable, errors.New("network"))
	now = now.Add(httpx.Sulk)
	_, _ = k.Session(t.Context(), nil)
	_, _ = k.Session(t.Context(), nil)
	if made != 4 {
		t.Errorf("%d logins, want each of the two that the network lost", made)
	}
}

func TestASessionIsRenewedBeforeItEnds(t *testing.T) {
	t.Parallel()
	now, made := noon, 0
	k := httpx.NewKeeper(func(context.Context) (*session, error) { made++; return &session{number: fmt.Sprint(made)}, nil }, func() time.Time { return now })
	k.Over = func(s *session) bool { return s.number == "1" && now.After(noon) }
	for _, step := range []struct {
		wait time.Duration
		want string
	}{{0, "1"}, {0, "1"}, {time.Second, "2"}, {time.Hour, "2"}} {
		now = now.Add(step.wait)
		if got, err := k.Session(t.Context(), nil); err != nil || got.number != step.want || k.Last() != got {
			t.Errorf("at %v the session is %v, %v, want %s", now, got, err, step.want)
		}
	}
}
