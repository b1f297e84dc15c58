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

// BenchmarkFirstLoad applies the first load of 20,000 accounts, a fifth of the goal.
func BenchmarkFirstLoad(b *testing.B) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				s, err := sqldesk.Open(context.Background(), dsn(b), benchOptions())
				if err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				n := 0
				for o, err := range s.Apply(context.Background(), firstLoad(20_000)) {
					if err != nil || o.State != helpdesk.Applied {
						b.Fatal(o, err)
					}
					n++
				}
				b.StopTimer()
				b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)*5, "s/100k-accounts")
				s.Close()
				b.StartTimer()
			}
		})
	}
}
