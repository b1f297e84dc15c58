// Package pack writes lists of strings and numbers as bytes and reads them back:
// the form of everything that desksync stores by the million. Each string stands
// behind its length, so that nothing needs quoting and reading allocates once.
package pack

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
)

// ErrShort is returned for bytes that end before what they announce.
var ErrShort = errors.New("pack: the stored bytes end too early; the row is damaged")

// String appends s behind its length.
func String(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// Bytes appends v behind its length; Reader.String reads it back.
func Bytes(b, v []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(v)))
	return append(b, v...)
}

// Uint appends n.
func Uint(b []byte, n uint64) []byte { return binary.AppendUvarint(b, n) }

// Digest appends s, which most often is 16 bytes in lower-case hexadecimal and then
// takes half the room; Reader.Digest reads it back.
func Digest(b []byte, s string) []byte {
	if raw, err := hex.DecodeString(s); err == nil && len(raw) == digestLen && hex.EncodeToString(raw) == s {
		return append(Uint(b, 1), raw...)
	}
	return String(Uint(b, 0), s)
}

const digestLen = 16

// Strings appends a list behind its count.
func Strings(b []byte, list []string) []byte {
	b = Uint(b, uint64(len(list)))
	for _, s := range list {
		b = String(b, s)
	}
	return b
}

// Reader reads back, in the order of writing, what was packed. The first fault
// sticks: check Err once, at the end.
type Reader struct {
	rest string
	err  error
}

// Read returns a reader over b. The strings it returns share b, or one copy of its bytes.
func Read[T string | []byte](b T) *Reader { return &Reader{rest: string(b)} }

// Uint returns the next number.
func (r *Reader) Uint() uint64 {
	var n uint64
	for i := 0; i < len(r.rest) && i < binary.MaxVarintLen64; i++ {
		c := r.rest[i]
		n |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			if i == binary.MaxVarintLen64-1 && c > 1 {
				break // more than 64 bits
			}
			r.rest = r.rest[i+1:]
			return n
		}
	}
	r.fail()
	return 0
}

// String returns the next string.
func (r *Reader) String() string { return r.Text(r.Uint()) }

// Text returns the next n bytes, whose number was packed by other means.
func (r *Reader) Text(n uint64) string {
	if n > uint64(len(r.rest)) {
		r.fail()
		return ""
	}
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

// Digest returns the next digest.
func (r *Reader) Digest() string {
	if r.Uint() == 0 {
		return r.String()
	}
	return hex.EncodeToString([]byte(r.Text(digestLen)))
}

// Strings returns the next list, appended to into.
func (r *Reader) Strings(into []string) []string {
	n := r.Uint()
	if n > uint64(len(r.rest)) {
		r.fail()
		return into
	}
	for range n {
		into = append(into, r.String())
	}
	return into
}

// Done reports whether everything was read.
func (r *Reader) Done() bool { return r.rest == "" }

// Err returns ErrShort if the bytes ended too early.
func (r *Reader) Err() error { return r.err }

func (r *Reader) fail() { r.rest, r.err = "", ErrShort }
