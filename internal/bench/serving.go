package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// serving is a daemon at work, built to count what it asks its databases.
type serving struct {
	cmd     *exec.Cmd
	address string // of its pages
	out     *json.Decoder
	last    *tail
	log     io.Closer
}

func startServing(ctx context.Context, binary, dir string, log *os.File) (*serving, error) {
	free, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &serving{address: free.Addr().String(), last: &tail{}, log: log}
	if err := free.Close(); err != nil {
		return nil, err
	}
	s.cmd = exec.CommandContext(ctx, binary, "serve", "--listen", s.address)
	s.cmd.Dir, s.cmd.Stderr = dir, io.MultiWriter(log, s.last)
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.out = json.NewDecoder(bufio.NewReader(out))
	return s, s.cmd.Start()
}

func (s *serving) stop() error {
	return errors.Join(s.cmd.Process.Signal(syscall.SIGTERM), s.cmd.Wait(), s.log.Close())
}

// glimpse is what the kernel says of a process at one moment, and what it asked so far.
type glimpse struct {
	at       time.Time
	asked    map[string]int // statements, by their text
	resident int64          // memory in bytes
	peak     int64          // the most it ever was
	switches int64          // by which its threads went to sleep, each to be woken
	cpu      time.Duration  // of user and system
}

// look asks the daemon what it asked, and the kernel what that took.
func (s *serving) look() (g glimpse, err error) {
	g.at = time.Now()
	if err := askToCount(s.cmd.Process); err != nil {
		return g, fmt.Errorf("the daemon is not there any more: %w: %s", err, s.last)
	}
	if err := s.out.Decode(&g.asked); err != nil {
		return g, fmt.Errorf("the daemon does not say what it asked: %w: %s", err, s.last)
	}
	return g, g.kernel(filepath.Join("/proc", strconv.Itoa(s.cmd.Process.Pid)))
}

// kernel reads what Linux says of a process (proc(5)); other systems do not.
func (g *glimpse) kernel(proc string) error {
	status, err := os.ReadFile(filepath.Join(proc, "status"))
	if err != nil {
		return err
	}
	g.resident, g.peak = kib(status, "VmRSS"), kib(status, "VmHWM")
	tasks, err := filepath.Glob(filepath.Join(proc, "task", "*", "status"))
	if err != nil || len(tasks) == 0 {
		return errors.Join(err, errors.New("the kernel does not tell of threads"))
	}
	for _, task := range tasks {
		text, err := os.ReadFile(task)
		if err != nil {
			continue // it ended meanwhile
		}
		n, _ := strconv.ParseInt(entry(string(text), "voluntary_ctxt_switches"), 10, 64)
		g.switches += n
	}
	stat, err := os.ReadFile(filepath.Join(proc, "stat"))
	g.cpu = cpuOf(string(stat))
	return err
}

func kib(status []byte, name string) int64 {
	n, _ := strconv.ParseInt(strings.TrimSuffix(entry(string(status), name), " kB"), 10, 64)
	return n * 1024
}

// cpuOf reads the times of user and system, in hundredths of a second, behind the
// program's name: the 14th and 15th of all fields.
func cpuOf(stat string) time.Duration {
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond
}

func (g glimpse) total() (n int) {
	for _, times := range g.asked {
		n += times
	}
	return n
}

// since is what was asked between two looks.
func (g glimpse) since(before glimpse) map[string]int {
	out := maps.Clone(g.asked)
	for q, n := range before.asked {
		out[q] -= n
	}
	return out
}

// most names the statements that were made most often.
func most(asked map[string]int) string {
	const shown, letters = 6, 60
	names := slices.SortedFunc(maps.Keys(asked), func(a, b string) int {
		return cmp.Or(cmp.Compare(asked[b], asked[a]), strings.Compare(a, b))
	})
	var out []string
	for _, q := range names[:min(shown, len(names))] {
		out = append(out, fmt.Sprintf("%d %s", asked[q], q[:min(letters, len(q))]))
	}
	return strings.Join(out, " | ")
}
