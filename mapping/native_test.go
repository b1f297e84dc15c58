package mapping

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/desksync/desksync/crm"
	"github.com/desksync/desksync/sla"
)

// drawText draws the text of a rule that yields a text, drawTruth of one that
// yields true or false: the forms that are translated, and some that are not.
func drawText(t *rapid.T, depth int) string {
	simple := []string{`account.A`, `account.B`, `"x"`, `"X y"`, `""`, `plan.name`, `sla.policy`, `nil`}
	if depth == 0 {
		return rapid.SampledFrom(simple).Draw(t, "text")
	}
	switch rapid.IntRange(0, 4).Draw(t, "form of text") {
	case 0:
		return rapid.SampledFrom([]string{"lower", "upper", "trim", "short_id"}).Draw(t, "function") + "(" + rapid.SampledFrom(simple[:7]).Draw(t, "argument") + ")"
	case 1:
		return "(" + drawText(t, depth-1) + " ?? " + drawText(t, depth-1) + ")"
	case 2:
		return "(" + drawTruth(t, depth-1) + " ? " + drawText(t, depth-1) + " : " + drawText(t, depth-1) + ")"
	default:
		return rapid.SampledFrom(simple).Draw(t, "text")
	}
}

func drawTruth(t *rapid.T, depth int) string {
	simple := []string{
		"account.F", "plan.expired", "true", "false", `account.A in ["x", "y"]`, `account.A in ["", "x"]`, `"Gold" in sla.products`,
		`account.B in sla.tags`, "account.F == true", "account.F != false", "false == account.F", "plan.expired == false", "account.N > 1", `has(sla.tags, "gold")`,
	}
	if depth == 0 {
		return rapid.SampledFrom(simple).Draw(t, "truth")
	}
	switch rapid.IntRange(0, 4).Draw(t, "form of truth") {
	case 0:
		return "not (" + drawTruth(t, depth-1) + ")"
	case 1:
		return "(" + drawTruth(t, depth-1) + rapid.SampledFrom([]string{" and ", " or ", " && ", " || "}).Draw(t, "connective") + drawTruth(t, depth-1) + ")"
	case 2:
		return "(" + drawText(t, depth-1) + rapid.SampledFrom([]string{" == ", " != "}).Draw(t, "comparison") + drawText(t, depth-1) + ")"
	case 3:
		return "(" + drawTruth(t, depth-1) + " ?? true)"
	default:
		return rapid.SampledFrom(simple).Draw(t, "truth")
	}
}

// TestTranslatedRulesMeanWhatTheMachineMakesOfThem holds the two ways of
// evaluating a rule against each other.
func TestTranslatedRulesMeanWhatTheMachineMakesOfThem(t *testing.T) {
	t.Parallel()
	translated := 0
	rapid.Check(t, func(rt *rapid.T) {
		text := drawText(rt, 3)
		if rapid.Bool().Draw(rt, "a condition") {
			text = drawTruth(rt, 3)
		}
		values := map[string]string{
			"A": rapid.SampledFrom([]string{"", "x", "X y", " x "}).Draw(rt, "A"), "B": rapid.SampledFrom([]string{"", "gold", "001Aa000003DGb2IAG"}).Draw(rt, "B"),
			"F": rapid.SampledFrom([]string{"", "true", "false", "yes", "perhaps"}).Draw(rt, "F"), "N": rapid.SampledFrom([]string{"", "1", "2"}).Draw(rt, "N"),
		}
		result := sla.Result{Plan: rapid.SampledFrom([]string{"", "gold"}).Draw(rt, "plan"), Products: []string{"Gold"}, Tags: []string{"gold"}}
		fast, isTranslated, errFast := evaluateWith(rt, text, values, result, false)
		slow, _, errSlow := evaluateWith(rt, text, values, result, true)
		if isTranslated {
			translated++
		}
		// The machine reads every column of a rule before it begins, and so may fail over
		// one that the translated rule never comes to.
		if errFast != nil && errSlow == nil || errFast == nil && errSlow == nil && orFalseValue(fast) != orFalseValue(slow) {
			rt.Fatalf("%s on %v: translated %v (%v), by the machine %v (%v)", text, values, fast, errFast, slow, errSlow)
		}
	})
	if translated == 0 {
		t.Error("nothing was translated: the test shows nothing")
	}
}

// orFalseValue makes an empty condition false, as every reader of one does.
func orFalseValue(v any) any {
	if v == nil || v == false {
		return nil
	}
	return v
}

func evaluateWith(t *rapid.T, text string, values map[string]string, result sla.Result, machine bool) (any, bool, error) {
	columns := []column{
		{Column: crm.Column{Name: "A"}},
		{Column: crm.Column{Name: "B"}},
		{Column: crm.Column{Name: "F", Type: crm.Bool}},
		{Column: crm.Column{Name: "N", Type: crm.Number}},
	}
	b := builder{env: newEnvironment(map[crm.Role][]column{crm.Account: columns}), slots: map[string]*slot{}, machineOnly: machine}
	p, problems := b.program(Expr{Text: text}, forAccount)
	if len(problems) > 0 {
		t.Skipf("%s: %v", text, problems) // such as a text where a condition is due
	}
	rules, _ := sla.New(sla.Config{})
	m := &Mapper{rules: rules, slots: b.list, columns: map[crm.Role][]string{crm.Account: {"A", "B", "F", "N"}}, charge: chargeSlots{product: -1}}
	for _, s := range b.list {
		for i, c := range columns {
			if s.name == c.Name {
				s.column = i
			}
		}
	}
	w := m.NewWorker()
	g := &Group{Account: crm.Record{Role: crm.Account, Values: []string{values["A"], values["B"], values["F"], values["N"]}}}
	if err := w.begin(g, 1); err != nil {
		t.Fatal(err)
	}
	w.sla = result
	v, err := w.run(p)
	return v, p.form == truthful || p.form == textual, err
}
