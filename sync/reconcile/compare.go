package reconcile

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/mapping"
	"github.com/desksync/desksync/sync/changeset"
	"github.com/desksync/desksync/sync/journal"
)

// compareAll maps every dirty account in full, compares what it wants with what
// the target holds and what was last written, and stores the changes.
func (p *pass) compareAll(ctx context.Context) error {
	total, err := p.journal.DirtyCount(ctx, p.pipe.ID)
	if err != nil {
		return err
	}
	p.rep.Compared = total
	if err := errors.Join(p.proposeMerges(ctx), p.askSpared(ctx), p.recallCoupled(ctx)); err != nil {
		return err
	}
	worker := p.Mapper.NewWorker()
	page := func(ctx context.Context, groups []journal.Group) (*sink, error) {
		return p.comparePage(ctx, worker, groups)
	}
	err = walk(ctx, p, phaseWalk[*sink]{"compare", total, page, func(s *sink) error { return s.store(ctx) }})
	return join(err, p.tellCoupled(ctx))
}

// subject is one account under comparison.
type subject struct {
	group                *journal.Group
	basis                basis
	result               mapping.Result
	org                  *journal.Object
	members              []journal.Object
	carriers             []journal.Stranger // organizations that carry the account's id in match.id_field only
	decisions            []journal.Decision
	policyFrom, policyTo string // SLA policy before and after
	unread               error  // the account could not be mapped: nothing of it is acted on
}

func (p *pass) comparePage(ctx context.Context, w *mapping.Worker, groups []journal.Group) (*sink, error) {
	if err := p.loadAbove(ctx, groups); err != nil {
		return nil, err
	}
	subjects, contacts := p.mapSubjects(w, groups)
	out := &sink{pass: p, leavers: map[string]string{}, leftAlone: map[string]string{}}
	if err := p.known(ctx, subjects, contacts, out); err != nil {
		return nil, err
	}
	if err := p.missUsers(ctx, w, subjects, out); err != nil {
		return nil, err
	}
	if err := p.heirsElsewhere(ctx, w, subjects, out); err != nil {
		return nil, err
	}
	for i := range subjects {
		p.subject(&subjects[i], out)
	}
	out.settleAccount()
	return out, nil
}

// nameLeavers looks up what people are called whose memberships end: the CRM may not show
// them any more.
func (p *pass) nameLeavers(ctx context.Context, subjects []subject, out *sink) error {
	var left []string
	for i := range subjects {
		for j := range subjects[i].members {
			if o := &subjects[i].members[j]; p.leaves(&subjects[i], o) {
				_, contact := helpdesk.SplitMember(o.Key)
				left = append(left, contact)
			}
		}
	}
	if len(left) == 0 {
		return nil
	}
	for _, contact := range left {
		out.leavers[contact] = ""
	}
	objects, err := p.journal.ObjectsOf(ctx, p.TargetName, nil, sortedUnique(left))
	for i := range objects.Users {
		u := &objects.Users[i]
		out.leavers[u.Key] = changeset.NameOf(u.Have, u.Last)
		if u.There() {
			out.spare(u.Key, u.Have)
		}
	}
	return err
}

// mapSubjects maps accounts, and lists the contacts that are wanted in them.
func (p *pass) mapSubjects(w *mapping.Worker, groups []journal.Group) (subjects []subject, contacts []string) {
	subjects = make([]subject, len(groups))
	for i := range groups {
		subjects[i] = p.mapSubject(w, &groups[i])
		for _, u := range subjects[i].result.Users {
			contacts = append(contacts, u.Ref.Key)
		}
		contacts = append(contacts, subjects[i].related()...)
	}
	return subjects, contacts
}

func (p *pass) mapSubject(w *mapping.Worker, g *journal.Group) subject {
	s := subject{group: g, basis: p.basisOf(g)}
	if p.gone(g) {
		return s
	}
	group, err := p.groupOf(g)
	if err == nil {
		s.result, err = w.Map(&group, p.day)
	}
	s.unread = err
	return s
}

