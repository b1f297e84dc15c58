package zendesk

import (
	"maps"
	"time"

	"github.com/desksync/desksync/helpdesk"
)

// orgItems are the items of organizations to be updated. An organization is read before
// if it is not known by id, if it may not be tied to its account yet, or if one of its
// lists changes; then a change that holds already is not sent.
func (a *applying) orgItems(works []*work) ([]item, error) {
	have, err := a.current(works)
	if err != nil {
		return nil, err
	}
	var out []item
	for _, w := range works {
		if x, ok := a.orgItem(w, have); ok {
			out = append(out, x)
		}
	}
	return out, nil
}

func (a *applying) orgItem(w *work, have map[*work]*organization) (item, bool) {
	o, read := have[w]
	if read && !a.mine(w, o) {
		return item{}, false
	}
	body := map[string]any{}
	if read && o.key() != w.change.Ref.Key && w.change.Ref.Key != "" {
		body["external_id"] = w.change.Ref.Key
	}
	a.s.lay(body, w, o)
	if read && len(body) > 0 && body["external_id"] == nil && w.aside == "" && a.s.holds(w, o) || len(body) == 0 {
		a.applied(w)
		return item{}, false
	}
	body["id"] = w.id
	return item{w, body}, true
}

// mine reports whether what was read is the organization that a work is about; if not,
// the work ends.
func (a *applying) mine(w *work, o *organization) bool {
	key := w.change.Ref.Key
	switch {
	case o == nil:
		a.gone(w)
	case w.change.TargetID != "" && w.change.TargetID != idText(o.ID):
		a.fail(w, raced("it is organization %d now, not %s", o.ID, w.change.TargetID))
	case o.key() != "" && key != "" && o.key() != key && o.key() != w.change.Was:
		a.fail(w, wrong("organization %d belongs to account %s and is never taken from it", o.ID, clip(o.key())))
	default:
		w.id = o.ID
		return true
	}
	return false
}

// current reads the organizations that have to be known; nil stands for one that is not
// there.
func (a *applying) current(works []*work) (map[*work]*organization, error) {
	ids := make([]int64, 0, len(works))
	for _, w := range works {
		if w.id = a.idOf(w); w.id != 0 {
			ids = append(ids, w.id)
		}
	}
	tied, err := a.tied(a.ctx, helpdesk.Organization, ids)
	if err != nil {
		return nil, err
	}
	var known, named []*work
	out := make(map[*work]*organization, len(works))
	for _, w := range works {
		switch {
		case w.id == 0:
			named = append(named, w)
		case w.seen != nil && a.opt.Now().Sub(w.seenAt) < stillTrue:
			out[w] = w.seen
		case listed(w) || w.change.Untied || tied[w.id] != w.change.Ref.Key:
			known = append(known, w)
		}
	}
	ahead := a.ahead(known)
	have, err := a.readOrgs(append(known, ahead...), named)
	for _, w := range ahead {
		w.seen, w.seenAt = have[w], a.opt.Now()
		delete(have, w)
	}
	maps.Copy(out, have)
	return out, err
}

// stillTrue is how old what was read ahead may be when it is used.
const stillTrue = 5 * time.Second

// ahead are works that go out next and whose lists have to be known: they are read with
// the same call.
func (a *applying) ahead(known []*work) []*work {
	var out []*work
	for _, w := range a.pending {
		if len(known) == 0 || len(known)+len(out) >= perJob {
			break
		}
		if w.lane != orgUpdate || !w.ready() || w.seen != nil || !listed(w) {
			continue
		}
		if w.id = a.idOf(w); w.id != 0 {
			out = append(out, w)
		}
	}
	return out
}

// idOf is the id of the object that a work is about, as far as we know it.
func (a *applying) idOf(w *work) int64 {
	if id := idOf(w.change.TargetID); id != 0 {
		return id
	}
	return a.lately(w.change.Ref)
}

func (a *applying) readOrgs(known, named []*work) (map[*work]*organization, error) {
	out := make(map[*work]*organization, len(known)+len(named))
	var ids, keys []string
	for _, w := range known {
		ids, out[w] = append(ids, idText(w.id)), nil
	}
	for _, w := range named {
		keys, out[w] = append(keys, w.change.Ref.Key), nil
	}
	byIDs, err := a.orgsBy(a.ctx, byID, ids)
	if err != nil {
		return nil, err
	}
	byKeys, err := a.orgsBy(a.ctx, byKey, keys)
	if err != nil {
		return nil, err
	}
	for i := range byIDs {
		for _, w := range known {
			if w.id == byIDs[i].ID {
				out[w] = &byIDs[i]
			}
		}
	}
	for i := range byKeys {
		for _, w := range named {
			if w.change.Ref.Key == byKeys[i].key() {
				out[w] = &byKeys[i]
			}
		}
	}
	return out, nil
}

// holds reports whether an organization holds all that a change writes.
func (s *sight) holds(w *work, o *organization) bool {
	have := s.object(o).Fields
	born := s.born(o)
	for _, d := range w.writes {
		got, _ := have.Get(d.Field)
		if got != d.Want && !(nothing(got) && nothing(d.Want)) && !bornTag(born, d) {
			return false
		}
	}
	return true
}

// nothing reports an empty value, or a checkbox that is not set.
func nothing(v helpdesk.Value) bool {
	return v.IsEmpty() || v == helpdesk.None || v == helpdesk.BoolOf(false)
}

// bornTag reports a wanted tag that the organization has from one of its fields.
func bornTag(born []string, d write) bool {
	for _, tag := range born {
		if d.Want.True() && d.Field == helpdesk.TagPrefix+tag {
			return true
		}
	}
	return false
}
