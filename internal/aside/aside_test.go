package aside_test

import (
	"context"
	"errors"
	"testing"

	"github.com/desksync/desksync/internal/aside"
)

// TestWhatHangsHoldsNobodyUp: what is done in time is returned, and what hangs is left behind.
func TestWhatHangsHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	if n, err := aside.Do(t.Context(), func() (int, error) { return 7, broken }); n != 7 || !errors.Is(err, broken) {
		t.Errorf("Do = %d, %v", n, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	begun, release := make(chan struct{}), make(chan struct{})
	defer close(release)
	go func() { <-begun; cancel() }()
	if n, err := aside.Do(ctx, func() (int, error) { close(begun); <-release; return 7, nil }); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("Do = %d, %v; want that it was stopped", n, err)
	}
}