// known loads what was last written and what the target holds, and the decisions.
func (p *pass) known(ctx context.Context, subjects []subject, contacts []string, out *sink) error {
	if err := p.recall(ctx, subjects, contacts, out); err != nil {
		return err
	}
	if err := p.nameLeavers(ctx, subjects, out); err != nil {
		return err
	}
	decisions, err := p.decisionsOf(ctx, accountsOf(subjects))
	if err != nil {
		return err
	}
	for i := range subjects {
		subjects[i].decisions = decisions[subjects[i].group.ID]
	}
	return join(p.heirs(ctx, subjects, out), p.linkStrangers(ctx, subjects, out))
}

// recall loads what was last written and what the target holds.
func (p *pass) recall(ctx context.Context, subjects []subject, contacts []string, out *sink) error {
	objects, err := p.journal.ObjectsOf(ctx, p.TargetName, accountsOf(subjects), sortedUnique(contacts))
	out.objects = &objects
	for i := range subjects {
		s := &subjects[i]
		s.org, s.members = objects.Organization(s.group.ID), objects.MembersOf(s.group.ID)
	}
	return err
}

func accountsOf(subjects []subject) []string {
	out := make([]string, len(subjects))
	for i := range subjects {
		out[i] = subjects[i].group.ID
	}
	return out
}

func (p *pass) decisionsOf(ctx context.Context, accounts []string) (map[string][]journal.Decision, error) {
	out := map[string][]journal.Decision{}
	if len(accounts) == 0 {
		return out, nil
	}
	for d, err := range p.journal.EachDecision(ctx, journal.DecisionFilter{Pipeline: p.pipe.ID, Accounts: accounts}) {
		if err != nil {
			return nil, err
		}
		out[d.Account] = append(out[d.Account], d)
	}
	return out, nil
}

// subject decides about one account: its organization, its people, their
// memberships.
func (p *pass) subject(s *subject, out *sink) {
	out.begin(s)
	p.unmeet(s.group.ID)
	for _, f := range s.result.Findings {
		out.finding(f)
	}
	if f, loops := p.loop(s.group.Account); loops {
		out.finding(f)
	}
	switch {
	case s.unread != nil:
		out.finding(mapping.Finding{Code: "unreadable", Subject: s.group.ID, Text: s.unread.Error() + "; nothing of this account was changed"})
	case p.deleted[s.group.ID], s.group.Deleted:
		p.absent(s, changeset.Deleted, "", out)
	case p.withheld(s.group):
	case s.group.Account == nil || s.group.Lost:
		p.absent(s, changeset.Lost, "", out)
	case s.result.Left:
		p.absent(s, changeset.Left, s.result.Skip, out)
	case s.result.Skip == "":
		p.wanted(s, out)
	}
	out.standings = append(out.standings, out.standing())
}

// withheld reports whether nothing is known of an account: it was never staged, and
// the read of this run does not prove that it is gone.
func (p *pass) withheld(g *journal.Group) bool {
	return g.Account == nil && !g.Lost && !slices.ContainsFunc(p.rep.Reads, func(r Read) bool {
		return r.Role == crm.Account && r.Report.Complete
	})
}

// wanted compares the objects of an account that the rules want.
func (p *pass) wanted(s *subject, out *sink) {
	if s.org != nil && s.org.Pipeline != 0 && s.org.Pipeline != p.pipe.ID && out.claimedElsewhere(s.org) {
		out.finding(mapping.Finding{Code: "two pipelines", Subject: s.group.ID, Text: "another pipeline wants this organization too; it keeps it, and this one leaves it alone until only one of them wants it"})
		return
	}
	if !p.organization(s, out) {
		return // not there and not to be created: nobody can be a member of it
	}
	for i := range s.result.Users {
		p.user(s, &s.result.Users[i], out)
	}
	p.memberships(s, out)
	p.leavers(s, out)
}

