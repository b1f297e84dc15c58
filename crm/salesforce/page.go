package salesforce

import (
	"errors"
	"fmt"
	"io"
	"strconv"
)

// page is what a page of a REST query says of itself: REST API Developer Guide,
// "Query".
type page struct {
	total int
	done  bool
	next  string // where the next page is, if not done
	rows  int
}

// errShape is an answer that is not what the reference documents.
var errShape = errors.New("the answer is not a page of query results")

// readPage reads a page record by record, handing the cells of each, in the order of
// the shape's columns, to row; they are valid until it returns. A page that ends early
// is an error, whatever was read of it.
func readPage(src io.Reader, sh *shape, row func([]string) error) (page, error) {
	in := newStream(src)
	p, err := in.page(sh, row)
	if err != nil {
		return p, err
	}
	return p, in.end()
}

// page reads one page.
func (in *jsonStream) page(sh *shape, row func([]string) error) (p page, err error) {
	sh.begin()
	told := map[string]bool{}
	err = in.object(func(key string) error {
		told[key] = true
		return in.part(key, sh, &p, row)
	})
	if err == nil && (!told["done"] || !told["records"] || !told["totalSize"]) {
		err = fmt.Errorf("%w: it lacks done, totalSize or records", errShape)
	}
	return p, err
}

// part reads one of the values that make a page; what nobody asked for is passed over.
func (in *jsonStream) part(key string, sh *shape, p *page, row func([]string) error) (err error) {
	switch key {
	case "records":
		err = in.records(sh, p, row)
	case "totalSize":
		p.total, err = in.number()
	case "done":
		p.done, err = in.truth()
	case "nextRecordsUrl":
		p.next, err = in.text()
	default:
		_, err = in.value()
	}
	return err
}

// records reads the list of records.
func (in *jsonStream) records(sh *shape, p *page, row func([]string) error) error {
	return in.list(func() error {
		text, err := in.value()
		if err != nil {
			return err
		}
		cells, err := sh.cells(text)
		if err != nil {
			return err
		}
		p.rows++
		return row(cells)
	})
}

func (in *jsonStream) number() (int, error) {
	text, err := in.value()
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%w: a count is not a number", errShape)
	}
	return n, nil
}

func (in *jsonStream) truth() (bool, error) {
	text, err := in.value()
	if err != nil || text == "true" || text == "false" {
		return text == "true", err
	}
	return false, fmt.Errorf("%w: done is neither true nor false", errShape)
}

// text reads a string; null is the empty one.
func (in *jsonStream) text() (string, error) {
	raw, err := in.value()
	if err != nil || raw == "null" {
		return "", err
	}
	s, n, err := stringAt(raw, 0)
	if err != nil || n != len(raw) {
		return "", fmt.Errorf("%w: a text is expected and none is there", errShape)
	}
	return s, nil
}

func (in *jsonStream) key() (string, error) {
	s, err := in.text()
	if err != nil {
		return "", err
	}
	return s, in.want(':')
}
