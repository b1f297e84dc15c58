package alert

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/sync/journal"
)

// Mailing is a channel with several recipients. Send tells them all; where some heard and
// others did not, it returns Partly.
type Mailing interface {
	Notifier

	// SendTo tells one of them. It is fault.NotFound where there is none of that name.
	SendTo(ctx context.Context, m Message, to string) error
}

// Partly says why some recipients of a channel were not told a message that the others have.
type Partly struct{ Left map[string]error }

// Error names them.
func (p *Partly) Error() string {
	var out []string
	for _, to := range slices.Sorted(maps.Keys(p.Left)) {
		out = append(out, to+" did not get it: "+fault.Plain(p.Left[to]))
	}
	return strings.Join(out, "; ")
}

// lane is where the messages for one recipient of a channel wait that the others have: they
// hold up nobody else.
func lane(channel, to string) string { return channel + " " + to }

// channelOf finds the channel of a lane, and the recipient; of a channel by its own name all
// are meant.
func (t *Teller) channelOf(name string) (n Notifier, to string) {
	if n = t.opt.Channels[name]; n != nil {
		return n, ""
	}
	for i, sign := range name {
		if mailing, ok := t.opt.Channels[name[:i]].(Mailing); ok && sign == ' ' {
			return mailing, name[i+1:]
		}
	}
	return nil, ""
}

// rest is what waits in place of a message that only some recipients of a channel got.
func (t *Teller) rest(p *Partly, m *journal.Outgoing, now time.Time) (out []journal.Outgoing) {
	for _, to := range slices.Sorted(maps.Keys(p.Left)) {
		x := *m
		x.Channel, x.State, x.Said, x.Next = lane(m.Channel, to), journal.Waiting, fault.Plain(p.Left[to]), now.Add(t.pause(p.Left[to], 1))
		out = append(out, x)
	}
	return out
}
