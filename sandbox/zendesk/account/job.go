package account

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"
)

// Job is a background job. What it has done by a time is done when someone looks: Advance
// applies its items one after the other, each at its own time.
type Job struct {
	ID      string
	Type    string // such as Bulk Create Organization
	Class   string // such as OrganizationBulkCreateJob
	Created time.Time
	Total   int
	Results []any
	Fate    Fate
	Until   int // items after which a killed job ends

	begins   time.Time
	perItem  time.Duration
	verb     string // such as Creating organization
	run      func(i int) any
	finished time.Time
}

// Fate is what becomes of a job other than its end.
type Fate string

// The fates of jobs.
const (
	Lives    Fate = ""
	Fails    Fate = "failed"   // before its first item
	Killed   Fate = "killed"   // after some
	Vanishes Fate = "vanished" // it works, and nobody can ask for it
)

// keptFor is how long a job can be asked for (reference §7).
const keptFor = 24 * time.Hour

// task is something that goes on in the background.
type task interface {
	due() time.Time
	step(a *Account) (more bool)
}

// Advance does all that is due by now, in the order of time, each step at its own.
func (a *Account) Advance() {
	now := a.now().UTC()
	for {
		i, due := a.earliest()
		if i < 0 || due.After(now) {
			break
		}
		if due.After(a.at) {
			a.at = due
		}
		if t := a.tasks[i]; !t.step(a) {
			a.tasks = slices.DeleteFunc(a.tasks, func(x task) bool { return x == t })
		}
	}
	if now.After(a.at) {
		a.at = now
	}
	a.expireJobs()
}

func (a *Account) earliest() (at int, due time.Time) {
	at = -1
	for i, t := range a.tasks {
		if d := t.due(); at < 0 || d.Before(due) {
			at, due = i, d
		}
	}
	return at, due
}

// Work is what a job is made from.
type Work struct {
	Type, Class, Verb string
	Pace              Pace
	Total             int
	Run               func(i int) any // does item i and returns its result
}

// Pace is how long an item of a job takes.
type Pace int

// The paces of jobs.
const (
	Creating Pace = iota
	Updating
	Deleting
)

// Submit queues a job; too many at once are refused.
func (a *Account) Submit(w Work) (*Job, *Problem) {
	if len(a.InFlight()) >= a.Rules.MaxJobs {
		return nil, &Problem{Kind: TooMany, Text: w.Class}
	}
	digest := sha256.Sum256(fmt.Appendf(nil, "job %d %d", a.next(), a.begun.UnixNano()))
	seconds := [...]float64{a.Rules.CreateSeconds, a.Rules.UpdateSeconds, a.Rules.DeleteSeconds}[w.Pace]
	j := &Job{
		ID: "V3-" + hex.EncodeToString(digest[:16]), Type: w.Type, Class: w.Class, Created: a.at, Total: w.Total,
		begins: a.at.Add(duration(a.Rules.QueueSeconds)), perItem: duration(seconds), verb: w.Verb, run: w.Run,
	}
	a.jobs[j.ID] = j
	a.jobList = append(a.jobList, j)
	a.tasks = append(a.tasks, j)
	return j, nil
}

func duration(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }

func (j *Job) due() time.Time {
	if j.Total == 0 || j.Fate == Fails {
		return j.begins
	}
	return j.begins.Add(time.Duration(len(j.Results)+1) * j.perItem)
}

func (j *Job) step(a *Account) bool {
	done := len(j.Results)
	if done < j.Total && j.Fate != Fails && (j.Fate != Killed || done < j.Until) {
		j.Results = append(j.Results, j.run(done))
		if len(j.Results) < j.Total {
			return true
		}
	}
	j.finished, j.run = a.at, nil
	return false
}

// Job returns one that can be asked for, or nil.
func (a *Account) Job(id string) *Job {
	if j := a.jobs[id]; j != nil && j.Fate != Vanishes {
		return j
	}
	return nil
}

// Jobs are all of the last day, oldest first.
func (a *Account) Jobs() []*Job { return a.jobList }

// InFlight are the jobs that are queued or at work.
func (a *Account) InFlight() []*Job {
	var out []*Job
	for _, t := range a.tasks {
		if j, ok := t.(*Job); ok {
			out = append(out, j)
		}
	}
	return out
}

// State is what a job tells: how far it is, and its results once it is over.
func (j *Job) State(now time.Time) (status, message string, progress int) {
	done := len(j.Results)
	switch {
	case j.finished.IsZero() && now.Before(j.begins):
		return "queued", "", 0
	case j.finished.IsZero():
		return "working", fmt.Sprintf("%s #%d", j.verb, done), done
	case j.Fate == Fails:
		return "failed", "The job could not be completed", done
	case j.Fate == Killed && done < j.Total:
		return "killed", "Killed at " + j.finished.Format("2006-01-02 15:04:05 +0000"), done
	}
	return "completed", "Completed at " + j.finished.Format("2006-01-02 15:04:05 +0000"), done
}

// expireJobs forgets those made more than a day ago.
func (a *Account) expireJobs() {
	for len(a.jobList) > 0 && a.at.Sub(a.jobList[0].Created) > keptFor && !a.jobList[0].finished.IsZero() {
		delete(a.jobs, a.jobList[0].ID)
		a.jobList = a.jobList[1:]
	}
}