func (p *pass) organization(s *subject, out *sink) bool {
	p.giveUp(s, out)
	p.leaveCoupled(s)
	p.tellApart(s, out)
	k := out.knownOf(s.org, &s.result.Org)
	opt := p.diffOptions(s)
	opt.MayCreate = s.result.MayCreate
	opt.Mark = p.markOf(s.org)
	v := p.compare.Diff(&s.result.Org, k, opt)
	if !p.ambiguous(s, &v, out) {
		p.withholdOrganization(s, &v, out)
	}
	if len(s.result.SLA.Unknown) > 0 && p.compare.Lowers(v.Change, p.rank) {
		p.compare.HoldPlan(&v, unknownReason(&s.result.SLA))
	}
	out.reroute(s, k, &v)
	out.verdict(s.org, helpdesk.Organization, v)
	return k.Exists || v.Change != nil && v.Change.Op == helpdesk.Create && v.Change.Hold == ""
}

func (p *pass) diffOptions(s *subject) changeset.DiffOptions {
	return changeset.DiffOptions{MayCreate: true, Day: p.day, Account: s.group.ID, Silent: s.result.Withheld, Policies: p.policies()}
}

// policies are the pipeline's answers for whole objects and marks, which no rule of
// a field decides.
func (p *pass) policies() changeset.Policies {
	own := p.Mapper.Spec().Policies
	return changeset.Policies{OnFound: own.OnFound, OnDrift: own.OnDrift, OnClash: own.OnClash}
}

// personOf is the name of a membership's contact, as far as the account shows it.
func (s *subject) personOf(member string) string {
	_, contact := helpdesk.SplitMember(member)
	for i := range s.result.Users {
		if u := &s.result.Users[i]; u.Ref.Key == contact {
			name, _ := u.Fields.Get(helpdesk.Name)
			return name.Text()
		}
	}
	return ""
}

func (p *pass) user(s *subject, want *helpdesk.Object, out *sink) {
	if out.sparedUser(want.Ref.Key) {
		return
	}
	have, opt := out.userOf(want.Ref.Key), p.diffOptions(s)
	mail, _ := want.Fields.Get(helpdesk.Email)
	if have.There() && out.stillWaits(want.Ref.Key, mail.Text()) {
		opt.Silent = append(slices.Clone(opt.Silent), helpdesk.Email)
	}
	v := p.compare.Diff(want, out.knownOf(have, want), opt)
	if c, lost := p.withheldFrom(s.group.ID, want.Ref.Key, journal.ClaimEmail, strings.ToLower(mail.Text())); lost {
		out.withheld[want.Ref.Key] = holdOf(c, out)
		withhold(&v, out.withheld[want.Ref.Key], helpdesk.Email)
	}
	if v.Change != nil {
		passOnTo(v.Change, out.inherited[want.Ref.Key])
	}
	out.verdict(have, helpdesk.User, v)
}

func (p *pass) member(s *subject, want *helpdesk.Object, out *sink) {
	if _, contact := helpdesk.SplitMember(want.Ref.Key); out.isSpared(contact) {
		return
	}
	i := slices.IndexFunc(s.members, func(o journal.Object) bool { return o.Key == want.Ref.Key })
	var have *journal.Object
	if i >= 0 {
		have = &s.members[i]
	}
	opt := p.diffOptions(s)
	opt.Name = s.personOf(want.Ref.Key)
	v := p.compare.Diff(want, out.knownOf(have, want), opt)
	if v.Change != nil && v.Change.Op == helpdesk.Create && v.Change.Hold == "" && out.stillNoRoom(want.Ref.Key) {
		return
	}
	if _, contact := helpdesk.SplitMember(want.Ref.Key); out.withheld[contact] != "" {
		withhold(&v, out.withheld[contact])
	}
	out.verdict(have, helpdesk.Membership, v)
}

