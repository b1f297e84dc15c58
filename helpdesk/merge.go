package helpdesk

import "context"

// Merger is a Target that can merge one organization into another: Apply with a Change
// of Op Merge, which its Capabilities then name. People, domains and tickets pass to
// the winner, where there may be some of them already; fields, tags and groups of the
// loser are lost, and the loser is deleted. There is no way back. Where the target
// works in the background it says Sent first, as with any other change.
//
// A merge whose loser is no longer there is applied. What it moved is shown by the next
// listing like somebody else's doing.
type Merger interface {
	// PreviewMerge says what merging one organization into another would move and
	// drop, both by target id, and writes nothing.
	PreviewMerge(ctx context.Context, loser, winner string) (MergeEffect, error)
}

// MergeEffect is what a merge does besides losing the fields, tags and groups of the
// loser.
type MergeEffect struct {
	Users    int      `json:"users"`    // members of the loser
	Managers int      `json:"managers"` // of them those who would see all tickets of the winner, and do not yet
	Tickets  int      `json:"tickets"`  // of the loser; negative: the target does not count them
	Open     int      `json:"open"`     // of them those that are not closed
	Domains  []string `json:"domains"`  // of the loser, and not of the winner
	Drops    []string `json:"drops"`    // what else is lost, such as "the service project Repairs"
}
