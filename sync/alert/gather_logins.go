package alert

import (
	"context"
	"fmt"

	"github.com/desksync/desksync/internal/day"
)

// Login is a login of a source or a target that stops working on a known day.
type Login struct {
	Of    string  // whose: "target support"
	Ends  day.Day // from this day on it does not work
	Renew string  // what to do, as a sentence
}

// ended is the stage of a login that has ended.
var ended = len(stages) + 1

// logins tells of logins that end: worse as the day comes near, worst once it is there,
// and over when the configuration has another one.
func (g *gathering) logins(context.Context) error {
	for _, l := range g.Logins {
		stage, text := nearness(int(l.Ends - g.today))
		if stage == 0 {
			continue
		}
		c := Condition{
			Kind: CredentialEnding, Level: 1, Stage: stage, Title: fmt.Sprintf("The login of %s ends on %s (%s)", l.Of, l.Ends, g.Name),
			Text: text + " " + l.Renew, Command: "desksync validate --online, once it is renewed",
		}
		if stage >= len(stages) {
			c.Severity = Critical
		}
		g.add(c, l.Of)
	}
	return nil
}

// nearness is the stage of a login that so many days are left of, and a sentence on what
// that means; 0: it is not near.
func nearness(left int) (stage int, text string) {
	if left <= 0 {
		return ended, "That day is here: runs fail from now on."
	}
	for _, s := range stages {
		if left <= s {
			stage++
			text = fmt.Sprintf("That is within %d days; from then on runs fail.", s)
		}
	}
	return stage, text
}
