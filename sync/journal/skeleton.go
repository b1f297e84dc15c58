package journal

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
)

var errSkeleton = errors.New("journal: not there yet")

// Open opens or creates a journal and brings its tables up to date. A database
// written by a newer desksync is refused.
func Open(ctx context.Context, dsn string, opt Options) (*Journal, error) { return nil, errSkeleton }

// Close ends all use.
func (j *Journal) Close() error { return errSkeleton }

// Instance returns the id made once for this journal; adapters mark their own
// writes by it.
func (j *Journal) Instance() string { return "" }

// Restored reports that this journal came out of a backup and nobody confirmed it
// yet: the next run may only observe.
func (j *Journal) Restored() bool { return false }

// ClearRestored confirms that the journal may write again.
func (j *Journal) ClearRestored(ctx context.Context, who string) error { return errSkeleton }

// HolderName names this process: host, process id and when it started.
func HolderName() string { return "" }

// DeadHere reports that holder ran on this machine and no longer does.
func DeadHere(holder string) bool { return false }

// Bind records which account a source or target has, the first time; another
// account later is fault.Unsafe until Rebind. An empty account binds nothing.
func (j *Journal) Bind(ctx context.Context, what, name, account string) error { return errSkeleton }

// Rebind records another account for a name. For a target it also forgets cursors.
func (j *Journal) Rebind(ctx context.Context, what, name, account, who string) error {
	return errSkeleton
}

// Pipeline returns the pipeline of a name, made the first time.
func (j *Journal) Pipeline(ctx context.Context, name, source, target string) (Pipeline, error) {
	return Pipeline{}, errSkeleton
}

// Pipelines lists all pipelines by name.
func (j *Journal) Pipelines(ctx context.Context) ([]Pipeline, error) { return nil, errSkeleton }

// Begin takes the target's lock and starts a run. Who finds it taken by a live
// holder gets *Locked inside a fault.Unsafe.
func (j *Journal) Begin(ctx context.Context, spec RunSpec) (Run, error) { return Run{}, errSkeleton }

// Beat says that the run's process lives; call it more often than the lease.
func (j *Journal) Beat(ctx context.Context, run Run) error { return errSkeleton }

// Phase notes where the run is. Entering PhaseCompare fixes which dirty marks
// Seal will clear.
func (j *Journal) Phase(ctx context.Context, run Run, phase Phase) error { return errSkeleton }

// Interrupted lists the unfinished runs of a pipeline that no live process holds.
func (j *Journal) Interrupted(ctx context.Context, pipe int64) ([]Run, error) {
	return nil, errSkeleton
}

// Abandon ends an unsealed run and drops its changes. A sealed one is refused.
func (j *Journal) Abandon(ctx context.Context, run Run, why string) error { return errSkeleton }

// Resume takes the lock for a sealed, unfinished run.
func (j *Journal) Resume(ctx context.Context, run Run, holder string) (Run, error) {
	return Run{}, errSkeleton
}

// Finish ends a run and frees the lock.
func (j *Journal) Finish(ctx context.Context, run Run, res Result) error { return errSkeleton }

// Runs lists runs, newest first.
func (j *Journal) Runs(ctx context.Context, f RunFilter, limit int) ([]Run, error) {
	return nil, errSkeleton
}

// RunByID returns one run; an unknown one is fault.NotFound.
func (j *Journal) RunByID(ctx context.Context, id int64) (Run, error) { return Run{}, errSkeleton }

// ConfigOf returns the configuration text of a digest.
func (j *Journal) ConfigOf(ctx context.Context, digest string) (string, error) {
	return "", errSkeleton
}

// StageHashes returns the heads of a role after a key, in byte order of (account, id).
func (j *Journal) StageHashes(ctx context.Context, pipe int64, role crm.Role, after Key, limit int) ([]Head, error) {
	return nil, errSkeleton
}

// PutStage stores what one step of reading found, all or nothing.
func (j *Journal) PutStage(ctx context.Context, run Run, b StageBatch) error { return errSkeleton }

