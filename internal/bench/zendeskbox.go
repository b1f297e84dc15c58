package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/desksync/desksync/internal/virtual"
	sandbox "github.com/desksync/desksync/sandbox/zendesk"
)

// boxWord, as the first argument, makes this program be the stand-in for Zendesk: in a
// process of its own, so that its memory is not that of what is measured.
const boxWord = "zendesk-sandbox"

// boxHour is the virtual hour at which all begins, on the day of the measure.
func boxHour(now time.Time) time.Time { return now.UTC().Truncate(24 * time.Hour).Add(10 * time.Hour) }

// serveBox serves an account without organizations, on the time of those who call, until
// its standard input ends. It prints the addresses of the API and of the admin API.
func serveBox(ctx context.Context, at string, in io.Reader, out io.Writer) error {
	start, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		return err
	}
	clock := virtual.NewFollower(start)
	box := sandbox.New(sandbox.Options{PerMinute: perMinute, MultiOrganizations: true, BulkUserImport: true, NoFields: true, Now: clock.Now})
	api, err := listen(ctx, clock.Handler(box.Handler()))
	if err != nil {
		return err
	}
	admin, err := listen(ctx, box.AdminHandler())
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, api.url, admin.url); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, in)
	return errors.Join(err, api.Close(), admin.Close())
}

type served struct {
	*http.Server
	url string
}

func listen(ctx context.Context, h http.Handler) (served, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return served{}, err
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	go func() { _ = s.Serve(l) }() // it ends when it is closed
	return served{s, "http://" + l.Addr().String()}, nil
}

// box is a stand-in that runs.
type box struct {
	api, admin string
	cmd        *exec.Cmd
	in         io.Closer
}

// startBox runs this program as the stand-in.
func (b *Bench) startBox(ctx context.Context) (*box, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	x := &box{cmd: exec.CommandContext(ctx, self, boxWord, boxHour(b.now()).Format(time.RFC3339Nano))}
	x.cmd.Stderr = b.progress
	if x.in, err = x.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := x.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := x.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	var ok bool
	if x.api, x.admin, ok = strings.Cut(strings.TrimSpace(line), " "); !ok {
		return nil, errors.Join(err, errors.New("the stand-in for Zendesk does not say where it is"), x.stop())
	}
	return x, nil
}

func (x *box) stop() error { return errors.Join(x.in.Close(), x.cmd.Wait()) }

// stats are what a stand-in counted.
type stats struct {
	Calls     int            `json:"calls"`
	Throttled int            `json:"throttled"`
	Writes    int            `json:"writes"`
	Jobs      int            `json:"jobs"`
	ByRoute   map[string]int `json:"by_route"`
}

// read asks for the counts, and lets it begin to count anew.
func (x *box) read(ctx context.Context) (s stats, err error) {
	text, err := askBox(ctx, http.MethodGet, x.admin+"/sandbox/stats")
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err == nil {
		_, err = askBox(ctx, http.MethodDelete, x.admin+"/sandbox/requests")
	}
	return s, err
}

// counts are how much of everything it holds.
func (x *box) counts(ctx context.Context) (organizations, users, memberships int, err error) {
	text, err := askBox(ctx, http.MethodGet, x.admin+"/sandbox/state")
	var state struct {
		Counts struct {
			Organizations int `json:"organizations"`
			Users         int `json:"users"`
			Memberships   int `json:"memberships"`
		} `json:"counts"`
	}
	if err == nil {
		err = json.Unmarshal(text, &state)
	}
	return state.Counts.Organizations, state.Counts.Users, state.Counts.Memberships, err
}

func askBox(ctx context.Context, method, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	_, err = text.ReadFrom(resp.Body)
	err = errors.Join(err, resp.Body.Close())
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s", method, url, resp.Status)
	}
	return text.Bytes(), err
}
