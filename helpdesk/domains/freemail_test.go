package domains

import (
	"slices"
	"strings"
	"testing"
)

func TestTheListSaysWhereItComesFrom(t *testing.T) {
	t.Parallel()
	head := freemail[:strings.Index(freemail, "\n0")]
	for _, want := range []string{
		"# Origin:  npm package free-email-domains 1.", "# Licence: MIT", "# Command: sh scripts/refresh-freemail.sh",
		"# Date:    20", "# The MIT License", "# Copyright", "# all copies or substantial portions of the Software.",
	} {
		if !strings.Contains(head, want) {
			t.Errorf("freemail.txt: the head misses %q", want)
		}
	}
}

func TestTheListIsSortedAndClean(t *testing.T) {
	t.Parallel()
	var names []string
	for line := range strings.Lines(freemail) {
		if !strings.HasPrefix(line, "#") {
			names = append(names, strings.TrimSuffix(line, "\n"))
		}
	}
	if len(names) < 3000 || len(names) != len(providers()) {
		t.Errorf("freemail.txt has %d names, %d read; want at least 3000, all read", len(names), len(providers()))
	}
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Error("freemail.txt is not sorted or has a name twice; run sh scripts/refresh-freemail.sh")
	}
	for _, name := range names {
		if got, why := lookup(name); got != name || why != "" {
			t.Errorf("freemail.txt: %q is not in lookup form (%q %s)", name, got, why)
		}
	}
}

func TestTheListKnowsTheProvidersEveryoneKnows(t *testing.T) {
	t.Parallel()
	for name := range strings.FieldsSeq(`gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com yahoo.co.uk
		yahoo.co.jp aol.com icloud.com me.com mac.com proton.me protonmail.com tutanota.com fastmail.com zoho.com gmx.de gmx.net web.de
		t-online.de mail.ru yandex.ru qq.com 163.com 126.com naver.com orange.fr free.fr laposte.net libero.it comcast.net att.net hey.com`) {
		if !isFreeMail(name) {
			t.Errorf("isFreeMail(%q) = false; want true", name)
		}
	}
	for _, name := range []string{"", "com", "acme.com", "gitlab.com", "ibm.com", "siemens.com", "GMAIL.COM"} {
		if isFreeMail(name) {
			t.Errorf("isFreeMail(%q) = true; want false", name)
		}
	}
}

func TestLookingUpDoesNotAllocate(t *testing.T) { //nolint:paralleltest // what others allocate would be counted
	isFreeMail("gmail.com")
	if n := testing.AllocsPerRun(100, func() { isFreeMail("mail.acme.com") }); n != 0 {
		t.Errorf("isFreeMail allocates %v times; want 0", n)
	}
}
