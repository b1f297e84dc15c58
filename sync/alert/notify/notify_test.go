package notify_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/alert"
	"github.com/desksync/desksync/sync/alert/notify"
)

const (
	slackURL = "https://hooks.slack.com/services/T0AAAAAAA/B0BBBBBBB/"
	teamsURL = "https://acme.webhook.office.com/webhookb2/11111111-2222-3333-4444-555555555555@66666666-7777-8888-9999-000000000000/IncomingWebhook/"
	teamsEnd = "/11111111-2222-3333-4444-555555555555/V2extra"
	pagerKey = "0123456789abcdef0123456789abcdef"
)

func slackOf(t *testing.T, token string, status int, answer string) (alert.Notifier, *inbox) {
	t.Helper()
	in := vendor(t, "/services/T0AAAAAAA/B0BBBBBBB/"+token, status, answer)
	return channel(t, notify.Channel{Type: "slack", URL: hush(slackURL + token)}, notify.Options{Base: http.DefaultTransport}), in
}

func TestSlackShowsTheMessageAndCallsNobody(t *testing.T) {
	t.Parallel()
	n, in := slackOf(t, "showsshowsshowsshowsshow", http.StatusOK, "ok")
	if err := n.Send(t.Context(), message(alert.Begun)); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Text        string
		Attachments []struct{ Text string }
	}
	if err := json.Unmarshal([]byte(in.bodies()[0]), &got); err != nil {
		t.Fatal(err)
	}
	if got.Text != "1 organization drifted in support (customers)" {
		t.Errorf("title %q", got.Text)
	}
	text := got.Attachments[0].Text
	for _, want := range []string{"Ace &lt;!channel&gt; &amp; Söhne", "desksync drift --pipeline customers", "Since 08:10 UTC"} {
		if !strings.Contains(text, want) {
			t.Errorf("text %q lacks %q", text, want)
		}
	}
}

func TestSlackSaysWhetherAnotherTryHelps(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		token, answer string
		status        int
		want          fault.Kind
	}{
		"the app was removed":    {"removedremovedremovedrem", "no_service", http.StatusNotFound, fault.NotFound},
		"the payload is refused": {"refusedrefusedrefusedref", "invalid_payload", http.StatusBadRequest, fault.Invalid},
		"it is not allowed":      {"deniedenieddenieddenied1", "action_prohibited", http.StatusForbidden, fault.Denied},
		"too many messages":      {"manymanymanymanymanymany", "rate_limited", http.StatusTooManyRequests, fault.Throttled},
		"something else":         {"upsupsupsupsupsupsupsups", "upstream error", http.StatusBadGateway, fault.Unavailable},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, _ := slackOf(t, tt.token, tt.status, tt.answer)
			if err := n.Send(t.Context(), message(alert.Begun)); fault.KindOf(err) != tt.want || !strings.Contains(err.Error(), tt.answer) || strings.Contains(err.Error(), tt.token) {
				t.Errorf("Send = %v, want kind %v and %q", err, tt.want, tt.answer)
			}
		})
	}
}

func TestTeamsOverAConnector(t *testing.T) {
	t.Parallel()
	const id = "0123456789abcdef0123456789abcdef"
	in := vendor(t, strings.TrimPrefix(teamsURL, "https://acme.webhook.office.com")+id+teamsEnd, http.StatusOK, "1")
	n := channel(t, notify.Channel{Type: "teams", URL: hush(teamsURL + id + teamsEnd)}, notify.Options{Base: http.DefaultTransport})
	if err := n.Send(t.Context(), message(alert.Begun)); err != nil {
		t.Fatal(err)
	}
	if got := in.bodies()[0]; !strings.Contains(got, `"MessageCard"`) || !strings.Contains(got, "1 organization drifted in support (customers)") || !strings.Contains(got, `\\*bold\\*`) {
		t.Errorf("posted %s", got)
	}
}

