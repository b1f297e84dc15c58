package salesforce

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
	"github.com/desksync/desksync/internal/pack"
)

// place is where a delta read goes on: the times of the read before, by Salesforce's
// clock, and what was asked.
type place struct {
	from  time.Time // what was committed by then was shown
	until time.Time // what was made after it was not
	query string    // digest of the query
}

// placeForm is version, from, until and query. Another form has another version.
var placeForm = regexp.MustCompile(`^sf1 ([0-9TZ:-]{20}) ([0-9TZ:-]{20}) ([0-9a-f]{16})$`)

// String writes the place as reports carry it.
func (p place) String() string {
	return "sf1 " + p.from.UTC().Format(time.RFC3339) + " " + p.until.UTC().Format(time.RFC3339) + " " + p.query
}

func parsePlace(text string) (place, error) {
	part := placeForm.FindStringSubmatch(text)
	if part == nil {
		return place{}, errors.New("the place where it is to go on is none that this version writes")
	}
	from, err := time.Parse(time.RFC3339, part[1])
	until, err2 := time.Parse(time.RFC3339, part[2])
	return place{from, until, part[3]}, errors.Join(err, err2)
}

// digest stands for all that decides which rows a read shows, and how it writes them.
func (p *plan) digest(opt *Options) string {
	b := pack.Strings(nil, []string{string(p.role), p.organization, opt.Location.String(), p.statement.text})
	for i, t := range p.types {
		b = pack.Uint(pack.Uint(b, uint64(t)), uint64(p.out[i])) //nolint:gosec // a position
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// next is where a delta read goes on after a read that this clock heard, and those
// before that went until then; nowhere if the clock does not know the time.
func (p *plan) next(c *clock, until time.Time, opt *Options) string {
	if !c.knows() {
		return ""
	}
	if c.until.After(until) {
		until = c.until
	}
	return place{c.from, until, p.digest(opt)}.String()
}

const (
	// remembered is how far back a delta may reach. The recycle bin forgets deleted
	// records after 15 days (Salesforce Help, "View, Restore, and Manage the Recycle
	// Bin"); a day is left for the read itself and the overlap.
	remembered = 14 * 24 * time.Hour

	// apart is how far the clocks of Salesforce's own servers may be from each other.
	apart = 10 * time.Second
)

// inTime refuses to go on from a place that is too old, or that lies ahead of a clock
// that was set back.
func (s *Source) inTime(role crm.Role, from time.Time, c *clock) error {
	switch {
	case !c.knows():
		return s.readFull(role, "the answer does not say when it was given (header Date), so what changed since cannot be asked for; look for a proxy that removes headers")
	case c.first.Sub(from) > remembered:
		return s.readFull(role, "the last read was on %s, and Salesforce forgets deleted records after 15 days", from.Format(time.DateOnly))
	case c.first.Before(from.Add(-s.opt.Overlap)):
		return s.readFull(role, "Salesforce's clock says %s, and at the last read it was %s", c.first.Format(time.RFC3339), from.Format(time.RFC3339))
	}
	return nil
}

// readFull says why changes cannot be told.
func (s *Source) readFull(role crm.Role, format string, args ...any) error {
	what := fmt.Sprintf("%s, %s: ", s.opt.Name, sections[role]) + fmt.Sprintf(format, args...)
	return fault.New("salesforce.changes", fault.Unsupported, fmt.Errorf("%s: %w", what, crm.ErrReadFull))
}
