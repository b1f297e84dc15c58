package adopt

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/desksync/desksync/helpdesk"
)

// columns of the file, in their order. It may come back in another, and with more.
var columns = []string{"kind", "account", "contact", "name", "target_id", "target_name", "evidence", "link", "reason"}

const linkColumn = 7 // of columns

// mark stands before UTF-8, so that spreadsheets know it.
const mark = "\ufeff"

// Write writes proposals as CSV for spreadsheets. A cell that a spreadsheet would
// calculate, or show shorter than it is, has an apostrophe before it.
func Write(w io.Writer, list []Proposal) error {
	if _, err := io.WriteString(w, mark); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	err := out.Write(columns)
	for i := range list {
		r := RowOf(&list[i])
		cells := []string{string(r.Kind), r.Account, r.Contact, r.Name, r.TargetID, r.TargetName, r.Evidence, string(r.Link), r.Reason}
		for n := range cells {
			cells[n] = safe(cells[n])
		}
		err = errors.Join(err, out.Write(cells))
	}
	out.Flush()
	return errors.Join(err, out.Error())
}

// safe makes a cell harmless: spreadsheets take what begins with one of these characters
// for a formula, and round numbers of more than eleven digits.
func safe(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r'", rune(cell[0])) || rounded(cell) {
		return "'" + cell
	}
	return cell
}

// rounded reports a number that a spreadsheet would not show as it is.
func rounded(cell string) bool {
	if _, err := strconv.ParseFloat(cell, 64); err != nil {
		return false
	}
	return len(cell) > 11 || cell[0] == '0' && len(cell) > 1 || strings.Trim(cell, "0123456789") != ""
}

func bare(cell string) string { return strings.TrimPrefix(cell, "'") }

// Read reads what Write wrote and people edited, with commas, semicolons or tabs. What is wrong
// with single rows is returned beside those that are right; an error is one of the file.
func Read(r io.Reader) ([]Row, []Problem, error) {
	in := bufio.NewReader(r)
	if head, _ := in.Peek(2); string(head) == "\xff\xfe" || string(head) == "\xfe\xff" {
		return nil, nil, errors.New("it is written in UTF-16; save it as CSV in UTF-8")
	}
	if head, err := in.Peek(len(mark)); err == nil && string(head) == mark {
		_, _ = in.Discard(len(mark)) // just peeked at
	}
	table := csv.NewReader(in)
	table.FieldsPerRecord = -1
	head, _ := in.Peek(in.Size())
	table.Comma = separator(head)
	header, err := table.Read()
	if err != nil {
		return nil, nil, fmt.Errorf("it has no header line: %w", err)
	}
	at, err := places(header)
	if err != nil {
		return nil, nil, err
	}
	return readRows(table, at)
}

// separator is what stands between the cells of the first line.
func separator(head []byte) rune {
	line, _, _ := bytes.Cut(head, []byte{'\n'})
	for _, c := range ",;\t" {
		if bytes.ContainsRune(line, c) {
			return c
		}
	}
	return ','
}

// places are where the columns stand.
func places(header []string) ([]int, error) {
	at := make([]int, len(columns))
	var missing []string
	for i, name := range columns {
		at[i] = slices.IndexFunc(header, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), name) })
		if at[i] < 0 && name != "reason" && name != "evidence" {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("it has no column %s; it is not a file of desksync adopt", strings.Join(missing, ", "))
	}
	return at, nil
}

func readRows(table *csv.Reader, at []int) (rows []Row, problems []Problem, err error) {
	for {
		cells, err := table.Read()
		if errors.Is(err, io.EOF) {
			return rows, append(problems, twice(rows)...), nil
		}
		if err != nil {
			return nil, nil, err
		}
		if strings.Join(cells, "") == "" {
			continue // a spreadsheet's empty line
		}
		row := rowOf(cells, at)
		row.Line, _ = table.FieldPos(0)
		text := row.check()
		if text == "" && row.TargetID != "" && len(cells) <= at[linkColumn] {
			text = "the line ends before the column link"
		}
		if text != "" {
			problems = append(problems, Problem{row.Line, text})
			continue
		}
		rows = append(rows, row)
	}
}

func rowOf(cells []string, at []int) Row {
	get := func(n int) string {
		if at[n] < 0 || at[n] >= len(cells) {
			return ""
		}
		return bare(strings.TrimSpace(cells[at[n]]))
	}
	return Row{
		Kind: helpdesk.Kind(strings.ToLower(get(0))), Account: get(1), Contact: get(2), Name: get(3), TargetID: get(4), TargetName: get(5),
		Evidence: get(6), Link: Link(strings.ToLower(get(linkColumn))), Reason: get(8),
	}
}
