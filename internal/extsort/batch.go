package extsort

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"slices"
)

const (
	blockSize = 256 << 10
	entrySize = 16 // bytes of one entry
	checkEach = 1 << 12
)

// entry finds a record in a batch. The prefix holds the eight bytes of its key
// after what all keys have in common, so that most comparisons touch no record.
type entry struct {
	prefix uint64
	block  uint32
	offset uint32
}

// batch holds records in blocks that are used again, so that memory is taken
// once and grows no faster than the records do.
type batch struct {
	blocks  [][]byte
	current int // the block being filled
	entries []entry
	size    int // bytes of records and entries
}

func (b *batch) reset() {
	for i := range b.blocks {
		b.blocks[i] = b.blocks[i][:0]
	}
	b.current, b.size, b.entries = 0, 0, b.entries[:0]
}

// add appends lengths, key and value to a block that has room for all of them.
func (b *batch) add(key, value []byte) {
	need := len(key) + len(value) + 2*binary.MaxVarintLen32
	i := b.room(need)
	block := b.blocks[i]
	b.entries = append(b.entries, entry{block: uint32(i), offset: uint32(len(block))})
	before := len(block)
	block = binary.AppendUvarint(block, uint64(len(key)))
	block = binary.AppendUvarint(block, uint64(len(value)))
	block = append(append(block, key...), value...)
	b.blocks[i] = block
	b.size += len(block) - before + entrySize
}

// room returns a block with need free bytes; a record larger than a block gets
// one of its own size.
func (b *batch) room(need int) int {
	for ; b.current < len(b.blocks); b.current++ {
		if block := b.blocks[b.current]; cap(block)-len(block) >= need {
			return b.current
		}
	}
	b.blocks = append(b.blocks, make([]byte, 0, max(blockSize, need)))
	return b.current
}

// record returns the record of an entry.
func (b *batch) record(e entry) Record {
	r, _ := split(b.blocks[e.block][e.offset:])
	return r
}

// sort orders the entries by key, and records of one key as they were added.
func (b *batch) sort(common []byte) {
	for i, e := range b.entries {
		b.entries[i].prefix = prefix(b.record(e).Key, len(common))
	}
	slices.SortFunc(b.entries, func(x, y entry) int {
		if x.prefix != y.prefix {
			return cmp.Compare(x.prefix, y.prefix)
		}
		if c := bytes.Compare(b.record(x).Key, b.record(y).Key); c != 0 {
			return c
		}
		return cmp.Or(cmp.Compare(x.block, y.block), cmp.Compare(x.offset, y.offset))
	})
}

func (b *batch) each(ctx context.Context, yield func(Record, error) bool) {
	for i, e := range b.entries {
		if i%checkEach == 0 && ctx.Err() != nil {
			yield(Record{}, ctx.Err())
			return
		}
		if !yield(b.record(e), nil) {
			return
		}
	}
}

// prefix reads eight bytes of key, from position skip on, as a number that sorts
// as they do. A shorter key is filled with zeros: equal prefixes prove nothing.
func prefix(key []byte, skip int) uint64 {
	key = key[min(skip, len(key)):]
	if len(key) >= 8 {
		return binary.BigEndian.Uint64(key)
	}
	var eight [8]byte
	copy(eight[:], key)
	return binary.BigEndian.Uint64(eight[:])
}

// split reads the first record of b and how many bytes it takes; 0 when b ends
// before the record does.
func split(b []byte) (Record, int) {
	klen, n := binary.Uvarint(b)
	if n <= 0 {
		return Record{}, 0
	}
	vlen, m := binary.Uvarint(b[n:])
	if m <= 0 {
		return Record{}, 0
	}
	start := n + m
	mid, end := start+int(klen), start+int(klen)+int(vlen)
	if len(b) < end {
		return Record{}, 0
	}
	return Record{Key: b[start:mid:mid], Value: b[mid:end:end]}, end
}
