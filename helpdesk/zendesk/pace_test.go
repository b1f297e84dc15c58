package zendesk

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/desksync/desksync/helpdesk"
)

// TestNeverMoreThanTheShare: however calls come, within any span there are no more than
// the window allows, and it never waits longer than it has to.
func TestNeverMoreThanTheShare(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := window{most: rapid.IntRange(1, 8).Draw(t, "most"), span: time.Minute}
		now := noon
		var sent []time.Time
		for _, gap := range rapid.SliceOfN(rapid.IntRange(0, 30), 1, 80).Draw(t, "gaps") {
			now = now.Add(time.Duration(gap) * time.Second)
			if wait := w.wait(now); wait > 0 {
				if early := now.Add(wait - 1); len(sent)-before(sent, early.Add(-time.Minute)) < w.most {
					t.Fatalf("it waits %s although there was room before", wait)
				}
				now = now.Add(wait)
			}
			w.add(now)
			sent = append(sent, now)
			if n := len(sent) - before(sent, now.Add(-time.Minute)); n > w.most {
				t.Fatalf("%d calls within a minute, want at most %d", n, w.most)
			}
		}
	})
}

// before counts the times up to and at one.
func before(list []time.Time, at time.Time) (n int) {
	for _, x := range list {
		if !x.After(at) {
			n++
		}
	}
	return n
}

func TestTheLimitIsLearntAndOurShareKept(t *testing.T) {
	t.Parallel()
	s := start(t, map[string][]reply{showA: {{header: "X-Rate-Limit: 40\nX-Rate-Limit-Remaining: 39", body: `{"organizations":[]}`}}})
	target := s.target(func(o *Options) { o.Share = 0.25 })
	for range 31 {
		if err := ask(t, target); err != nil {
			t.Fatal(err)
		}
	}
	caps, err := target.Describe(t.Context())
	if err != nil || caps.PerMinute != 10 {
		t.Errorf("PerMinute is %d (%v), want 10 of 40", caps.PerMinute, err)
	}
	if took := s.Now().Sub(noon); took != 3*time.Minute {
		t.Errorf("32 calls at 10 a minute took %s, want 3m0s", took)
	}
}

func TestWhatAnAnswerSaysOfLimitsIsObeyed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		header string
		took   time.Duration
	}{
		"plenty":               {"X-Rate-Limit: 700\nX-Rate-Limit-Remaining: 699\nratelimit-reset: 20", 0},
		"the account is spent": {"X-Rate-Limit: 700\nX-Rate-Limit-Remaining: 0\nratelimit-reset: 20", 20 * time.Second},
		"as in 2024":           {"rate-limit: 700\nrate-limit-remaining: 0\nrate-limit-reset: 12", 12 * time.Second},
		"an endpoint is spent": {"zendesk-ratelimit-organizations-show: total=10; remaining=0; resets=9", 9 * time.Second},
		"and as it was spelt":  {"zendesk-rate-limit-anything: total=10; remaining=0; resets=8", 8 * time.Second},
		"jobs are no calls":    {"zendesk-ratelimit-inflight-jobs: total=30; remaining=0; resets=60", 0},
		"nonsense":             {"X-Rate-Limit: many\nratelimit-reset: -1\nzendesk-ratelimit-x: remaining", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, map[string][]reply{showA: {{header: tt.header, body: `{"organizations":[]}`}, orgsJSON()}})
			target := s.target(nil)
			for range 2 {
				if err := ask(t, target); err != nil {
					t.Fatal(err)
				}
			}
			if took := s.Now().Sub(noon); took != tt.took {
				t.Errorf("the second call came after %s, want %s", took, tt.took)
			}
		})
	}
}

func TestOneOrganizationIsUpdatedFiveTimesAMinute(t *testing.T) {
	t.Parallel()
	put := "PUT organizations/5"
	s := start(t, map[string][]reply{put: {{body: `{"organization":` + orgJSON(5, "001A", "A", "") + `}`}}})
	target := s.target(nil)
	target.note(helpdesk.Organization, 5, "001A")
	for i := range 11 {
		run(t, target, orgChange(helpdesk.Update, "001A", "5", "notes", nil, fmt.Sprint(i)))
	}
	if took := s.Now().Sub(noon); took != 2*time.Minute || s.times(put) != 11 {
		t.Errorf("%d updates of one organization took %s, want 11 in 2m0s", s.times(put), took)
	}
}

func TestExportsHaveALimitOfTheirOwn(t *testing.T) {
	t.Parallel()
	feed := "GET incremental/organizations?per_page=1000&start_time=1000"
	s := start(t, map[string][]reply{feed: {{header: "zendesk-ratelimit-incremental-exports: total=10; remaining=5; resets=60", body: `{"organizations":[],"end_time":1000,"count":0,"end_of_stream":true}`}}})
	target := s.target(func(o *Options) { o.Share = 0.5 })
	for range 11 {
		for _, err := range target.Objects(t.Context(), helpdesk.Organization, "at:1000") {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if took := s.Now().Sub(noon); took != 2*time.Minute {
		t.Errorf("11 exports at half of 10 a minute took %s, want 2m0s", took)
	}
}

func TestUsersAreWrittenOneASecond(t *testing.T) {
	t.Parallel()
	p := newPace(Options{Share: 1, Now: func() time.Time { return noon }})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "https://x.zendesk.com/api/v2/users/7", nil)
	if err != nil {
		t.Fatal(err)
	}
	if wait, _ := p.take(paced{req: req}); wait != 0 {
		t.Errorf("the first waits %s", wait)
	}
	if wait, _ := p.take(paced{req: req}); wait != time.Second {
		t.Errorf("the second of one moment waits %s, want 1s", wait)
	}
}

func FuzzParseQuota(f *testing.F) {
	for _, s := range []string{"", "total=100; remaining=99; resets=41", "remaining=0", "total=99999999999999999999", ";;=,;", "resets=-1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if q := parseQuota("x", s); q.total < -1 || q.left < -1 || q.resets < 0 {
			t.Errorf("%q reads as %+v", s, q)
		}
	})
}

// TestWhatIsLeftIsSaidForAMinute: what the account has left, whoever used the rest, is as
// good as the last answer.
func TestWhatIsLeftIsSaidForAMinute(t *testing.T) {
	t.Parallel()
	now := noon
	p := newPace(Options{Share: 0.25, Now: func() time.Time { return now }})
	if s := p.status(); s.Left >= 0 || s.Limit != 0 {
		t.Errorf("before any answer it says %+v", s)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://acme.zendesk.com/api/v2/organizations", nil)
	if err != nil {
		t.Fatal(err)
	}
	if wait, _ := p.take(paced{req: req}); wait > 0 {
		t.Fatalf("the first call waits %s", wait)
	}
	p.observe(&http.Response{Request: req, Header: http.Header{"X-Rate-Limit": {"400"}, "X-Rate-Limit-Remaining": {"17"}}})
	if s, want := p.status(), (helpdesk.Pace{Calls: 1, Limit: 400, Allowed: 100, Left: 17}); s != want {
		t.Errorf("it says %+v, want %+v", s, want)
	}
	now = now.Add(time.Minute)
	if s := p.status(); s.Left >= 0 {
		t.Errorf("a minute later it still says %+v", s)
	}
}
