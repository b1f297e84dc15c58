package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// pages serves the health checks until the function it returns is called.
func (s *server) pages(l net.Listener) func() error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("GET /metrics", s.metrics.Handler())
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(l) }()
	s.notify(daemon.SdNotifyReady)
	return func() error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		err := srv.Shutdown(ctx)
		if serr := <-ended; !errors.Is(serr, http.ErrServerClosed) {
			err = errors.Join(err, serr)
		}
		return err
	}
}

// healthz says whether the daemon itself is at work, whatever is wrong around it: to
// start it anew helps only if it is not.
func (s *server) healthz(w http.ResponseWriter, _ *http.Request) {
	if since := s.daemon.Looked(); s.stuck() {
		http.Error(w, "the schedule was not looked at since "+since.UTC().Format(time.RFC3339), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}

// readyz says whether it can make runs now.
func (s *server) readyz(w http.ResponseWriter, _ *http.Request) {
	if err := errors.Join(s.daemon.Trouble(), s.file.broken()); err != nil || s.stuck() {
		text := "the schedule stands still"
		if err != nil {
			text = s.reasons(err)
		}
		http.Error(w, text, http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}

// stuck reports that the schedule was not looked at for three minutes, which is three
// times as long as it may rest.
func (s *server) stuck() bool { return s.now().Sub(s.daemon.Looked()) > 3*time.Minute }

// notify tells systemd, if that started the daemon and asked for it.
func (s *server) notify(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		s.log.Warn().Err(err).Msg("systemd cannot be told " + state)
	}
}

// attended keeps systemd informed until ctx is done, and says that the daemon stops as soon as
// that is so: the batch in hand may take a while.
func (s *server) attended(ctx context.Context) {
	s.beats(ctx)
	<-ctx.Done()
	s.notify(daemon.SdNotifyStopping)
}

// beats tells systemd twice within the time after which that would start the daemon anew
// that the schedule is looked at, until ctx is done. Nothing else is waited for: a file
// that hangs is no reason to start anew.
func (s *server) beats(ctx context.Context) {
	usec, err := strconv.ParseInt(os.Getenv("WATCHDOG_USEC"), 10, 64)
	if err != nil || usec <= 0 {
		return
	}
	t := time.NewTicker(time.Duration(usec) * time.Microsecond / 2)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if !s.stuck() {
			s.notify(daemon.SdNotifyWatchdog)
		}
	}
}
