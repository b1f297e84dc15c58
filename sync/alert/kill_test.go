package alert_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/desksync/desksync/sync/alert"
	"github.com/desksync/desksync/sync/journal"
)

// The environment that makes this test binary the process that is killed.
const (
	envDSN = "DESKSYNC_TEST_ALERT_DSN"
	envURL = "DESKSYNC_TEST_ALERT_URL"
)

// poster is a channel that posts the message's id.
type poster string

func (p poster) Send(ctx context.Context, m alert.Message) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, string(p), bytes.NewBufferString(m.ID))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// TestTheProcessThatIsKilled is no test by itself: TestKilledBetweenSendAndNote starts it.
func TestTheProcessThatIsKilled(t *testing.T) {
	t.Parallel()
	dsn := os.Getenv(envDSN)
	if dsn == "" {
		return
	}
	j, err := journal.Open(t.Context(), dsn, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = alert.New(j, alert.Options{Channels: map[string]alert.Notifier{"chat": poster(os.Getenv(envURL))}}).Deliver(t.Context())
	t.Fatalf("Deliver came to its end (%v): the process outlived its message", err)
}

func TestKilledBetweenSendAndNote(t *testing.T) {
	t.Parallel()
	each(t, func(o *office) {
		var mu sync.Mutex
		var ids []string
		var victim *exec.Cmd
		arrived := make(chan struct{})
		s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			var b bytes.Buffer
			_, _ = b.ReadFrom(r.Body)
			mu.Lock()
			defer mu.Unlock()
			ids = append(ids, b.String())
			if len(ids) == 1 { // it is told, and nobody notes it
				_ = victim.Process.Signal(syscall.SIGKILL)
				close(arrived)
				<-r.Context().Done()
			}
		}))
		o.t.Cleanup(s.Close)
		o.clock.Move(time.Since(o.clock.Now())) // the other process has the real clock
		for range 3 {
			o.ok(o.teller().AfterRun(o.t.Context(), "customers", errDown))
		}
		mu.Lock()
		victim = exec.CommandContext(o.t.Context(), os.Args[0], "-test.run=^TestTheProcessThatIsKilled$")
		victim.Env = append(os.Environ(), envDSN+"="+o.dsn, envURL+"="+s.URL)
		o.ok(victim.Start())
		mu.Unlock()
		<-arrived
		if err := victim.Wait(); err == nil {
			o.t.Fatal("the process was not killed")
		}
		o.opt.Channels = map[string]alert.Notifier{"chat": poster(s.URL), "pager": o.pager}
		o.deliver()
		if len(ids) != 1 {
			o.t.Errorf("told %d times while the dead one's lease lasts, want 1", len(ids))
		}
		for range 24 {
			o.clock.Move(time.Hour)
			o.deliver()
		}
		if len(ids) != 2 || ids[0] != ids[1] {
			o.t.Errorf("the channel heard %v, want one message twice, under one id", ids)
		}
	})
}