func TestTeamsOverAWorkflow(t *testing.T) {
	t.Parallel()
	in := &inbox{}
	s := httptest.NewTLSServer(in.take(http.StatusAccepted, ""))
	t.Cleanup(s.Close)
	url := "https://prod-01.westeurope.logic.azure.com/workflows/abc/triggers/manual/paths/invoke?sig=hushhushhush"
	n := channel(t, notify.Channel{Type: "teams", URL: hush(url)}, notify.Options{Base: to(s)})
	if err := n.Send(t.Context(), message(alert.Begun)); err != nil {
		t.Fatal(err)
	}
	if got := in.bodies()[0]; !strings.Contains(got, `"AdaptiveCard"`) || !strings.Contains(got, `\\*bold\\*`) {
		t.Errorf("posted %s", got)
	}
	if got := in.got[0].URL.Query().Get("sig"); got != "hushhushhush" {
		t.Errorf("the signature in the address arrived as %q", got)
	}
}

func TestPagerDutyOpensAndResolvesOneIncident(t *testing.T) {
	t.Parallel()
	in := &inbox{}
	s := httptest.NewTLSServer(in.take(http.StatusAccepted, `{"status":"success"}`))
	t.Cleanup(s.Close)
	n := channel(t, notify.Channel{Type: "pagerduty", Secret: hush(pagerKey)}, notify.Options{Base: to(s)})
	for _, event := range []alert.Event{alert.Begun, alert.Worse, alert.Ended} {
		if err := n.Send(t.Context(), message(event)); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, body := range in.bodies() {
		var e struct {
			RoutingKey  string `json:"routing_key"`
			EventAction string `json:"event_action"`
			DedupKey    string `json:"dedup_key"`
			Payload     struct {
				Summary, Severity, Source string
				Details                   struct{ Text string } `json:"custom_details"`
			}
		}
		if err := json.Unmarshal([]byte(body), &e); err != nil {
			t.Fatal(err)
		}
		if e.RoutingKey != pagerKey || e.Payload.Severity != "warning" || e.Payload.Source != "support" || !strings.Contains(e.Payload.Details.Text, "drifted in support (customers)") {
			t.Errorf("posted %s", body)
		}
		got = append(got, e.EventAction+" "+e.DedupKey)
	}
	want := "trigger desksync/drift/customers, trigger desksync/drift/customers, resolve desksync/drift/customers"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("PagerDuty heard %q, want %q", s, want)
	}
	if in.got[0].URL.Path != "/v2/enqueue" {
		t.Errorf("posted to %s, want /v2/enqueue", in.got[0].URL.Path)
	}
}

func TestPagerDutySaysWhetherAnotherTryHelps(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		answer string
		kind   fault.Kind
		says   string
	}{
		"a key that nobody has": {http.StatusBadRequest, `{"status":"invalid event","message":"Event object is invalid","errors":["'routing_key' is wrong"]}`, fault.Invalid, "Event object is invalid: 'routing_key' is wrong"},
		"too many events":       {http.StatusTooManyRequests, "", fault.Throttled, "status 429"},
		"down":                  {http.StatusBadGateway, "<html>", fault.Unavailable, "status 502"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewTLSServer((&inbox{}).take(tt.status, tt.answer))
			t.Cleanup(s.Close)
			err := channel(t, notify.Channel{Type: "pagerduty", Secret: hush(pagerKey)}, notify.Options{Base: to(s)}).Send(t.Context(), message(alert.Begun))
			if fault.KindOf(err) != tt.kind || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), pagerKey) {
				t.Errorf("Send = %v, want %v with %q", err, tt.kind, tt.says)
			}
		})
	}
}

