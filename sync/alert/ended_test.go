package alert

import (
	"strings"
	"testing"
)

// TestWhatOthersSaidEndsAsASentence: the command after it stands by itself.
func TestWhatOthersSaidEndsAsASentence(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"write days, such as 15d": "refused. write days, such as 15d. Check: desksync validate.",
		"It is gone.":             "refused. It is gone. Check: desksync validate.",
	} {
		p := Part{Event: Begun, Condition: Condition{Kind: Configuration, Title: "refused", Text: said, Command: "desksync validate"}}
		if got := p.text(); !strings.HasPrefix(got, want) {
			t.Errorf("it says %q, want %q", got, want)
		}
	}
}
