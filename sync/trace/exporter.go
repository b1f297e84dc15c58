package trace

import (
	"context"
	"sync"

	"github.com/rs/zerolog"
	sdk "go.opentelemetry.io/otel/sdk/trace"
)

// exporter sends spans, and says once that they cannot be sent and once that they can
// again: a collector that is away must not fill the log.
type exporter struct {
	sdk.SpanExporter
	log zerolog.Logger

	mu   sync.Mutex // guards what follows
	away bool
}

// ExportSpans sends spans. What cannot be sent is said here and is lost: an error that is
// returned would be printed elsewhere.
func (e *exporter) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	err := e.SpanExporter.ExportSpans(ctx, spans)
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case err != nil && !e.away:
		e.log.Warn().Err(err).Msg("traces cannot be sent")
	case err == nil && e.away:
		e.log.Info().Msg("traces are sent again")
	}
	e.away = err != nil
	return nil
}
