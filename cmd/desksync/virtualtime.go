//go:build virtualtime && unix

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/desksync/desksync/helpdesk/zendesk"
	"github.com/desksync/desksync/internal/virtual"
	"github.com/desksync/desksync/sync/reconcile"
)

// callTakes is what every call to Zendesk takes of virtual time.
const callTakes = 80 * time.Millisecond

// Built with the tag virtualtime, the program lives in virtual time from
// DESKSYNC_VIRTUAL_TIME on: the journal, the pass and the target read one clock, which
// goes on only when the target waits for something or makes a call. It has one more
// command, which makes passes as a process does that stays up.
func init() { //nolint:gochecknoinits // only in binaries that tests and measures build
	virtualTime = func(a *app) {
		start, err := time.Parse(time.RFC3339Nano, os.Getenv("DESKSYNC_VIRTUAL_TIME"))
		if err != nil {
			return // lives in the time that it is
		}
		clock := virtual.NewClock(start)
		a.now = clock.Now
		a.calls = func(o *zendesk.Options) {
			o.Now, o.Sleep, o.Base = clock.Now, clock.Sleep, clock.Transport(http.DefaultTransport, callTakes)
		}
		a.more = func(a *app) *cobra.Command { return a.passesCommand(clock) }
	}
}

func (a *app) passesCommand(clock *virtual.Clock) *cobra.Command {
	var pipeline string
	c := &cobra.Command{
		Use: "passes", Short: "Make the passes that standard input asks for: pass, full, or wait DURATION on a line each",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				r, err := s.reconcilerOf(cmd.Context(), pipeline, false)
				if err != nil {
					return err
				}
				return s.passes(cmd.Context(), clock, r)
			})
		},
	}
	c.Flags().StringVar(&pipeline, "pipeline", "", "the `pipeline`")
	return c
}

// made is what a pass took and did.
type made struct {
	Seconds float64 `json:"seconds"` // virtual
	CPU     float64 `json:"cpu"`     // seconds of this process
	Wall    float64 `json:"wall"`    // real seconds
	Peak    int64   `json:"peak"`    // KiB of memory that this process took so far
	Applied int     `json:"applied"`
	Failed  int     `json:"failed"`
	Held    bool    `json:"held"`
	Raced   int     `json:"raced"`
	Waiting int     `json:"waiting"`
	Error   string  `json:"error,omitempty"`
}

func (s *session) passes(ctx context.Context, clock *virtual.Clock, r *reconcile.Reconciler) error {
	lines := bufio.NewScanner(s.in)
	for lines.Scan() {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		var out made
		switch word {
		case "wait":
			d, err := time.ParseDuration(rest)
			if err != nil {
				return usage("wait: %v", err)
			}
			clock.Reach(clock.Now().Add(d))
		case "pass", "full":
			out = s.timed(ctx, clock, r, word == "full")
		default:
			return usage("%q is not pass, full or wait", word)
		}
		if err := json.NewEncoder(s.out).Encode(out); err != nil {
			return err
		}
	}
	return lines.Err()
}

func (s *session) timed(ctx context.Context, clock *virtual.Clock, r *reconcile.Reconciler, full bool) made {
	began, at, before := time.Now(), clock.Now(), usageOfSelf()
	rep, err := r.Run(ctx, reconcile.Trigger{Mode: reconcile.Reconcile, By: "measure", Full: full})
	after := usageOfSelf()
	out := made{
		Seconds: clock.Now().Sub(at).Seconds(), CPU: cpuOf(after) - cpuOf(before), Wall: time.Since(began).Seconds(), Peak: int64(after.Maxrss),
	}
	if rep != nil {
		out.Applied, out.Failed, out.Held, out.Raced, out.Waiting = rep.Applied, rep.Failed, rep.Held(), rep.Raced, rep.Waiting
		for _, f := range rep.Failures[:min(3, len(rep.Failures))] {
			out.Error += f.Key + ": " + f.Err.Error() + "; "
		}
	}
	if err != nil {
		out.Error += err.Error()
	}
	return out
}

func usageOfSelf() (u syscall.Rusage) {
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // it fails for a wrong who only
	return u
}

func cpuOf(u syscall.Rusage) float64 {
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}
