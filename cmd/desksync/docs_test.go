package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/internal/dbx/dbtest"
)

// repo is the repository's root, from this package.
const repo = "../.."

// timeToRun bounds one command of a page, on a busy machine.
const timeToRun = 2 * time.Minute

// TestDocs does what the pages tell a newcomer to do: it runs every command of their
// sh and console blocks in one folder per page, in their order, on the day that the
// pages show.
//
// A command ends with 0, with the code that a comment behind it names ("# exit 4"), or
// with what the next command, echo $?, is shown to print. Below a command of a console
// block stands some of what it prints: each line must come, in this order, spaces
// aside; a line "…" stands for any number of others.
func TestDocs(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"README.md", "CONTRIBUTING.md", "docs/quickstart.md", "docs/operations.md", "docs/zendesk.md", "docs/zendesk-adopt.md"} {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(filepath.Join(repo, page))
			if err != nil {
				t.Fatal(err)
			}
			steps, err := stepsOf(text)
			if err != nil {
				t.Fatal(err)
			}
			if len(steps) == 0 {
				t.Fatal("the page has no commands")
			}
			newReader(t).follow(page, steps)
		})
	}
}

var link = regexp.MustCompile(`\]\(([^)#]+)(#[^)]*)?\)`)

// TestDocsLeadSomewhere follows every link of every page to a file, and finds every
// decision in its index.
func TestDocsLeadSomewhere(t *testing.T) {
	t.Parallel()
	var pages []string
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/adr/*.md"} {
		found, err := filepath.Glob(filepath.Join(repo, pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d pages, %v", pattern, len(found), err)
		}
		pages = append(pages, found...)
	}
	linked := map[string]bool{}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			to := filepath.Join(filepath.Dir(page), m[1])
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s leads to %s, which is not there", page, m[1])
			}
			if filepath.Base(page) == "README.md" {
				linked[to] = true
			}
		}
	}
	for _, page := range pages {
		if name := filepath.Base(page); name != "README.md" && !linked[page] {
			t.Errorf("no index leads to %s", page)
		}
	}
}

// step is one command of a page.
type step struct {
	line    int    // where it stands
	command string // with the lines of a here-document
	code    int
	shown   []string
}

var (
	fence       = regexp.MustCompile("^```(sh|console)$")
	exitRemark  = regexp.MustCompile(`#.*\bexit (\d+)`)
	postgresDSN = regexp.MustCompile(`postgres://[^' ]+`)
	hereDoc     = regexp.MustCompile(`<<'?(\w+)'?`)
)

// stepsOf finds the commands of a page.
func stepsOf(page []byte) ([]step, error) {
	var steps []step
	kind, end := "", ""
	lines := bufio.NewScanner(bytes.NewReader(page))
	for no := 1; lines.Scan(); no++ {
		line := lines.Text()
		if kind == "" {
			if m := fence.FindStringSubmatch(line); m != nil {
				kind = m[1]
			}
			continue
		}
		if end != "" { // inside a here-document
			last := &steps[len(steps)-1]
			last.command += "\n" + line
			if line == end {
				end = ""
			}
			continue
		}
		command, isCommand := commandOf(kind, line)
		switch {
		case line == "```":
			kind = ""
		case isCommand && command == "echo $?":
			continue
		case isCommand && command != "":
			s := step{line: no, command: command}
			if m := exitRemark.FindStringSubmatch(command); m != nil {
				s.code, _ = strconv.Atoi(m[1])
			}
			if m := hereDoc.FindStringSubmatch(command); m != nil {
				end = m[1]
			}
			steps = append(steps, s)
		case kind == "console" && len(steps) == 0:
			return nil, fmt.Errorf("line %d: output before any command", no)
		case kind == "console":
			last := &steps[len(steps)-1]
			if code, err := strconv.Atoi(line); err == nil && previous(page, no) == "$ echo $?" {
				last.code = code
				continue
			}
			last.shown = append(last.shown, line)
		}
	}
	if kind != "" {
		return nil, errors.New("a block is not closed")
	}
	return steps, lines.Err()
}

// commandOf returns the command of a line: each one of an sh block, those behind a
// dollar of a console block.
func commandOf(kind, line string) (string, bool) {
	if kind == "console" {
		return strings.CutPrefix(line, "$ ")
	}
	if line == "```" || strings.HasPrefix(line, "#") {
		return "", line != "```"
	}
	return line, true
}

// previous is the line before line no, counted from 1.
func previous(page []byte, no int) string {
	return strings.Split(string(page), "\n")[no-2]
}

// reader is a newcomer with a shell: a folder, and where they stand in it.
type reader struct {
	t       *testing.T
	cwd     string
	env     []string
	targets []string // of the Makefile

	databases map[string]string // DSNs on the page → of ours
}

func newReader(t *testing.T) *reader {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(repo, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	r := &reader{t: t, cwd: t.TempDir(), databases: map[string]string{}}
	for _, m := range regexp.MustCompile(`(?m)^(\w+):`).FindAllStringSubmatch(string(file), -1) {
		r.targets = append(r.targets, m[1])
	}
	root, err := filepath.Abs(repo)
	if err != nil {
		t.Fatal(err)
	}
	r.env = append(os.Environ(), testNow+"=2026-11-21T09:00:00Z", "USER=tester", "LC_ALL=C.UTF-8", "REPO="+root)
	return r
}

func (r *reader) follow(page string, steps []step) {
	for _, s := range steps {
		at := fmt.Sprintf("%s:%d: %s", page, s.line, s.command)
		command, runs := r.translate(s.command)
		if !runs || r.export(command) {
			continue
		}
		out, code := r.run(command)
		if code != s.code {
			r.t.Fatalf("%s\nexits %d, want %d; it printed:\n%s", at, code, s.code, out)
		}
		if missing, ok := shows(out, s.shown); !ok {
			r.t.Errorf("%s\ndoes not print, in this place:\n%s\nit printed:\n%s", at, missing, out)
		}
	}
}

// translate turns what one does in a clone of the repository into what can be done
// here; what cannot is looked up and not run.
func (r *reader) translate(command string) (_ string, runs bool) {
	words := strings.Fields(command)
	switch {
	case words[0] == "make":
		if len(words) > 1 && !slices.Contains(r.targets, words[1]) {
			r.t.Errorf("the Makefile has no target %q", words[1])
		}
		return "", false
	case strings.HasPrefix(command, "go run ./cmd/desksync"):
		return "desksync" + strings.TrimPrefix(command, "go run ./cmd/desksync"), true
	case words[0] == "go":
		dir := words[len(words)-1]
		if _, err := os.Stat(filepath.Join(repo, dir)); err != nil {
			r.t.Errorf("%s: %v", command, err)
		}
		return "", false
	default:
		return postgresDSN.ReplaceAllStringFunc(command, r.database), true
	}
}

// database is the DSN of a database of ours that stands for one on a page.
func (r *reader) database(shown string) string {
	if r.databases[shown] == "" {
		r.databases[shown] = dbtest.Postgres(r.t)
	}
	return r.databases[shown]
}

// export takes a variable over, for all commands to come.
func (r *reader) export(command string) bool {
	assignment, ok := strings.CutPrefix(command, "export ")
	if ok {
		r.env = append(r.env, strings.ReplaceAll(assignment, "'", ""))
	}
	return ok
}

// run runs a command where the reader stands, and remembers where they went.
func (r *reader) run(command string) (string, int) {
	where := filepath.Join(r.t.TempDir(), "cwd")
	ctx, cancel := context.WithTimeout(r.t.Context(), timeToRun)
	defer cancel()
	//nolint:gosec // the pages are ours
	c := exec.CommandContext(ctx, "sh", "-c", command+"\ncode=$?\npwd >\""+where+"\"\nexit $code")
	c.Dir, c.Env = r.cwd, r.env
	out, err := c.CombinedOutput()
	code := 0
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		code = e.ExitCode()
	} else if err != nil {
		r.t.Fatalf("%s: %v", command, err)
	}
	if dir, err := os.ReadFile(where); err == nil {
		r.cwd = strings.TrimSpace(string(dir))
	}
	return string(out), code
}

// shows reports whether the lines come in out, in their order, and the first that
// does not.
func shows(out string, lines []string) (missing string, ok bool) {
	rest := strings.Split(out, "\n")
	for _, want := range lines {
		if plain(want) == "" || plain(want) == "…" {
			continue
		}
		i := slices.IndexFunc(rest, func(got string) bool { return plain(got) == plain(want) })
		if i < 0 {
			return want, false
		}
		rest = rest[i+1:]
	}
	return "", true
}

// plain is a line without regard to how it is aligned.
func plain(line string) string { return strings.Join(strings.Fields(line), " ") }