// ClearMissing forgets what was noted as missing; call it before a read.
func (j *Journal) ClearMissing(ctx context.Context, run Run) error { return errSkeleton }

// TakeMissing makes what was noted as missing lost: children go, their accounts
// become dirty; accounts are flagged lost and become dirty.
func (j *Journal) TakeMissing(ctx context.Context, run Run) error { return errSkeleton }

// MissingCount counts what was noted as missing, by role.
func (j *Journal) MissingCount(ctx context.Context, pipe int64) (map[crm.Role]int, error) {
	return nil, errSkeleton
}

// StageCount counts the staged rows of a role that are not lost.
func (j *Journal) StageCount(ctx context.Context, pipe int64, role crm.Role) (int, error) {
	return 0, errSkeleton
}

// NoteRead remembers how the read of a role ended.
func (j *Journal) NoteRead(ctx context.Context, run Run, role crm.Role, info ReadInfo) error {
	return errSkeleton
}

// LastRead returns the last complete read of a role, and whether there was one.
func (j *Journal) LastRead(ctx context.Context, pipe int64, role crm.Role) (ReadInfo, bool, error) {
	return ReadInfo{}, false, errSkeleton
}

// Groups returns everything staged under these accounts, one group per account in
// the order given. At most MaxPage accounts.
func (j *Journal) Groups(ctx context.Context, pipe int64, accounts []string) ([]Group, error) {
	return nil, errSkeleton
}

// AccountRows returns the staged account rows of these ids, by id; lost ones too.
func (j *Journal) AccountRows(ctx context.Context, pipe int64, ids []string) (map[string]Row, error) {
	return nil, errSkeleton
}

// FindAccounts looks accounts up by the beginning of their id.
func (j *Journal) FindAccounts(ctx context.Context, pipe int64, prefix string, limit int) ([]string, error) {
	return nil, errSkeleton
}

// MarkDirty marks accounts for the next compare.
func (j *Journal) MarkDirty(ctx context.Context, pipe int64, accounts []string) error {
	return errSkeleton
}

// MarkAllDirty marks every staged account and every organization last written.
func (j *Journal) MarkAllDirty(ctx context.Context, pipe int64) error { return errSkeleton }

// MarkDue marks the accounts whose boundary day has come.
func (j *Journal) MarkDue(ctx context.Context, pipe int64, today day.Day) error { return errSkeleton }

// MarkOpen marks the accounts with open items.
func (j *Journal) MarkOpen(ctx context.Context, pipe int64) error { return errSkeleton }

// MarkChildren marks the accounts below those that are dirty, at any depth.
func (j *Journal) MarkChildren(ctx context.Context, pipe int64) error { return errSkeleton }

// DirtyPage returns dirty accounts after one, in byte order.
func (j *Journal) DirtyPage(ctx context.Context, pipe int64, after string, limit int) ([]string, error) {
	return nil, errSkeleton
}

// DirtyCount counts dirty accounts.
func (j *Journal) DirtyCount(ctx context.Context, pipe int64) (int, error) { return 0, errSkeleton }

// PutMapped stores what mapping told where it differs from what is stored, and
// reports whether any claim changed.
func (j *Journal) PutMapped(ctx context.Context, pipe int64, target string, rows []Mapped) (bool, error) {
	return false, errSkeleton
}

// Contests yields what more than one claims, in a stable order.
func (j *Journal) Contests(ctx context.Context, target string) iter.Seq2[Contest, error] {
	return nil
}

// Strangers returns the strangers of these target ids.
func (j *Journal) Strangers(ctx context.Context, target string, kind helpdesk.Kind, ids []string) ([]Stranger, error) {
	return nil, errSkeleton
}

// PutStrangers stores objects of the target that carry no CRM key.
func (j *Journal) PutStrangers(ctx context.Context, target string, list []Stranger) error {
	return errSkeleton
}

