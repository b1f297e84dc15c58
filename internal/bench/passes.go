package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// passes is a process of the product that makes passes as it is asked.
type passes struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   *json.Decoder
	last  *tail
	begun time.Time
	now   func() time.Time
	usage Usage // once it ended
}

// passed is what a pass took and did, as the product says.
type passed struct {
	Seconds float64 `json:"seconds"`
	CPU     float64 `json:"cpu"`
	Wall    float64 `json:"wall"`
	Peak    int64   `json:"peak"`
	Applied int     `json:"applied"`
	Failed  int     `json:"failed"`
	Held    bool    `json:"held"`
	Raced   int     `json:"raced"`
	Waiting int     `json:"waiting"`
	Error   string  `json:"error"`
}

func virtually(ctx context.Context, binary, dir string, start time.Time, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, binary, append(args, "--config", filepath.Join(dir, "desksync.yaml"), "--quiet")...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "DESKSYNC_VIRTUAL_TIME="+start.Format(time.RFC3339Nano))
	return cmd
}

// prepare makes the fields that the rules need.
func prepare(ctx context.Context, binary, dir string, start time.Time) error {
	if out, err := virtually(ctx, binary, dir, start, "target", "prepare", "--yes").CombinedOutput(); err != nil {
		return fmt.Errorf("desksync target prepare: %w: %s", err, out)
	}
	return nil
}

func startPasses(ctx context.Context, binary, dir string, start time.Time, now func() time.Time) (*passes, error) {
	p := &passes{cmd: virtually(ctx, binary, dir, start, "passes", "--pipeline", "customers"), last: &tail{}, begun: now(), now: now}
	p.cmd.Stderr = p.last
	in, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.in, p.out = in, json.NewDecoder(bufio.NewReader(out))
	return p, p.cmd.Start()
}

// ask sends a line and reads what became of it.
func (p *passes) ask(line string) (out passed, err error) {
	if _, err = io.WriteString(p.in, line+"\n"); err == nil {
		err = p.out.Decode(&out)
	}
	if err != nil {
		err = fmt.Errorf("desksync passes, asked for %s: %w; it said %s", line, err, p.last)
	}
	return out, err
}

// wait lets virtual time pass.
func (p *passes) wait(d time.Duration) error {
	_, err := p.ask("wait " + d.String())
	return err
}

// stop ends the process and measures it.
func (p *passes) stop() error {
	err := errors.Join(p.in.Close(), p.cmd.Wait())
	if state := p.cmd.ProcessState; state != nil {
		p.usage = Usage{Wall: p.now().Sub(p.begun), User: state.UserTime(), Sys: state.SystemTime(), Peak: peak(state.SysUsage())}
	}
	return err
}
