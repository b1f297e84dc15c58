package salesforce

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"

	"github.com/desksync/desksync/internal/fault"
)

// maxRow bounds one row of a Bulk result, in bytes: a quote that is never closed must
// not fill memory.
const maxRow = 32 << 20

// readCSV reads a page of Bulk results row by row, handing the cells, in the order of
// columns, to row; they are valid until it returns. It returns the number of rows.
// Every page repeats the header (Bulk API 2.0, "Get Results for a Query Job"), and a
// page of nothing may lack it. A page that ends within a row is an error.
func readCSV(src io.Reader, columns []string, row func([]string) error) (int, error) {
	g := &guard{src: src}
	r := csv.NewReader(g)
	r.ReuseRecord = true
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return 0, nil
	}
	if err != nil {
		return 0, shapeless(err)
	}
	places, err := csvPlaces(header, columns)
	if err != nil {
		return 0, err
	}
	cells := make([]string, len(columns))
	for n := 0; ; n++ {
		g.since = 0
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return n, g.whole()
		}
		if err != nil {
			return n, shapeless(err)
		}
		for i, at := range places {
			cells[i] = record[at]
		}
		if err := row(cells); err != nil {
			return n, err
		}
	}
}

// csvPlaces finds each column in the header. Salesforce keeps the order of the SELECT,
// and writes names in their own letter case.
func csvPlaces(header, columns []string) ([]int, error) {
	places := make([]int, len(columns))
	for i, name := range columns {
		if places[i] = indexFold(header, name); places[i] < 0 {
			return nil, fmt.Errorf("%w: the header of a page has no %s", errShape, name)
		}
	}
	if len(header) != len(columns) {
		return nil, fmt.Errorf("%w: the header of a page has %d columns, and %d were asked for", errShape, len(header), len(columns))
	}
	return places, nil
}

// shapeless keeps what the connection says, and drops the text of the row from what the
// CSV reader says.
func shapeless(err error) error {
	if _, ours := errors.AsType[*fault.Error](err); ours {
		return err
	}
	if e, ok := errors.AsType[*csv.ParseError](err); ok {
		return fmt.Errorf("%w: line %d of a page is cut or broken (%w)", errShape, e.Line, e.Err)
	}
	return err
}

// guard bounds what is read without a row coming to its end, and knows whether the last
// line has an end.
type guard struct {
	src   io.Reader
	since int
	last  byte
}

func (g *guard) Read(p []byte) (int, error) {
	if g.since > maxRow {
		return 0, fmt.Errorf("%w: a row has more than %d MiB", errShape, maxRow>>20)
	}
	n, err := g.src.Read(p)
	g.since += n
	if n > 0 {
		g.last = p[n-1]
	}
	return n, err
}

// whole is an error if the last line has no end: the job was asked for line ends, so the
// page was cut.
func (g *guard) whole() error {
	if g.last != '\n' {
		return fmt.Errorf("%w: the last line of a page has no end", errShape)
	}
	return nil
}
