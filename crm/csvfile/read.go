package csvfile

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/extsort"
)

const checkEach = 1 << 12 // rows between two looks at the context

// read is one pass over one file.
type read struct {
	src  *Source
	role crm.Role
	rep  *crm.Report
	list manifest
	file *file
	cols layout

	main  *extsort.Sorter // the records, by (account, id)
	twins *extsort.Sorter // the ids, by themselves
	width int             // columns of the header
	rows  int             // rows of data seen
	ends  ending
	cases letterCase

	foldable bool         // the id of the row can differ from another in letter case alone
	twin     map[int]twin // rows that repeat the id of a row of another account, by line

	graves     []string          // accounts that the CRM deleted
	masters    map[string]string // the same, with the account they were merged into
	badMaster  error             // the first of those that is no id
	gravesOnly bool              // nothing else is asked for

	loose   int  // line of the last row if no line end follows it
	dropped bool // that row counts as cut
	alone   int  // rows that belong to no account
	aloneAt int  // the first of them

	ids                       [4][]byte // of the row: its own, its account's, its parent's, its contact's
	key, value, fold, scratch []byte    // buffers, used again for every row
}

// open prepares a read: file, header, columns.
func (s *Source) open(q crm.Query, list manifest, rep *crm.Report) (*read, error) {
	f, err := s.openFile(q.Role)
	if err != nil {
		return nil, err
	}
	cols, err := s.layout(q, f.header)
	if err != nil {
		f.close()
		return nil, err
	}
	opt := func(share int) extsort.Options {
		return extsort.Options{Memory: s.opt.Memory / 4 * share, Dir: s.opt.TempDir}
	}
	return &read{
		src: s, role: q.Role, rep: rep, list: list, file: f, cols: cols, width: len(f.header.names),
		main: extsort.New(opt(3)), twins: extsort.New(opt(1)), aloneAt: math.MaxInt,
	}, nil
}

func (r *read) close() {
	r.file.close()
	_ = errors.Join(r.main.Close(), r.twins.Close()) // the spill files have no name any more
}

// gather reads the file to its end, sorts, and decides whether it is whole.
func (r *read) gather(ctx context.Context) error {
	if !r.file.header.ended {
		r.loose = 1
	}
	for n := 0; ; n++ {
		if n%checkEach == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		err := r.file.in.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return r.trouble(err)
		}
		if r.file.in.unended() {
			r.loose = r.file.in.line
		}
		if err := r.row(); err != nil {
			return err
		}
	}
	r.end()
	if err := cmp.Or(r.file.unchanged(r.file.bytes.n), r.cases.folded(r.file.path)); err != nil {
		return err
	}
	return r.findTwins(ctx)
}

// trouble is an error of the scanner. A file that moves under us looks broken
// too: then that is what is said.
func (r *read) trouble(err error) error {
	return cmp.Or(r.file.unchanged(r.file.info.Size()), at(r.file.path, err))
}

// end settles what the last rows were, and whether the read is complete.
func (r *read) end() {
	r.settleTail()
	if r.alone > 0 && len(r.rep.Noted) < crm.MaxBad {
		r.rep.Noted = append(r.rep.Noted, crm.Alone(r.where(r.aloneAt), r.role, r.alone))
	}
	if r.list.name != "" {
		r.rep.Exported = r.list.day
	}
	r.rep.Why = r.incomplete()
	r.rep.Complete = r.rep.Why == ""
	r.rep.Cut = r.ends.cut != "" || r.dropped || r.src.opt.Complete == ByManifest && r.list.promises(r.src.file(r.role)) > r.rows
}

// incomplete says why the read proves nothing of records that are missing.
func (r *read) incomplete() string {
	switch {
	case r.ends.cut != "":
		return r.ends.cut
	case r.rep.BadRows > 0:
		return fmt.Sprintf("%s of %s in %s could not be read, so a record that is missing may be one of them; mend them or export again", crm.Count(r.rep.BadRows), rows(r.rows), r.file.path)
	case r.src.opt.Complete == ByManifest:
		why := r.list.prove(r.file, r.src.file(r.role), r.rows)
		r.drop(why != "" && r.list.name != "")
		return why
	case r.loose > 0:
		return fmt.Sprintf("%s has no line end behind its last line, so it may have been cut there; end it with one if it is whole", r.file.path)
	default:
		return ""
	}
}

// drop skips a last row without line end when the manifest proves that something
// is missing: then most likely the end of this row is.
func (r *read) drop(unproved bool) {
	if r.dropped = unproved && r.loose > 1; r.dropped {
		r.skip(r.loose, "the file ends behind this row without a line end and is not whole", "the export was cut; export it again")
	}
}

// skip reports a row that cannot be taken.
func (r *read) skip(line int, what, fix string) {
	r.rep.BadRows++
	r.name(line, what, fix)
}

// name names a row of which something cannot be read.
func (r *read) name(line int, what, fix string) {
	if len(r.rep.Skipped) < crm.MaxBad {
		r.rep.Skipped = append(r.rep.Skipped, crm.Bad{Where: r.where(line), What: what, Fix: fix})
	}
}

// note reports a row that was taken, or rightly left out, and deserves a look.
func (r *read) note(line int, what, fix string) {
	if len(r.rep.Noted) < crm.MaxBad {
		r.rep.Noted = append(r.rep.Noted, crm.Bad{Where: r.where(line), What: what, Fix: fix})
	}
}

func (r *read) where(line int) string { return fmt.Sprintf("%s:%d", r.file.path, line) }

// add hands a row to the sorters.
func (r *read) add(account, id []byte, line int) error {
	key := append(r.key[:0], account...)
	if r.role != crm.Account {
		key = append(append(key, 0), id...)
	}
	r.key = key
	if err := r.main.Add(key, r.value); err != nil {
		return err
	}
	if r.role == crm.Account && !r.foldable {
		return nil // sorting by id shows who repeats it
	}
	r.fold = r.foldID(r.fold[:0], id)
	return r.twins.Add(r.fold, append(binary.AppendUvarint(r.scratch[:0], uint64(line)), account...))
}
