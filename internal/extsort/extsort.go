// Package extsort sorts more records than fit in memory. Records are gathered up
// to a budget, each full batch is sorted and spilled as a run to one temporary
// file, and the runs are merged while they are read back. What the bytes of a
// record mean is left to the caller.
package extsort

import (
	"bytes"
	"context"
	"iter"
	"slices"
)

// DefaultMemory is the budget of a Sorter that is given none, in bytes.
const DefaultMemory = 24 << 20

const minMemory = 4 * blockSize

// Options tune a Sorter; the zero Options are safe.
type Options struct {
	Memory int    // bytes that records and buffers may take; 0: DefaultMemory
	Dir    string // directory of the spill file; empty: the system's
}

// Record is one record. Its slices are valid until the next record is asked for.
type Record struct{ Key, Value []byte }

// Sorter sorts records by key, byte by byte; records of one key keep the order
// in which they were added. It must be closed, and serves one goroutine.
type Sorter struct {
	limit   int    // bytes of one batch: one fills while the other is sorted and written
	common  []byte // what all keys so far begin with
	any     bool
	filling *batch
	resting *batch
	pending chan error // the batch being written, if any
	file    spill
	err     error // the first failure; it sticks
}

// New returns an empty Sorter.
func New(opt Options) *Sorter {
	if opt.Memory == 0 {
		opt.Memory = DefaultMemory
	}
	limit := max(opt.Memory, minMemory) / 2
	return &Sorter{limit: limit, filling: &batch{}, resting: &batch{}, file: spill{dir: opt.Dir}}
}

// Add copies one record in.
func (s *Sorter) Add(key, value []byte) error {
	if s.err != nil {
		return s.err
	}
	if s.filling.size+len(key)+len(value)+entrySize > s.limit && len(s.filling.entries) > 0 {
		s.err = s.rotate()
	}
	s.narrow(key)
	s.filling.add(key, value)
	return s.err
}

// Sorted yields all records in order, then the Sorter is spent. After an error
// is yielded, nothing more is.
func (s *Sorter) Sorted(ctx context.Context) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		if err := s.finish(); err != nil {
			yield(Record{}, err)
			return
		}
		if len(s.file.runs) == 0 {
			s.filling.sort(s.common)
			s.filling.each(ctx, yield)
			return
		}
		merge(ctx, s.file.cursors(s.limit, len(s.common)), yield)
	}
}

// Spilled returns the bytes written to disk so far. Call it after Sorted began.
func (s *Sorter) Spilled() int64 { return s.file.size }

// Close removes the spill file and releases the memory. It may be called twice.
func (s *Sorter) Close() error {
	_ = s.wait()
	s.filling, s.resting = &batch{}, nil
	return s.file.remove()
}

// rotate hands the full batch to a goroutine of its own, and goes on with the
// one that was written before.
func (s *Sorter) rotate() error {
	if err := s.wait(); err != nil {
		return err
	}
	full, common, done := s.filling, slices.Clone(s.common), make(chan error, 1)
	s.filling, s.resting = s.resting, full
	s.filling.reset()
	s.pending = done
	go func() {
		full.sort(common)
		done <- s.file.write(full)
	}()
	return nil
}

func (s *Sorter) wait() error {
	if s.pending == nil {
		return nil
	}
	err := <-s.pending
	s.pending = nil
	return err
}

// finish settles where the records stand: all in memory, or all on disk.
func (s *Sorter) finish() error {
	if s.err == nil {
		s.err = s.wait()
	}
	if s.err != nil || len(s.file.runs) == 0 {
		return s.err
	}
	s.resting = nil
	s.filling.sort(s.common)
	s.err = s.file.write(s.filling)
	s.filling = &batch{}
	return s.err
}

// narrow shortens the common beginning of all keys to what it shares with key.
func (s *Sorter) narrow(key []byte) {
	if !s.any {
		s.common, s.any = append(s.common, key...), true
		return
	}
	if bytes.HasPrefix(key, s.common) {
		return
	}
	n := 0
	for n < len(key) && n < len(s.common) && key[n] == s.common[n] {
		n++
	}
	s.common = s.common[:n]
}
