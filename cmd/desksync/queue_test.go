package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/schedule"
)

// TestTheQueueReadsWell holds what `desksync queue` says of pipelines at work, waiting and
// at rest.
func TestTheQueueReadsWell(t *testing.T) {
	t.Parallel()
	at := func(clock string) time.Time {
		when, err := time.Parse(time.DateTime, "2026-11-21 "+clock)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	due := func(clocks ...string) (list []schedule.Tick) {
		for _, c := range clocks {
			list = append(list, schedule.Tick{Kind: schedule.Delta, Due: at(c)})
		}
		return list
	}
	var out bytes.Buffer
	s := &session{app: &app{out: &out, now: func() time.Time { return at("09:12:00") }}}
	s.printQueue(schedule.Status{
		Jobs: map[string]int{"running": 2, "completed": 1200}, Rescued: 1,
		Pipelines: []schedule.PipelineStatus{
			{Pipeline: "customers", Holder: "db7/1c0f22e9 4711 K2XQZ7PA", Phase: "apply", For: 119 * time.Second, Silent: 4 * time.Second, Waiting: due("09:10:00", "09:10:30", "09:11:30"), Next: due("09:20:00")},
			{Pipeline: "partners", Waiting: due("09:10:00", "09:11:00"), Next: due("09:20:00")},
			{Pipeline: "resellers", Failures: 2, Error: "the helpdesk is away", Retry: 12 * time.Second},
			{Pipeline: "schools", Holder: "db7/1c0f22e9 4711 K2XQZ7PA", For: time.Second, Waiting: due("09:11:59")},
		},
	}, map[string]*journal.Locked{"partners": {Run: 4812, Target: "support", Holder: "db7/1c0f22e9 4711 K2XQZ7PA", Since: at("09:10:01")}})
	const want = `customers  apply for 1m59s: process 4711 on db7, heard of 4s ago
  2 runs are due since 2026-11-21 09:10:30 UTC; one pass answers all
  delta next at 2026-11-21 09:20:00 UTC
partners  waits for run 4812, which holds support since 2026-11-21 09:10:01 UTC: process 4711 on db7
  2 runs are due since 2026-11-21 09:10:00 UTC; one pass answers all
  delta next at 2026-11-21 09:20:00 UTC
resellers  at rest
  failed 2 times in a row, tried again in 12s: the helpdesk is away
schools  begins for 1s: process 4711 on db7, heard of 0s ago
jobs: 1,200 completed, 2 running; 1 taken over from a process that fell silent
`
	if out.String() != want {
		t.Errorf("it says\n%s\nwant\n%s", &out, want)
	}
}
