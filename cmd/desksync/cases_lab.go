package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"sync"

	"github.com/rs/zerolog"

	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/config/casefile"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/wire"
	"github.com/desksync/desksync/sync/journal"
)

// caseLab is the room in which cases run. Databases are made once and copied for
// each case, because making one takes longer than a run does.
type caseLab struct {
	*app
	asOf day.Day
	name string // of the configuration
	text []byte
	dir  string

	mu        sync.Mutex
	templates map[string]*caseTemplate
}

// caseTemplate is an empty database, made once.
type caseTemplate struct {
	once sync.Once
	path string
	err  error
}

func newCaseLab(a *app, asOf day.Day) (*caseLab, error) {
	text, err := os.ReadFile(a.config)
	if err != nil {
		return nil, usage("%s cannot be read: %v", a.config, innermostOf(err))
	}
	dir, err := os.MkdirTemp("", "desksync-cases-*")
	if err != nil {
		return nil, fmt.Errorf("no folder can be made for the cases: %w", err)
	}
	quiet := *a
	quiet.progress, quiet.log, quiet.checkpoint = nil, zerolog.Nop(), nil
	return &caseLab{app: &quiet, asOf: asOf, name: a.config, text: text, dir: dir, templates: map[string]*caseTemplate{}}, nil
}

func (l *caseLab) close() { _ = os.RemoveAll(l.dir) } // what is left of it lies where the system clears up

// runAll tries the files side by side and yields what became of them in their order.
func (l *caseLab) runAll(ctx context.Context, files []string) iter.Seq[*caseResult] {
	return func(yield func(*caseResult) bool) {
		ctx, stop := context.WithCancel(ctx)
		var workers sync.WaitGroup
		defer workers.Wait()
		defer stop()
		for _, result := range l.start(ctx, &workers, files) {
			select {
			case r := <-result:
				if !yield(r) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

// start sets workers to the files and returns where each result will come.
func (l *caseLab) start(ctx context.Context, workers *sync.WaitGroup, files []string) []chan *caseResult {
	results, next := make([]chan *caseResult, len(files)), make(chan int, len(files))
	for i := range files {
		results[i] = make(chan *caseResult, 1)
		next <- i
	}
	close(next)
	for range min(caseWorkers(), len(files)) {
		workers.Go(func() {
			for i := range next {
				if ctx.Err() != nil {
					return
				}
				results[i] <- l.try(ctx, files[i], filepath.Join(l.dir, fmt.Sprint(i)))
			}
		})
	}
	return results
}

// try runs one case from beginning to end.
func (l *caseLab) try(ctx context.Context, file, dir string) *caseResult {
	res := &caseResult{file: file}
	c, err := casefile.Load(file)
	if err != nil {
		res.problem = err
		return res
	}
	res.c = c
	if l.asOf != 0 {
		c.Day = l.asOf
	}
	defer os.RemoveAll(dir) //nolint:errcheck // as for the whole folder
	w, err := l.build(ctx, c, dir)
	if err != nil {
		res.problem = err
		return res
	}
	defer func() { res.problem = cmp.Or(res.problem, w.close()) }()
	came, err := w.run(ctx)
	if err != nil {
		res.problem = err
		return res
	}
	if c.Expect == nil {
		res.shown = came.show()
		return res
	}
	res.failures, res.problem = came.check(ctx)
	return res
}

// configuration is the file as this case wants it: read anew, because settings of a
// case must not reach the next one.
func (l *caseLab) configuration(c *casefile.Case) (*config.File, error) {
	file, err := config.ReadText(l.name, l.text)
	if err != nil {
		return nil, err
	}
	if err := file.Err(); err != nil {
		return nil, err
	}
	p := file.Pipelines.Get(c.Pipeline)
	if p == nil {
		return nil, config.Problems{c.Annotate("pipeline", fmt.Sprintf("%s has no pipeline %q", l.name, c.Pipeline), fmt.Sprintf("known are: %v", file.Pipelines.Names()))}
	}
	var problems config.Problems
	for name, value := range c.With.All() {
		if err := setForCase(file, c.Pipeline, name, string(*value)); err != nil {
			problems = append(problems, c.Annotate("with."+name, plainCause(err), "see docs/configuration.md for the settings of a pipeline"))
		}
	}
	for name, value := range c.Helpdesk.Settings.All() {
		if err := file.Set("", "targets."+p.To+"."+name, string(*value)); err != nil {
			problems = append(problems, c.Annotate("helpdesk.settings."+name, plainCause(err), "see docs/configuration.md for the settings of a target"))
		}
	}
	return file, problems.Err()
}

// setForCase sets one setting of the pipeline, or else of the whole file. A value
// that is no YAML by itself, such as an expression with brackets, is taken as text.
func setForCase(file *config.File, pipeline, path, value string) error {
	err := file.Set(pipeline, path, value)
	if err == nil {
		return nil
	}
	for _, try := range []func() error{
		func() error { return file.Set(pipeline, path, fmt.Sprintf("%q", value)) },
		func() error { return file.Set("", path, value) },
		func() error { return file.Set("", path, fmt.Sprintf("%q", value)) },
	} {
		if try() == nil {
			return nil
		}
	}
	return err
}

// plainCause is what the first problem of an error says, without its place.
func plainCause(err error) string {
	if problems, ok := errors.AsType[config.Problems](err); ok && len(problems) > 0 {
		return problems[0].Msg
	}
	return fault.Plain(err)
}

// template makes a database once by calling makeIt with its path.
func (l *caseLab) template(name string, makeIt func(path string) error) (string, error) {
	l.mu.Lock()
	t := l.templates[name]
	if t == nil {
		t = &caseTemplate{path: filepath.Join(l.dir, fmt.Sprintf("template-%d.db", len(l.templates)))}
		l.templates[name] = t
	}
	l.mu.Unlock()
	t.once.Do(func() { t.err = makeIt(t.path) })
	return t.path, t.err
}

// journalFile copies an empty journal to a path.
func (l *caseLab) journalFile(ctx context.Context, to string) error {
	from, err := l.template("journal", func(path string) error {
		j, err := journal.Open(ctx, "sqlite:"+path, journal.Options{Now: l.now})
		if err != nil {
			return err
		}
		return j.Close()
	})
	if err != nil {
		return err
	}
	return copyFile(from, to)
}

// storeFile copies an empty store of a target to a path.
func (l *caseLab) storeFile(ctx context.Context, w *wire.Pipeline, t wire.TargetSpec, to string) error {
	from, err := l.template("store "+t.Name, func(path string) error {
		s, err := wire.OpenStoreAt(ctx, w, t, "sqlite:"+path)
		if err != nil {
			return err
		}
		return s.Close()
	})
	if err != nil {
		return err
	}
	return copyFile(from, to)
}

func copyFile(from, to string) error {
	in, err := os.Open(from) //nolint:gosec // our own file
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // only read
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
