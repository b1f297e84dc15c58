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
	Max   int  // organizations shown before "… and 99,940 more"; 0: all

	// NameOf is asked what people call an account whose organization is not among
	// the changes; nil, or nothing: its id.
	NameOf func(account string) string
	Rest   string // command that shows what was left out; may be empty
}

// Printer renders changes for people, grouped by organization. It streams: memory
// does not grow with the number of changes.
type Printer struct {
	w       io.Writer
	opt     TextOptions
	page    page
	account string
	shown   int // organizations
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
	p.page.Reset()
	if p.begin(e.Change) {
		p.header(e.Change)
	}
	if p.more > 0 {
		return nil
	}
	p.change(e.Change)
	if e.PolicyFrom != e.PolicyTo {
		p.page.row(row{label: "SLA", value: orDash(e.PolicyFrom), then: orDash(e.PolicyTo)})
	}
	_, err := p.w.Write(p.page.Bytes())
	return err
}

// Full reports whether the limit is reached: what comes is only counted.
func (p *Printer) Full() bool { return p.more > 0 }

// Close says how many organizations were not shown. It does not close the writer.
func (p *Printer) Close() error {
	if p.more == 0 {
		return nil
	}
	text := "… and " + count(p.more) + " more"
	if p.opt.Rest != "" {
		text += ": " + p.opt.Rest
	}
	_, err := io.WriteString(p.w, text+"\n")
	return err
}

// begin reports whether another organization begins that is to be shown, and counts it.
func (p *Printer) begin(ch *helpdesk.Change) bool {
	key := accountOf(ch)
	if key == p.account && p.shown+p.more > 0 {
		return false
	}
	p.account = key
	if p.more > 0 || p.opt.Max > 0 && p.shown >= p.opt.Max {
		p.more++
		return false
	}
	p.shown++
	return true
}

func accountOf(ch *helpdesk.Change) string {
	if ch.Account == "" || ch.Ref.Kind == helpdesk.Organization {
		return ch.Ref.Key
	}
	return ch.Account
}

// header names the organization.
func (p *Printer) header(ch *helpdesk.Change) {
	name := ""
	switch {
	case ch.Ref.Kind == helpdesk.Organization:
		name = ch.Name
	case p.opt.NameOf != nil:
		name = p.opt.NameOf(accountOf(ch))
	}
	p.page.head(name, accountOf(ch))
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
