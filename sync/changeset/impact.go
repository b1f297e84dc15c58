package changeset

// Impact counts organizations and ARR by the SLA policy they leave and the one
// they come to. The zero Impact is empty and ready.
type Impact struct {
	Currency string // of the ARR, such as USD
	moves    map[[2]string]Tally
}

// Move is one row of an Impact.
type Move struct {
	From  string  `json:"from"` // empty: no policy
	To    string  `json:"to"`
	Count int     `json:"organizations"`
	ARR   float64 `json:"arr"`
}

// Add counts an organization; nothing happens where both policies are the same.
func (i *Impact) Add(from, to string, arr float64) {}

// Moves returns the rows, ordered by From, then To.
func (i *Impact) Moves() []Move { return nil }

// String returns the line for people: "SLA: 3 organizations ($412k ARR) gain
// Priority, none loses a policy".
func (i *Impact) String() string { return "" }
