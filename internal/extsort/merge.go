package extsort

import (
	"bytes"
	"context"
	"errors"
	"io"
)

// cursor reads one run. Its record lies in its buffer until advance is called.
type cursor struct {
	src    io.Reader
	buf    []byte
	pos    int // where the next record begins in buf
	common int
	failed func(doing string, err error) error

	record Record
	prefix uint64
	done   bool
}

// advance goes to the next record, or sets done.
func (c *cursor) advance() error {
	for {
		record, n := split(c.buf[c.pos:])
		if n > 0 {
			c.pos += n
			c.record, c.prefix = record, prefix(record.Key, c.common)
			return nil
		}
		if err := c.fill(); err != nil || c.done {
			return err
		}
	}
}

// fill moves the unread rest to the front and reads on behind it.
func (c *cursor) fill() error {
	rest := copy(c.buf, c.buf[c.pos:])
	c.buf, c.pos = c.buf[:rest], 0
	if rest == cap(c.buf) { // a record larger than the buffer
		c.buf = append(make([]byte, 0, 2*cap(c.buf)), c.buf...)
	}
	n, err := io.ReadFull(c.src, c.buf[rest:cap(c.buf)])
	c.buf = c.buf[:rest+n]
	switch {
	case n > 0:
		return nil
	case errors.Is(err, io.EOF) && rest == 0:
		c.done = true
		return nil
	default:
		return c.failed("reading back", err)
	}
}

// tournament finds the smallest of many cursors: each inner node keeps who lost
// there, so that replacing the winner costs one comparison a level.
type tournament struct {
	cursors []*cursor
	losers  []int // losers[0] is the winner
}

const nobody = -1 // beats everybody until all have played once

func newTournament(cursors []*cursor) *tournament {
	t := &tournament{cursors: cursors, losers: make([]int, len(cursors))}
	for i := range t.losers {
		t.losers[i] = nobody
	}
	for i := range cursors {
		t.play(i)
	}
	return t
}

// play lets cursor i fight its way up from its leaf.
func (t *tournament) play(i int) {
	for node := (i + len(t.cursors)) / 2; node > 0; node /= 2 {
		if t.beats(t.losers[node], i) {
			t.losers[node], i = i, t.losers[node]
		}
	}
	t.losers[0] = i
}

// beats reports whether cursor i comes before cursor j; of equal keys the one of
// the earlier run does.
func (t *tournament) beats(i, j int) bool {
	if i == nobody || j == nobody {
		return i == nobody
	}
	a, b := t.cursors[i], t.cursors[j]
	switch {
	case a.done || b.done:
		return !a.done
	case a.prefix != b.prefix:
		return a.prefix < b.prefix
	}
	if c := bytes.Compare(a.record.Key, b.record.Key); c != 0 {
		return c < 0
	}
	return i < j
}

// merge yields the records of all cursors in order.
func merge(ctx context.Context, cursors []*cursor, yield func(Record, error) bool) {
	for _, c := range cursors {
		if err := c.advance(); err != nil {
			yield(Record{}, err)
			return
		}
	}
	t := newTournament(cursors)
	for n := 0; ; n++ {
		best := t.losers[0]
		c := cursors[best]
		if c.done {
			return
		}
		if n%checkEach == 0 && ctx.Err() != nil {
			yield(Record{}, ctx.Err())
			return
		}
		if !yield(c.record, nil) {
			return
		}
		if err := c.advance(); err != nil {
			yield(Record{}, err)
			return
		}
		t.play(best)
	}
}
