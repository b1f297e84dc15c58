package helpdesktest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/fault"
)

// Apply implements helpdesk.Target, in calls of as many changes as its capabilities
// name.
func (f *Fake) Apply(ctx context.Context, changes iter.Seq[helpdesk.Change]) iter.Seq2[helpdesk.Outcome, error] {
	return func(yield func(helpdesk.Outcome, error) bool) {
		var batch []helpdesk.Change
		for c := range changes {
			if batch = append(batch, c); len(batch) == max(f.caps.Batch, 1) {
				if !f.call(ctx, batch, yield) {
					return
				}
				batch = nil
			}
		}
		if len(batch) > 0 {
			f.call(ctx, batch, yield)
		}
	}
}

// call makes one batch; it reports whether the applying goes on.
func (f *Fake) call(ctx context.Context, batch []helpdesk.Change, yield func(helpdesk.Outcome, error) bool) bool {
	if err := ctx.Err(); err != nil {
		yield(helpdesk.Outcome{}, fault.New("fake.apply", fault.Unavailable, err))
		return false
	}
	outcomes, err := f.make(batch)
	if f.opt.Background {
		for i := range outcomes {
			o := outcomes[i]
			if !yield(helpdesk.Outcome{ChangeID: o.ChangeID, State: helpdesk.Sent, Token: o.Token}, nil) {
				return false
			}
		}
	}
	if err != nil && f.opt.Background {
		yield(helpdesk.Outcome{}, err)
		return false
	}
	for _, o := range outcomes {
		if !yield(o, nil) {
			return false
		}
	}
	if err != nil {
		yield(helpdesk.Outcome{}, err)
	}
	return err == nil
}

// make applies a batch, up to a fault that ends the call.
func (f *Fake) make(batch []helpdesk.Change) (out []helpdesk.Outcome, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	call := f.batches() + 1
	for _, c := range batch {
		x := f.note(Request{Op: string(c.Op), Ref: c.Ref, Change: c, Batch: call})
		o := helpdesk.Outcome{ChangeID: c.ID, State: helpdesk.Failed, TargetID: c.TargetID}
		if x == nil || x.After {
			o = f.change(c)
		}
		if f.opt.Background {
			o.Token = fmt.Sprintf("job-%d/%s", call, c.ID)
			f.jobs[o.Token] = o
		}
		if x != nil && x.Stop {
			if f.opt.Background {
				out = append(out, o) // sent, and not heard of again
			}
			return out, x.Err
		}
		if x != nil {
			o = helpdesk.Outcome{ChangeID: c.ID, State: helpdesk.Failed, TargetID: c.TargetID, Err: x.Err}
		}
		out = append(out, o)
	}
	return out, nil
}

// Settle implements helpdesk.Settler.
func (f *Fake) Settle(ctx context.Context, sent []helpdesk.Outcome) iter.Seq2[helpdesk.Outcome, error] {
	return func(yield func(helpdesk.Outcome, error) bool) {
		for _, s := range sent {
			if err := f.ask(ctx, Request{Op: "settle", Keys: []string{s.Token}}); err != nil {
				yield(helpdesk.Outcome{}, err)
				return
			}
			f.mu.Lock()
			o, ok := f.jobs[s.Token]
			f.mu.Unlock()
			if !ok {
				o = helpdesk.Outcome{ChangeID: s.ChangeID, State: helpdesk.Failed, Err: fault.New("fake.settle", fault.Unknown, errors.New("the job is no longer known; read the object back"))}
			}
			if !yield(o, nil) {
				return
			}
		}
	}
}

// change makes one change.
func (f *Fake) change(c helpdesk.Change) helpdesk.Outcome {
	id, err := f.try(c)
	if err != nil {
		state := helpdesk.Failed
		if c.Ref.Kind == helpdesk.Membership && fault.KindOf(err) == fault.Unsafe {
			state = helpdesk.Skipped // left to people
		}
		return helpdesk.Outcome{ChangeID: c.ID, State: state, TargetID: c.TargetID, Err: err}
	}
	return helpdesk.Outcome{ChangeID: c.ID, State: helpdesk.Applied, TargetID: id}
}

