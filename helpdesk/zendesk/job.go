package zendesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
)

// job is a background job under way.
type job struct {
	id    string
	lane  lane
	place *place
	works []*work   // in the order in which they were sent: results come by position
	asked time.Time // when it was asked about
}

// jobStatus is a job as Zendesk shows it ("Job Statuses").
type jobStatus struct {
	ID      string          `json:"id"`
	Status  string          `json:"status"`
	Message string          `json:"message"`
	Results json.RawMessage `json:"results"`
}

// result is what became of one item of a job.
type result struct {
	Index   *int            `json:"index"`
	ID      json.Number     `json:"id"`
	Success *bool           `json:"success"`
	Error   string          `json:"error"`
	Details json.RawMessage `json:"details"`
}

// startJob begins a job and returns its id.
func (t *Target) startJob(ctx context.Context, c call) (string, error) {
	var got struct {
		Job jobStatus `json:"job_status"`
	}
	if err := t.do(ctx, c, &got); err != nil {
		return "", err
	}
	if got.Job.ID == "" {
		return "", fault.New("zendesk.job", fault.Unavailable, errors.New(t.opt.Name+" took a job and did not say which"))
	}
	return got.Job.ID, nil
}

// jobs asks about jobs, all with one call; those of which Zendesk knows nothing any more
// are missing. It keeps them for a day.
func (t *Target) jobs(ctx context.Context, ids []string) (map[string]*jobStatus, error) {
	var got struct {
		Jobs []jobStatus `json:"job_statuses"`
	}
	err := t.get(ctx, "job_statuses/show_many", url.Values{"ids": {strings.Join(ids, ",")}}, &got)
	if f := failureIn(err); f != nil && f.status == http.StatusNotFound {
		return nil, nil
	}
	out := make(map[string]*jobStatus, len(got.Jobs))
	for i := range got.Jobs {
		out[got.Jobs[i].ID] = &got.Jobs[i]
	}
	return out, err
}

// over reports a job at its end, whichever.
func (j *jobStatus) over() bool {
	return j.Status == "completed" || j.Status == "failed" || j.Status == "killed"
}

// results are what became of n items, by their position; nil for those of which nothing
// is said.
func (j *jobStatus) results(n int) []*result {
	out := make([]*result, n)
	var list []result
	if json.Unmarshal(j.Results, &list) != nil {
		var all result
		if json.Unmarshal(j.Results, &all) != nil || all.Success == nil || !*all.Success || j.Status != "completed" {
			return out
		}
		for i := range out {
			out[i] = &all
		}
		return out
	}
	for i := range list {
		at := i
		if x := list[i].Index; x != nil {
			at = *x
		}
		if at >= 0 && at < n {
			out[at] = &list[i]
		}
	}
	return out
}

// failed returns the reason for which an item was refused; nil: it was made. What was
// refused has an error, and neither success nor status.
func (r *result) failed() error {
	if r.Error == "" && (r.Success == nil || *r.Success) {
		return nil
	}
	text := clip(r.Error + ": " + plain(r.Details))
	kind := fault.Invalid
	switch {
	case strings.Contains(text, "has already been taken"):
		kind = fault.Raced
	case strings.Contains(r.Error, "NotFound"):
		kind = fault.NotFound
	}
	return fault.New("zendesk.job", kind, errors.New("Zendesk refused it ("+text+")"))
}

