package changeset

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/desksync/desksync/helpdesk"
)

func TestWhatAMergeWouldLose(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		loser, winner, last helpdesk.Fields
		want                []string
	}{
		"what the winner holds equally is not lost":   {f("notes=x", "tag:vip", "aar#5"), f("notes=x", "tag:vip", "aar#5"), nil, nil},
		"another value is":                            {f("notes=x"), f("notes=y"), nil, []string{`notes "x"`}},
		"one that the winner has not is":              {f("tag:vip", "group:eu", "field:am=4711"), nil, nil, []string{"am", "group eu", "tag vip"}},
		"name and domains move on":                    {f("name=Bolt", "domain:bolt.example"), f("name=Acme"), nil, nil},
		"the mark is ours to forget":                  {f("field:mark"), nil, nil, nil},
		"nothing, false and 0 are nothing to lose":    {f("notes=", "!manager", "aar#0"), f("notes=y"), nil, nil},
		"what people set comes before what we wrote":  {f("field:a=1", "field:b=2", "field:c=3"), nil, f("field:a=1", "field:c=0"), []string{"b", "c", "a ours"}},
		"a number is the same however it is spelled":  {helpdesk.Fields{{Name: "aar", Value: helpdesk.IntOf(5)}}, f("aar#5"), nil, nil},
		"a dropdown is the same as the text it shows": {helpdesk.Fields{{Name: "tier", Value: helpdesk.ChoiceOf("gold")}}, f("tier=gold"), nil, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, l := range Losses(tt.loser, tt.winner, tt.last, "field:mark") {
				text := label(l.Field)
				if l.Field == "notes" {
					text += " " + quote(l.Field, l.Value)
				}
				if l.Ours {
					text += " ours"
				}
				got = append(got, text)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("Losses(%v, %v, %v) = %q, want %q", tt.loser, tt.winner, tt.last, got, tt.want)
			}
		})
	}
}

