package journal

import (
	"context"

	"github.com/desksync/desksync/helpdesk"
)

// ClaimOverride is the claim of an account on which an override acts, so that the
// account is found again when the override goes.
const ClaimOverride ClaimKind = 4

// MarkClaimed marks the accounts that hold claims of a kind.
func (j *Journal) MarkClaimed(ctx context.Context, pipe int64, kind ClaimKind) error {
	return errSkeleton
}

// WantedElsewhere returns, of these accounts, those that another pipeline on the
// target claims anything for, with that pipeline's name.
func (j *Journal) WantedElsewhere(ctx context.Context, target string, pipe int64, accounts []string) (map[string]string, error) {
	return nil, errSkeleton
}

// CountObjects counts the objects of a kind that a pipeline wrote last.
func (j *Journal) CountObjects(ctx context.Context, target string, pipe int64, kind helpdesk.Kind) (int, error) {
	return 0, errSkeleton
}
