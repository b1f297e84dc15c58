// Package alert tells people what holds: once when it begins, once when it grows
// worse, once when it is over. What is to be told is decided in Step, which is pure;
// the Teller gathers what holds from the journal, keeps what was told there, and hands
// messages to channels. It never looks at source or target, and nothing waits for it.
package alert

import "time"

// Kind is what a condition is about. The names stand in the configuration.
type Kind string

// The kinds.
const (
	Drift            Kind = "drift"             // somebody changed in the helpdesk what desksync wrote
	Fought           Kind = "fought"            // a field was corrected three times in a day, and is held
	Held             Kind = "held"              // a guard holds a kind of change, or the run
	Conflict         Kind = "conflict"          // records that no rule can decide
	Failing          Kind = "failing"           // runs failed one after the other
	Stale            Kind = "stale"             // no good run for too long
	Shrank           Kind = "shrank"            // the source has far fewer records than before
	Hidden           Kind = "hidden"            // the login no longer sees a field that rules read
	Downgrade        Kind = "downgrade"         // levels were lowered that no date announced
	UnknownProduct   Kind = "unknown_product"   // an active product that the catalogue does not name
	ContractEnding   Kind = "contract_ending"   // contracts end within 30, 15, 7 days
	NoContact        Kind = "no_contact"        // a new organization without a contact
	Quota            Kind = "quota"             // the share of the calls of a day is nearly spent
	Credential       Kind = "credential"        // a login is refused
	CredentialEnding Kind = "credential_ending" // a login ends within 30, 15, 7 days, or has ended
	WrongEnvironment Kind = "wrong_environment" // another account stands behind a name
	Configuration    Kind = "configuration"     // a changed file was refused; the old one still acts
	Journal          Kind = "journal"           // the journal cannot be used; see Direct
	Test             Kind = "test"              // somebody tried a channel
)

// Kinds lists those that a route may name.
func Kinds() []Kind {
	return []Kind{
		Drift, Fought, Held, Conflict, Failing, Stale, Shrank, Hidden, Downgrade, UnknownProduct, ContractEnding, NoContact,
		Quota, Credential, CredentialEnding, WrongEnvironment, Configuration, Journal,
	}
}

// Severity says how soon somebody should look. The zero Severity is Info.
type Severity int

// The severities, mildest first.
const (
	Info     Severity = iota // to know
	Warning                  // to look at today
	Critical                 // to look at now
)

var severityNames = [...]string{"info", "warning", "critical"}

// String returns the name that stands in the configuration.
func (s Severity) String() string { return severityNames[min(max(s, Info), Critical)] }

// MarshalText writes the name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a name; an unknown one, of a newer desksync, counts as Critical.
func (s *Severity) UnmarshalText(b []byte) error {
	for *s = Info; *s < Critical && s.String() != string(b); *s++ {
	}
	return nil
}

// Condition is something worth telling that holds now.
type Condition struct {
	Key      string    `json:"key"` // the same from run to run and from process to process; see Key
	Kind     Kind      `json:"kind"`
	Pipeline string    `json:"pipeline,omitempty"` // empty: concerns them all
	Target   string    `json:"target,omitempty"`
	Severity Severity  `json:"severity"`
	Level    int       `json:"level"`           // a count that may grow: customers, runs, calls
	Stage    int       `json:"stage,omitempty"` // how near something is; a later one is worse
	ARR      float64   `json:"arr,omitempty"`
	Title    string    `json:"title"`              // one line: what
	Text     string    `json:"text,omitempty"`     // why, and what desksync does meanwhile
	Subjects []string  `json:"subjects,omitempty"` // names of customers, at most MaxSubjects
	More     int       `json:"more,omitempty"`     // customers beyond Subjects
	Since    time.Time `json:"since"`
	Newest   time.Time `json:"newest,omitzero"`   // when the youngest part of it began; zero: it has no parts
	Command  string    `json:"command,omitempty"` // the one command that decides it, or shows more
	Event    bool      `json:"event,omitempty"`   // it happened, and is never over
}

// MaxSubjects is how many customers a condition names.
const MaxSubjects = 10

// Key names a condition: its kind, its pipeline and what else tells it from others. What
// is empty is left out, as the pipeline of what concerns them all.
func Key(k Kind, parts ...string) string {
	key := string(k)
	for _, p := range parts {
		if p != "" {
			key += "/" + p
		}
	}
	return key
}
