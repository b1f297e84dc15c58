package changeset

import (
	"testing"

	"github.com/desksync/desksync/helpdesk"
)

func TestCauseOf(t *testing.T) {
	t.Parallel()
	named := func(want, have, last helpdesk.Value) triple {
		return triple{want: want, have: have, last: last, named: true, wrote: true}
	}
	mail := func(t triple) triple { t.field = helpdesk.Email; return t }
	small, tall, other := helpdesk.TextOf("kim@acme.example"), helpdesk.TextOf("Kim@acme.example"), helpdesk.TextOf("lee@acme.example")
	never := func(want, have helpdesk.Value) triple { return triple{want: want, have: have, named: true} }
	tests := map[string]struct {
		triple
		cause helpdesk.Cause
	}{
		"all three agree":                             {named(gold, gold, gold), helpdesk.InStep},
		"someone else wrote what we want":             {never(gold, gold), helpdesk.InStep},
		"source and helpdesk moved to the same value": {named(gold, gold, silver), helpdesk.InStep},
		"wanted empty and empty":                      {never(empty, empty), helpdesk.InStep},
		"never written and empty":                     {never(gold, empty), helpdesk.New},
		"never written and set by someone else":       {never(gold, silver), helpdesk.Found},
		"never written, wanted empty and set":         {never(empty, silver), helpdesk.Found},
		"source moved":                                {named(gold, silver, silver), helpdesk.Moved},
		"source moved to empty":                       {named(empty, silver, silver), helpdesk.Moved},
		"source moved from empty":                     {named(gold, empty, empty), helpdesk.Moved},
		"target edited":                               {named(gold, silver, gold), helpdesk.Drifted},
		"target emptied":                              {named(gold, empty, gold), helpdesk.Drifted},
		"target filled what we emptied":               {named(empty, silver, empty), helpdesk.Drifted},
		"both moved":                                  {named(gold, silver, bronze), helpdesk.Clashed},
		"source moved and the target was emptied":     {named(gold, empty, bronze), helpdesk.Clashed},
		"source emptied it and the target was edited": {named(empty, silver, bronze), helpdesk.Clashed},
		"nothing wanted, still as written":            {named(helpdesk.None, gold, gold), helpdesk.Withdrawn},
		"nothing wanted, edited since":                {named(helpdesk.None, silver, gold), helpdesk.LetGo},
		"nothing wanted, emptied since":               {named(helpdesk.None, empty, gold), helpdesk.LetGo},
		"nothing wanted, filled since we emptied it":  {named(helpdesk.None, silver, empty), helpdesk.LetGo},
		"nothing wanted, nothing there, empty noted":  {named(helpdesk.None, empty, empty), helpdesk.InStep},
		"nothing wanted, never written":               {never(helpdesk.None, silver), ""},
		"nothing wanted, never written, nothing":      {never(helpdesk.None, empty), ""},
		"owned, never written, there":                 {triple{want: helpdesk.None, have: yes, named: true, owned: true}, helpdesk.Found},
		"owned, never written, not there":             {triple{want: helpdesk.None, named: true, owned: true}, ""},
		"owned, written, still there":                 {triple{want: helpdesk.None, have: yes, last: yes, wrote: true, named: true, owned: true}, helpdesk.Withdrawn},
		"no rule any more, as written":                {triple{want: helpdesk.None, have: gold, last: gold, wrote: true}, helpdesk.LetGo},
		"no rule any more, edited":                    {triple{want: helpdesk.None, have: silver, last: gold, wrote: true}, helpdesk.LetGo},
		"no rule, never written":                      {triple{want: helpdesk.None, have: silver}, ""},
		"an option instead of the same text":          {named(helpdesk.ChoiceOf("gold"), gold, gold), helpdesk.InStep},
		"an address in other letters":                 {mail(never(tall, small)), helpdesk.InStep},
		"an address that the helpdesk wrote smaller":  {mail(named(tall, small, tall)), helpdesk.InStep},
		"an address that moved from other letters":    {mail(named(other, small, tall)), helpdesk.Moved},
		"an address edited from other letters":        {mail(named(small, other, tall)), helpdesk.Drifted},
		"a name in other letters":                     {named(tall, small, small), helpdesk.Moved},
		"an integer instead of the same decimal":      {named(helpdesk.IntOf(5), helpdesk.DecimalOf(5), helpdesk.DecimalOf(5)), helpdesk.InStep},
		"a number instead of the same digits as text": {named(helpdesk.IntOf(5), helpdesk.TextOf("5"), helpdesk.TextOf("5")), helpdesk.Moved},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := causeOf(tt.triple); got != tt.cause {
				t.Errorf("causeOf(want %v, have %v, last %v, wrote %t, named %t, owned %t) = %q, want %q",
					tt.want, tt.have, tt.last, tt.wrote, tt.named, tt.owned, got, tt.cause)
			}
		})
	}
}
