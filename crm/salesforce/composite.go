package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/internal/fault"
)

// maxQueries is how many queries one composite call may hold, at the price of one: REST
// API Developer Guide, "Composite".
const maxQueries = 5

// firstPages reads the first page of each statement, of several by one call. One that
// was refused is left to be asked for by itself, where it goes on or fails as any other.
func (s *Source) firstPages(ctx context.Context, group []*ask) error {
	if len(group) == 1 {
		return s.firstAlone(ctx, group[0])
	}
	c := call{method: http.MethodPost, path: "composite"}
	var err error
	if c.body, err = s.compositeOf(group); err != nil {
		return err
	}
	undo := func() {
		for _, a := range group {
			a.forget()
		}
	}
	return s.persist(c, undo, func() (bool, error) {
		err := s.together(ctx, c, group)
		return broken(ctx, err), err
	})
}

// firstAlone reads one first page. What ends only this try is left to the next one.
func (s *Source) firstAlone(ctx context.Context, a *ask) error {
	got, err := s.firstPage(ctx, a.plan, a.to)
	if err == nil {
		a.first = &got
	}
	if a.slow = hasCode(err, "QUERY_TIMEOUT"); a.slow || again(err) {
		return nil
	}
	return err
}

func (s *Source) compositeOf(group []*ask) ([]byte, error) {
	type part struct {
		Method string `json:"method"`
		URL    string `json:"url"`
		ID     string `json:"referenceId"`
	}
	in := struct {
		AllOrNone bool   `json:"allOrNone"`
		Parts     []part `json:"compositeRequest"`
	}{}
	for i, a := range group {
		in.Parts = append(in.Parts, part{http.MethodGet, s.rooted(a.plan.path()), reference(i)})
	}
	return json.Marshal(in)
}

func reference(i int) string { return "q" + strconv.Itoa(i) }

// together makes the call, and hands the rows of each answer over.
func (s *Source) together(ctx context.Context, c call, group []*ask) error {
	resp, err := s.do(ctx, c)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	return readComposite(resp.Body, group)
}

// errOrder is an answer that gives its parts in another order than they were asked in.
// Rows were taken for those of another object by then.
var errOrder = errors.New("the parts of a composite answer came in another order than they were asked in")

// readComposite reads the answer of a composite call part by part, one record at a time.
func readComposite(src io.Reader, group []*ask) error {
	in, n := newStream(src), 0
	err := in.object(func(key string) error {
		if key != "compositeResponse" {
			_, err := in.value()
			return err
		}
		return in.list(func() error {
			if n == len(group) {
				return fmt.Errorf("%w: it has more parts than were asked for", errShape)
			}
			n++
			return in.answerTo(group[n-1], reference(n-1))
		})
	})
	if err == nil && n != len(group) {
		err = fmt.Errorf("%w: it has %d parts and %d were asked for", errShape, n, len(group))
	}
	if err != nil {
		return err
	}
	return in.end()
}

// answerTo reads one part: a page, or the list of errors why there is none.
func (in *jsonStream) answerTo(a *ask, id string) error {
	status, refused, named := 0, "", ""
	err := in.object(func(key string) (err error) {
		switch key {
		case "body":
			refused, err = in.body(a)
		case "httpStatusCode":
			status, err = in.number()
		case "referenceId":
			named, err = in.text()
		default:
			_, err = in.value()
		}
		return err
	})
	ok := status >= http.StatusOK && status < http.StatusMultipleChoices
	switch {
	case err != nil:
		return err
	case named != id:
		return fault.New("salesforce.changes", fault.Unsupported, fmt.Errorf("%w: %w", errOrder, crm.ErrReadFull))
	case ok != (a.first != nil):
		return fmt.Errorf("%w: a part has status %d and another body", errShape, status)
	}
	a.slow = !ok && parseFailure(status, []byte(refused)).code == "QUERY_TIMEOUT"
	return nil
}

// body reads the page of a part into a.first; another body is returned as it is.
func (in *jsonStream) body(a *ask) (string, error) {
	c, err := in.peek()
	if err != nil {
		return "", err
	}
	if c != '{' {
		return in.value()
	}
	got, err := in.page(newShape(a.plan.statement.columns), a.to.add)
	if err == nil {
		a.first = &got
	}
	return "", err
}
