package main

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/desksync/desksync/internal/crmgen"
	"github.com/desksync/desksync/internal/day"
)

// What the measures of Zendesk assume.
const (
	perMinute  = 700 // calls of the account: Enterprise
	jobsAtOnce = 30
	perJob     = 100
	jobTakes   = 3 * time.Second // a hundred creates, on the stand-in as in recordings
	zendeskJob = "Zendesk as a target"
)

// assumed says how the figures come about.
const assumed = "on the sandbox at 700 calls a minute, 30 jobs at once, 3 s for a job of 100 creates and 6 s for one of 100 updates; " +
	"virtual time: each call takes 80 ms, our own work none"

//go:embed zendesk.yaml
var zendeskConfig string

// zendeskMeasures hold the Zendesk target to its goals: the product, built to live in
// virtual time, against the stand-in, each in a process of its own.
func zendeskMeasures() []measure {
	return []measure{
		{zendeskJob + ", all of the account's limits", "Zendesk, whole share", false, zendeskLife(1, 1, 128)},
		{zendeskJob + ", half of the account's limits", "Zendesk, half share", false, zendeskLife(1, 0.5, 128)},
		{zendeskJob + ", ten times the accounts", "Zendesk, ten times the accounts", true, zendeskLife(10, 1, 256)},
	}
}

// life is a process of the product that stays up, and the account it keeps.
type life struct {
	*Bench
	m        measure
	box      *box
	proc     *passes
	data     string
	accounts int
	share    float64
}

// zendeskLife measures a first load of times the accounts, a quiet run, runs after changes,
// and an audit, all in one process whose memory is measured at its end.
func zendeskLife(times int, share, peakMiB float64) func(context.Context, *Bench, measure) error {
	return func(ctx context.Context, b *Bench, m measure) (err error) {
		l := &life{Bench: b, m: m, accounts: b.accounts * times, share: share}
		if err := l.begin(ctx); err != nil {
			return errors.Join(err, l.end())
		}
		for _, step := range []func(context.Context) error{l.firstLoad, l.quiet, l.changed("fields", 0, changeOwner), l.changed("fields and tags", 1, changeHold), l.audit} {
			if err := step(ctx); err != nil {
				return errors.Join(err, l.end())
			}
		}
		if err := l.end(); err != nil {
			return err
		}
		if u := l.proc.usage; u.Peak > 0 {
			l.add("all of it", "peak memory", Bytes, atMost(peakMiB*mib), float64(u.Peak), "of the product's process")
		}
		return nil
	}
}

func (l *life) begin(ctx context.Context) (err error) {
	binary, err := l.virtualProduct(ctx)
	if err != nil {
		return err
	}
	if l.data, err = l.plainExport(ctx, l.accounts); err != nil {
		return err
	}
	if l.box, err = l.startBox(ctx); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(l.work, "zendesk-")
	if err != nil {
		return err
	}
	text := strings.NewReplacer("{{dir}}", l.data, "{{url}}", l.box.api, "{{share}}", fmt.Sprintf("%g%%", 100*l.share)).Replace(zendeskConfig)
	config := filepath.Join(dir, "desksync.yaml")
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return err
	}
	start := boxHour(l.now())
	if err := prepare(ctx, binary, dir, start); err != nil {
		return err
	}
	l.proc, err = startPasses(ctx, binary, dir, start.Add(time.Minute), l.now)
	if err == nil {
		_, err = l.box.read(ctx)
	}
	return err
}

func (l *life) end() (err error) {
	if l.proc != nil {
		err = l.proc.stop()
	}
	if l.box != nil {
		err = errors.Join(err, l.box.stop())
	}
	return err
}

// virtualProduct builds the product to live in virtual time.
func (b *Bench) virtualProduct(ctx context.Context) (string, error) {
	out := filepath.Join(b.work, "desksync-virtual")
	if _, err := os.Stat(out); err == nil {
		return out, nil
	}
	_, err := b.child(ctx, io.Discard, []int{0}, ".", "go", "build", "-trimpath", "-tags", "virtualtime", "-o", out, "./cmd/desksync")
	return out, err
}