func TestAWebhookIsSigned(t *testing.T) {
	t.Parallel()
	in := &inbox{}
	s := httptest.NewServer(in.take(http.StatusNoContent, ""))
	t.Cleanup(s.Close)
	n := channel(t, notify.Channel{Type: "webhook", URL: hush(s.URL + "/hook"), Secret: hush("shared")}, notify.Options{})
	if err := n.Send(t.Context(), message(alert.Begun)); err != nil {
		t.Fatal(err)
	}
	r, body := in.got[0], in.bodies()[0]
	at, signature := r.Header.Get(notify.HeaderTimestamp), r.Header.Get(notify.HeaderSignature)
	if at != fmt.Sprint(now.Unix()) || r.Header.Get(notify.HeaderDelivery) != "0123456789abcdef" {
		t.Errorf("headers %v", r.Header)
	}
	if want := notify.Sign(hush("shared"), at, []byte(body)); signature != want {
		t.Errorf("signature %s, want %s", signature, want)
	}
	for name, other := range map[string]string{
		"another secret": notify.Sign(hush("other"), at, []byte(body)), "another time": notify.Sign(hush("shared"), at+"1", []byte(body)),
		"another body": notify.Sign(hush("shared"), at, []byte(body+" ")),
	} {
		if signature == other {
			t.Errorf("%s has the same signature", name)
		}
	}
	var got struct {
		ID, Severity, Title, Text string
		Parts                     []struct{ Event string }
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil || got.ID == "" || got.Severity != "warning" || got.Title == "" || got.Text == "" || got.Parts[0].Event != "begun" {
		t.Errorf("body %s: %v", body, err)
	}
}

// The signature is what docs/alerts.md says; a receiver in any language must come to it.
func TestTheSignatureIsTheDocumentedOne(t *testing.T) {
	t.Parallel()
	const want = "v1=2c60f58b230ba7c9ccf17dd7271376db5285909a143ccf7cb3a5efadf87968e3"
	if got := notify.Sign(hush("it's a secret"), "1795252200", []byte(`{"id":"1"}`)); got != want {
		t.Errorf("Sign = %s, want %s", got, want)
	}
}

func TestAWebhookSaysWhetherAnotherTryHelps(t *testing.T) {
	t.Parallel()
	tests := map[int]fault.Kind{
		http.StatusBadRequest: fault.Invalid, http.StatusUnauthorized: fault.Denied, http.StatusGone: fault.NotFound,
		http.StatusTooManyRequests: fault.Throttled, http.StatusInternalServerError: fault.Unavailable,
	}
	for status, want := range tests {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			in := &inbox{}
			s := httptest.NewServer(in.take(status, ""))
			t.Cleanup(s.Close)
			n := channel(t, notify.Channel{Type: "webhook", URL: hush(s.URL), Secret: hush("shared")}, notify.Options{})
			if err := n.Send(t.Context(), message(alert.Begun)); fault.KindOf(err) != want {
				t.Errorf("Send = %v, want kind %v", err, want)
			}
			if len(in.bodies()) != 1 {
				t.Errorf("posted %d times, want once: the outbox tries again", len(in.bodies()))
			}
		})
	}
}

func TestErrorsHoldNoSecrets(t *testing.T) {
	t.Parallel()
	gone := func(string) *http.Transport {
		return &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
		}}
	}("")
	tests := map[string]struct {
		channel notify.Channel
		secrets []string
	}{
		"slack":     {notify.Channel{Type: "slack", URL: hush(slackURL + "hushhushhushhushhushhush")}, []string{"hushhush", "B0BBBBBBB"}},
		"workflow":  {notify.Channel{Type: "teams", URL: hush("https://prod-01.logic.example/workflows/hushhushhush/invoke?sig=hushhushhush")}, []string{"hushhush"}},
		"webhook":   {notify.Channel{Type: "webhook", URL: hush("https://hooks.example/hushhushhush"), Secret: hush("shared-hush")}, []string{"hush"}},
		"pagerduty": {notify.Channel{Type: "pagerduty", Secret: hush(pagerKey), Host: "127.0.0.1"}, []string{pagerKey}},
		"email":     {notify.Channel{Type: "email", Host: "127.0.0.1", Port: 1, User: "u", Password: hush("hush/hush hush"), From: "a@b.example", To: []string{"c@d.example"}}, []string{"hush"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := channel(t, tt.channel, notify.Options{Base: gone}).Send(t.Context(), message(alert.Begun))
			if err == nil {
				t.Fatal("nothing failed: the test is blind")
			}
			for e := err; e != nil; e = errors.Unwrap(e) {
				for _, s := range tt.secrets {
					if strings.Contains(fmt.Sprintf("%v %+v", e, e), s) {
						t.Errorf("the error shows %q: %v", s, e)
					}
				}
			}
		})
	}
}

