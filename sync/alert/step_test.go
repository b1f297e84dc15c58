package alert_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/sync/alert"
)

func condition(kind alert.Kind, level int) alert.Condition {
	return alert.Condition{Key: alert.Key(kind, "customers"), Kind: kind, Pipeline: "customers", Severity: alert.Warning, Level: level, Title: string(kind)}
}

// story tells a step per entry, each an hour after the other, and returns what was told
// in each.
func story(p alert.Policy, steps ...[]alert.Condition) []string {
	var states []alert.State
	var out []string
	for i, holds := range steps {
		var messages []alert.Message
		states, messages = alert.Step(states, holds, start.Add(time.Duration(i)*time.Hour), p)
		var said []string
		for _, m := range messages {
			for _, part := range m.Parts {
				said = append(said, m.Channel+":"+string(part.Event))
			}
		}
		out = append(out, strings.Join(said, " "))
	}
	return out
}

func TestStories(t *testing.T) {
	t.Parallel()
	is := func(c alert.Condition) []alert.Condition { return []alert.Condition{c} }
	drift := func(n int) []alert.Condition { return is(condition(alert.Drift, n)) }
	failing := func(n int) []alert.Condition { return is(condition(alert.Failing, n)) }
	severe := func(s alert.Severity) []alert.Condition {
		c := condition(alert.Drift, 3)
		c.Severity = s
		return is(c)
	}
	event := condition(alert.Downgrade, 4)
	event.Event = true
	pager := everyone()
	pager.Routes = []alert.Route{{Severity: alert.Critical, To: []string{"chat", "pager"}}, {To: []string{"chat"}}}
	quiet := everyone()
	quiet.Silences = []alert.Silence{{From: 9 * time.Hour, To: 12 * time.Hour}}
	digest := everyone()
	digest.Digest = alert.Digest{On: true, At: 11 * time.Hour, Below: alert.Critical}
	third := everyone()
	third.FailingAfter = 3
	silent := []alert.Condition(nil)
	tests := map[string]struct {
		policy alert.Policy
		steps  [][]alert.Condition
		want   string
	}{
		"told once, then over":                {everyone(), [][]alert.Condition{drift(3), drift(3), drift(3), silent, silent}, "chat:begun,,,chat:over,"},
		"less is not worse":                   {everyone(), [][]alert.Condition{drift(8), drift(3), drift(8), drift(15)}, "chat:begun,,,"},
		"twice as many is worse":              {everyone(), [][]alert.Condition{drift(3), drift(5), drift(6), drift(11), drift(12)}, "chat:begun,,chat:worse,,chat:worse"},
		"more severe is worse":                {everyone(), [][]alert.Condition{severe(0), severe(1), severe(0), severe(1), severe(2)}, "chat:begun,chat:worse,,,chat:worse"},
		"a new channel hears that it began":   {pager, [][]alert.Condition{severe(1), severe(2), silent}, "chat:begun,chat:worse pager:begun,chat:over pager:over"},
		"failing longer is not worse":         {third, [][]alert.Condition{failing(1), failing(2), failing(3), failing(4), failing(30), silent}, ",,chat:begun,,,chat:over"},
		"two failures are nobody's business":  {third, [][]alert.Condition{failing(1), failing(2), silent, failing(1), failing(2)}, ",,,,"},
		"an event is never over":              {everyone(), [][]alert.Condition{is(event), is(event), silent, is(event)}, "chat:begun,,,"},
		"told when the silence ends":          {quiet, [][]alert.Condition{drift(3), drift(3), drift(3), drift(3)}, ",,,chat:begun"},
		"over within the silence: not told":   {quiet, [][]alert.Condition{drift(3), drift(3), silent, silent}, ",,,"},
		"told with the digest":                {digest, [][]alert.Condition{drift(3), drift(3), drift(3), silent}, ",,chat:begun,"},
		"over before the digest: not told":    {digest, [][]alert.Condition{drift(3), silent, silent}, ",,"},
		"what is severe awaits no digest":     {digest, [][]alert.Condition{severe(2), severe(2)}, "chat:begun,"},
		"no routes: nothing is told":          {alert.Policy{}, [][]alert.Condition{drift(3), drift(9), silent}, ",,"},
		"a second time is told a second time": {everyone(), [][]alert.Condition{drift(3), silent, drift(3), silent}, "chat:begun,chat:over,chat:begun,chat:over"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(story(tt.policy, tt.steps...), ","); got != tt.want {
				t.Errorf("told %q, want %q", got, tt.want)
			}
		})
	}
}

func TestARouteThatCameLater(t *testing.T) {
	t.Parallel()
	c := []alert.Condition{condition(alert.Drift, 1)}
	states, messages := alert.Step(nil, c, start, alert.Policy{})
	if len(messages) != 0 {
		t.Fatalf("without a route somebody was told: %v", messages)
	}
	if _, messages = alert.Step(states, c, start.Add(time.Hour), everyone()); len(messages) != 1 {
		t.Errorf("%d messages once there is a route, want 1", len(messages))
	}
}

func TestSlowGrowthIsToldOnceADay(t *testing.T) {
	t.Parallel()
	c := condition(alert.Drift, 10)
	states, _ := alert.Step(nil, []alert.Condition{c}, start, everyone())
	c.Newest = start.Add(time.Hour) // one is over, another began: still ten
	var events []string
	for hour := range 72 {
		var messages []alert.Message
		states, messages = alert.Step(states, []alert.Condition{c}, start.Add(time.Duration(hour)*time.Hour), everyone())
		if len(messages) > 0 {
			events = append(events, fmt.Sprint(hour, messages[0].Parts[0].Event))
		}
	}
	if got := strings.Join(events, " "); got != "24worse" {
		t.Errorf("told %q, want 24worse: once, a day after it began", got)
	}
}

