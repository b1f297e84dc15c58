package salesforce

import (
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/crm"
)

// benchColumns is what the GitLab example reads of an account.
var benchColumns = []struct {
	name, json, csv string
	typ             crm.Type
}{
	{"Name", `"Jason Enterprises & Sons %d"`, `"Jason Enterprises & Sons %d"`, crm.Text},
	{"Account_ID_18__c", `"001xx000003DGb2AAG"`, `"001xx000003DGb2AAG"`, crm.Text},
	{"Type", `"Former Customer"`, `"Former Customer"`, crm.Text},
	{"Website", `"https://www.jason-enterprises.example/de"`, `"https://www.jason-enterprises.example/de"`, crm.Text},
	{"CARR_This_Account__c", `31200.0`, `"31200.0"`, crm.Money},
	{"NumberOfEmployees", `39000`, `"39000"`, crm.Number},
	{"Restricted__c", `false`, `"false"`, crm.Bool},
	{"Since__c", `"2024-02-11"`, `"2024-02-11"`, crm.Date},
	{"SystemModstamp", `"2026-01-31T08:15:00.000+0000"`, `"2026-01-31T08:15:00.000Z"`, crm.Date},
	{"Regions__c", `"EMEA;APAC"`, `"EMEA;APAC"`, crm.Multi},
	{"Industry", `null`, ``, crm.Text},
	{"Owner.Name", `{"attributes":{"type":"User","url":"/services/data/v62.0/sobjects/User/005xx000001SwiUAAS"},"Name":"Ann Lee"}`, `"Ann Lee"`, crm.Text},
}

// benchIDs makes ids in an order that is not sorted.
func benchIDs(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		id, err := crm.ParseID(fmt.Sprintf("001xx00000%05d", i*7919%n))
		if err != nil {
			return nil
		}
		ids[i] = id
	}
	return ids
}

func benchPlan() *plan {
	p := &plan{role: crm.Account, parent: 1, statement: statement{object: "Account", columns: []string{"Id", "ParentId"}}}
	for i, c := range benchColumns {
		p.statement.columns = append(p.statement.columns, c.name)
		p.out, p.types = append(p.out, i+2), append(p.types, c.typ)
	}
	return p
}

func benchJSON(ids []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `{"totalSize":%d,"done":true,"records":[`, len(ids))
	for i, id := range ids {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"attributes":{"type":"Account","url":"/services/data/v62.0/sobjects/Account/%s"},"Id":"%s","ParentId":null`, id, id)
		for _, c := range benchColumns {
			name, _, _ := strings.Cut(c.name, ".")
			fmt.Fprintf(&b, `,"%s":%s`, name, strings.Replace(c.json, "%d", id[10:15], 1))
		}
		b.WriteByte('}')
	}
	return b.String() + "]}"
}

func benchCSV(ids []string) string {
	var b strings.Builder
	b.WriteString(`"Id","ParentId"`)
	for _, c := range benchColumns {
		b.WriteString(`,"` + c.name + `"`)
	}
	for _, id := range ids {
		b.WriteString("\n\"" + id + "\",")
		for _, c := range benchColumns {
			b.WriteString("," + strings.Replace(c.csv, "%d", id[10:15], 1))
		}
	}
	return b.String() + "\n"
}

// compare hashes rows as the stage does, and counts those that are not as before.
type compare struct {
	*gather
	known   map[string][16]byte
	changed int
}

func (c *compare) add(cells []string) error {
	if what := c.pack(cells); what != "" {
		return fmt.Errorf("%s", what)
	}
	sum := sha256.Sum256(c.value[2:])
	if was, ok := c.known[cells[0]]; !ok || was != [16]byte(sum[:16]) {
		c.known[strings.Clone(cells[0])] = [16]byte(sum[:16])
		c.changed++
	}
	return nil
}

// benchRead measures one way to read pages: decoded, made canonical, hashed and found
// unchanged, on one core.
func benchRead(b *testing.B, body string, rows int, read func(io.Reader, *plan, func([]string) error) error) {
	b.Helper()
	p := benchPlan()
	g := newGather(p, &Options{Memory: 8 << 20, Location: time.UTC, TempDir: b.TempDir()}, &crm.Report{})
	b.Cleanup(g.close)
	c := &compare{gather: g, known: map[string][16]byte{}}
	if err := read(strings.NewReader(body), p, c.add); err != nil || c.changed != rows {
		b.Fatalf("%d rows, %v", c.changed, err)
	}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if err := read(strings.NewReader(body), p, c.add); err != nil {
			b.Fatal(err)
		}
	}
	if c.changed != rows {
		b.Fatalf("%d rows were taken for changed", c.changed-rows)
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkREST(b *testing.B) {
	ids := benchIDs(2000)
	benchRead(b, benchJSON(ids), len(ids), func(src io.Reader, p *plan, add func([]string) error) error {
		_, err := readPage(src, newShape(p.statement.columns), add)
		return err
	})
}

func BenchmarkBulk(b *testing.B) {
	ids := benchIDs(20_000)
	benchRead(b, benchCSV(ids), len(ids), func(src io.Reader, p *plan, add func([]string) error) error {
		_, err := readCSV(src, p.statement.columns, add)
		return err
	})
}

// BenchmarkSort measures what the read costs besides: sorting on disk and handing out.
func BenchmarkSort(b *testing.B) {
	ids, p := benchIDs(100_000), benchPlan()
	body := benchCSV(ids)
	b.ReportAllocs()
	for b.Loop() {
		g := newGather(p, &Options{Memory: 8 << 20, Location: time.UTC, TempDir: b.TempDir()}, &crm.Report{})
		if _, err := readCSV(strings.NewReader(body), p.statement.columns, g.add); err != nil {
			b.Fatal(err)
		}
		if whole, err := g.each(b.Context(), func(crm.Record) bool { return true }); !whole || err != nil || g.unique != len(ids) {
			b.Fatal(whole, err, g.unique)
		}
		g.close()
	}
	b.ReportMetric(float64(len(ids))*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
