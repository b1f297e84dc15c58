package trace

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	traces "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/desksync/desksync/internal/fault"
)

// TestAPassIsToldWithItsPhases: the span of a pass stands above those of its phases, all
// with names and numbers, and of an error with its kind only.
func TestAPassIsToldWithItsPhases(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	tracer := c.tracer(t, zerolog.Nop())
	ctx, end := tracer.Run(t.Context(), "customers", "delta")
	_, read := tracer.Phase(ctx, "read", 7)
	read(nil)
	_, apply := tracer.Phase(ctx, "apply", 7)
	apply(fault.New("zendesk.apply", fault.Denied, errors.New("Acme Inc may not be written")))
	end(7, "retry", true)
	if err := tracer.Close(); err != nil {
		t.Fatal(err)
	}
	spans, body := c.got()
	if len(spans) != 3 {
		t.Fatalf("%d spans, want 3: %v", len(spans), spans)
	}
	run := spans["run"]
	for _, phase := range []string{"read", "apply"} {
		if s := spans[phase]; s == nil || !bytes.Equal(s.ParentSpanId, run.SpanId) || attr(s, "desksync.run") != "7" {
			t.Errorf("%s: got %v below %v", phase, s, run)
		}
	}
	for key, want := range map[string]string{"desksync.pipeline": "customers", "desksync.kind": "delta", "desksync.run": "7", "desksync.state": "retry"} {
		if got := attr(run, key); got != want {
			t.Errorf("%s of the run is %q, want %q", key, got, want)
		}
	}
	if s := spans["apply"].Status; s.Code != traces.Status_STATUS_CODE_ERROR || s.Message != "denied" {
		t.Errorf("apply ended with %v, want its kind, denied", s)
	}
	if spans["read"].Status.GetCode() == traces.Status_STATUS_CODE_ERROR {
		t.Error("read went well and is an error")
	}
	if strings.Contains(body, "Acme") {
		t.Errorf("the text of an error was sent: %q", body)
	}
}

// TestACollectorThatIsAwayIsSaidOnce: however often it is tried, and spans that are lost
// are no error of the daemon.
func TestACollectorThatIsAwayIsSaidOnce(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	var said bytes.Buffer
	tracer := c.tracer(t, zerolog.New(&said))
	for _, down := range []bool{true, true, false} {
		c.down(down)
		_, end := tracer.Run(t.Context(), "customers", "delta")
		end(1, "done", false)
		if err := tracer.flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := tracer.Close(); err != nil {
		t.Fatal(err)
	}
	if away, again := strings.Count(said.String(), "cannot be sent"), strings.Count(said.String(), "sent again"); away != 1 || again != 1 {
		t.Errorf("said %d times that it is away and %d times that it is back, want once each:\n%s", away, again, &said)
	}
}

// TestACollectorThatHangsDoesNotHoldUpTheEnd: a daemon hands over within seconds.
func TestACollectorThatHangsDoesNotHoldUpTheEnd(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer srv.Close()
	defer close(release)
	tracer, err := New(t.Context(), Options{Endpoint: srv.URL + "/v1/traces"})
	if err != nil {
		t.Fatal(err)
	}
	_, end := tracer.Run(t.Context(), "customers", "delta")
	end(1, "done", false)
	ended := make(chan error, 1)
	go func() { ended <- tracer.Close() }()
	select {
	case <-ended:
	case <-time.After(timeout):
		t.Errorf("Close still waits for the collector after %v", timeout)
	}
}

func TestEndpoint(t *testing.T) {
	t.Parallel()
	const general, ours = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
	tests := map[string]struct {
		file string
		env  map[string]string
		want string
	}{
		"nothing is configured":       {"", nil, ""},
		"the file names it":           {"http://a:4318", map[string]string{general: "http://b:4318"}, "http://a:4318/v1/traces"},
		"the environment names it":    {"", map[string]string{general: "http://b:4318/otlp/"}, "http://b:4318/otlp/v1/traces"},
		"the one for traces is whole": {"", map[string]string{general: "http://b:4318", ours: "http://c/spans"}, "http://c/spans"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			look := func(key string) (string, bool) { v, ok := tt.env[key]; return v, ok }
			if got := Endpoint(tt.file, look); got != tt.want {
				t.Errorf("Endpoint(%q, %v) = %q, want %q", tt.file, tt.env, got, tt.want)
			}
		})
	}
}

func TestAnAddressThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	for _, endpoint := range []string{"collector:4318/v1/traces", "ftp://collector", "://"} {
		if _, err := New(t.Context(), Options{Endpoint: endpoint}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("New(%q) = %v, want invalid", endpoint, err)
		}
	}
}

// receiver is a collector of OpenTelemetry.
type receiver struct {
	url string

	mu     sync.Mutex // guards what follows
	spans  map[string]*traces.Span
	bodies string
	broken bool
}

func newCollector(t *testing.T) *receiver {
	t.Helper()
	c := &receiver{spans: map[string]*traces.Span{}}
	srv := httptest.NewServer(c)
	t.Cleanup(srv.Close)
	c.url = srv.URL + "/v1/traces"
	return c
}

func (c *receiver) tracer(t *testing.T, log zerolog.Logger) *Tracer {
	t.Helper()
	tracer, err := New(t.Context(), Options{Endpoint: c.url, Version: "1.0.0", Process: "here", Log: log})
	if err != nil {
		t.Fatal(err)
	}
	return tracer
}

func (c *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	var got collector.ExportTraceServiceRequest
	if c.broken || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &got) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.bodies += string(body)
	for _, of := range got.ResourceSpans {
		for _, scope := range of.ScopeSpans {
			for _, s := range scope.Spans {
				c.spans[s.Name] = s
			}
		}
	}
}

func (c *receiver) down(is bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broken = is
}

func (c *receiver) got() (map[string]*traces.Span, string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.spans, c.bodies
}

// attr is an attribute of a span as text.
func attr(s *traces.Span, key string) string {
	for _, a := range s.GetAttributes() {
		if a.Key == key && a.Value.GetStringValue() != "" {
			return a.Value.GetStringValue()
		}
		if a.Key == key {
			return strings.TrimPrefix(a.Value.String(), "int_value:")
		}
	}
	return ""
}