// ObjectsOf returns the organizations and memberships of accounts and the users
// of contacts.
func (j *Journal) ObjectsOf(ctx context.Context, target string, accounts, contacts []string) (Objects, error) {
	return Objects{}, errSkeleton
}

// ObjectByTarget returns the object of a target id, and whether there is one.
func (j *Journal) ObjectByTarget(ctx context.Context, target string, kind helpdesk.Kind, id string) (Object, bool, error) {
	return Object{}, false, errSkeleton
}

// ObjectsAfter pages through all objects of a kind in key order.
func (j *Journal) ObjectsAfter(ctx context.Context, target string, kind helpdesk.Kind, after string, limit int) ([]Object, error) {
	return nil, errSkeleton
}

// Organization returns the organization of an account, or nil.
func (o *Objects) Organization(account string) *Object { return nil }

// User returns the user of a contact, or nil.
func (o *Objects) User(contact string) *Object { return nil }

// MembersOf returns the memberships of an account.
func (o *Objects) MembersOf(account string) []Object { return nil }

// PutHave notes what the target holds now and where its feed goes on. Accounts
// whose objects differ from what was known become dirty in every pipeline on that
// target that has them. It returns how many did.
func (j *Journal) PutHave(ctx context.Context, run Run, kind helpdesk.Kind, puts []HavePut, next helpdesk.Cursor) (int, error) {
	return 0, errSkeleton
}

// Cursor returns where the target's feed goes on; empty: a full listing is due.
func (j *Journal) Cursor(ctx context.Context, target string, kind helpdesk.Kind) (helpdesk.Cursor, error) {
	return "", errSkeleton
}

// BeginListing starts a full listing of a kind: PutHave from then on also notes
// what was seen.
func (j *Journal) BeginListing(ctx context.Context, run Run, kind helpdesk.Kind) error {
	return errSkeleton
}

// EndListing ends a full listing: objects of ours that were not seen are gone and
// their accounts dirty. It returns how many.
func (j *Journal) EndListing(ctx context.Context, run Run, kind helpdesk.Kind) (int, error) {
	return 0, errSkeleton
}

// LastListing returns when the last full listing of a kind ended; zero: never.
func (j *Journal) LastListing(ctx context.Context, target string, kind helpdesk.Kind) (time.Time, error) {
	return time.Time{}, errSkeleton
}

// AddChanges stores changes of an unsealed run; a change put twice is stored once.
func (j *Journal) AddChanges(ctx context.Context, run Run, rows []ChangeRow) error {
	return errSkeleton
}

// Changes returns changes of a run after a place, in order.
func (j *Journal) Changes(ctx context.Context, run int64, f ChangeFilter, after Pos, limit int) ([]ChangeRow, error) {
	return nil, errSkeleton
}

// HoldClass puts the changes of any of these classes on hold.
func (j *Journal) HoldClass(ctx context.Context, run Run, class uint32, reason string) (HeldCount, error) {
	return HeldCount{}, errSkeleton
}

// Totals counts the changes of a run, dropped ones left out.
func (j *Journal) Totals(ctx context.Context, run int64) ([]Count, error) { return nil, errSkeleton }

// TotalsSince adds up the sealed runs of a pipeline that wrote since then; held
// changes are left out.
func (j *Journal) TotalsSince(ctx context.Context, pipe int64, since time.Time) ([]Count, error) {
	return nil, errSkeleton
}

// DropChanges takes the changes of accounts out of the changeset, because they
// moved meanwhile. It returns how many.
func (j *Journal) DropChanges(ctx context.Context, run Run, accounts []string, why string) (int, error) {
	return 0, errSkeleton
}

// CopyChanges copies chosen changes of an earlier run, released from hold.
func (j *Journal) CopyChanges(ctx context.Context, run Run, from int64, f ChangeFilter) (int, error) {
	return 0, errSkeleton
}

// Seal fixes the changeset: from here on the run is resumed, not begun anew.
func (j *Journal) Seal(ctx context.Context, run Run, s Sealed) error { return errSkeleton }

