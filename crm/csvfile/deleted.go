package csvfile

import (
	"context"

	"github.com/desksync/desksync/crm"
)

var _ crm.Tombstones = (*Source)(nil)

// DeletedColumn says in an export of all records which of them were deleted.
const DeletedColumn = "IsDeleted"

// Deleted implements crm.Tombstones: the accounts whose rows say so in
// DeletedColumn. Records leaves out such rows, of every role.
func (s *Source) Deleted(ctx context.Context) ([]string, error) {
	list, err := s.manifest()
	if err != nil {
		return nil, wrap(err)
	}
	r, err := s.open(crm.Query{Role: crm.Account}, list, &crm.Report{})
	if err != nil {
		return nil, wrap(err)
	}
	defer r.close()
	if r.cols.deleted < 0 {
		return nil, nil
	}
	r.gravesOnly = true
	if err := r.gather(ctx); err != nil {
		return nil, wrap(err)
	}
	return r.graves, nil
}

// buries reports whether the row is not to be read: its record was deleted, or only
// those are asked for. A row whose id cannot be read is never taken for deleted.
func (r *read) buries(k ids, bad *rowFault) bool {
	if bad != nil || !r.deleted() {
		return r.gravesOnly
	}
	if r.gravesOnly {
		r.graves = append(r.graves, string(k.id))
	}
	return true
}

// deleted reports whether the row says that the CRM deleted its record.
func (r *read) deleted() bool {
	if r.cols.deleted < 0 {
		return false
	}
	text, err := crm.Canonical(crm.Bool, string(r.cell(r.cols.deleted)), nil)
	return err == nil && text == "true"
}
