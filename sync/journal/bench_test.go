package journal

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/dbx"
	"github.com/desksync/desksync/internal/pack"
)

// benchAccounts is the size of the measured load: 100,000 accounts with 240,000
// contacts and 150,000 charges, unless DESKSYNC_BENCH_ACCOUNTS says otherwise.
func benchAccounts() int {
	if n, err := strconv.Atoi(os.Getenv("DESKSYNC_BENCH_ACCOUNTS")); err == nil && n > 0 {
		return n
	}
	return 100_000
}

// BenchmarkFirstLoad measures all the journal does in a first load, step by step.
func BenchmarkFirstLoad(b *testing.B) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": ready.SQLite, "postgres": ready.Postgres} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				l := newLoad(b, dsn(b), benchAccounts())
				b.StartTimer()
				l.all()
			}
		})
	}
}

// BenchmarkStageHashes measures the full read of the stage, per head.
func BenchmarkStageHashes(b *testing.B) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": ready.SQLite, "postgres": ready.Postgres} {
		b.Run(name, func(b *testing.B) {
			l := newLoad(b, dsn(b), benchAccounts())
			l.stage()
			b.ResetTimer()
			n := 0
			for b.Loop() {
				n = l.heads()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/head")
		})
	}
}

// BenchmarkStageChanged measures how fast rows are staged that were there and changed.
func BenchmarkStageChanged(b *testing.B) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": ready.SQLite, "postgres": ready.Postgres} {
		b.Run(name, func(b *testing.B) {
			l := newLoad(b, dsn(b), benchAccounts())
			l.stage()
			b.ResetTimer()
			rows, before := 0, l.busy()
			for b.Loop() {
				l.turn++
				rows += l.stage()
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(rows)/(l.busy()-before).Seconds(), "rows/cpu-s")
		})
	}
}

// load is a first load of n accounts.
type load struct {
	*desk
	n    int
	run  Run
	acct []byte
	con  []byte
	sub  []byte
	org  []byte
	usr  []byte
	mem  []byte
	orgF helpdesk.Fields
	usrF helpdesk.Fields
	memF helpdesk.Fields
	turn byte // another one: all rows changed
}

func newLoad(b testing.TB, dsn string, n int) *load {
	l := &load{desk: newDesk(b, dsn), n: n}
	l.run = l.begin()
	cols := make([]string, 25)
	for i := range cols {
		cols[i] = fmt.Sprintf("value %d of it", i)
	}
	l.acct, l.con, l.sub = pack.Strings(nil, cols), pack.Strings(nil, cols[:8]), pack.Strings(nil, cols[:7])
	l.orgF, l.usrF, l.memF = fields(25, 4), fields(3, 0), fields(3, 0)
	l.org, l.usr, l.mem = body(l.orgF), body(l.usrF), body(l.memF)
	return l
}

func fields(n, tags int) helpdesk.Fields {
	var f helpdesk.Fields
	for i := range n {
		f = append(f, helpdesk.Field{Name: fmt.Sprintf("field:some_name_%02d", i), Value: helpdesk.TextOf(fmt.Sprintf("value %04d", i))})
	}
	for i := range tags {
		f = append(f, helpdesk.Field{Name: fmt.Sprintf("tag:some_tag_%d", i), Value: helpdesk.BoolOf(true)})
	}
	return f.Sort()
}

func body(f helpdesk.Fields) []byte {
	c := helpdesk.Change{ID: "0123456789abcdef", Op: helpdesk.Create, Ref: helpdesk.Ref{Kind: helpdesk.Organization, Key: account(1)}, Account: account(1), Name: "Some Company Ltd."}
	for _, x := range f {
		c.Deltas = append(c.Deltas, helpdesk.Delta{Field: x.Name, Want: x.Value, Cause: helpdesk.New, Origin: "Account.Some_Column__c by rule organizations.fields.some_name"})
	}
	return c.Pack(nil)
}

func (l *load) all() {
	steps := []struct {
		name string
		fn   func()
	}{
		{"stage", func() { l.stage() }}, {"mapped", l.mapped}, {"contests", l.contests}, {"changes", l.changes}, {"seal", l.seal}, {"settle", l.settle},
	}
	var wall, busy time.Duration
	for _, s := range steps {
		start, before := time.Now(), l.busy()
		s.fn()
		took := l.busy() - before
		wall, busy = wall+time.Since(start), busy+took
		l.t.(*testing.B).ReportMetric(took.Seconds(), s.name+"-cpu-s")
	}
	l.t.(*testing.B).ReportMetric(wall.Seconds(), "wall-s")
	l.t.(*testing.B).ReportMetric(busy.Seconds(), "cpu-s")
}

// busy is the processor time of this process and of the database's processes that
// serve it: a figure that other work on the machine does not spoil.
func (l *load) busy() time.Duration {
	var r syscall.Rusage
	l.ok(syscall.Getrusage(syscall.RUSAGE_SELF, &r))
	sum := time.Duration(r.Utime.Nano() + r.Stime.Nano())
	if l.db.Dialect == dbx.SQLite {
		return sum
	}
	var pids []int
	l.ok(l.db.Select(&pids, `SELECT pid FROM pg_stat_activity WHERE datname = current_database()`))
	for _, pid := range pids {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid))
		if err != nil {
			continue // not on Linux: the client's share alone
		}
		ns, _ := strconv.ParseInt(strings.Fields(string(stat))[0], 10, 64)
		sum += time.Duration(ns)
	}
	return sum
}

