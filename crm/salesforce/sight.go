package salesforce

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/pack"
)

var _ crm.Sighted = (*Source)(nil)

// Look implements crm.Sighted.
func (s *Source) Look(ctx context.Context) (crm.Schema, error) {
	seen, err := s.look(ctx, fresh)
	if err != nil {
		return crm.Schema{}, err
	}
	return seen.schema(), nil
}

// keptSight is a sight as it is kept. Another form has another version in questions.
type keptSight struct {
	Asked        string // digest of what was asked, and as whom
	At           time.Time
	Organization string
	Views        map[crm.Role]keptView
}

type keptView struct {
	Columns                            []crm.Column
	Modified, Deleted, Created, Master bool
}

// Sight implements crm.Sighted.
func (s *Source) Sight() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil {
		return ""
	}
	kept := keptSight{Asked: s.opt.questions(), At: s.seen.at, Organization: s.seen.organization, Views: map[crm.Role]keptView{}}
	for role, v := range s.seen.views {
		kept.Views[role] = keptView{v.columns, v.stamps.modified, v.stamps.deleted, v.stamps.created, v.stamps.master}
	}
	text, err := json.Marshal(kept)
	if err != nil {
		return "" // plain data
	}
	return string(text)
}

// Recognize implements crm.Sighted. What was seen of other objects or as another user is
// passed over; of another organization, once a login says so.
func (s *Source) Recognize(text string) {
	var kept keptSight
	if json.Unmarshal([]byte(text), &kept) != nil || kept.Asked != s.opt.questions() {
		return
	}
	seen := &sight{kept: true, at: kept.At, organization: kept.Organization, views: map[crm.Role]*view{}}
	for role, k := range kept.Views {
		v := &view{object: s.opt.Objects[role], columns: k.Columns, stamps: stamps{k.Modified, k.Deleted, k.Created, k.Master}}
		v.name()
		seen.views[role] = v
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = seen
}

// questions is the digest of what a describe asks, and as whom.
func (o *Options) questions() string {
	b := pack.Strings(nil, []string{"1", o.LoginURL, o.Version, o.Auth.Type, o.Auth.ClientID, o.Auth.Username})
	for _, role := range crm.Roles {
		x, names := o.Objects[role], slices.Sorted(slices.Values(o.Names[role]))
		b = pack.Strings(b, []string{x.Name, x.Account, x.Parent, x.Where, x.SOQL})
		b = pack.Strings(pack.Uint(b, uint64(len(names))), names)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}