func TestWhatIsTooMuchBecomesOneMessage(t *testing.T) {
	t.Parallel()
	var many []alert.Condition
	for i := range 10_000 {
		many = append(many, alert.Condition{Key: fmt.Sprint("conflict/", i), Kind: alert.Conflict, Severity: alert.Warning, Title: fmt.Sprint("conflict ", i)})
	}
	p := everyone()
	p.Routes = []alert.Route{{To: []string{"chat", "mail"}}}
	states, messages := alert.Step(nil, many, start, p)
	if len(messages) != 2 || len(messages[0].Parts) != 10_000 {
		t.Fatalf("%d messages, want one for each of two channels", len(messages))
	}
	if _, messages = alert.Step(states, nil, start.Add(time.Hour), p); len(messages) != 2 {
		t.Errorf("%d messages when all was over, want 2", len(messages))
	}
	if text := messages[0].Text(); len(text) > alert.MaxText {
		t.Errorf("the message has %d bytes, more than %d", len(text), alert.MaxText)
	}
}

func TestAChannelThatWantsThemApart(t *testing.T) {
	t.Parallel()
	p := everyone()
	p.Apart = map[string]bool{"chat": true}
	_, messages := alert.Step(nil, []alert.Condition{condition(alert.Drift, 1), condition(alert.Conflict, 1)}, start, p)
	if len(messages) != 2 || messages[0].ID == messages[1].ID {
		t.Errorf("got %v, want two messages with ids of their own", messages)
	}
}

func TestTheMostSevereStandsFirst(t *testing.T) {
	t.Parallel()
	a, b := condition(alert.Conflict, 1), condition(alert.Stale, 1)
	b.Severity = alert.Critical
	_, messages := alert.Step(nil, []alert.Condition{a, b}, start, everyone())
	if got := messages[0].Parts[0].Condition.Kind; got != alert.Stale {
		t.Errorf("first stands %s, want %s", got, alert.Stale)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	c := alert.Condition{
		Key: "drift/customers", Kind: alert.Drift, Pipeline: "customers", Target: "support", Severity: alert.Warning, Level: 12,
		Title: "12 organizations drifted in support (customers)", Subjects: []string{"Ace Tomato", "Dreadco"}, More: 10,
		Text: "Someone changed support_level; desksync holds.", Command: "desksync drift --pipeline customers", Since: start,
	}
	states, messages := alert.Step(nil, []alert.Condition{c}, start.Add(5*time.Minute), everyone())
	want := "12 organizations drifted in support (customers): Ace Tomato, Dreadco and 10 more. Someone changed support_level; desksync holds. " +
		"See and decide: desksync drift --pipeline customers. Since 09:10 UTC."
	if got := messages[0].Text(); got != want {
		t.Errorf("Text:\n%s\nwant\n%s", got, want)
	}
	_, messages = alert.Step(states, nil, start.Add(27*time.Hour), everyone())
	want = "Over: 12 organizations drifted in support (customers). It lasted 27 hours."
	if got := messages[0].Text(); got != want {
		t.Errorf("Text:\n%s\nwant\n%s", got, want)
	}
}

func TestSilenceFollowsTheClockOnTheWall(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	p := everyone()
	p.Silences = []alert.Silence{{Days: []time.Weekday{time.Saturday}, From: 22 * time.Hour, To: 6 * time.Hour, Location: berlin}}
	tests := map[string]struct {
		at   time.Time
		told bool
	}{
		"before it":                    {time.Date(2026, 10, 24, 21, 59, 0, 0, berlin), true},
		"as it begins":                 {time.Date(2026, 10, 24, 22, 0, 0, 0, berlin), false},
		"in the night the clocks turn": {time.Date(2026, 10, 25, 5, 59, 0, 0, berlin), false},
		"as it ends":                   {time.Date(2026, 10, 25, 6, 0, 0, 0, berlin), true},
		"the night after":              {time.Date(2026, 10, 25, 23, 0, 0, 0, berlin), true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, messages := alert.Step(nil, []alert.Condition{condition(alert.Drift, 1)}, tt.at, p)
			if told := len(messages) > 0; told != tt.told {
				t.Errorf("told at %v: %v, want %v", tt.at, told, tt.told)
			}
		})
	}
}

// TestASilenceShowsTheSameOnEveryClock: in an hour that comes twice the window does too, and
// one that begins in an hour that is skipped begins with the next.
func TestASilenceShowsTheSameOnEveryClock(t *testing.T) {
	t.Parallel()
	for zone, windows := range map[string]map[string]bool{
		"Europe/Berlin":    {"2026-10-25T00:30:00Z": false, "2026-10-25T01:30:00Z": false, "2026-10-25T02:00:00Z": true, "2026-03-29T00:59:00Z": true, "2026-03-29T01:00:00Z": true},
		"America/Santiago": {"2026-09-06T05:30:00Z": false, "2026-09-06T04:30:00Z": true, "2026-09-06T06:00:00Z": true},
	} {
		location, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		p := everyone()
		p.Silences = []alert.Silence{{Days: []time.Weekday{time.Sunday}, From: 2 * time.Hour, To: 3 * time.Hour, Location: location}}
		for at, want := range windows {
			now, err := time.Parse(time.RFC3339, at)
			if err != nil {
				t.Fatal(err)
			}
			_, messages := alert.Step(nil, []alert.Condition{condition(alert.Drift, 1)}, now, p)
			if told := len(messages) > 0; told != want {
				t.Errorf("told at %s, which is %s: %v, want %v", at, now.In(location), told, want)
			}
		}
	}
}
