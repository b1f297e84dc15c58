package main

import (
	"context"
	"time"

	"github.com/desksync/desksync/config"
)

// readBound is how long the daemon waits for its file before it says so.
const readBound = 30 * time.Second

// look is what was found when the file was looked at.
type look struct {
	text []byte
	file *config.File // nil where nothing is to be taken
	same bool         // as the accepted one
	err  error
}

// eye looks at the file, beside whoever asks: while one look hangs, nobody begins another.
// It is for one goroutine.
type eye struct {
	bound  time.Duration // how long is waited for a look
	behind chan look     // what a look that hangs will find; nil: none does
}

// look begins one, or waits for the one that hangs. It finds that the file cannot be read
// where that takes too long, and nothing where ctx ends.
func (e *eye) look(ctx context.Context, name string, at func() look) (found look, ok bool) {
	if e.behind == nil {
		behind := make(chan look, 1)
		e.behind = behind
		go func() { behind <- at() }()
	}
	late := time.NewTimer(e.bound)
	defer late.Stop()
	select {
	case found = <-e.behind:
		e.behind = nil
		return found, ctx.Err() == nil
	case <-ctx.Done():
		return look{}, false
	case <-late.C:
		return look{err: config.Hangs(name, e.bound)}, true
	}
}
