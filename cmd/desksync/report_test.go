package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

func TestWhatIsStillUnderWayIsSaidWithWhatHappensNext(t *testing.T) {
	t.Parallel()
	rep := &reconcile.Report{Run: 7, Target: "support", Mode: reconcile.Reconcile, State: journal.Partly, Applied: 2, Waiting: 3}
	var out bytes.Buffer
	(&app{out: &out}).printReport(rep)
	for _, want := range []string{
		"run 7: partly, 2 changes written, 3 sent and not known yet\n",
		"support still works on 3 changes; the next run looks how that ended\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it says\n%swant %q", out.String(), want)
		}
	}
	out.Reset()
	(&app{out: &out, json: true}).printReport(rep)
	var got struct{ Waiting int }
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || got.Waiting != 3 {
		t.Errorf("JSON says %s, %v; want 3 waiting", out.Bytes(), err)
	}
	if code := codeOfReport(rep); code != exitPartly {
		t.Errorf("it exits %d, want %d", code, exitPartly)
	}
}

func TestARunThatFailedWithChangesUnderWayDoesNotSayThatNothingWasWritten(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	(&app{out: &out}).printFailed(&reconcile.Report{Run: 7, Target: "support", State: journal.Failed, Waiting: 1})
	if got, want := out.String(), "run 7: failed, 0 changes written, 1 sent and not known yet\nsupport still works on 1 change; the next run looks how that ended\n"; got != want {
		t.Errorf("it says\n%swant\n%s", got, want)
	}
}

func TestARunThatWasCutOffIsSaidWithWhatWasWrittenOfItInAll(t *testing.T) {
	t.Parallel()
	rep := &reconcile.Report{Run: 8, Target: "support", Mode: reconcile.Reconcile, State: journal.InStep}
	rep.Resumed = []reconcile.Resumed{{Run: 7, State: journal.Applied, Tally: reconcile.Tally{Written: 1_200}}}
	var out bytes.Buffer
	(&app{out: &out}).printReport(rep)
	want := "run 7 had been cut off; it was brought to its end first: applied, 1,200 changes written in all\nrun 8: in step, 0 changes written\n"
	if !strings.HasPrefix(out.String(), want) {
		t.Errorf("it says\n%swant first\n%s", out.String(), want)
	}
}

func TestWhatRacedCountsAsTheSecondTryLeftIt(t *testing.T) {
	t.Parallel()
	rep := &reconcile.Report{Run: 7, Target: "support", Mode: reconcile.Reconcile, State: journal.Partly, Applied: 2, Raced: 2}
	tell := func() string {
		var out bytes.Buffer
		(&app{out: &out}).printReport(rep)
		return out.String()
	}
	if got := tell(); !strings.Contains(got, "support moved meanwhile under 2 changes; the next run compares that again\n") || codeOfReport(rep) != exitPartly {
		t.Errorf("without a second try it exits %d and says\n%s", codeOfReport(rep), got)
	}
	rep.Again = &reconcile.Report{Run: 8, Target: "support", Mode: reconcile.Reconcile, State: journal.Applied, Applied: 1}
	if got := tell(); !strings.Contains(got, "support moved meanwhile under 2 changes; compared once more:\nrun 8: applied, 1 change written\n") || codeOfReport(rep) != exitOK {
		t.Errorf("after a second try it exits %d and says\n%s", codeOfReport(rep), got)
	}
	rep.Again.Conflicts = 1
	if code := codeOfReport(rep); code != exitPartly {
		t.Errorf("with a conflict in the second try it exits %d, want %d", code, exitPartly)
	}
}
