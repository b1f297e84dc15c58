package alert

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
)

// Event is what there is to tell of a condition.
type Event string

// The events.
const (
	Begun Event = "begun"
	Worse Event = "worse"
	Ended Event = "over"
)

// Part is one condition in a message.
type Part struct {
	Event     Event     `json:"event"`
	At        time.Time `json:"at"`
	Condition Condition `json:"condition"`
}

// Message is what one channel is told at once.
type Message struct {
	ID      string    `json:"id"` // the same however often it is sent
	Channel string    `json:"channel"`
	At      time.Time `json:"at"`
	Parts   []Part    `json:"parts"` // at least one, the most severe first
}

// newMessage names a message by what it tells and when that was decided.
func newMessage(channel string, at time.Time, parts []Part) Message {
	m := Message{Channel: channel, At: at, Parts: parts}
	m.order()
	h := sha256.New()
	h.Write([]byte(channel + "\n" + at.UTC().Format(time.RFC3339Nano)))
	for _, p := range parts {
		h.Write([]byte("\n" + string(p.Event) + " " + p.Condition.Key))
	}
	m.ID = hex.EncodeToString(h.Sum(nil)[:16])
	return m
}

// Severity is that of the most severe part that is not over; Info where all are.
func (m *Message) Severity() Severity {
	worst := Info
	over := m.over()
	for i, p := range m.Parts {
		if i >= over[p.Condition.Key] {
			worst = max(worst, p.Condition.Severity)
		}
	}
	return worst
}

// over says by key up to which part a condition is over within the message: all before
// that is past.
func (m *Message) over() map[string]int {
	over := map[string]int{}
	for i, p := range m.Parts {
		if p.Event == Ended {
			over[p.Condition.Key] = i + 1
		}
	}
	return over
}

// order puts the most severe first, and what is over last. What is told of one condition
// stays in its order as long as it is as severe.
func (m *Message) order() {
	over := m.over()
	type ranked struct {
		Part
		rank int
	}
	list := make([]ranked, len(m.Parts))
	for i, p := range m.Parts {
		list[i] = ranked{p, int(p.Condition.Severity)}
		if i < over[p.Condition.Key] {
			list[i].rank = -1
		}
	}
	slices.SortStableFunc(list, func(a, b ranked) int { return b.rank - a.rank })
	for i := range list {
		m.Parts[i] = list[i].Part
	}
}
