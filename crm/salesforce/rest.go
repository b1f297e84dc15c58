package salesforce

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/desksync/desksync/internal/fault"
)

// pageTries is how often one answer is asked for when its body breaks.
const pageTries = 3

// count asks how many rows the statement has, at this moment. It is not known where
// that cannot be told: the query takes too long, or does not fit into an address.
func (s *Source) count(ctx context.Context, p *plan) (tally, error) {
	path := queryPath(p.resource, p.statement.count)
	if !fitsREST(path) {
		return tally{}, nil
	}
	var reply struct {
		Total *int `json:"totalSize"`
		Done  bool `json:"done"`
	}
	err := s.get(ctx, path, &reply)
	switch {
	case hasCode(err, "QUERY_TIMEOUT"):
		return tally{}, nil
	case err != nil:
		return tally{}, s.badQuery(p, err)
	case reply.Total == nil || *reply.Total < 0:
		return tally{}, fault.New("salesforce.count", fault.Unavailable, fmt.Errorf("%s answered COUNT() of %s without a number; try again", s.opt.Name, p.statement.object))
	}
	return tally{*reply.Total, true}, nil
}

// rest reads a statement page by page. Whether that was all of it, COUNT() before and
// behind has to say: of rows that are deleted meanwhile a page may have fewer.
func (s *Source) rest(ctx context.Context, p *plan, to sink) error {
	got, err := s.firstPage(ctx, p, to)
	if err == nil {
		_, err = s.onward(ctx, p, got, to)
	}
	return err
}

func (s *Source) firstPage(ctx context.Context, p *plan, to sink) (page, error) {
	got, err := s.restPage(ctx, p.path(), false, newShape(p.statement.columns), to)
	return got, s.badQuery(p, err)
}

func (p *plan) path() string { return queryPath(p.resource, p.statement.text) }

// maxEmpty is how many pages without rows may follow one another. Their sizes are
// Salesforce's choice, and a page without rows ends where it began.
const maxEmpty = 10

// onward reads the pages behind the first one, and returns how many rows all of them
// had.
func (s *Source) onward(ctx context.Context, p *plan, got page, to sink) (rows int, err error) {
	sh, path, empty := newShape(p.statement.columns), p.path(), 0
	for rows = got.rows; !got.done; rows += got.rows {
		if empty++; got.rows > 0 {
			empty = 0
		}
		if path, err = s.follow(got.next, path, empty); err != nil {
			return rows, err
		}
		if got, err = s.restPage(ctx, path, true, sh, to); err != nil {
			return rows, s.badQuery(p, err)
		}
	}
	return rows, nil
}

// whole reads the pages behind the first one, of a statement that is asked with what was
// deleted meanwhile: then all the rows have to come that the first page promises.
func (s *Source) whole(ctx context.Context, p *plan, first page, to sink) error {
	rows, err := s.onward(ctx, p, first, to)
	if err == nil && rows != first.total {
		err = &restart{fmt.Errorf("%w: %d rows were promised and %d came", errShape, first.total, rows)}
	}
	return err
}

// restPage reads one page. A later page whose body breaks is asked for again: its
// locator stays where it is. Rows read twice do no harm, the last of an id counts.
func (s *Source) restPage(ctx context.Context, path string, again bool, sh *shape, to sink) (got page, err error) {
	c := call{method: http.MethodGet, path: path}
	err = s.persist(c, to.mark(), func() (bool, error) {
		resp, err := s.do(ctx, c)
		if err != nil {
			return false, err
		}
		got, err = readPage(resp.Body, sh, to.add)
		_ = resp.Body.Close()
		broke := broken(ctx, err)
		if broke && !again {
			return false, &restart{err}
		}
		return broke, err
	})
	return got, err
}

// persist asks until an answer is whole, pageTries times in all. ask says of its failure
// whether the answer broke off; then undo drops what was taken of it.
func (s *Source) persist(c call, undo func(), ask func() (broke bool, err error)) error {
	for try := 1; ; try++ {
		broke, err := ask()
		switch {
		case !broke:
			return err
		case try == pageTries:
			return s.gaveUp(c, err)
		}
		undo()
	}
}

// restart is a failure after which a read begins anew.
type restart struct{ cause error }

func (r *restart) Error() string { return r.cause.Error() }
func (r *restart) Unwrap() error { return r.cause }

