package journal

import (
	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
)

// The codes of roles, kinds and operations as stored. They are never changed.
var (
	roleNames = []crm.Role{1: crm.Account, crm.Contact, crm.Subscription, crm.Relation, crm.Team}
	kindNames = []helpdesk.Kind{1: helpdesk.Organization, helpdesk.User, helpdesk.Membership}
	opNames   = []helpdesk.Op{1: helpdesk.Create, helpdesk.Update, helpdesk.Retire, helpdesk.Delete, helpdesk.Merge, OpNote}
)

// OpNote is the operation of a change that only changes what is last written.
const OpNote helpdesk.Op = "note"

// Codes that stand in queries.
const (
	roleAccount  = 1
	kindOrg      = 1
	kindUser     = 2
	kindMember   = 3
	strangerPipe = 0
)

func codeOf[T ~string](names []T, name T) int64 {
	for i, n := range names {
		if n == name && i > 0 {
			return int64(i)
		}
	}
	return 0
}

func nameOf[T ~string](names []T, code int64) T {
	if code <= 0 || code >= int64(len(names)) {
		return ""
	}
	return names[code]
}

func roleCode(r crm.Role) int64      { return codeOf(roleNames, r) }
func kindCode(k helpdesk.Kind) int64 { return codeOf(kindNames, k) }
func opCode(o helpdesk.Op) int64     { return codeOf(opNames, o) }
