package notify_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/alert"
	"github.com/desksync/desksync/sync/alert/notify"
)

// overHTTP are the channels that post something; their server is the test's.
func overHTTP() map[string]notify.Channel {
	return map[string]notify.Channel{
		"slack":     {Type: "slack", URL: hush(slackURL + "limitslimitslimitslimits")},
		"connector": {Type: "teams", URL: hush(teamsURL + "0123456789abcdef0123456789abcde1" + teamsEnd)},
		"workflow":  {Type: "teams", URL: hush("https://prod-01.westeurope.logic.azure.com/workflows/abc/triggers/manual/paths/invoke?sig=hushhushhush")},
		"pagerduty": {Type: "pagerduty", Secret: hush(pagerKey)},
		"webhook":   {Type: "webhook", URL: hush("https://ops.acme.example/hook"), Secret: hush("shared")},
	}
}

// TestAConnectorThatAnswers200MayHaveFailed: only a number is a success.
func TestAConnectorThatAnswers200MayHaveFailed(t *testing.T) {
	t.Parallel()
	const says = "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error "
	for answer, want := range map[string]fault.Kind{
		says + "429 with ContextId tcid=0,server=x": fault.Throttled, says + "413 with ContextId MS-CV=x": fault.Invalid, says + "403 with ContextId x": fault.Denied,
		says + "500 with ContextId x": fault.Unavailable, "Webhook message delivery failed with error: Error contacting Microsoft Teams endpoint": fault.Unavailable,
		"": fault.Unavailable, "0": fault.Unavailable, "<html>sign in</html>": fault.Unavailable,
	} {
		s := httptest.NewTLSServer((&inbox{}).take(http.StatusOK, answer))
		t.Cleanup(s.Close)
		err := channel(t, overHTTP()["connector"], notify.Options{Base: to(s)}).Send(t.Context(), message(alert.Begun))
		if fault.KindOf(err) != want || !strings.Contains(err.Error(), answer) {
			t.Errorf("answered %q: %v, want %v", answer, err, want)
		}
	}
}

// TestEachChannelWaitsAsLongAsItIsTold when there are too many messages.
func TestEachChannelWaitsAsLongAsItIsTold(t *testing.T) {
	t.Parallel()
	for name, c := range overHTTP() {
		s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "77")
			w.WriteHeader(http.StatusTooManyRequests)
		}))
		t.Cleanup(s.Close)
		err := channel(t, c, notify.Options{Base: to(s)}).Send(t.Context(), message(alert.Begun))
		if e, ok := err.(*fault.Error); !ok || e.Kind != fault.Throttled || e.RetryAfter != 77*time.Second { //nolint:errorlint // what the outbox looks at
			t.Errorf("%s: %v, want throttled for 77s", name, err)
		}
	}
}

// worst is as long as a message becomes, of names that are as wide as they can be.
func worst() alert.Message {
	m := message(alert.Begun)
	wide := strings.Repeat("<Ö*_", 40)
	for i := range 40 {
		p := m.Parts[0]
		p.Condition.Key = "unknown_product/customers/" + strconv.Itoa(i) + strings.Repeat("ö", 300)
		p.Condition.Title, p.Condition.Text, p.Condition.Subjects = wide, wide+wide, nil
		for range alert.MaxSubjects {
			p.Condition.Subjects = append(p.Condition.Subjects, wide)
		}
		m.Parts = append(m.Parts, p)
	}
	return m
}

// TestTheLongestMessageIsTaken: 28 KB by Teams, a hundred attachments by Slack, none of them empty, and
// 1024 characters of a summary and 255 of a key by PagerDuty, of which no two are the same.
func TestTheLongestMessageIsTaken(t *testing.T) {
	t.Parallel()
	sent := map[string][]string{}
	for name, c := range overHTTP() {
		in, answer := &inbox{}, map[string]string{"connector": "1", "slack": "ok"}[name]
		s := httptest.NewTLSServer(in.take(http.StatusOK, answer))
		t.Cleanup(s.Close)
		if err := channel(t, c, notify.Options{Base: to(s)}).Send(t.Context(), worst()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		sent[name] = in.bodies()
	}
	for _, name := range []string{"connector", "workflow"} {
		if n := len(sent[name][0]); n > 28<<10 {
			t.Errorf("%s: %d bytes", name, n)
		}
	}
	var chat struct{ Attachments []struct{ Text string } }
	if err := json.Unmarshal([]byte(sent["slack"][0]), &chat); err != nil || len(chat.Attachments) < 2 || len(chat.Attachments) > 100 {
		t.Errorf("slack: %d attachments, %v", len(chat.Attachments), err)
	}
	for _, a := range chat.Attachments {
		if a.Text == "" || strings.Contains(a.Text, "<") {
			t.Errorf("slack: an attachment says %q", a.Text)
		}
	}
	keys := map[string]bool{}
	for _, body := range sent["pagerduty"] {
		var e struct {
			DedupKey string `json:"dedup_key"`
			Payload  struct{ Summary string }
		}
		if err := json.Unmarshal([]byte(body), &e); err != nil || len([]rune(e.Payload.Summary)) > 1024 || len(e.DedupKey) > 255 || keys[e.DedupKey] || len(body) > 512<<10 {
			t.Errorf("pagerduty: key %q, twice %v, %d bytes, %v", e.DedupKey, keys[e.DedupKey], len(body), err)
		}
		keys[e.DedupKey] = true
	}
}
