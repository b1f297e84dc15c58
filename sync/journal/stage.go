package journal

import "github.com/desksync/desksync/crm"

// MaxPage is the largest page any listing gives.
const MaxPage = 1000

// Key is a place in the stage, in ascending byte order of Account, then ID.
type Key struct{ Account, ID string }

// Row is one record as staged: its key, a hash over everything read, and the
// columns the rules name.
type Row struct {
	Role        crm.Role
	Account, ID string
	Parent      string // accounts: the parent account
	Hash        [16]byte
	Cols        []byte // packed by the caller
	ReadRun     int64  // the run that read it like this; PutStage fills it in
	Lost        bool   // accounts: missing from the last complete read
	Deleted     bool   // accounts: lost, and the CRM said that it deleted it
}

// Head is a Row without its body. The hash of a lost row is zero, so that the
// row counts as changed when it comes back.
type Head struct {
	Account, ID string
	Hash        [16]byte
	Lost        bool
}

// StageBatch is what one step of reading found.
type StageBatch struct {
	Role    crm.Role
	Put     []Row    // new, changed, moved
	Missing []Head   // staged, and not in this read; noted apart until TakeMissing
	Dirty   []string // accounts concerned; need not be sorted or unique
}

// Group is an account with everything staged under it, each list in id order.
type Group struct {
	ID            string
	Account       *Row // nil: no account row
	Lost          bool
	Deleted       bool // lost, and the CRM said that it deleted it
	Contacts      []Row
	Subscriptions []Row
	Relations     []Row
	Team          []Row
}
