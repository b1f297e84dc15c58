// Package aside does what may hang, and knows no context, beside its caller: reading a file
// of a network that is away, or a call of a library.
package aside

import "context"

// Do returns what do returns, or the error of ctx where that ends first. Then do goes on
// by itself, and nobody hears how it ends.
func Do[T any](ctx context.Context, do func() (T, error)) (T, error) {
	type result struct {
		is  T
		err error
	}
	done := make(chan result, 1)
	go func() {
		is, err := do()
		done <- result{is, err}
	}()
	select {
	case r := <-done:
		return r.is, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}
