package alert

import "time"

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
	Condition Condition `json:"condition"`
}

// Message is what one channel is told at once.
type Message struct {
	ID      string    `json:"id"` // the same however often it is sent
	Channel string    `json:"channel"`
	At      time.Time `json:"at"`
	Parts   []Part    `json:"parts"` // at least one
}