func TestAProposalReadsAsASentence(t *testing.T) {
	t.Parallel()
	bolt, acme := Party{"001B", "2", "Bolt"}, Party{"001A", "1", "Acme"}
	lost := []Loss{{"notes", helpdesk.TextOf("call Zoe"), false}, {"tag:vip", yes, false}, {"field:aar", helpdesk.DecimalOf(4800), true}}
	tests := map[string]struct {
		p    Proposal
		want string
	}{
		"much": {
			Proposal{Loser: bolt, Winner: acme, Lost: lost, Moves: helpdesk.MergeEffect{
				Users: 2, Managers: 1, Tickets: 3, Open: 1, Domains: []string{"bolt.example", "bolt.test"}, Drops: []string{`the service project "Repairs"`},
			}},
			`Bolt (001B) was merged into Acme (001A) in the CRM; merging their organizations would move 2 users (1 comes to manage Acme), the domains bolt.example and bolt.test and 3 tickets (1 not closed) ` +
				`and lose notes "call Zoe", tag vip and the service project "Repairs", and what desksync wrote: aar 4800; it cannot be undone`,
		},
		"nothing": {
			Proposal{Loser: bolt, Winner: acme, Moves: helpdesk.MergeEffect{Tickets: -1}},
			`Bolt (001B) was merged into Acme (001A) in the CRM; merging their organizations would move 0 users, no domain and its tickets, which the helpdesk does not count and lose nothing; it cannot be undone`,
		},
		"ours only, and refused": {
			Proposal{Loser: bolt, Winner: Party{Account: "001A"}, Lost: lost[2:], Moves: helpdesk.MergeEffect{Users: 1, Tickets: 1, Domains: []string{"bolt.example"}}, Refused: []string{"Acme is on hold", "Acme has no plan"}},
			`Bolt (001B) was merged into 001A in the CRM; merging their organizations would move 1 user, the domain bolt.example and 1 ticket and lose only what desksync wrote: aar 4800; it cannot be undone. ` +
				`Refused as long as Acme is on hold, and as long as Acme has no plan`,
		},
		"kept": {
			Proposal{Loser: bolt, Winner: acme, Kept: "decision 3 of ops: two desks"},
			`Bolt (001B) was merged into Acme (001A) in the CRM; merging their organizations would move 0 users, no domain and 0 tickets and lose nothing; it cannot be undone. Both are kept: decision 3 of ops: two desks`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tt.p.Text(); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// proposals are any two that might be shown one after the other.
func proposals() *rapid.Generator[Proposal] {
	word := rapid.SampledFrom([]string{"a", "b", "c"})
	loss := rapid.Custom(func(t *rapid.T) Loss {
		return Loss{"field:" + word.Draw(t, "field"), helpdesk.TextOf(word.Draw(t, "value")), rapid.Bool().Draw(t, "ours")}
	})
	return rapid.Custom(func(t *rapid.T) Proposal {
		return Proposal{
			Loser: Party{"001B", word.Draw(t, "loser"), "Bolt"}, Winner: Party{"001A", word.Draw(t, "winner"), "Acme"},
			Lost: rapid.SliceOfNDistinct(loss, 0, 3, func(l Loss) string { return l.Field }).Draw(t, "lost"),
			Moves: helpdesk.MergeEffect{
				Users: rapid.IntRange(0, 3).Draw(t, "users"), Tickets: rapid.IntRange(0, 3).Draw(t, "tickets"),
				Domains: rapid.SliceOfDistinct(word, rapid.ID[string]).Draw(t, "domains"), Drops: rapid.SliceOfDistinct(word, rapid.ID[string]).Draw(t, "drops"),
			},
		}
	})
}

// TestWhatMovesIsSaid: nothing is said of two proposals exactly if the same change
// would be made, with the same domains moved and the same things dropped.
func TestWhatMovesIsSaid(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := proposals().Draw(t, "then"), proposals().Draw(t, "now")
		if rapid.Bool().Draw(t, "alike") {
			b = a
			b.Moves.Users, b.Moves.Tickets = 7, 7 // people and tickets come and go
		}
		moved := b.Moved(&a)
		if alike := reflect.DeepEqual(sides(a), sides(b)); alike != (len(moved) == 0) {
			t.Fatalf("from %+v to %+v moved %q", a, b, moved)
		}
		if back := a.Moved(&b); (len(back) == 0) != (len(moved) == 0) {
			t.Fatalf("there moved %q, back %q", moved, back)
		}
	})
}

// sides is all that is pinned of a proposal, without an order.
func sides(p Proposal) []string {
	out := []string{p.Loser.ID, p.Winner.ID}
	var rest []string
	for _, l := range p.Lost {
		rest = append(rest, "lost "+l.Field+"="+l.Value.Text())
	}
	for _, d := range p.Moves.Domains {
		rest = append(rest, "domain "+d)
	}
	for _, d := range p.Moves.Drops {
		rest = append(rest, "drop "+d)
	}
	slices.Sort(rest)
	return append(out, rest...)
}

func TestAProposalIsStoredAsItIs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := proposals().Draw(t, "proposal")
		b, err := p.Pack()
		if err != nil {
			t.Fatal(err)
		}
		back, err := UnpackProposal(b)
		if err != nil || len(back.Moved(&p)) > 0 || back.Text() != p.Text() {
			t.Fatalf("%+v came back as %+v (%v)", p, back, err)
		}
		if got, err := UnpackProposal(b[:rapid.IntRange(0, len(b)-1).Draw(t, "bytes")]); err == nil {
			t.Fatalf("a part of it reads as %+v", got)
		}
	})
}

func TestAMergeChangeSaysWhatIsLostAndLeavesNothing(t *testing.T) {
	t.Parallel()
	p := Proposal{Loser: Party{"001B", "2", "Bolt"}, Winner: Party{"001A", "1", "Acme"}, Lost: []Loss{{"notes", helpdesk.TextOf("x"), false}}}
	ch := p.Change()
	if Held(&ch) || Record(f("notes=x"), &ch) != nil || Apply(f("notes=x"), &ch) != nil {
		t.Errorf("%+v leaves something of the loser", ch)
	}
	elsewhere := ch
	elsewhere.Into = "001C"
	if ID(&elsewhere) == ch.ID {
		t.Error("merges into different organizations have one id")
	}
	if back, cannot := Invert(ch, nil, Mark{Field: "field:mark"}); back != nil || len(cannot) != 1 || cannot[0].Text != "was merged; a merge cannot be undone" {
		t.Errorf("Invert = %+v, %+v", back, cannot)
	}
}