// plainExport generates a CRM without oddities, all of which can be loaded.
func (b *Bench) plainExport(ctx context.Context, accounts int) (string, error) {
	dir, err := os.MkdirTemp(b.work, "plain-")
	if err != nil {
		return "", err
	}
	_, err = crmgen.Write(ctx, dir, crmgen.Options{Accounts: accounts, Seed: 1, Day: day.Of(b.now().UTC())})
	return dir, err
}

// users are the contacts of so many accounts: 2.4 each.
func users(accounts int) int { return int(float64(accounts)*2.4 + 0.5) }

func atLeastJobs(accounts int) int {
	return ceil(accounts, perJob) + ceil(users(accounts), perJob)
}

func ceil(n, by int) int { return (n + by - 1) / by }

// leastCalls is the fewest calls of a first load: a job for a hundred, a question for as
// many jobs as can be under way, and one look at the account.
func leastCalls(accounts int) int {
	jobs := atLeastJobs(accounts)
	return jobs + ceil(jobs, jobsAtOnce) + 1
}

// bounds are the times below which no first load can be.
func bounds(accounts int, share float64) (rate, jobs float64) {
	rate = 60 * float64(leastCalls(accounts)) / math.Floor(perMinute*share)
	jobs = float64(atLeastJobs(accounts)) * jobTakes.Seconds() / math.Floor(jobsAtOnce*share)
	return rate, jobs
}

func (l *life) firstLoad(ctx context.Context) error {
	const name = "first load"
	p, s, err := l.pass(ctx, name, "pass")
	if err != nil {
		return err
	}
	least := leastCalls(l.accounts)
	rate, jobs := bounds(l.accounts, l.share)
	l.add(name, "calls", Count, atMost(math.Floor(1.05*float64(least))), float64(s.Calls), fmt.Sprintf("at least %s; %s", thousands(float64(least)), routes(s)))
	l.add(name, "virtual time", Seconds, atMost(1.15*max(rate, jobs)), p.Seconds,
		fmt.Sprintf("rate bound %.0f s, job bound %.0f s; with the CPU's time behind it %.0f s", rate, jobs, p.Seconds+p.CPU))
	l.add(name, "answers 429", Count, atMost(math.Floor(float64(s.Calls)/100)), float64(s.Throttled), "1 in 100 calls")
	orgs, people, members, err := l.box.counts(ctx)
	if err != nil {
		return err
	}
	const staff = 2
	l.add(name, "organizations", Count, exactly(float64(l.accounts)), float64(orgs), assumed)
	l.add(name, "users", Count, exactly(float64(users(l.accounts)+staff)), float64(people), "two of them the account's own")
	l.add(name, "memberships", Count, exactly(float64(users(l.accounts))), float64(members), "")
	return nil
}

func (l *life) quiet(ctx context.Context) error {
	const name = "quiet run"
	if err := l.proc.wait(2 * time.Hour); err != nil {
		return err
	}
	const after = "run after the load"
	p, back, err := l.pass(ctx, after, "pass") // the feeds show what the load wrote
	if err != nil {
		return err
	}
	l.add(after, "calls", Count, Goal{}, float64(back.Calls), routes(back))
	l.add(after, "virtual time", Seconds, Goal{}, p.Seconds, "10 exports a minute, and our share of them")
	if err := l.proc.wait(10 * time.Minute); err != nil {
		return err
	}
	_, s, err := l.pass(ctx, name, "pass")
	if err != nil {
		return err
	}
	l.add(name, "calls", Count, atMost(2), float64(s.Calls), routes(s))
	l.add(name, "writes", Count, exactly(0), float64(s.Writes), "")
	return nil
}