// leavers removes the memberships that desksync made and nobody wants any more, or holds
// them where the pipeline says so.
func (p *pass) leavers(s *subject, out *sink) {
	for i := range s.members {
		o := &s.members[i]
		if !p.leaves(s, o) {
			continue
		}
		policy := changeset.GoneDelete
		if p.Gone.Members == string(changeset.GoneHold) {
			policy = changeset.GoneHold
		}
		_, contact := helpdesk.SplitMember(o.Key)
		if out.sparedLeaver(contact) {
			continue
		}
		out.absent(o, helpdesk.Membership, changeset.Missing{Name: out.leavers[contact], Absence: changeset.Left, Policy: policy})
	}
}

// leaves reports whether desksync made a membership that nobody wants any more.
func (p *pass) leaves(s *subject, o *journal.Object) bool {
	return o.Written && o.Pipeline == p.pipe.ID &&
		!slices.ContainsFunc(s.result.Members, func(w helpdesk.Object) bool { return w.Ref.Key == o.Key }) &&
		!s.result.IsWithheld(helpdesk.Ref{Kind: helpdesk.Membership, Key: o.Key}.String())
}

// absent retires the organization of an account that is gone. Only what this
// pipeline wrote, and no other one on the same target wants, is touched.
func (p *pass) absent(s *subject, why changeset.Absence, text string, out *sink) {
	if s.org == nil || !s.org.Written || s.org.Pipeline != p.pipe.ID {
		return
	}
	policy, mark := p.gonePolicy(why), p.markOf(s.org)
	if merge := p.proposals[s.group.ID]; merge != nil {
		mark.Never, out.todo = true, out.todo || merge.Kept == "" // what may be merged is not deleted before
	}
	if p.waits(s.org, policy) {
		out.again = append(out.again, s.group.ID)
	}
	kept := p.keptByOthers(s)
	if len(kept) > 0 {
		out.again = append(out.again, s.group.ID) // so that it claims them no more
	}
	out.absent(s.org, helpdesk.Organization, changeset.Missing{
		Absence: why, Why: text, Policy: changeset.GonePolicy(policy), Mark: mark, WantedBy: out.wantedBy(s.org), Elsewhere: kept,
	})
}

// gonePolicy is what the file says of organizations whose account is gone.
func (p *Pipeline) gonePolicy(why changeset.Absence) string {
	return map[changeset.Absence]string{changeset.Lost: p.Gone.Lost, changeset.Left: p.Gone.Left, changeset.Deleted: p.Gone.Deleted}[why]
}

// waits reports whether the calendar alone may end an organization that is gone: it
// is marked, or about to be, and deleted when its time is over.
func (p *pass) waits(o *journal.Object, policy string) bool {
	exempt, _ := o.Have.Get(p.Mark.Exempt)
	may := policy == string(changeset.GoneDelete) || policy == string(changeset.GoneMark) && p.Mark.DeleteAfter > 0
	return may && !p.Mark.Never && !p.Mark.Protect[o.Key] && !exempt.True()
}

func (p *Pipeline) markOf(o *journal.Object) changeset.Mark {
	m := p.Mark
	if o != nil {
		m.MarkedOn = o.Marked
	}
	return m
}

// holdOf reports a conflict, where one is open, and returns the reason to hold.
func holdOf(c *conflict, out *sink) string {
	if c == nil {
		out.again = append(out.again, out.now.group.ID) // nothing is open that would bring it back
		return changeset.Hold(changeset.HoldConflict, "it was given to another account")
	}
	if out.merges(c.contest, c.account) {
		out.again = append(out.again, c.account) // as above
		return changeset.Hold(changeset.HoldMerge, c.claimed(out.names)+", which are to be merged: decide with `desksync merges`")
	}
	out.conflict(c)
	return c.hold(out.names)
}

func withhold(v *changeset.Verdict, reason string, fields ...string) {
	if v.Change != nil {
		changeset.Withhold(v.Change, reason, fields...)
	}
}