func TestASendEndsWithItsContext(t *testing.T) {
	t.Parallel()
	vendors.Lock()
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	vendors.answers["/services/T0AAAAAAA/B0BBBBBBB/slowslowslowslowslowslow"] = func(http.ResponseWriter, *http.Request) { <-release }
	vendors.Unlock()
	n := channel(t, notify.Channel{Type: "slack", URL: hush(slackURL + "slowslowslowslowslowslow")}, notify.Options{Base: http.DefaultTransport})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := n.Send(ctx, message(alert.Begun)); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("Send = %v, want unavailable", err)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		channel notify.Channel
		want    string
	}{
		"a type nobody knows":         {notify.Channel{Type: "pigeon"}, "no type of channel"},
		"another address for Slack":   {notify.Channel{Type: "slack", URL: hush("https://hooks.example/hushhush")}, "begins with https://hooks.slack.com"},
		"half an address for Slack":   {notify.Channel{Type: "slack", URL: hush(slackURL)}, "token"},
		"a plain address for Teams":   {notify.Channel{Type: "teams", URL: hush("http://teams.example/hushhush")}, "https://"},
		"a webhook without a secret":  {notify.Channel{Type: "webhook", URL: hush("https://hooks.example/hushhush")}, "needs a secret"},
		"a key that is none":          {notify.Channel{Type: "pagerduty", Secret: hush("hushhushhush")}, "integration key"},
		"a sender that is no address": {notify.Channel{Type: "email", Host: "mail.example", From: "nobody", To: []string{"a@b.example"}}, "no e-mail address"},
		"mail to nobody":              {notify.Channel{Type: "email", Host: "mail.example", From: "a@b.example"}, "at least one recipient"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := notify.New(tt.channel, notify.Options{})
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hushhush") {
				t.Errorf("New = %v, want %q and no secret", err, tt.want)
			}
		})
	}
}

// postOffice is a mail server that takes what it is given, but for one recipient.
type postOffice struct {
	net.Listener
	refuse string
	says   string // to who is refused
	hello  string // of the last client
	mu     sync.Mutex
	mails  map[string]string // by recipient
	count  map[string]int
}

func newPostOffice(t *testing.T, refuse string) *postOffice {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &postOffice{Listener: l, refuse: refuse, says: "550 unknown here", mails: map[string]string{}, count: map[string]int{}}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(c)
		}
	}()
	return p
}

func (p *postOffice) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	say := func(s string) { _, _ = fmt.Fprintf(c, "%s\r\n", s) }
	r := bufio.NewScanner(c)
	to, data := "", (*strings.Builder)(nil)
	say("220 here")
	for r.Scan() {
		line := r.Text()
		switch {
		case data != nil && line == ".":
			p.mu.Lock()
			p.mails[to] = data.String()
			p.count[to]++
			p.mu.Unlock()
			data = nil
			say("250 taken")
		case data != nil:
			data.WriteString(line + "\n")
		case strings.HasPrefix(line, "RCPT"):
			to = strings.Trim(strings.TrimPrefix(line, "RCPT TO:"), "<>")
			if to == p.refuse {
				say(p.says)
			} else {
				say("250 ok")
			}
		case line == "DATA":
			data = &strings.Builder{}
			say("354 go on")
		case line == "QUIT":
			say("221 bye")
			return
		case strings.HasPrefix(line, "EHLO"):
			p.mu.Lock()
			p.hello = line
			p.mu.Unlock()
			say("250 ok")
		default:
			say("250 ok")
		}
	}
}

func (p *postOffice) channel(t *testing.T, to ...string) alert.Notifier {
	t.Helper()
	at := p.Addr().(*net.TCPAddr)
	return channel(t, notify.Channel{Type: "email", Host: "127.0.0.1", Port: at.Port, TLS: "none", From: "desksync@acme.example", To: to}, notify.Options{})
}