// Notes changes last-written rows without a write to the target.
func (j *Journal) Notes(ctx context.Context, run Run, notes []ObjectNote) error { return errSkeleton }

// Send notes that a batch goes out now; call it before the target is.
func (j *Journal) Send(ctx context.Context, run Run, b Batch) error { return errSkeleton }

// NoteTokens notes the target's handles for a batch in flight.
func (j *Journal) NoteTokens(ctx context.Context, run Run, batch int64, tokens []string) error {
	return errSkeleton
}

// Settle notes what became of a batch: objects, exceptions, counters and the
// batch itself, all or nothing. A batch that was settled before is fault.Raced.
func (j *Journal) Settle(ctx context.Context, run Run, batch int64, rows []Settled) error {
	return errSkeleton
}

// Unsettled lists the batches that went out and were never settled, in order.
func (j *Journal) Unsettled(ctx context.Context, run int64) ([]Batch, error) { return nil, errSkeleton }

// Position returns the last place any batch reached and the number for the next.
func (j *Journal) Position(ctx context.Context, run int64) (after Pos, next int64, err error) {
	return Pos{}, 0, errSkeleton
}

// Outcomes returns what was not plainly applied, in order.
func (j *Journal) Outcomes(ctx context.Context, run int64, after Pos, limit int) ([]Outcome, error) {
	return nil, errSkeleton
}

// PutItems opens items, or keeps them open.
func (j *Journal) PutItems(ctx context.Context, run Run, items []Item) error { return errSkeleton }

// Items lists items by id.
func (j *Journal) Items(ctx context.Context, f ItemFilter, limit int) ([]Item, error) {
	return nil, errSkeleton
}

// ItemByID returns one item; an unknown one is fault.NotFound.
func (j *Journal) ItemByID(ctx context.Context, id int64) (Item, error) { return Item{}, errSkeleton }

// CountItems counts open items by class.
func (j *Journal) CountItems(ctx context.Context, pipe int64) (map[ItemClass]int, error) {
	return nil, errSkeleton
}

// PutDecision records a decision, audits it, and marks its account dirty.
func (j *Journal) PutDecision(ctx context.Context, d Decision) (int64, error) { return 0, errSkeleton }

// PutDecisions records many at once, all or nothing.
func (j *Journal) PutDecisions(ctx context.Context, list []Decision) error { return errSkeleton }

// Decisions lists decisions by id.
func (j *Journal) Decisions(ctx context.Context, f DecisionFilter, limit int) ([]Decision, error) {
	return nil, errSkeleton
}

// DecisionByID returns one decision; an unknown one is fault.NotFound.
func (j *Journal) DecisionByID(ctx context.Context, id int64) (Decision, error) {
	return Decision{}, errSkeleton
}

// Release ends a decision, audits it, and marks its account dirty.
func (j *Journal) Release(ctx context.Context, id int64, who, why string) error { return errSkeleton }

// AddAudit records who did what.
func (j *Journal) AddAudit(ctx context.Context, a Audit) error { return errSkeleton }

// AuditExport yields the audit from a time on, oldest first.
func (j *Journal) AuditExport(ctx context.Context, since time.Time) iter.Seq2[Audit, error] {
	return nil
}

// Forget redacts a person everywhere and leaves a receipt.
func (j *Journal) Forget(ctx context.Context, p Person) (Receipt, error) {
	return Receipt{}, errSkeleton
}

// Prune deletes what is older than the policy keeps, and says how many rows by table.
func (j *Journal) Prune(ctx context.Context, keep Retention) (map[string]int, error) {
	return nil, errSkeleton
}

// Backup writes the whole journal into a new file that only its owner can read.
func (j *Journal) Backup(ctx context.Context, path string) error { return errSkeleton }

// Restore puts a backup where the journal of dsn shall stand and marks it: new
// instance, no locks, no cursors, observe-only until ClearRestored.
func Restore(ctx context.Context, path, dsn string, opt Options) error { return errSkeleton }
