package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	traces "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// TestARunIsTraced: a daemon that is told of a collector sends it each pass with its
// phases in their order, and nothing of a customer.
func TestARunIsTraced(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var spans []*traces.Span
	var sent strings.Builder
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var got collector.ExportTraceServiceRequest
		if err := proto.Unmarshal(body, &got); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		sent.Write(body)
		for _, of := range got.ResourceSpans {
			for _, scope := range of.ScopeSpans {
				spans = append(spans, scope.Spans...)
			}
		}
	}))
	defer srv.Close()
	s := newServed(t, "sqlite:desksync.db")
	s.replace("desksync.yaml", "version: 1\n", "version: 1\nserve: {traces: \""+srv.URL+"\"}\n")
	s.serve()
	s.until("the first run", func() bool { return s.found("Ace Tomato") && strings.Contains(s.said.String(), "pass ended") })
	s.stop()

	mu.Lock()
	defer mu.Unlock()
	run := slices.IndexFunc(spans, func(x *traces.Span) bool { return x.Name == "run" && said(x, "desksync.state") == "done" })
	if run < 0 {
		t.Fatalf("no run among %d spans", len(spans))
	}
	if got := said(spans[run], "desksync.pipeline") + " " + said(spans[run], "desksync.kind"); got != "customers audit" && got != "customers delta" {
		t.Errorf("the run is of %q", got)
	}
	var phases []string
	for _, x := range spans {
		if string(x.ParentSpanId) == string(spans[run].SpanId) {
			phases = append(phases, x.Name)
			if x.Name != "begin" && said(x, "desksync.run") != said(spans[run], "desksync.run") {
				t.Errorf("%s is of the run %s, and stands below that of %s", x.Name, said(x, "desksync.run"), said(spans[run], "desksync.run"))
			}
		}
	}
	if want := []string{"begin", "read", "refresh", "map", "resolve", "compare", "guard", "seal", "apply", "finish"}; !slices.Equal(phases, want) {
		t.Errorf("the phases are %q, want %q", phases, want)
	}
	for _, secret := range []string{"Ace", "Tomato", "0015g"} {
		if strings.Contains(sent.String(), secret) {
			t.Errorf("%q of a customer was sent", secret)
		}
	}
}

// said is an attribute of a span as text.
func said(x *traces.Span, key string) string {
	for _, a := range x.Attributes {
		if a.Key == key {
			if text := a.Value.GetStringValue(); text != "" {
				return text
			}
			return a.Value.String()
		}
	}
	return ""
}
