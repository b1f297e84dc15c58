// Package cases tries a user's own acceptance cases against a configuration: each in a
// world that is thrown away, with a journal, a store and a CRM export of its own, by the
// same pass as any other. docs/cases.md has the format.
package cases

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/desksync/desksync/cmd/internal/wire"
	"github.com/desksync/desksync/config"
	"github.com/desksync/desksync/config/casefile"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/near"
	"github.com/desksync/desksync/sync/journal"
	"github.com/desksync/desksync/sync/reconcile"
)

// Lab is the room in which cases run. Databases are made once and copied for
// each case, because making one takes longer than a run does.
type Lab struct {
	opt  Options
	name string // of the configuration
	text []byte
	dir  string

	mu        sync.Mutex
	templates map[string]*template
}

// template is an empty database, made once.
type template struct {
	once sync.Once
	path string
	err  error
}

// Options are what cases need of the program around them.
type Options struct {
	AsOf    day.Day                                           // runs every case on this day; 0: on its own
	Lookup  func(string) (string, bool)                       // environment; nil: the process's
	Code    func(*reconcile.Report) int                       // the exit code that a report deserves
	Explain func(context.Context, *Explained) (string, error) // what explain prints
}

// New prepares for cases of a configuration file. Close it.
func New(name string, opt Options) (*Lab, error) {
	text, err := config.Text(name)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "desksync-cases-*")
	if err != nil {
		return nil, fmt.Errorf("no folder can be made for the cases: %w", err)
	}
	return &Lab{opt: opt, name: name, text: text, dir: dir, templates: map[string]*template{}}, nil
}

// Close throws all worlds away.
func (l *Lab) Close() { _ = os.RemoveAll(l.dir) } // what is left of it lies where the system clears up

// RunAll tries the files side by side and yields what became of them in their order.
func (l *Lab) RunAll(ctx context.Context, files []string) iter.Seq[*Result] {
	return func(yield func(*Result) bool) {
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
func (l *Lab) start(ctx context.Context, workers *sync.WaitGroup, files []string) []chan *Result {
	results, next := make([]chan *Result, len(files)), make(chan int, len(files))
	for i := range files {
		results[i] = make(chan *Result, 1)
		next <- i
	}
	close(next)
	for range min(max(2, runtime.GOMAXPROCS(0)), len(files)) {
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
func (l *Lab) try(ctx context.Context, file, dir string) *Result {
	res := &Result{File: file}
	c, err := casefile.Load(file)
	if err != nil {
		res.Problem = err
		return res
	}
	res.Case = c
	if l.opt.AsOf != 0 {
		c.Day = l.opt.AsOf
	}
	defer os.RemoveAll(dir) //nolint:errcheck // as for the whole folder
	w, err := l.build(ctx, c, dir)
	if err != nil {
		res.Problem = err
		return res
	}
	defer func() { res.Problem = cmp.Or(res.Problem, w.close()) }()
	came, err := w.run(ctx)
	if err != nil {
		res.Problem = err
		return res
	}
	if c.Expect == nil {
		res.Shown = came.show()
		return res
	}
	res.Failures, res.Problem = came.check(ctx)
	return res
}

// configuration is the file as this case wants it: read anew, because settings of a
// case must not reach the next one.
func (l *Lab) configuration(c *casefile.Case) (*config.File, error) {
	file, err := config.ReadText(l.name, l.text)
	if err != nil {
		return nil, err
	}
	if err := file.Err(); err != nil {
		return nil, err
	}
	p := file.Pipelines.Get(c.Pipeline)
	if p == nil {
		return nil, config.Problems{c.Annotate("pipeline", fmt.Sprintf("%s has no pipeline %q%s", l.name, c.Pipeline, near.Known(c.Pipeline, file.Pipelines.Names())), "")}
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
func (l *Lab) template(name string, makeIt func(path string) error) (string, error) {
	l.mu.Lock()
	t := l.templates[name]
	if t == nil {
		t = &template{path: filepath.Join(l.dir, fmt.Sprintf("template-%d.db", len(l.templates)))}
		l.templates[name] = t
	}
	l.mu.Unlock()
	t.once.Do(func() { t.err = makeIt(t.path) })
	return t.path, t.err
}

// journalFile copies an empty journal to a path.
func (l *Lab) journalFile(ctx context.Context, to string) error {
	from, err := l.template("journal", func(path string) error {
		j, err := journal.Open(ctx, "sqlite:"+path, journal.Options{})
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
func (l *Lab) storeFile(ctx context.Context, w *wire.Pipeline, t wire.TargetSpec, to string) error {
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
