package sqldesk_test

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/helpdesk/sqldesk"
	"github.com/desksync/desksync/internal/day"
	"github.com/desksync/desksync/internal/dbx/dbtest"
)

// The first load of the design: accounts with 25 fields, two tags and every other
// one a domain; 2.4 contacts each.
const benchFields = 25

func benchOptions() sqldesk.Options {
	opt := sqldesk.Options{Writer: "bench", Edition: sqldesk.Enterprise, MultiOrg: true}
	for i := range benchFields {
		opt.Fields = append(opt.Fields, sqldesk.Field{Key: fmt.Sprintf("field_%02d", i), Type: benchType(i)})
	}
	return opt
}

func benchType(i int) helpdesk.Type {
	return []helpdesk.Type{helpdesk.Text, helpdesk.Decimal, helpdesk.Integer, helpdesk.Bool, helpdesk.Date}[i%5]
}

func benchValue(i, n int) helpdesk.Value {
	switch benchType(i) {
	case helpdesk.Decimal:
		return decimals[n%len(decimals)]
	case helpdesk.Integer:
		return helpdesk.IntOf(int64(n))
	case helpdesk.Bool:
		return helpdesk.BoolOf(n%2 == 0)
	case helpdesk.Date:
		return someDay
	default:
		return helpdesk.TextOf(fmt.Sprintf("Some text of account %d", n))
	}
}

var (
	someDay  = helpdesk.DateOf(day.MustParse("2027-06-30"))
	decimals = []helpdesk.Value{helpdesk.DecimalOf(31200.5), helpdesk.DecimalOf(4800), helpdesk.DecimalOf(1234567.89)}
)

func account(n int) string { return fmt.Sprintf("001Aa%010dIAG", n) }
func contact(n int) string { return fmt.Sprintf("003Aa%010dIAG", n) }

func firstLoad(accounts int) iter.Seq[helpdesk.Change] {
	contacts := accounts * 24 / 10
	return func(yield func(helpdesk.Change) bool) {
		for n := range accounts {
			if !yield(benchOrg(n)) {
				return
			}
		}
		for n := range contacts {
			if !yield(create(helpdesk.User, contact(n), "name", helpdesk.TextOf(fmt.Sprintf("Person %d", n)), "email", helpdesk.TextOf(fmt.Sprintf("person.%d@domain%d.example", n, n)))) {
				return
			}
		}
		for n := range contacts {
			if !yield(create(helpdesk.Membership, helpdesk.MemberKey(account(n%accounts), contact(n)), "default", helpdesk.BoolOf(true), "position", helpdesk.TextOf("Engineer"))) {
				return
			}
		}
	}
}

func benchOrg(n int) helpdesk.Change {
	args := []any{"name", helpdesk.TextOf(fmt.Sprintf("Account number %d", n)), "tag:gold", helpdesk.BoolOf(true), "tag:starter", helpdesk.BoolOf(true)}
	if n%2 == 0 {
		args = append(args, fmt.Sprintf("domain:domain%d.example", n), helpdesk.BoolOf(true))
	}
	for i := range benchFields {
		args = append(args, fmt.Sprintf("field:field_%02d", i), benchValue(i, n))
	}
	return create(helpdesk.Organization, account(n), args...)
}

func create(k helpdesk.Kind, key string, fields ...any) helpdesk.Change {
	return change(helpdesk.Create, k, key, fields...)
}

func change(op helpdesk.Op, k helpdesk.Kind, key string, fields ...any) helpdesk.Change {
	c := helpdesk.Change{ID: string(op) + " " + string(k) + " " + key, Op: op, Ref: helpdesk.Ref{Kind: k, Key: key}}
	for i := 0; i < len(fields); i += 2 {
		c.Deltas = append(c.Deltas, helpdesk.Delta{Field: fields[i].(string), Want: fields[i+1].(helpdesk.Value)})
	}
	return c
}

// BenchmarkFirstLoad is the goal itself: 100,000 accounts, 240,000 contacts and as
// many memberships into an empty store, in at most 15 s on SQLite, 20 s on
// PostgreSQL. -short loads a tenth.
func BenchmarkFirstLoad(b *testing.B) {
	accounts := 100_000
	if testing.Short() {
		accounts = 10_000
	}
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				s := benchStore(b, dsn(b))
				b.StartTimer()
				load(b, s, firstLoad(accounts))
			}
		})
	}
}

// BenchmarkIncremental lists what moved after a first load of 10,000 accounts: one
// row, edited by somebody else, among everything that the journal wrote itself.
func BenchmarkIncremental(b *testing.B) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			s := benchStore(b, dsn(b))
			load(b, s, firstLoad(10_000))
			if err := s.SetParent(context.Background(), 1, 2); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if n := listed(b, s, "seq:1"); n != 1 {
					b.Fatalf("%d organizations are listed, want the edited one", n)
				}
			}
		})
	}
}

// BenchmarkFullListing lists 10,000 organizations of 25 fields.
func BenchmarkFullListing(b *testing.B) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			s := benchStore(b, dsn(b))
			load(b, s, firstLoad(10_000))
			for b.Loop() {
				if n := listed(b, s, ""); n != 10_000 {
					b.Fatalf("%d organizations are listed, want all", n)
				}
			}
		})
	}
}

func benchStore(b *testing.B, dsn string) *sqldesk.Store {
	b.Helper()
	s, err := sqldesk.Open(context.Background(), dsn, benchOptions())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return s
}

func load(b *testing.B, s *sqldesk.Store, changes iter.Seq[helpdesk.Change]) {
	b.Helper()
	for o, err := range s.Apply(context.Background(), changes) {
		if err != nil || o.State != helpdesk.Applied {
			b.Fatal(o, err)
		}
	}
}

func listed(b *testing.B, s *sqldesk.Store, since helpdesk.Cursor) int {
	b.Helper()
	n := 0
	for p, err := range s.Objects(context.Background(), helpdesk.Organization, since) {
		if err != nil {
			b.Fatal(err)
		}
		n += len(p.Objects)
	}
	return n
}
