package journal

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/internal/pack"
)

// objectRow is an Object as selected.
type objectRow struct {
	Kind      int64
	Key       string
	Account   string
	TargetID  string `db:"target_id"`
	Pipeline  int64
	Last      []byte
	Have      []byte
	HaveState int64 `db:"have_state"`
	Run, At   int64
	Basis     []byte
	Marked    string
	Corrected []byte
}

const selectObject = `
	SELECT o.kind, o.key, o.account, o.target_id, o.pipeline, o.last, o.have, o.have_state, o.run, o.at, o.basis, o.marked, o.corrected
	FROM   object o `

var objectList = list{
	table:   "object",
	columns: "target, kind, key, account, target_id, pipeline, last, have, have_state, run, at, basis, marked, corrected",
	types:   "bigint, bigint, text, text, text, bigint, bytea, bytea, bigint, bigint, bigint, bytea, text, bytea",
	tail: `ON CONFLICT (target, kind, key) DO UPDATE SET account = excluded.account, target_id = excluded.target_id,
		pipeline = excluded.pipeline, last = excluded.last, have = excluded.have, have_state = excluded.have_state, run = excluded.run,
		at = excluded.at, basis = excluded.basis, marked = excluded.marked, corrected = excluded.corrected`,
}

// object reads a row.
func (r *objectRow) object() (Object, error) {
	o := Object{
		Kind: nameOf(kindNames, r.Kind), Key: r.Key, Account: r.Account, TargetID: r.TargetID, Pipeline: r.Pipeline,
		Written: r.Last != nil, HaveState: HaveState(r.HaveState), Run: r.Run, At: timeOf(r.At), Marked: dayOf(r.Marked), //nolint:gosec // 0 to 3
	}
	o.Source, o.Digest = splitBasis(r.Basis)
	var err error
	if o.Last, err = unpackFields("object", r.Key, r.Last); err != nil {
		return o, err
	}
	if o.Corrected, err = unpackCorrected(r.Key, r.Corrected); err != nil {
		return o, err
	}
	switch o.HaveState {
	case HaveDiffers:
		o.Have, err = unpackFields("object", r.Key, r.Have)
	case NeverSeen, HaveSame:
		o.Have = o.Last
	}
	return o, err
}

// known is what the row says the target holds; nil: nothing.
func (r *objectRow) known() []byte {
	switch HaveState(r.HaveState) { //nolint:gosec // 0 to 3
	case HaveDiffers:
		return r.Have
	case HaveGone:
		return nil
	default:
		return r.Last
	}
}

// args renders an object as the values of objectList.
func (o *Object) args(target int64) []any {
	last, have, state := o.sides()
	return []any{
		target, kindCode(o.Kind), o.Key, o.account(), o.TargetID, o.Pipeline, last, have, int64(state), o.Run, micro(o.At),
		joinBasis(o.Source, o.Digest), o.Marked.String(), packCorrected(o.Corrected),
	}
}

// sides renders both sides: have only where it differs from last.
func (o *Object) sides() (last, have any, state HaveState) {
	var l []byte
	if o.Written {
		l = packFields(o.Last)
		last = l
	}
	switch {
	case o.HaveState == HaveGone:
		return last, nil, HaveGone
	case o.Have == nil:
		return last, nil, NeverSeen
	case o.Written && slices.EqualFunc(o.Have, o.Last, sameField):
		return last, nil, HaveSame
	}
	h := packFields(o.Have)
	if o.Written && bytes.Equal(h, l) {
		return last, nil, HaveSame
	}
	return last, h, HaveDiffers
}

func sameField(a, b helpdesk.Field) bool { return a.Name == b.Name && a.Value == b.Value }

// packFields renders fields in name order.
func packFields(f helpdesk.Fields) []byte {
	byName := func(a, b helpdesk.Field) int { return strings.Compare(a.Name, b.Name) }
	if !slices.IsSortedFunc(f, byName) {
		f = slices.Clone(f).Sort()
	}
	n := 2
	for i := range f {
		n += len(f[i].Name) + len(f[i].Value.Text()) + 3
	}
	return f.Pack(make([]byte, 0, n))
}

// account is whose object it is; of users the account that wrote them last.
func (o *Object) account() string {
	switch o.Kind {
	case helpdesk.Organization:
		return o.Key
	case helpdesk.Membership:
		account, _ := helpdesk.SplitMember(o.Key)
		return account
	default:
		return o.Account
	}
}

// joinBasis packs two digests of 32 hex digits; others are not kept.
func joinBasis(source, digest string) any {
	a, b := basisOf(source), basisOf(digest)
	if a == [hashLen]byte{} && b == [hashLen]byte{} {
		return nil
	}
	return append(a[:], b[:]...)
}

func basisOf(s string) (out [hashLen]byte) {
	if b, err := hex.DecodeString(s); err == nil && len(b) == hashLen {
		copy(out[:], b)
	}
	return out
}

func splitBasis(b []byte) (source, digest string) {
	if len(b) != 2*hashLen {
		return "", ""
	}
	return hex.EncodeToString(b[:hashLen]), hex.EncodeToString(b[hashLen:])
}

func packCorrected(list []Corrected) any {
	if len(list) == 0 {
		return nil
	}
	b := pack.Uint(nil, uint64(len(list)))
	for _, c := range list {
		b = pack.Uint(pack.String(b, c.Field), uint64(micro(c.At))) //nolint:gosec // after 1970
	}
	return b
}

func unpackCorrected(key string, b []byte) ([]Corrected, error) {
	if len(b) == 0 {
		return nil, nil
	}
	r := pack.Read(b)
	var out []Corrected
	for n := r.Uint(); n > 0 && r.Err() == nil; n-- {
		out = append(out, Corrected{Field: r.String(), At: time.UnixMicro(int64(r.Uint())).UTC()}) //nolint:gosec // written from an int64
	}
	if r.Err() != nil || !r.Done() {
		return nil, damaged("object", key)
	}
	return out, nil
}
