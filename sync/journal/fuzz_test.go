package journal

import (
	"bytes"
	"reflect"
	"slices"
	"testing"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/pack"
)

// FuzzStoredRows: bytes either read as rows that pack to what reads the same, or
// are refused; they never fault.
func FuzzStoredRows(f *testing.F) {
	f.Add([]byte{}, true)
	f.Add(packRows(nil, nil), true)
	f.Add(packRows(nil, []Row{row(crm.Account, "A", "A", "x"), {Role: crm.Account, Account: "A", ID: "B", Parent: "P", Lost: true, ReadRun: 1 << 40}}), true)
	f.Add(packRows(nil, []Row{row(crm.Contact, "A", "", "x")}), false)
	f.Add([]byte{255, 255, 255, 255, 255, 255, 255, 255, 255, 1}, false)
	f.Fuzz(func(t *testing.T, b []byte, isAccount bool) {
		role := crm.Contact
		if isAccount {
			role = crm.Account
		}
		rows, err := unpackRows("A", role, b)
		if err != nil {
			return
		}
		again, err := unpackRows("A", role, packRows(nil, rows))
		if err != nil || len(again) != len(rows) || !slices.EqualFunc(rows, again, equalRow) {
			t.Errorf("%x read as %+v, then as %+v, %v", b, rows, again, err)
		}
	})
}

// FuzzStoredClaims is FuzzStoredRows for claims.
func FuzzStoredClaims(f *testing.F) {
	f.Add([]byte{})
	f.Add(packClaims([]Claim{name("acme"), mail("a@b.example", "c1"), domain("b.example"), name("acme")}))
	f.Fuzz(func(t *testing.T, b []byte) {
		claims, err := unpackClaims("A", b)
		if err != nil {
			return
		}
		once := packClaims(claims)
		again, err := unpackClaims("A", once)
		if err != nil || !bytes.Equal(packClaims(again), once) {
			t.Errorf("%x read as %+v, then as %+v, %v", b, claims, again, err)
		}
	})
}

// FuzzStoredObject feeds an object's packed columns.
func FuzzStoredObject(f *testing.F) {
	fields := packFields(text("name", "a", "notes", ""))
	f.Add(fields, fields, bytes.Repeat([]byte{7}, 32), pack.Uint(pack.String(pack.Uint(nil, 1), "name"), 5), int64(2))
	f.Add([]byte{}, []byte{0}, []byte{1}, []byte{9, 9}, int64(1))
	f.Fuzz(func(t *testing.T, last, have, basis, corrected []byte, state int64) {
		r := objectRow{Kind: kindOrg, Key: "A", Last: last, Have: have, Basis: basis, Corrected: corrected, HaveState: state & 3}
		o, err := r.object()
		if err != nil {
			return
		}
		if o.Have == nil && o.HaveState == HaveDiffers {
			o.Have = helpdesk.Fields{}
		}
		args := o.args(1)
		stored := objectRow{Kind: kindOrg, Key: "A", HaveState: args[8].(int64)}
		stored.Last, _ = args[6].([]byte)
		stored.Have, _ = args[7].([]byte)
		stored.Basis, _ = args[11].([]byte)
		stored.Corrected, _ = args[13].([]byte)
		again, err := stored.object()
		if err != nil || !again.Last.Equal(o.Last.Sort()) || !reflect.DeepEqual(again.Corrected, o.Corrected) || again.Source != o.Source {
			t.Errorf("%+v came back as %+v, %v", o, again, err)
		}
	})
}

// FuzzRedaction: whatever is stored, redacting does not fault, and what it gives
// back reads again and names the person no more.
func FuzzRedaction(f *testing.F) {
	c := helpdesk.Change{Ref: helpdesk.Ref{Kind: helpdesk.User, Key: "c1"}, Name: jane, Deltas: []helpdesk.Delta{{Field: "email", Want: helpdesk.TextOf(janesMail)}}}
	f.Add(c.Pack(nil), "to "+janesMail)
	f.Add([]byte{1, 2, 3}, "JANE.ROE@ACME.EXAMPLEjane.roe@acme.example")
	f.Add(helpdesk.TextOf(janesMail).Pack(nil), "İ"+janesMail)
	f.Fuzz(func(t *testing.T, body []byte, s string) {
		p := newForgetting(nil, Person{Email: janesMail})
		if got := p.text(s); p.mentions(got) {
			t.Errorf("%q redacted is %q", s, got)
		}
		if out, _, err := p.change("c1", body); err == nil {
			if _, err := helpdesk.ReadChange(pack.Read(out)); err != nil {
				t.Errorf("a redacted change does not read: %v", err)
			}
		}
		p.values(body, own)
	})
}
