package alert

import (
	"crypto/sha256"
	"encoding/hex"
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
	h := sha256.New()
	h.Write([]byte(channel + "\n" + at.UTC().Format(time.RFC3339Nano)))
	for _, p := range parts {
		h.Write([]byte("\n" + string(p.Event) + " " + p.Condition.Key))
	}
	return Message{ID: hex.EncodeToString(h.Sum(nil)[:16]), Channel: channel, At: at, Parts: parts}
}

// Severity is that of the most severe part that is not over; Info where all are.
func (m *Message) Severity() Severity {
	worst := Info
	for _, p := range m.Parts {
		if p.Event != Ended {
			worst = max(worst, p.Condition.Severity)
		}
	}
	return worst
}
