package notify_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/desksync/desksync/internal/secret"
	"github.com/desksync/desksync/sync/alert"
	"github.com/desksync/desksync/sync/alert/notify"
)

var now = time.Date(2026, 11, 21, 9, 10, 0, 0, time.UTC)

// vendors answers for Slack and Teams, whose addresses the library has built in: the
// default transport of this test binary leads there, whatever the host.
var vendors = struct {
	sync.Mutex
	answers map[string]http.HandlerFunc // by path
}{answers: map[string]http.HandlerFunc{}}

func TestMain(m *testing.M) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		vendors.Lock()
		answer := vendors.answers[r.URL.Path]
		vendors.Unlock()
		if answer == nil {
			http.NotFound(w, r)
			return
		}
		answer(w, r)
	}))
	http.DefaultTransport = to(s)
	m.Run() // ends the process by its own code once this returns
	s.Close()
}

// to is a transport that leads every host to one server on this machine.
func to(s *httptest.Server) *http.Transport {
	pool := s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	return &http.Transport{
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if _, port, err := net.SplitHostPort(addr); err != nil || port != "443" {
				return nil, fmt.Errorf("nobody listens at %s", addr)
			}
			return new(net.Dialer).DialContext(ctx, network, s.Listener.Addr().String())
		},
		TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "example.com", MinVersion: tls.VersionTLS12},
	}
}

// vendor has a path answered, and returns what arrives there.
func vendor(t *testing.T, path string, status int, answer string) *inbox {
	t.Helper()
	in := &inbox{}
	vendors.Lock()
	defer vendors.Unlock()
	vendors.answers[path] = in.take(status, answer)
	return in
}

// inbox keeps what arrived.
type inbox struct {
	mu   sync.Mutex
	got  []*http.Request
	body []string
}

func (i *inbox) take(status int, answer string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		i.mu.Lock()
		i.got, i.body = append(i.got, r), append(i.body, string(b))
		i.mu.Unlock()
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}
}

func (i *inbox) bodies() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.body
}

// message is one about a customer who tries things with its name.
func message(event alert.Event) alert.Message {
	return alert.Message{
		ID: "0123456789abcdef", Channel: "chat", At: now,
		Parts: []alert.Part{{Event: event, At: now, Condition: alert.Condition{
			Key: "drift/customers", Kind: alert.Drift, Pipeline: "customers", Target: "support", Severity: alert.Warning, Level: 1,
			Title: "1 organization drifted in support (customers)", Subjects: []string{"Ace <!channel> & Söhne *bold*"},
			Text: "Someone changed support_level in the helpdesk; desksync holds.", Command: "desksync drift --pipeline customers", Since: now.Add(-time.Hour),
		}}},
	}
}

func channel(t *testing.T, c notify.Channel, opt notify.Options) alert.Notifier {
	t.Helper()
	if opt.Now == nil {
		opt.Now = func() time.Time { return now }
	}
	n, err := notify.New(c, opt)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func hush(s string) secret.Text { return secret.New(s) }
