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
	w       io.Writer
	opt     TextOptions
	page    page
	account string
	shown   int
	more    int
}

// NewPrinter returns a printer to w. Changes must come account by account, the
// organization before its members.
func NewPrinter(w io.Writer, opt TextOptions) *Printer {
	if opt.Width == 0 {
		opt.Width = 100
	}
	opt.Width = max(opt.Width, minWidth)
	return &Printer{w: w, opt: opt, page: page{width: opt.Width, color: opt.Color}}
}

// Print renders one change.
func (p *Printer) Print(e Entry) error {
	if p.opt.Max > 0 && p.shown >= p.opt.Max {
		p.more++
		return nil
	}
	p.shown++
	p.page.Reset()
	p.header(e.Change)
	p.change(e.Change)
	if e.PolicyFrom != e.PolicyTo {
		p.page.row(row{label: "SLA", value: orDash(e.PolicyFrom), then: orDash(e.PolicyTo)})
	}
	_, err := p.w.Write(p.page.Bytes())
	return err
}

// Close says how many changes were not shown. It does not close the writer.
func (p *Printer) Close() error {
	if p.more == 0 {
		return nil
	}
	_, err := io.WriteString(p.w, "… and "+count(p.more)+" more\n")
	return err
}

// header names the organization when another one begins.
func (p *Printer) header(ch *helpdesk.Change) {
	organization := ch.Ref.Kind == helpdesk.Organization
	key := ch.Account
	if key == "" || organization {
		key = ch.Ref.Key
	}
	if key == p.account && p.shown > 1 {
		return
	}
	p.account = key
	name := ""
	if organization {
		name = ch.Name
	}
	p.page.head(name, key)
}

// change renders the lines of one change below its header.
func (p *Printer) change(ch *helpdesk.Change) {
	if line, ok := headline(ch); ok {
		p.page.row(line)
	}
	if removes(ch) {
		return
	}
	for i := range ch.Deltas {
		p.page.row(deltaRow(ch, &ch.Deltas[i]))
	}
}
