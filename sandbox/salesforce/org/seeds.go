package org

import (
	"fmt"
	"time"
)

type seedFunc = func(s *seeder, n int, h uint64) any

func always(v any) seedFunc { return func(*seeder, int, uint64) any { return v } }

func oneOf(values ...string) seedFunc {
	return func(_ *seeder, _ int, h uint64) any { return values[below(h, len(values))] }
}

// sometimes leaves the field empty in one record out of every.
func sometimes(every int, f seedFunc) seedFunc {
	return func(s *seeder, n int, h uint64) any {
		if below(h>>40, every) == 0 {
			return nil
		}
		return f(s, n, h)
	}
}

// rarely is true in one record out of every.
func rarely(every int) seedFunc {
	return func(_ *seeder, _ int, h uint64) any { return below(h, every) == 0 }
}

func between(low, high, step int) seedFunc {
	return func(_ *seeder, _ int, h uint64) any { return float64(low + below(h, (high-low)/step)*step) }
}

// around is a date so many days before or after the records were born.
func around(before, after int) seedFunc {
	return func(_ *seeder, _ int, h uint64) any {
		return born().AddDate(0, 0, below(h, before+after)-before).Format(time.DateOnly)
	}
}

func idOf(prefix string, n func(s *seeder, n int, h uint64) int) seedFunc {
	return func(s *seeder, i int, h uint64) any {
		if i := n(s, i, h); i >= 0 {
			return makeID(prefix, i)
		}
		return nil
	}
}

// someUser is any user but the first, which is the integration's.
func someUser(s *seeder, _ int, h uint64) int { return 1 + below(h, s.users-1) }

// phone writes numbers as people do: every time another way.
func phone(_ *seeder, _ int, h uint64) any {
	format := []string{"(415) 555-%04d", "+1 415 555 %04d", "+49 30 555%04d", "415.555.%04d ext. 7"}
	return fmt.Sprintf(format[below(h, len(format))], below(h>>8, 10000))
}

// stamps are the fields every record has that tell when it was made and changed. Blocks
// of records came in one load and share their stamps.
func stamps() []*Field {
	users := idOf("005", func(*seeder, int, uint64) int { return 0 })
	return []*Field{
		newField("datetime", "CreatedDate").readonly().from(func(s *seeder, n int, _ uint64) any { return created(s, n) }),
		lookup("CreatedById", "User", "CreatedBy").readonly().from(users),
		newField("datetime", "LastModifiedDate").readonly().from(func(s *seeder, n int, _ uint64) any { return modified(s, n) }),
		lookup("LastModifiedById", "User", "LastModifiedBy").readonly().from(users),
		newField("datetime", "SystemModstamp").readonly().from(func(s *seeder, n int, _ uint64) any { return touched(s, n) }),
	}
}

// loaded is the record whose stamps this one shares.
func loaded(n int) int {
	if n/50%4 == 1 {
		return n / 50 * 50
	}
	return n
}

func created(s *seeder, n int) time.Time {
	h := s.dice(salt("created"), loaded(n))
	return born().Add(-time.Duration(24*3600+below(h, 1000*24*3600)) * time.Second)
}

func modified(s *seeder, n int) time.Time {
	from := created(s, n)
	h := s.dice(salt("modified"), loaded(n))
	return from.Add(time.Duration(below(h, int(born().Sub(from)/time.Second))) * time.Second)
}

// touched is SystemModstamp: in one record out of four the system changed it later.
func touched(s *seeder, n int) time.Time {
	from := modified(s, n)
	h := s.dice(salt("touched"), loaded(n))
	if h%4 != 0 {
		return from
	}
	return from.Add(time.Duration(below(h>>8, int(born().Sub(from)/time.Second))) * time.Second)
}

// record puts the fields of every record around those of an object.
func record(deletable bool, own ...*Field) []*Field {
	id := newField("id", "Id").readonly()
	id.Length = 18
	out := []*Field{id}
	if deletable {
		out = append(out, checkbox("IsDeleted").readonly().from(always(false)))
	}
	return append(append(out, own...), stamps()...)
}

func currency() *Field {
	f := pick("CurrencyIsoCode", "USD", "EUR", "JPY", "GBP").in(MultiCurrency).standard("USD").from(oneOf("USD", "USD", "USD", "EUR", "JPY"))
	f.Length = 3
	return f
}
