package journal

import "iter"

// pages yields what next returns, page by page, until a page is shorter than size;
// next is given the last one yielded, nil at first. Nothing stays open between pages.
func pages[T any](size int, next func(last *T) ([]T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var last *T
		for {
			list, err := next(last)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for i := range list {
				if !yield(list[i], nil) {
					return
				}
			}
			if len(list) < size {
				return
			}
			last = &list[len(list)-1]
		}
	}
}
