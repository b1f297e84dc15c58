package zendesk

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk"
)

// What objects are looked up by.
const (
	byID  = "ids"
	byKey = "external_ids"
)

// orgsBy reads the organizations with these ids or external ids; those that do not exist
// are missing.
func (t *Target) orgsBy(ctx context.Context, by string, values []string) ([]organization, error) {
	return showMany[organization](ctx, t, "organizations", by, values)
}

func (t *Target) usersBy(ctx context.Context, by string, values []string) ([]user, error) {
	rows, err := showMany[user](ctx, t, "users", by, values)
	return slices.DeleteFunc(rows, func(u user) bool { return u.deleted() }), err
}

// showMany reads what there is of a list, a hundred at a time ("Show Many").
func showMany[T any](ctx context.Context, t *Target, name, by string, values []string) ([]T, error) {
	var out []T
	for part := range slices.Chunk(unique(values), perJob) {
		var page struct {
			Organizations []T `json:"organizations"`
			Users         []T `json:"users"`
		}
		if err := t.get(ctx, name+"/show_many", url.Values{by: {strings.Join(part, ",")}}, &page); err != nil {
			return nil, err
		}
		out = append(append(out, page.Organizations...), page.Users...)
	}
	return out, nil
}

// unique returns each value once, without those that no list can carry.
func unique(values []string) []string {
	out := slices.DeleteFunc(slices.Clone(values), func(s string) bool { return s == "" || strings.ContainsRune(s, ',') || !plainText(s) })
	slices.Sort(out)
	return slices.Compact(out)
}

// Get implements helpdesk.Target. External ids are compared by Zendesk without regard to
// case; who differs in case is somebody else.
func (t *Target) Get(ctx context.Context, k helpdesk.Kind, keys []string) ([]helpdesk.Object, error) {
	s, err := t.look(ctx)
	if err != nil || len(keys) == 0 {
		return nil, err
	}
	var out []helpdesk.Object
	switch k {
	case helpdesk.Organization:
		rows, err := t.orgsBy(ctx, byKey, keys)
		if err != nil {
			return nil, err
		}
		for i := range rows {
			out = append(out, t.show(s, &rows[i]))
		}
	case helpdesk.User:
		rows, err := t.usersBy(ctx, byKey, keys)
		if err != nil {
			return nil, err
		}
		for i := range rows {
			out = append(out, t.showUser(&rows[i]))
		}
	case helpdesk.Membership:
		return t.getMembers(ctx, keys)
	default:
		return nil, unsupported("Zendesk holds no objects of kind %q", k)
	}
	return slices.DeleteFunc(out, func(o helpdesk.Object) bool { return !slices.Contains(keys, o.Ref.Key) }), nil
}
