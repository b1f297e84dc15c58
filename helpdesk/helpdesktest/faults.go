package helpdesktest

import (
	"context"
	"slices"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
)

// Request is one thing that a fake was asked: to describe itself, to list, to get,
// to count tickets, or to make one change (Op is then the change's operation).
type Request struct {
	Op     string
	Ref    helpdesk.Ref
	Keys   []string
	Since  helpdesk.Cursor
	Change helpdesk.Change
	Batch  int // changes: the call they came in, counted from 1
}

// Writes reports whether the request asks for a change.
func (r Request) Writes() bool { return r.Change.Op != "" }

// Fault makes requests fail. It is used up after Times requests.
type Fault struct {
	On    func(Request) bool // which requests; nil: all
	Times int                // how many; 0: every one from now on
	Err   error              // what they get; it should carry a fault.Kind
	After bool               // changes: the change is made, and then the reply is lost
	Stop  bool               // changes: the call ends with Err, as when a connection breaks; otherwise that change fails
}

// Inject makes what the fault describes happen, after the faults injected before.
func (f *Fake) Inject(x Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = append(f.faults, &x)
}

// Heal takes all faults away.
func (f *Fake) Heal() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = nil
}

// Log returns what the fake was asked, oldest first.
func (f *Fake) Log() []Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.log)
}

// Writes returns the changes that the fake was asked to make.
func (f *Fake) Writes() []helpdesk.Change {
	var out []helpdesk.Change
	for _, r := range f.Log() {
		if r.Writes() {
			out = append(out, r.Change)
		}
	}
	return out
}

// Batches returns how many calls the changes came in.
func (f *Fake) Batches() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.batches()
}

func (f *Fake) batches() int {
	n := 0
	for _, r := range f.log {
		n = max(n, r.Batch)
	}
	return n
}

// ClearLog forgets what the fake was asked so far.
func (f *Fake) ClearLog() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = nil
}

// ask notes a reading request and answers with a fault, if one is due.
func (f *Fake) ask(ctx context.Context, r Request) error {
	if err := ctx.Err(); err != nil {
		return fault.New("fake."+r.Op, fault.Unavailable, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if x := f.note(r); x != nil {
		return x.Err
	}
	return nil
}

// note logs a request and returns the fault that is due for it.
func (f *Fake) note(r Request) *Fault {
	f.log = append(f.log, r)
	for i, x := range f.faults {
		if x.On != nil && !x.On(r) {
			continue
		}
		if x.Times == 1 {
			f.faults = slices.Delete(f.faults, i, i+1)
		}
		x.Times--
		return x
	}
	return nil
}
