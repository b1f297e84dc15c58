package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/internal/aside"
	"github.com/desksync/desksync/internal/fault"
)

// accepted is the configuration that the daemon works with: the last one that was whole.
type accepted struct {
	name string

	mu      sync.Mutex // guards what follows
	file    *config.File
	text    []byte
	trouble error // why the file as it was looked at last is refused; nil: it is not
}

// accept reads the file at the start, when there is no older one to stay with.
func (a *app) accept(ctx context.Context) (*accepted, error) {
	return aside.Do(ctx, func() (*accepted, error) {
		text, err := config.Text(a.config)
		if err != nil {
			return nil, err
		}
		file, err := a.whole(ctx, text)
		if err != nil {
			return nil, err
		}
		return &accepted{name: a.config, file: file, text: text}, nil
	})
}

// whole checks all of a file's text that can be checked without a network.
func (a *app) whole(ctx context.Context, text []byte) (*config.File, error) {
	file, err := config.ReadText(a.config, text)
	if err != nil {
		return nil, err
	}
	return file, a.allOf(ctx, file)
}

func (f *accepted) now() *config.File {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.file
}

// fresh is the accepted file read once more: whoever works with it may report to it.
func (f *accepted) fresh() (*config.File, error) {
	f.mu.Lock()
	text := f.text
	f.mu.Unlock()
	return config.Parse(f.name, text)
}

// broken is why the file as it stands is refused; nil: it is not.
func (f *accepted) broken() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.trouble
}

// is reports that a text is that of the accepted file.
func (f *accepted) is(text []byte) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return bytes.Equal(text, f.text)
}

// watch looks at the file until ctx is done.
func (s *server) watch(ctx context.Context, hup <-chan os.Signal, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	eye := eye{bound: cmp.Or(s.reads, readBound)}
	for {
		asked := false
		select {
		case <-ctx.Done():
			return
		case <-hup:
			asked = true
		case <-tick.C:
		}
		if found, ok := eye.look(ctx, s.config, func() look { return s.look(ctx, asked) }); ok {
			s.reload(&found, asked)
		}
	}
}

// look reads the file, and checks it if it changed; one that was refused may be whole by
// now because of another file that it names. Asked says that someone asked.
func (s *server) look(ctx context.Context, asked bool) (found look) {
	found.text, found.err = config.Text(s.config)
	found.same = found.err == nil && s.file.is(found.text)
	if found.err != nil || !asked && found.same && s.file.broken() == nil {
		return found
	}
	found.file, found.err = s.whole(ctx, found.text)
	return found
}

// reload takes the file if it changed and is whole. Asked says that someone asked: then
// what was refused before is said again.
func (s *server) reload(found *look, asked bool) {
	f, file, err := s.file, found.file, found.err
	if err == nil && file == nil {
		return
	}
	before := f.broken()
	if err == nil && file.Journal.DSN != f.now().Journal.DSN {
		err = usage("the journal is another one; a daemon cannot change it while it runs: start it anew")
	}
	anew := err == nil && file.Serve != f.now().Serve
	f.mu.Lock()
	if f.trouble = err; err == nil {
		f.file, f.text = file, found.text
	}
	f.mu.Unlock()
	if err != nil && before != nil && !asked && s.reasons(err) == s.reasons(before) {
		return
	}
	if err != nil {
		s.log.Error().Msg("the changed file is refused, and the old one stays: " + s.reasons(err))
		s.refuses(err)
		return
	}
	if err := errors.Join(s.kept.close(), s.retell()); err != nil {
		s.log.Error().Err(err).Msg("not all of the new configuration acts")
	}
	s.refuses(nil)
	s.schedule()
	s.log.Info().Bool("changed", !found.same).Msg("configuration taken")
	if anew {
		s.log.Warn().Msg("what stands under serve: changed; that counts once the daemon is started anew")
	}
}

// reasons is everything that is wrong, in one line.
func (s *server) reasons(err error) string {
	var b bytes.Buffer
	if problems, ok := errors.AsType[config.Problems](err); ok {
		for i, p := range problems {
			if i > 0 {
				b.WriteString("; ")
			}
			b.WriteString(p.Error())
		}
		return b.String()
	}
	return fault.Sentence(err)
}
