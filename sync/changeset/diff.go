package changeset

import "github.com/desksync/desksync/helpdesk"

// Diff compares a wanted object with what is known of it. want.Fields must be
// sorted. The table of causes stands in docs/concepts.md; the first row that
// matches wins.
func (c *Comparer) Diff(want *helpdesk.Object, k Known, opt DiffOptions) Verdict { return Verdict{} }

// Absent returns what becomes of an object that is wanted no more.
func (c *Comparer) Absent(k Known, m Missing) Verdict { return Verdict{} }

// ObjectWant returns the value that stands for everything a change writes: the Want
// of a decision about an object as a whole.
func ObjectWant(ch *helpdesk.Change) helpdesk.Value { return helpdesk.Value{} }
