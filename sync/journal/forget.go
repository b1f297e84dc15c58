package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/desksync/desksync/internal/fault"
)

// Forgotten stands where something of a forgotten person stood.
const Forgotten = "(forgotten)"

// Forget redacts a person everywhere and leaves a receipt. The person's staged
// records go and their accounts become dirty: if the CRM still has the person, the
// next read brings them back. Ids stay, for they name nobody. Changes that told of
// the person are dropped: they can be neither approved nor undone any more. Forget
// works in many small transactions; after a crash call it again. It is refused
// while a run is unfinished.
func (j *Journal) Forget(ctx context.Context, p Person) (Receipt, error) {
	if p.Email == "" && p.Contact == "" {
		return Receipt{}, fault.New("journal.forget", fault.Invalid, errors.New("name whom to forget by e-mail address or contact id"))
	}
	if err := j.noRun(ctx); err != nil {
		return Receipt{}, err
	}
	f := newForgetting(j, p)
	for _, step := range []func(context.Context) error{
		f.findUsers, f.findContacts, f.findUsers, // a contact found by address may have a user of another
		f.stage, f.claims, f.strangers, f.objects, f.changes, f.items, f.alerts, f.texts, f.beside,
		j.scrub,
	} {
		if err := step(ctx); err != nil {
			return Receipt{}, err
		}
	}
	return j.leaveReceipt(ctx, p, f.counts)
}

// scrub writes a SQLite database anew, for what was deleted, now or long ago, still
// stands in its free pages and its log. A PostgreSQL server does so in its own time.
func (j *Journal) scrub(ctx context.Context) error {
	if j.onPostgres() {
		return nil
	}
	if _, err := j.db.ExecContext(ctx, `VACUUM`); err != nil {
		return j.db.Fault("journal.forget", err)
	}
	var busy, log, moved int
	err := j.db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &log, &moved)
	if err == nil && busy != 0 {
		return fault.New("journal.forget", fault.Unavailable, fmt.Errorf("what was forgotten still stands in %s-wal, because another process reads the journal; end it and forget once more", j.db.Name))
	}
	return j.db.Fault("journal.forget", err)
}

// noRun refuses while a run is unfinished: its changes must stay what was sealed.
func (j *Journal) noRun(ctx context.Context) error {
	var ids []int64
	if err := j.all(ctx, "journal.forget", &ids, `SELECT id FROM run WHERE state = ? ORDER BY id`, string(Running)); err != nil || len(ids) == 0 {
		return err
	}
	return fault.New("journal.forget", fault.Unsafe, fmt.Errorf("run %d is not finished; forget after it, or after the next run has taken it up", ids[0]))
}

// leaveReceipt stores that and when a person was forgotten, and nothing of whom.
func (j *Journal) leaveReceipt(ctx context.Context, p Person, counts map[string]int) (Receipt, error) {
	r := Receipt{At: timeOf(j.now()), Counts: counts}
	b, err := json.Marshal(counts)
	if err != nil {
		return r, fmt.Errorf("journal.forget: %w", err)
	}
	err = j.inTx(ctx, "journal.forget", func(t *tx) error {
		const q = `INSERT INTO receipt (at, who, reason, counts) VALUES (?, ?, ?, ?) RETURNING id`
		if err := t.get(ctx, &r.ID, q, micro(r.At), clean(p.Who), clean(p.Reason), string(b)); err != nil {
			return err
		}
		return t.audit(ctx, Audit{Who: p.Who, What: "forget", Ref: fmt.Sprintf("receipt %d", r.ID), Detail: p.Reason})
	})
	return r, err
}

// Receipts lists all receipts, oldest first.
func (j *Journal) Receipts(ctx context.Context) ([]Receipt, error) {
	var rows []struct {
		ID, At int64
		Counts string
	}
	if err := j.all(ctx, "journal.receipts", &rows, `SELECT id, at, counts FROM receipt ORDER BY id`); err != nil {
		return nil, err
	}
	out := make([]Receipt, len(rows))
	for i, r := range rows {
		out[i] = Receipt{ID: r.ID, At: timeOf(r.At)}
		if err := json.Unmarshal([]byte(r.Counts), &out[i].Counts); err != nil {
			return nil, damaged("receipt", fmt.Sprint(r.ID))
		}
	}
	return out, nil
}

// forgetting knows by what a person is recognised.
type forgetting struct {
	j        *Journal
	contacts map[string]bool // contact ids
	emails   map[string]bool // lower case: found within texts too
	names    map[string]bool // found only as whole values
	counts   map[string]int
	others   func(context.Context, func(string) string) (map[string]int, error) // Person.Beside
}

func newForgetting(j *Journal, p Person) *forgetting {
	f := &forgetting{j: j, contacts: map[string]bool{}, emails: map[string]bool{}, names: map[string]bool{}, counts: map[string]int{}, others: p.Beside}
	f.addEmail(p.Email)
	if p.Contact != "" {
		f.contacts[p.Contact] = true
	}
	return f
}

func (f *forgetting) addEmail(s string) {
	if s = strings.ToLower(strings.TrimSpace(s)); strings.Contains(s, "@") {
		f.emails[s] = true
	}
}

// beside has redacted what others keep in this database.
func (f *forgetting) beside(ctx context.Context) error {
	if f.others == nil {
		return nil
	}
	counts, err := f.others(ctx, f.text)
	for table, n := range counts {
		if n > 0 {
			f.counts[table] += n
		}
	}
	return err
}

// mentions reports whether a text holds one of the addresses.
func (f *forgetting) mentions(s string) bool { return f.text(s) != s }

// hints reports whether stored bytes may hold one of the addresses: what they are packed of
// says whether it is one, or the end of a longer one.
func (f *forgetting) hints(b []byte) bool {
	s := strings.ToLower(string(b))
	for e := range f.emails {
		if strings.Contains(s, e) {
			return true
		}
	}
	return false
}

// namedBy reports whether bytes may hold an address, or a name as a value.
func (f *forgetting) namedBy(s string) bool {
	if f.hints([]byte(s)) {
		return true
	}
	for n := range f.names {
		if strings.Contains(s, n) {
			return true
		}
	}
	return false
}

// keyed reports whether an object's key is a contact's, or a membership's of one.
func (f *forgetting) keyed(key string) bool {
	return f.contacts[key] || f.contacts[key[strings.LastIndexByte(key, '/')+1:]]
}
