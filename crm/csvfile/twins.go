package csvfile

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"

	"github.com/desksync/desksync/crm"
)

// maxTwins bounds how many ids may stand under several accounts: more is not an
// accident but the wrong column.
const maxTwins = 10_000

// letterCase counts how the 15-character ids of a file are written. Ids count up
// through digits, capitals and small letters, so a hundred ids without any capital,
// or without any small letter, have been through a tool that folds case.
type letterCase struct{ lettered, lower, upper int }

const enoughIDs = 100

// see counts an id by the letters of its running number.
func (c *letterCase) see(id []byte) {
	if len(id) != 15 {
		return
	}
	var lower, upper int
	for _, b := range id[6:] {
		if b >= 'a' && b <= 'z' {
			lower = 1
		} else if b >= 'A' && b <= 'Z' {
			upper = 1
		}
	}
	c.lettered += lower | upper
	c.lower += lower &^ upper
	c.upper += upper &^ lower
}

// folded is an error if all ids have lost their case: the 18-character ids made
// from them would name other records.
func (c *letterCase) folded(path string) error {
	if c.lettered < enoughIDs || c.lower != c.lettered && c.upper != c.lettered {
		return nil
	}
	which := "small letters"
	if c.upper == c.lettered {
		which = "capitals"
	}
	return fmt.Errorf("%s has %s ids of 15 characters and all their letters are %s: some tool between the CRM and this file has folded case, and such ids name other records; export the 18-character ids (CASESAFEID)", path, crm.Count(c.lettered), which)
}

// suspicious reports whether nine in ten ids look folded.
func (c *letterCase) suspicious() bool {
	return c.lettered >= enoughIDs/10 && 10*max(c.lower, c.upper) >= 9*c.lettered
}

// foldID appends the id so that those which differ only in letter case become
// neighbours, and equal ones stay equal.
func (r *read) foldID(dst, id []byte) []byte {
	if r.src.opt.IDs == TextIDs {
		return append(append(append(dst, bytes.ToLower(id)...), 0), id...)
	}
	for _, c := range id[:15] {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		dst = append(dst, c)
	}
	return append(dst, id[15:]...) // says which letters were capital
}

// folded is the part of a folded id that ignores case.
func (r *read) folded(key []byte) []byte {
	if r.src.opt.IDs == TextIDs {
		return key[:bytes.IndexByte(key, 0)]
	}
	return key[:15]
}

// twin is an earlier row with the same id, under another account.
type twin struct {
	line    int
	account string
}

// findTwins looks for ids that stand under two accounts, and for ids that differ
// only in letter case where that means something.
func (r *read) findTwins(ctx context.Context) error {
	report := r.src.opt.IDs == TextIDs || r.cases.suspicious()
	var last sighting
	for rec, err := range r.twins.Sorted(ctx) {
		if err != nil {
			return err
		}
		line, size := binary.Uvarint(rec.Value)
		this := sighting{rec.Key, rec.Value[size:], int(line)}
		switch {
		case bytes.Equal(this.key, last.key):
			if err := r.addTwin(this, last); err != nil {
				return err
			}
			continue
		case report && last.key != nil && bytes.Equal(r.folded(this.key), r.folded(last.key)):
			r.note(max(this.line, last.line), fmt.Sprintf("the id differs only in letter case from the one on line %d; both rows were taken", min(this.line, last.line)),
				"make sure that no tool between the CRM and this file changes letter case")
		}
		last = sighting{append(last.key[:0], this.key...), append(last.account[:0], this.account...), this.line}
	}
	r.undo()
	return nil
}

// sighting is an id, folded, where it stands and under which account.
type sighting struct {
	key, account []byte
	line         int
}

// addTwin remembers a row whose id stands before, under another account. Under
// the same account the sorted records show it.
func (r *read) addTwin(this, first sighting) error {
	if bytes.Equal(this.account, first.account) {
		return nil
	}
	if len(r.twin) == maxTwins {
		return fmt.Errorf("%s: more than %s rows repeat the id of a row of another account (line %d repeats line %d): most likely the id column %s is not the %s's own id",
			r.file.path, crm.Count(maxTwins), this.line, first.line, quoteName(r.file.header.names[r.cols.id]), r.role)
	}
	if r.twin == nil {
		r.twin = map[int]twin{}
	}
	r.twin[this.line] = twin{first.line, string(first.account)}
	return nil
}

// undo takes completeness back when a record stands under two accounts: which
// of them it left cannot be told.
func (r *read) undo() {
	if len(r.twin) == 0 || !r.rep.Complete {
		return
	}
	r.rep.Complete = false
	r.rep.Why = fmt.Sprintf("%s of %s repeat the id of a row of another account, so it cannot be told which of them counts; export each %s once", rows(len(r.twin)), r.file.path, r.role)
}

// duplicate reports a row whose id was there before.
func (r *read) duplicate(line int, id string, first twin) {
	what := fmt.Sprintf("the id %s stands already on line %d", id, first.line)
	if first.account != "" {
		what += ", under the account " + first.account
	}
	r.skip(line, what+"; the first row counts", fmt.Sprintf("export each %s once: a report that joins another object repeats rows", r.role))
}
