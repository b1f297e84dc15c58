package reconcile

import (
	"context"
	"maps"
	"slices"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sync/journal"
)

// codeSpared is the finding about a contact whose user the target lets no sync write.
const codeSpared = "spared"

// askSpared asks once for all pages whether the target knows any such user by the id of a
// contact.
func (p *pass) askSpared(ctx context.Context) (err error) {
	p.spares, err = p.journal.HasSpared(ctx, p.TargetName)
	return err
}

// findSpared finds the contacts of a page whose users the target lets no sync write,
// because they carry the contact's id.
func (p *pass) findSpared(ctx context.Context, subjects []subject, out *sink) error {
	if !p.spares {
		return nil
	}
	contacts := slices.Collect(maps.Keys(out.leavers))
	for i := range subjects {
		for k := range subjects[i].result.Users {
			contacts = append(contacts, subjects[i].result.Users[k].Ref.Key)
		}
	}
	for part := range slices.Chunk(sortedUnique(contacts), journal.MaxPage) {
		found, err := p.journal.SparedAs(ctx, p.TargetName, part)
		if err != nil {
			return err
		}
		for contact, list := range found {
			out.spare(contact, list[0].Fields)
		}
	}
	return nil
}

// spare notes the contact of a user, if that is one whom no sync may write, and reports
// whether it is.
func (s *sink) spare(contact string, user helpdesk.Fields) bool {
	why, _ := user.Get(helpdesk.Spared)
	if !why.IsEmpty() {
		s.leftAlone[contact] = why.Text()
	}
	return !why.IsEmpty()
}

// isSpared reports whether no sync may write the user of a contact.
func (s *sink) isSpared(contact string) bool {
	if o := s.userOf(contact); o.There() {
		s.spare(contact, o.Have)
	}
	return s.leftAlone[contact] != ""
}

// sparedUser tells of a contact whose user no sync may write.
func (s *sink) sparedUser(contact string) bool {
	if !s.isSpared(contact) {
		return false
	}
	s.finding(mapping.Finding{Code: codeSpared, Subject: contact, Text: "contact " + contact + " is left alone, and nobody is made a member for it: " + s.leftAlone[contact]})
	return true
}

// sparedLeaver tells of a contact who is gone and whose user no sync may write: their
// membership stays too.
func (s *sink) sparedLeaver(contact string) bool {
	if !s.isSpared(contact) {
		return false
	}
	s.finding(mapping.Finding{Code: codeSpared, Subject: contact, Text: "contact " + contact + " is wanted here no more, and the membership is left as it is: " + s.leftAlone[contact]})
	return true
}