// changed measures a run after every hundredth account changed; each hundred of them take
// a job, and so many reads before it.
func (l *life) changed(what string, reads int, change func(cell func(string) *string)) func(context.Context) error {
	return func(ctx context.Context) error {
		name := "1 % changed, " + what
		n := 0
		err := crmgen.Edit(l.data, crmgen.AccountsFile, func(cell func(string) *string) bool {
			if n++; n%100 == 0 {
				change(cell)
			}
			return true
		})
		if err != nil {
			return err
		}
		if err := l.proc.wait(10 * time.Minute); err != nil {
			return err
		}
		p, s, err := l.pass(ctx, name, "pass")
		if err != nil {
			return err
		}
		l.add(name, "calls", Count, atMost(20*max(1, float64(l.accounts)/standard)), float64(s.Calls),
			fmt.Sprintf("at least %d; %s", leastFor(l.accounts/100, reads), routes(s)))
		l.add(name, "changes written", Count, exactly(float64(l.accounts/100)), float64(p.Applied), "")
		l.add(name, "answers 429", Count, atMost(math.Floor(float64(s.Calls)/100)), float64(s.Throttled), "")
		return nil
	}
}

// leastFor is the fewest calls of a run that changes so many organizations: two feeds, a job
// for a hundred, one question about as many jobs as can be under way, and the reads of a
// hundred before each job. A list is replaced as a whole, so it is read right before.
func leastFor(changes, reads int) int {
	jobs := ceil(changes, perJob)
	return 2 + jobs*(1+reads) + ceil(jobs, jobsAtOnce)
}

func changeOwner(cell func(string) *string) { *cell("Account_Owner_Calc__c") += " II" }

// changeHold changes a tag too: that of accounts on hold.
func changeHold(cell func(string) *string) {
	*cell("Account_Owner_Calc__c") += " III"
	*cell("Support_Hold__c") = "true"
}

func (l *life) audit(ctx context.Context) error {
	const name = "full audit"
	if err := l.proc.wait(10 * time.Minute); err != nil {
		return err
	}
	_, s, err := l.pass(ctx, name, "full")
	if err != nil {
		return err
	}
	people := s.ByRoute["GET users"] + s.ByRoute["GET organization_memberships"]
	l.add(name, "calls for organizations", Count, atMost(math.Ceil(float64(l.accounts)/100)+10), float64(s.Calls-people), "all but the listings of users and memberships")
	l.add(name, "calls in all", Count, Goal{}, float64(s.Calls), routes(s))
	l.add(name, "writes", Count, exactly(0), float64(s.Writes), "")
	return nil
}

// pass makes a pass, and notes what every pass is asked for.
func (l *life) pass(ctx context.Context, name, kind string) (passed, stats, error) {
	p, err := l.proc.ask(kind)
	if err != nil {
		return p, stats{}, err
	}
	s, err := l.box.read(ctx)
	l.say("  %s: %.0f s virtual, %.1f s CPU, %.1f s real, %d written, %d failed; %s", name+" "+kind, p.Seconds, p.CPU, p.Wall, p.Applied, p.Failed, routes(s))
	switch {
	case err != nil:
		return p, s, err
	case p.Error != "" || p.Failed+p.Raced+p.Waiting > 0 || p.Held:
		return p, s, fmt.Errorf("the %s did not go well: %d failed, %d raced, %d wait, held %v: %s", name, p.Failed, p.Raced, p.Waiting, p.Held, p.Error)
	}
	l.add(name, "CPU", Seconds, Goal{}, p.CPU, fmt.Sprintf("%.0f s real", p.Wall))
	l.add(name, "peak memory so far", Bytes, Goal{}, float64(p.Peak)*1024, "")
	return p, s, nil
}

func (l *life) add(name, figure string, unit Unit, goal Goal, value float64, note string) {
	l.sheet.Add(l.m.section, name, figure, unit, goal, value).Note = note
}

// routes shows calls by what they were, the most frequent first.
func routes(s stats) string {
	names := make([]string, 0, len(s.ByRoute))
	for name := range s.ByRoute {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if s.ByRoute[a] != s.ByRoute[b] {
			return s.ByRoute[b] - s.ByRoute[a]
		}
		return strings.Compare(a, b)
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%d %s", s.ByRoute[name], cmp.Or(name, "login"))
	}
	return strings.Join(names, ", ")
}