func (f *Fake) try(c helpdesk.Change) (string, error) {
	if !f.caps.Can(c.Ref.Kind, c.Op) {
		return "", refuse(fault.Unsupported, c.Ref, fmt.Errorf("cannot %s a %s", c.Op, c.Ref.Kind))
	}
	if c.Op == helpdesk.Merge {
		return f.merge(c)
	}
	h, err := f.find(c)
	switch {
	case err != nil:
		return "", err
	case c.Op == helpdesk.Delete, c.Op == helpdesk.Retire && c.Ref.Kind == helpdesk.Membership, c.Op == helpdesk.Retire && h == nil:
		return f.remove(c, h)
	case h == nil && c.Op == helpdesk.Update:
		return "", refuse(fault.NotFound, c.Ref, errors.New("it is no longer there"))
	}
	next := held{Object: helpdesk.Object{Ref: c.Ref}}
	if h != nil {
		next = *h
		next.Object = h.copy()
		next.Ref = c.Ref
		if c.Ref.Key == "" {
			next.Ref.Key = h.Ref.Key
		}
	}
	if err := f.lay(&next, c, h == nil); err != nil {
		return "", err
	}
	return f.keep(h, next), nil
}

// find returns the object that a change is about; nil if there is none.
func (f *Fake) find(c helpdesk.Change) (*held, error) {
	if h := f.byKey(c.Ref.Kind, c.Ref.Key); h != nil {
		if c.TargetID != "" && c.TargetID != h.ID {
			return nil, refuse(fault.Raced, c.Ref, fmt.Errorf("it is number %s now, not %s", h.ID, c.TargetID))
		}
		return h, nil
	}
	h := f.objects[c.Ref.Kind][c.TargetID]
	if h == nil && c.Ref.Kind == helpdesk.User {
		h = f.byEmail(wanted(c, helpdesk.Email))
	}
	if h != nil && h.Ref.Key != "" && c.Ref.Key != "" && h.Ref.Key != c.Was {
		return nil, refuse(fault.Invalid, c.Ref, fmt.Errorf("number %s belongs to %s and is never taken from it", h.ID, h.Ref.Key))
	}
	return h, nil
}

func wanted(c helpdesk.Change, field string) string {
	for d := range c.Writes() {
		if d.Field == field {
			return strings.ToLower(d.Want.Text())
		}
	}
	return ""
}

func (f *Fake) byEmail(email string) *held {
	for _, h := range f.objects[helpdesk.User] {
		if v, _ := h.Fields.Get(helpdesk.Email); email != "" && strings.EqualFold(v.Text(), email) {
			return h
		}
	}
	return nil
}

func (f *Fake) remove(c helpdesk.Change, h *held) (string, error) {
	if h == nil {
		return "", nil
	}
	if n := f.tickets[h.ID]; n > 0 && c.Op == helpdesk.Delete {
		return "", refuse(fault.Unsafe, c.Ref, fmt.Errorf("it has %d tickets that are not closed", n))
	}
	f.drop(c.Ref.Kind, h.ID)
	return h.ID, nil
}

// keep stores an object as Apply wrote it: incremental listings leave that out.
func (f *Fake) keep(h *held, next held) string {
	if h == nil {
		next.ID = f.newID()
		h = &held{}
		f.objects[next.Ref.Kind][next.ID] = h
	}
	if next.Ref.Kind == helpdesk.Membership && next.isDefault() && !h.isDefault() {
		f.onlyDefault(next)
	}
	old := h.Ref
	*h = next
	f.index(h, old)
	if old.Key != "" && old != h.Ref && h.Ref.Kind == helpdesk.User {
		f.passOn(h)
	}
	return h.ID
}

// passOn names the memberships of a user by the contact it belongs to now.
func (f *Fake) passOn(user *held) {
	for _, m := range f.objects[helpdesk.Membership] {
		if account, _ := helpdesk.SplitMember(m.Ref.Key); m.owner == user.ID {
			old := m.Ref
			m.Ref.Key = helpdesk.MemberKey(account, user.Ref.Key)
			f.index(m, old)
		}
	}
}

func (f *Fake) onlyDefault(next held) {
	for _, m := range f.objects[helpdesk.Membership] {
		if m.owner == next.owner && m.ID != next.ID && m.isDefault() {
			m.set(helpdesk.Default, helpdesk.BoolOf(false))
			f.touch(m)
		}
	}
}

// lay puts a change's deltas on an object, and refuses what does not fit.
func (f *Fake) lay(h *held, c helpdesk.Change, fresh bool) error {
	for d := range c.Writes() {
		if err := f.fits(c.Ref, d); err != nil {
			return err
		}
		h.set(d.Field, d.Want)
	}
	switch c.Ref.Kind {
	case helpdesk.Organization:
		return f.named(h)
	case helpdesk.User:
		return f.addressed(h)
	default:
		return f.joined(h, c, fresh)
	}
}

