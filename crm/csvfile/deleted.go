package csvfile

import (
	"context"
	"fmt"

	"github.com/desksync/desksync/crm"
)

var (
	_ crm.Tombstones = (*Source)(nil)
	_ crm.Merges     = (*Source)(nil)
)

// DeletedColumn says in an export of all records which of them were deleted.
const DeletedColumn = "IsDeleted"

// MasterColumn says, beside DeletedColumn, into which account one was merged.
const MasterColumn = "MasterRecordId"

// Deleted implements crm.Tombstones: the accounts whose rows say so in
// DeletedColumn. Records leaves out such rows, of every role.
func (s *Source) Deleted(ctx context.Context) ([]string, error) {
	r, err := s.tombs(ctx)
	if err != nil {
		return nil, wrap(err)
	}
	return r.graves, nil
}

// Merged implements crm.Merges: the deleted accounts whose rows name another one in
// MasterColumn. What stands there and is no id is an error that names the row.
func (s *Source) Merged(ctx context.Context) ([]crm.Merge, error) {
	r, err := s.tombs(ctx)
	if err != nil {
		return nil, wrap(err)
	}
	if r.badMaster != nil {
		return nil, wrap(r.badMaster)
	}
	return crm.Winners(r.masters), nil
}

// tombs reads the rows of deleted accounts; none where the export does not tell.
func (s *Source) tombs(ctx context.Context) (*read, error) {
	list, err := s.manifest()
	if err != nil {
		return nil, err
	}
	r, err := s.open(crm.Query{Role: crm.Account}, list, &crm.Report{})
	if err != nil {
		return nil, err
	}
	defer r.close()
	if r.cols.deleted < 0 {
		return r, nil
	}
	r.gravesOnly, r.masters = true, map[string]string{}
	return r, r.gather(ctx)
}

// buries reports whether the row is not to be read: its record was deleted, or only
// those are asked for. A row whose id cannot be read is never taken for deleted.
func (r *read) buries(k ids, bad *rowFault) bool {
	if bad != nil || !r.deleted() {
		return r.gravesOnly
	}
	if r.gravesOnly {
		r.graves = append(r.graves, string(k.id))
		r.keepMaster(string(k.id))
	}
	return true
}

// keepMaster notes into which account the row's one was merged; nothing if it was
// only deleted.
func (r *read) keepMaster(id string) {
	r.masters[id] = ""
	if r.cols.master < 0 || r.empty(r.cols.master) {
		return
	}
	master, bad := r.keyAt(r.cols.master, 3)
	if bad == nil {
		r.masters[id] = string(master)
		return
	}
	if r.badMaster == nil {
		r.badMaster = fmt.Errorf("%s: %s: %s; %s", r.where(r.file.in.line), quoteName(r.file.header.names[r.cols.master]), bad.what, bad.fix)
	}
}

// deleted reports whether the row says that the CRM deleted its record.
func (r *read) deleted() bool {
	if r.cols.deleted < 0 {
		return false
	}
	text, err := crm.Canonical(crm.Bool, string(r.cell(r.cols.deleted)), nil)
	return err == nil && text == "true"
}
