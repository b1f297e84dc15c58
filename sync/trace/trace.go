// Package trace tells a collector of OpenTelemetry how long passes took, and which of
// their phases took it. It carries names of the configuration, numbers of runs and words
// of desksync, and no data of a customer: of an error only its kind.
package trace

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/desksync/desksync/internal/fault"
)

// Options say where spans go and who sends them.
type Options struct {
	Endpoint string // of OTLP over HTTP, with its path; empty: nothing is traced
	Version  string
	Process  string // tells this process from others
	Log      zerolog.Logger
}

// Tracer makes spans.
type Tracer struct {
	tracer       trace.Tracer
	flush, close func(context.Context) error
}

// Endpoint is where spans go: what the file names, else the variables that OpenTelemetry
// gives a meaning ("OpenTelemetry Protocol Exporter", Endpoint URLs for OTLP/HTTP): the one
// for traces as it is, the general one and the file's with v1/traces behind it. Empty: nowhere.
func Endpoint(file string, lookup func(string) (string, bool)) string {
	if file != "" {
		return withPath(file)
	}
	if words, _ := lookup("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"); words != "" {
		return words
	}
	if words, _ := lookup("OTEL_EXPORTER_OTLP_ENDPOINT"); words != "" {
		return withPath(words)
	}
	return ""
}

func withPath(base string) string { return strings.TrimSuffix(base, "/") + "/v1/traces" }

// New returns a Tracer, which without an endpoint does nothing. Close it.
func New(ctx context.Context, opt Options) (*Tracer, error) {
	if opt.Endpoint == "" {
		nothing := func(context.Context) error { return nil }
		return &Tracer{noop.NewTracerProvider().Tracer("desksync"), nothing, nothing}, nil
	}
	if u, err := url.Parse(opt.Endpoint); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fault.New("trace.new", fault.Invalid, errors.New("the address for traces is none: write http://HOST:4318"))
	}
	out, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(opt.Endpoint), otlptracehttp.WithTimeout(timeout))
	if err != nil {
		return nil, fault.New("trace.new", fault.Invalid, err)
	}
	about, err := resource.New(ctx, resource.WithAttributes(
		attribute.String("service.name", "desksync"), attribute.String("service.version", opt.Version),
		attribute.String("service.instance.id", opt.Process)), resource.WithFromEnv())
	if err != nil {
		return nil, fault.New("trace.new", fault.Invalid, err)
	}
	p := sdk.NewTracerProvider(sdk.WithBatcher(&exporter{SpanExporter: out, log: opt.Log}), sdk.WithResource(about))
	return &Tracer{p.Tracer("desksync"), p.ForceFlush, p.Shutdown}, nil
}

// timeout bounds one call of the collector, and farewell all that is sent at the end: a
// daemon that is asked to stop hands over within seconds.
const (
	timeout  = 10 * time.Second
	farewell = 2 * time.Second
)

// Close sends what was not sent yet, as far as there is time.
func (t *Tracer) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	return t.close(ctx)
}

// Run begins the span of a pass; the function it returns ends it with the number of its
// run, 0 if it came to none, and the state it ended in.
func (t *Tracer) Run(ctx context.Context, pipeline, kind string) (context.Context, func(run int64, state string, bad bool)) {
	ctx, span := t.tracer.Start(ctx, "run", trace.WithAttributes(attribute.String("desksync.pipeline", pipeline), attribute.String("desksync.kind", kind)))
	return ctx, func(run int64, state string, bad bool) {
		span.SetAttributes(attribute.Int64("desksync.run", run), attribute.String("desksync.state", state))
		if bad {
			span.SetStatus(codes.Error, state)
		}
		span.End()
	}
}

// Phase begins the span of a phase of a run; the function it returns ends it.
func (t *Tracer) Phase(ctx context.Context, phase string, run int64) (context.Context, func(error)) {
	ctx, span := t.tracer.Start(ctx, phase, trace.WithAttributes(attribute.Int64("desksync.run", run)))
	return ctx, func(err error) {
		if err != nil {
			span.SetStatus(codes.Error, fault.KindOf(err).String())
		}
		span.End()
	}
}