func isPart(field string) bool {
	return strings.HasPrefix(field, helpdesk.TagPrefix) || strings.HasPrefix(field, helpdesk.DomPrefix) || strings.HasPrefix(field, helpdesk.GroupPrefix)
}

func (f *Fake) fits(ref helpdesk.Ref, d helpdesk.Delta) error {
	if ref.Kind == helpdesk.Organization {
		for _, p := range f.caps.Families {
			if strings.HasPrefix(d.Field, p) && len(d.Field) > len(p) {
				return nil
			}
		}
	}
	spec, ok := f.caps.Spec(ref.Kind, d.Field)
	if !ok {
		return refuse(fault.Unsupported, ref, fmt.Errorf("there is no field %s", d.Field))
	}
	if err := fitsSpec(spec, d.Want); err != nil {
		return refuse(fault.Invalid, ref, err)
	}
	return nil
}

func fitsSpec(spec helpdesk.Spec, v helpdesk.Value) error {
	switch {
	case v.IsEmpty() || v == helpdesk.None:
		return nil
	case v.Type() != spec.Type:
		return fmt.Errorf("%s is a %s, not a %s", spec.Name, spec.Type, v.Type())
	case !utf8.ValidString(v.Text()) || strings.Contains(v.Text(), "\x00"):
		return fmt.Errorf("%s holds bytes that are not text", spec.Name)
	case spec.MaxLen > 0 && utf8.RuneCountInString(v.Text()) > spec.MaxLen:
		return fmt.Errorf("%s takes %d characters, not %d", spec.Name, spec.MaxLen, utf8.RuneCountInString(v.Text()))
	case strings.ContainsAny(v.Text(), spec.Bars):
		return fmt.Errorf("%s cannot have any of %s in it", spec.Name, spec.Bars)
	case spec.Type == helpdesk.Choice && !offers(spec, v.Text()):
		return fmt.Errorf("%s does not offer %q", spec.Name, v.Text())
	}
	return nil
}

func offers(spec helpdesk.Spec, value string) bool {
	for _, o := range spec.Choices {
		if o.Value == value {
			return true
		}
	}
	return false
}

func (f *Fake) named(h *held) error {
	name, _ := h.Fields.Get(helpdesk.Name)
	if strings.TrimSpace(name.Text()) == "" {
		return refuse(fault.Invalid, h.Ref, errors.New("an organization needs a name"))
	}
	for _, o := range f.objects[helpdesk.Organization] {
		have, _ := o.Fields.Get(helpdesk.Name)
		if f.caps.UniqueNames && o.ID != h.ID && strings.EqualFold(have.Text(), name.Text()) {
			return refuse(fault.Raced, h.Ref, fmt.Errorf("organization %s is called %q already", o.ID, have.Text()))
		}
	}
	return nil
}

func (f *Fake) addressed(h *held) error {
	email, _ := h.Fields.Get(helpdesk.Email)
	if email.IsEmpty() {
		return nil
	}
	if !strings.Contains(email.Text(), "@") {
		return refuse(fault.Invalid, h.Ref, fmt.Errorf("%q is not an e-mail address", email.Text()))
	}
	if o := f.byEmail(strings.ToLower(email.Text())); o != nil && o.ID != h.ID {
		return refuse(fault.Raced, h.Ref, fmt.Errorf("user %s has the e-mail %s already", o.ID, email.Text()))
	}
	return nil
}

// joined checks a new membership and gives it its user and organization.
func (f *Fake) joined(h *held, c helpdesk.Change, fresh bool) error {
	if !fresh {
		return nil
	}
	f.tie(h)
	if h.owner == "" || h.group == "" {
		return refuse(fault.NotFound, c.Ref, errors.New("its user or its organization is not there"))
	}
	n, hasDefault := 0, false
	for _, m := range f.objects[helpdesk.Membership] {
		if m.owner == h.owner {
			n++
			hasDefault = hasDefault || m.isDefault()
		}
	}
	if limit := f.caps.MaxMemberships; limit > 0 && n >= limit {
		return refuse(fault.Unsafe, c.Ref, fmt.Errorf("the user is in %d organizations already, the most there can be", n))
	}
	if _, ok := h.Fields.Get(helpdesk.Default); !ok && !hasDefault {
		h.set(helpdesk.Default, helpdesk.BoolOf(true))
	}
	return nil
}