func (r *result) id() int64 {
	id, err := strconv.ParseInt(string(r.ID), 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// tell says that the works of a job are under way, and how to ask about them.
func (j *job) tell(a *applying) {
	for i, w := range j.works {
		if w.aside != "" {
			continue
		}
		a.say(helpdesk.Outcome{ChangeID: w.change.ID, State: helpdesk.Sent, Token: token{verbOf(j.lane), j.id, i, w.targetID()}.String(), TargetID: w.targetID()})
		for _, r := range w.riders {
			a.say(helpdesk.Outcome{ChangeID: r.change.ID, State: helpdesk.Sent, Token: token{rider, j.id, i, idText(r.org)}.String()})
		}
	}
}

// wait passes the time until there is something to do: until a place for a job should be
// free, or until jobs should be at their ends, and then asks about all of them at once.
func (a *applying) wait() error {
	now := a.opt.Now()
	_, works := a.pick()
	waits := a.hold.Sub(now)
	switch {
	case len(works) > 0 && waits <= 0 && a.enough(now) < some(a.opt.Jobs):
		waits = a.slots.wait(now) // a place is all that is missing
		if waits > 0 {
			return a.opt.Sleep(a.ctx, waits)
		}
	case len(a.flight) == 0:
		return a.opt.Sleep(a.ctx, max(waits, time.Second)) // others hold the places
	}
	if waits = max(waits, a.until(now)); waits > 0 {
		if err := a.opt.Sleep(a.ctx, waits); err != nil {
			return err
		}
	}
	if len(a.flight) == 0 {
		return nil
	}
	return a.poll()
}

const (
	firstLook = time.Second      // after which jobs are asked about of which nobody knows how long they take
	longLook  = 15 * time.Second // between two questions about them
)

// some is how many jobs at their ends are worth a question: few enough that no work is
// wanting meanwhile, and so many that the questions are a few in a hundred calls.
func some(jobs int) int { return min(jobs, 14) }

// enough counts the jobs that should be at their ends.
func (a *applying) enough(now time.Time) (n int) {
	for _, j := range a.flight {
		if due := a.slots.due(j.place); !due.IsZero() && !due.After(now) && now.Sub(j.asked) > firstLook {
			n++
		}
	}
	return n
}

// until is how long until enough jobs should be at their ends: all of them, or while
// others wait for what they make, three quarters of those that are worth a question,
// rounded up. Where nobody knows, the waits grow.
func (a *applying) until(now time.Time) time.Duration {
	dues := make([]time.Time, 0, len(a.flight))
	for _, j := range a.flight {
		due := a.slots.due(j.place)
		if due.IsZero() {
			a.idle = min(max(a.idle+a.idle/4, firstLook), longLook)
			return a.idle
		}
		if again := j.asked.Add(firstLook); again.After(due) {
			due = again
		}
		dues = append(dues, due)
	}
	a.idle = 0
	slices.SortFunc(dues, time.Time.Compare)
	n := len(dues)
	if len(a.pending) > 0 {
		n = min(n, (some(a.opt.Jobs)*3+3)/4)
	}
	return dues[n-1].Sub(now)
}

// poll asks about all jobs under way and ends the works of those at their ends.
func (a *applying) poll() error {
	if len(a.flight) > perJob {
		return a.pollSome(a.flight[:perJob])
	}
	return a.pollSome(a.flight)
}

func (a *applying) pollSome(jobs []*job) error {
	ids := make([]string, len(jobs))
	for i, j := range jobs {
		ids[i] = j.id
	}
	stands, err := a.jobs(a.ctx, ids)
	if err != nil {
		return a.unasked(err)
	}
	now := a.opt.Now()
	var kept, over []*job
	for i, j := range a.flight {
		s := stands[j.id]
		switch {
		case i >= len(jobs) || s != nil && !s.over():
			kept = append(kept, j)
		default:
			over = append(over, j)
		}
		if i < len(jobs) {
			a.learnFrom(j, s, now)
		}
	}
	a.flight = kept
	for _, j := range over {
		if err := a.settleJob(j, stands[j.id]); err != nil {
			return err
		}
	}
	return nil
}

func (a *applying) learnFrom(j *job, s *jobStatus, now time.Time) {
	j.asked = now
	switch {
	case s == nil:
		a.slots.leave(j.place)
	case s.over():
		took, exact := a.took(j.place, s, now)
		a.slots.ended(j.place, took, exact)
	default:
		a.slots.works(j.place, now)
	}
}

// took is how long a job took: as its message says, to half a second, or no longer than
// until now.
func (t *Target) took(p *place, s *jobStatus, now time.Time) (d time.Duration, exact bool) {
	text, ok := strings.CutPrefix(s.Message, "Completed at ")
	at, err := time.Parse("2006-01-02 15:04:05 -0700", text)
	if !ok || err != nil {
		return now.Sub(p.at), false
	}
	d = at.Add(t.feed.ahead() + time.Second/2).Sub(p.at)
	return min(d, now.Sub(p.at)), d > 0
}

// unasked decides about a question about jobs that came to nothing: what is under way
// stays so, and is asked about again by a later run.
func (a *applying) unasked(err error) error {
	if a.ctx.Err() != nil {
		return a.ctx.Err()
	}
	return err
}

// settleJob ends the works of a job; nil: Zendesk knows nothing of it.
func (a *applying) settleJob(j *job, s *jobStatus) error {
	lost := errors.New("the job " + j.id + " is not known any more")
	if s == nil {
		return a.recover(j.lane, j.works, lost)
	}
	var unheard []*work
	var refusals []refusal
	for i, r := range s.results(len(j.works)) {
		w := j.works[i]
		switch {
		case r == nil || r.failed() == nil && w.id == 0 && j.lane != memberCreate && j.lane != memberRemove && r.id() == 0:
			unheard = append(unheard, w)
		case r.failed() != nil:
			refusals = append(refusals, refusal{w, r.failed()})
		default:
			if w.id == 0 {
				w.id = r.id()
			}
			a.arrived(w)
		}
	}
	if err := a.resolve(j.lane, refusals); err != nil {
		return err
	}
	if len(unheard) == 0 {
		return nil
	}
	return a.recover(j.lane, unheard, fmt.Errorf("the job %s ended as %s and does not say what became of it: %s", j.id, clip(s.Status), clip(s.Message)))
}
