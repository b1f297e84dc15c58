package alert

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// State is what is known of a condition from look to look.
type State struct {
	Condition Condition `json:"condition"` // as it was last seen
	Holds     bool      `json:"holds"`
	Begun     time.Time `json:"begun"`          // when it was first seen this time
	Ended     time.Time `json:"ended,omitzero"` // when it was first not seen any more
	Told      Told      `json:"told,omitzero"`  // what was last told of it; zero: nothing yet
	Rest      time.Time `json:"rest,omitzero"`  // when it was told to be over, the time before
}

// Told is what people last heard of a condition.
type Told struct {
	At       time.Time `json:"at"`
	Severity Severity  `json:"severity"`
	Level    int       `json:"level"`
	Stage    int       `json:"stage,omitempty"`
	To       []string  `json:"to,omitempty"` // channels
}

// keepEvents is how long an event is remembered, so that it is not told twice.
const keepEvents = 7 * 24 * time.Hour

// Step compares what was known with what holds now and says what is to be told. It is
// pure: the same input gives the same messages, in whatever order the conditions come.
// states and conditions are all of one scope: a state whose condition is not among
// them is over.
func Step(states []State, conditions []Condition, now time.Time, p Policy) ([]State, []Message) {
	p = p.filled()
	was, holds := map[string]State{}, map[string]Condition{}
	for _, s := range states {
		was[s.Condition.Key] = s
	}
	for _, c := range conditions {
		holds[c.Key] = c
	}
	keys := slices.Collect(maps.Keys(was))
	for key := range holds {
		if _, known := was[key]; !known {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	st := stepping{now: now, policy: &p, parts: map[string][]Part{}}
	for _, key := range keys {
		c, present := holds[key]
		s, known := was[key]
		st.key(s, known, c, present)
	}
	return st.states, st.messages()
}

// stepping gathers what one step decides.
type stepping struct {
	now    time.Time
	policy *Policy
	states []State
	parts  map[string][]Part // by channel
}

func (st *stepping) key(s State, known bool, c Condition, present bool) {
	if present {
		s = st.see(s, known, c)
		st.tellOn(&s)
		st.states = append(st.states, s)
		return
	}
	if s.Holds {
		s.Holds, s.Ended = false, st.now
	}
	if st.end(&s) {
		st.states = append(st.states, s)
	}
}

// see notes that a condition holds. One that came back before its end was told goes on
// as if it had never ended.
func (st *stepping) see(s State, known bool, c Condition) State {
	goesOn := known && (s.Holds || !s.Told.At.IsZero())
	if !goesOn {
		s = State{Begun: st.now, Rest: s.Rest}
	}
	if c.Since.IsZero() {
		c.Since = s.Begun
		if goesOn {
			c.Since = s.Condition.Since
		}
	}
	s.Condition, s.Holds, s.Ended = c, true, time.Time{}
	return s
}

// tellOn tells that a condition began or grew worse, if that is due and anybody is to
// be told: what no route matches is told once one does.
func (st *stepping) tellOn(s *State) {
	c := &s.Condition
	begun := s.Told.At.IsZero()
	switch {
	case begun && (c.Level < st.policy.threshold(c.Kind) || st.now.Before(s.Rest.Add(st.policy.Quiet))):
		return
	case !begun && !worse(s.Told, c, st.now, st.policy):
		return
	}
	since := s.Begun
	if !begun {
		since = s.Told.At
	}
	channels := st.policy.channels(c)
	if len(channels) == 0 || st.waits(c, since) {
		return
	}
	for _, channel := range channels {
		event := Worse
		if !slices.Contains(s.Told.To, channel) {
			event = Begun
			s.Told.To = append(slices.Clone(s.Told.To), channel)
		}
		st.tell(channel, event, c)
	}
	s.Told.At, s.Told.Severity, s.Told.Level, s.Told.Stage = st.now, c.Severity, c.Level, c.Stage
}

// end tells that a condition is over, if anybody was told that it began, and reports
// whether there is still something to remember of it.
func (st *stepping) end(s *State) bool {
	switch {
	case s.Condition.Event:
		return !s.Told.At.IsZero() && st.now.Before(s.Told.At.Add(keepEvents))
	case s.Told.At.IsZero():
		return st.now.Before(s.Rest.Add(st.policy.Quiet))
	case st.waits(&s.Condition, s.Ended):
		return true
	}
	for _, channel := range s.Told.To {
		st.tell(channel, Ended, &s.Condition)
	}
	s.Told, s.Rest = Told{}, st.now
	return true
}

// waits reports whether a silence or the digest keeps what is due since a time.
func (st *stepping) waits(c *Condition, since time.Time) bool {
	return st.policy.silent(c, st.now) || st.policy.Digest.keeps(c, since, st.now)
}

func (st *stepping) tell(channel string, e Event, c *Condition) {
	st.parts[channel] = append(st.parts[channel], Part{Event: e, Condition: *c, At: st.now})
}

// messages makes one message of all that a channel is told at once, or one of each
// where the channel wants them apart.
func (st *stepping) messages() []Message {
	var out []Message
	for _, channel := range slices.Sorted(maps.Keys(st.parts)) {
		parts := st.parts[channel]
		slices.SortStableFunc(parts, func(a, b Part) int {
			return cmp.Or(-cmp.Compare(a.Condition.Severity, b.Condition.Severity), cmp.Compare(a.Condition.Key, b.Condition.Key))
		})
		size := len(parts)
		if st.policy.Apart[channel] {
			size = 1
		}
		for some := range slices.Chunk(parts, size) {
			out = append(out, newMessage(channel, st.now, some))
		}
	}
	return out
}
