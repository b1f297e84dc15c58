package zendesk

import (
	"context"
	"slices"
	"sync"

	"github.com/desksync/desksync/helpdesk"
)

// directory remembers which account or contact an object is tied to, where nobody else
// can be asked. It takes some 30 bytes an object. It is safe for concurrent use.
type directory struct {
	mu     sync.Mutex
	tables map[helpdesk.Kind]*table
}

// table holds keys by id: those that came in order close together, the others apart.
type table struct {
	ids  []int64
	ends []uint32 // where the key of each ends in text
	text []byte
	more map[int64]string
}

func newDirectory() *directory { return &directory{tables: map[helpdesk.Kind]*table{}} }

func (d *directory) table(k helpdesk.Kind) *table {
	t := d.tables[k]
	if t == nil {
		t = &table{more: map[int64]string{}}
		d.tables[k] = t
	}
	return t
}

// clear forgets a kind, because it is listed anew.
func (d *directory) clear(k helpdesk.Kind) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.tables, k)
}

func (d *directory) put(k helpdesk.Kind, id int64, key string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := d.table(k)
	if n := len(t.ids); n == 0 && len(t.more) == 0 || n > 0 && id > t.ids[n-1] {
		t.ids, t.text = append(t.ids, id), append(t.text, key...)
		t.ends = append(t.ends, uint32(len(t.text))) //nolint:gosec // keys of 200 million objects fit
		return
	}
	if old, ok := t.get(id); !ok || old != key {
		t.more[id] = key
	}
}

// get returns the key of an object, and whether the object is known at all.
func (d *directory) get(k helpdesk.Kind, id int64) (string, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.table(k).get(id)
}

func (t *table) get(id int64) (string, bool) {
	if key, ok := t.more[id]; ok {
		return key, true
	}
	i, ok := slices.BinarySearch(t.ids, id)
	if !ok {
		return "", false
	}
	from := uint32(0)
	if i > 0 {
		from = t.ends[i-1]
	}
	return string(t.text[from:t.ends[i]]), true
}

// note remembers whose an object is, if that is ours to remember.
func (t *Target) note(k helpdesk.Kind, id int64, key string) {
	if t.opt.Keys == nil {
		t.known.put(k, id, key)
	}
}

// tied returns the keys of those objects of which we know that they are tied.
func (t *Target) tied(ctx context.Context, k helpdesk.Kind, ids []int64) (map[int64]string, error) {
	out := make(map[int64]string, len(ids))
	if t.opt.Keys == nil {
		for _, id := range ids {
			if key, _ := t.known.get(k, id); key != "" {
				out[id] = key
			}
		}
		return out, nil
	}
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = idText(id)
	}
	keys, err := t.opt.Keys(ctx, k, texts)
	for id, key := range keys {
		out[idOf(id)] = key
	}
	return out, err
}