// broken reports a body that ended early or is damaged: it may be whole next time.
func broken(ctx context.Context, err error) bool {
	return ctx.Err() == nil && (errors.Is(err, errShape) || fault.KindOf(err) == fault.Unavailable && !hasFailure(err) && !isDisk(err))
}

func hasFailure(err error) bool { _, ok := errors.AsType[*failure](err); return ok }

// isDisk reports a failure of sorting, which asking again does not mend.
func isDisk(err error) bool {
	e, ok := errors.AsType[*fault.Error](err)
	return ok && strings.HasPrefix(e.Op, "extsort.")
}

func (s *Source) gaveUp(c call, err error) error {
	c.path = s.rooted(c.path)
	return fault.New("salesforce.read", fault.Unavailable, fmt.Errorf("%s broke off %s %d times: %s; nothing of it was used, try again later", s.opt.Name, c.shown(), pageTries, fault.Sentence(err)))
}

// follow checks where the next page is said to be: below this organization's API, and
// behind the rows of this page. The last so many pages were empty.
func (s *Source) follow(next, current string, empty int) (string, error) {
	u, err := url.Parse(next)
	if next == "" || err != nil || !strings.HasPrefix(u.Path, "/services/data/") || strings.Contains(u.Path, "..") || u.User != nil || u.Fragment != "" {
		return "", fault.New("salesforce.read", fault.Unavailable, fmt.Errorf("%s says that there are more rows and not where: the read is not complete and was dropped; try again, and read by Bulk (bulk_rows: 0) if it stays", s.opt.Name))
	}
	if u.Host != "" && !s.isOurs(u) {
		return "", fault.New("salesforce.read", fault.Denied, fmt.Errorf("%s sends us to another host for the next page, and a session is not carried there; the read was dropped", s.opt.Name))
	}
	path := u.EscapedPath()
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	if empty > maxEmpty || empty == 0 && path == s.rooted(current) {
		return "", fault.New("salesforce.read", fault.Unavailable, fmt.Errorf("%s names a page as its own next one, or pages without rows again and again: the read would never end and was dropped; try again", s.opt.Name))
	}
	return path, nil
}

// isOurs reports an address at the host that the login named.
func (s *Source) isOurs(u *url.URL) bool {
	current := s.keeper.Last()
	return current != nil && u.Host == current.instance.Host && u.Scheme == current.instance.Scheme
}

// badQuery says whose statement was refused, and adds the nearest field to what Salesforce
// says of one that is not there. Then it forgets what was described: it has changed, or the
// condition names something else.
func (s *Source) badQuery(p *plan, err error) error {
	f, ok := errors.AsType[*failure](err)
	if !ok || p.role == "" || !slices.Contains(ofTheStatement, f.code) {
		return err
	}
	s.mu.Lock()
	seen := s.seen
	s.mu.Unlock()
	s.forget()
	place := fmt.Sprintf("sources.%s.objects.%s", s.opt.Name, sections[p.role])
	name := missingColumn(f.message)
	if seen == nil || seen.views[p.role] == nil || name == "" {
		e, _ := errors.AsType[*fault.Error](err)
		return fault.New(e.Op, e.Kind, fmt.Errorf("%s: %w", place, e.Err))
	}
	return fault.New("salesforce.read", fault.Invalid, fmt.Errorf("%s: %s: %w", place, seen.views[p.role].refused(p, name), f))
}

// ofTheStatement are the codes of refusals that the statement brings about.
var ofTheStatement = []string{"INVALID_FIELD", "INVALID_TYPE", "INVALIDENTITY", "INVALID_QUERY_FILTER_OPERATOR", "MALFORMED_QUERY"}

// refused is the sentence for a name that Salesforce does not know. One that the describe
// showed, or that leads to such a field, was taken away since.
func (v *view) refused(p *plan, name string) string {
	for _, path := range slices.Concat(p.statement.columns, v.names) {
		if indexFold(strings.Split(path, "."), name) >= 0 {
			return fmt.Sprintf("%s: the integration user can see %s no longer: %s, or take it out of rules and where", v.object.Name, path, reveal)
		}
	}
	return "where or soql: " + v.unseen(name)
}

// missingColumn reads the name from "No such column 'X' on entity 'Y'", or from "Didn't
// understand relationship 'X' in field path".
func missingColumn(message string) string {
	for _, before := range []string{"No such column '", "understand relationship '"} {
		if _, rest, ok := strings.Cut(message, before); ok {
			name, _, _ := strings.Cut(rest, "'")
			if fieldPath.MatchString(name) {
				return name
			}
		}
	}
	return ""
}
