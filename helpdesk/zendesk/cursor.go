package zendesk

import (
	"context"
	"encoding/json"
	"iter"
)

// cursorPages yields the pages of a cursor listing; name is where its rows stand. It
// yields one page at least, and nothing after an error.
func cursorPages[T any](ctx context.Context, t *Target, path, name string) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		for after := ""; ; {
			var body map[string]json.RawMessage
			if err := t.get(ctx, path, pageQuery(after), &body); err != nil {
				yield(nil, err)
				return
			}
			rows, meta, err := rowsOf[T](body, name)
			if err == nil {
				after, err = meta.after(after)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(rows, nil) || after == "" {
				return
			}
		}
	}
}

// rowsOf takes a page apart.
func rowsOf[T any](body map[string]json.RawMessage, name string) (rows []T, n next, err error) {
	if err := json.Unmarshal(body[name], &rows); err != nil {
		return nil, n, notUnderstood("a page of "+name, err)
	}
	if meta, ok := body["meta"]; ok {
		err = json.Unmarshal(meta, &n.Meta)
	}
	if err != nil {
		return nil, n, notUnderstood("the end of a page of "+name, err)
	}
	return rows, n, nil
}