func TestMail(t *testing.T) {
	t.Parallel()
	p := newPostOffice(t, "")
	m := message(alert.Begun)
	m.Parts[0].Condition.Title = "Söhne drifted\r\nBcc: everyone@acme.example"
	if err := p.channel(t, "ops@acme.example").Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(p.mails["ops@acme.example"], "\n\n")
	var subject string
	for line := range strings.SplitSeq(head, "\n") {
		if rest, ok := strings.CutPrefix(line, "Subject: "); ok {
			subject, _ = new(mime.WordDecoder).DecodeHeader(strings.TrimSpace(rest))
		}
		if strings.HasPrefix(line, "Bcc") {
			t.Error("a title added a header")
		}
	}
	if subject != "[desksync] warning: Söhne drifted Bcc: everyone@acme.example" {
		t.Errorf("subject %q", subject)
	}
	if !strings.Contains(strings.ReplaceAll(body, "\n", " "), "desksync drift --pipeline customers. Since 08:10 UTC.") {
		t.Errorf("body %q", body)
	}
	for line := range strings.SplitSeq(body, "\n") {
		if len([]rune(line)) > 120 {
			t.Errorf("a line of %d: %q", len(line), line)
		}
	}
}

// TestMailSaysWhoItIs: servers refuse who claims to be "localhost".
func TestMailSaysWhoItIs(t *testing.T) {
	t.Parallel()
	p := newPostOffice(t, "")
	if err := p.channel(t, "ops@acme.example").Send(t.Context(), message(alert.Begun)); err != nil {
		t.Fatal(err)
	}
	if host, err := os.Hostname(); err != nil || p.hello != "EHLO "+host {
		t.Errorf("it said %q, want the name of this machine, %q (%v)", p.hello, host, err)
	}
}

func TestMailSaysWhetherAnotherTryHelps(t *testing.T) {
	t.Parallel()
	for says, want := range map[string]fault.Kind{"550 unknown here": fault.Invalid, "451 come again": fault.Unavailable} {
		p := newPostOffice(t, "gone@acme.example")
		p.says = says
		err := p.channel(t, "gone@acme.example").Send(t.Context(), message(alert.Begun))
		if fault.KindOf(err) != want {
			t.Errorf("%s: %v, want %v", says, err, want)
		}
	}
}

// TestMailSaysWhoDidNotGetIt: the others have it, and get it no second time.
func TestMailSaysWhoDidNotGetIt(t *testing.T) {
	t.Parallel()
	for says, want := range map[string]fault.Kind{"550 unknown here": fault.Invalid, "452 mailbox full": fault.Unavailable} {
		p := newPostOffice(t, "gone@acme.example")
		p.says = says
		n := p.channel(t, "a@acme.example", "gone@acme.example", "b@acme.example")
		partly, ok := errors.AsType[*alert.Partly](n.Send(t.Context(), message(alert.Begun)))
		if !ok || len(partly.Left) != 1 || fault.KindOf(partly.Left["gone@acme.example"]) != want {
			t.Fatalf("%s: left are %v, want one, which is %v", says, partly, want)
		}
		mailing, ok := n.(alert.Mailing)
		if !ok {
			t.Fatal("e-mail cannot tell one recipient alone")
		}
		if err := mailing.SendTo(t.Context(), message(alert.Begun), "gone@acme.example"); fault.KindOf(err) != want {
			t.Errorf("%s: alone %v, want %v", says, err, want)
		}
		p.refuse = ""
		if err := mailing.SendTo(t.Context(), message(alert.Begun), "gone@acme.example"); err != nil {
			t.Error(err)
		}
		if p.count["a@acme.example"] != 1 || p.count["b@acme.example"] != 1 || p.count["gone@acme.example"] != 1 {
			t.Errorf("they have %v, want one mail each", p.count)
		}
		if err := mailing.SendTo(t.Context(), message(alert.Begun), "left@acme.example"); fault.KindOf(err) != fault.NotFound {
			t.Errorf("who is no recipient any more: %v", err)
		}
	}
}
