package domains

import (
	_ "embed"
	"strings"
	"sync"
)

// freemail.txt says in its head where its names come from, under which licence,
// and how to refresh it.
//
//go:embed freemail.txt
var freemail string

// providers reads the list at its first use; the names share the embedded text.
var providers = sync.OnceValue(func() map[string]struct{} {
	set := make(map[string]struct{}, strings.Count(freemail, "\n"))
	for line := range strings.Lines(freemail) {
		if name := strings.TrimSpace(line); name != "" && name[0] != '#' {
			set[name] = struct{}{}
		}
	}
	return set
})

// isFreeMail reports whether the built-in list names a domain, given in lookup
// form, as a free-mail provider. It does not allocate.
func isFreeMail(name string) bool { return has(providers(), name) }