// contactsOf and chargesOf give 2.4 and 1.5 on average.
func contactsOf(i int) int { return []int{2, 3, 2, 3, 2}[i%5] }
func chargesOf(i int) int  { return 1 + i%2 }

// stage stages everything and returns how many rows that are.
func (l *load) stage() int {
	return l.stageRole(crm.Account, func(int) int { return 1 }, l.acct) +
		l.stageRole(crm.Contact, contactsOf, l.con) +
		l.stageRole(crm.Subscription, chargesOf, l.sub)
}

func (l *load) stageRole(role crm.Role, count func(int) int, cols []byte) int {
	b, rows := StageBatch{Role: role}, 0
	for i := range l.n {
		for k := range count(i) {
			id := account(i)
			if role != crm.Account {
				id = contact(i*4 + k)
			}
			hash := hashFor(id)
			hash[0] ^= l.turn
			rows++
			b.Put = append(b.Put, Row{Role: role, Account: account(i), ID: id, Hash: hash, Cols: cols})
			b.Dirty = append(b.Dirty, account(i))
			if len(b.Put) == 500 {
				l.ok(l.PutStage(l.t.Context(), l.run, b))
				b.Put, b.Dirty = b.Put[:0], b.Dirty[:0]
			}
		}
	}
	l.ok(l.PutStage(l.t.Context(), l.run, b))
	return rows
}

func (l *load) heads() int {
	n := 0
	for _, role := range crm.Roles {
		for after := (Key{}); ; {
			page := must(l.StageHashes(l.t.Context(), l.pipe.ID, role, after, MaxPage))(l.t)
			if len(page) == 0 {
				break
			}
			n += len(page)
			last := page[len(page)-1]
			after = Key{last.Account, last.ID}
		}
	}
	return n
}

func (l *load) mapped() {
	var rows []Mapped
	for i := range l.n {
		m := Mapped{Account: account(i), Next: day.MustParse("2027-06-30"), Claims: []Claim{
			{Kind: ClaimName, Value: fmt.Sprintf("company number %d ltd.", i)}, {Kind: ClaimDomain, Value: fmt.Sprintf("company%d.example", i)},
		}}
		for k := range contactsOf(i) {
			m.Claims = append(m.Claims, Claim{Kind: ClaimEmail, Value: fmt.Sprintf("person%d.%d@company%d.example", k, i, i), Ref: contact(i*4 + k)})
		}
		if rows = append(rows, m); len(rows) == 500 || i == l.n-1 {
			must(l.PutMapped(l.t.Context(), l.pipe.ID, "support", rows))(l.t)
			rows = rows[:0]
		}
	}
}

func (l *load) contests() {
	for c, err := range l.Contests(l.t.Context(), "support") {
		l.t.Fatal("no contest was planted", c, err)
	}
}

func (l *load) changes() {
	l.ok(l.Phase(l.t.Context(), l.run, PhaseCompare))
	var rows []ChangeRow
	seq := int64(0)
	add := func(c ChangeRow) {
		seq++
		c.Seq, c.Op, c.Class = seq, helpdesk.Create, 1
		if rows = append(rows, c); len(rows) == 500 {
			l.ok(l.AddChanges(l.t.Context(), l.run, rows))
			rows = rows[:0]
		}
	}
	for i := range l.n {
		add(ChangeRow{Rank: 1, Account: account(i), Kind: helpdesk.Organization, Key: account(i), ARR: 1200, Body: l.org})
		for k := range contactsOf(i) {
			c := contact(i*4 + k)
			add(ChangeRow{Rank: 2, Account: account(i), Kind: helpdesk.User, Key: c, Body: l.usr})
			add(ChangeRow{Rank: 3, Account: account(i), Kind: helpdesk.Membership, Key: helpdesk.MemberKey(account(i), c), Body: l.mem})
		}
	}
	l.ok(l.AddChanges(l.t.Context(), l.run, rows))
}

func (l *load) seal() {
	l.ok(l.Seal(l.t.Context(), l.run, Sealed{Digest: "d", PipelineDigest: "p", Day: day.MustParse("2026-11-21")}))
}

func (l *load) settle() {
	no := int64(0)
	for after := (Pos{}); ; {
		rows := must(l.Changes(l.t.Context(), l.run.ID, ChangeFilter{}, after, 500))(l.t)
		if len(rows) == 0 {
			return
		}
		no++
		to := rows[len(rows)-1].Pos()
		l.ok(l.Send(l.t.Context(), l.run, Batch{No: no, From: after, To: to}))
		settled := make([]Settled, len(rows))
		for i := range rows {
			settled[i] = Settled{Pos: rows[i].Pos(), State: helpdesk.Applied, Object: l.object(&rows[i])}
		}
		l.ok(l.Settle(l.t.Context(), l.run, no, settled))
		after = to
	}
}

func (l *load) object(c *ChangeRow) *Object {
	f := map[helpdesk.Kind]helpdesk.Fields{helpdesk.Organization: l.orgF, helpdesk.User: l.usrF, helpdesk.Membership: l.memF}[c.Kind]
	return &Object{
		Kind: c.Kind, Key: c.Key, Account: c.Account, TargetID: strconv.FormatInt(c.Seq, 10), Pipeline: l.pipe.ID, Last: f, Written: true, Have: f,
		Run: l.run.ID, At: l.clock.Now(), Source: "00112233445566778899aabbccddeeff", Digest: "ffeeddccbbaa99887766554433221100",
	}
}
