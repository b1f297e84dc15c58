package mapping

import (
	"fmt"
	"regexp"
)

// lookUp is the remedy where nothing better is known.
const lookUp = "expressions and their functions stand in docs/configuration.md"

const compareIt = `compare it with something, as in account.Name == "Acme"`

// wording puts what the checker of expressions says into words for people, with what
// to write instead.
type wording struct {
	said     *regexp.Regexp
	msg, fix string // $1, $2: what the brackets of said found
}

var wordings = []wording{
	{regexp.MustCompile(`^unexpected token Operator\("="\)$`), "a single = compares nothing", "write == to compare"},
	{regexp.MustCompile(`^unexpected token Operator\("([&|])"\)$`), "there is no operator $1", "write and, or or"},
	{regexp.MustCompile(`^unrecognized character: U\+0026 '&'$`), "there is no operator &", "write and"},
	{regexp.MustCompile(`^unexpected (?:token EOF|end of expression)$`), "the expression ends too early", "write what is missing at the end, or close the bracket that is open"},
	{regexp.MustCompile(`^unexpected token Bracket\("(.+)"\)$`), "the bracket $1 is one too many here, or something is missing before it", "close each bracket once"},
	{regexp.MustCompile(`^unexpected token \w+\("(.+)"\)$`), "nobody expects $1 here", "an operator or a comma is missing before it, or it stands in for a text: put texts in quotes"},
	{regexp.MustCompile(`^literal not terminated$`), "a text is not closed", "write the quote at its end"},
	{regexp.MustCompile(`^unrecognized character: U\+[0-9A-F]+ '(.+)'$`), "the character $1 means nothing here", "put texts in straight quotes, and take it out elsewhere"},
	{regexp.MustCompile(`^invalid operation: (&&|and|\|\||or) \(mismatched types (.+) and (.+)\)$`), "$1 joins true/false, and is given $2 and $3", compareIt},
	{regexp.MustCompile(`^invalid operation: (\S+) \(mismatched types (.+) and (.+)\)$`), "$1 cannot take $2 on its left and $3 on its right", ""},
	{regexp.MustCompile(`^invalid operation: (?:not|!) \(mismatched type (.+)\)$`), "not takes true/false, and is given $1", compareIt},
	{regexp.MustCompile(`^invalid operation: (\S+) \(mismatched type (.+)\)$`), "$1 cannot take $2", "convert it first: number(…) makes a number of a text"},
	{regexp.MustCompile(`^not enough arguments to call (\S+)$`), "$1 is given too little", lookUp},
	{regexp.MustCompile(`^too many arguments to call (\S+)$`), "$1 is given too much", lookUp},
	{regexp.MustCompile(`^cannot use (.+) as argument \(type (.+)\) to call (\S+) ?$`), "$3 takes $2 and is given $1", "convert it first: string(…) makes text, number(…) a number, date(…) a day"},
	{regexp.MustCompile(`^invalid argument for (\S+) \(type (.+)\)$`), "$1 cannot take $2", lookUp},
	{regexp.MustCompile(`^non-true/false expression \(type (.+)\) used as condition$`), "what stands before ? is $1, and true or false is due", compareIt},
	{regexp.MustCompile(`^predicate should return boolean \(got (.+)\)$`), "the condition on the elements is $1, and true or false is due", compareIt},
	{regexp.MustCompile(`^type (.+) has no field (\S+)$`), "$1 has no field $2", "a value has no fields: take the last step away"},
}

// reword says a fault of an expression in plain words, and what to do. What has no
// words of its own stays as it is.
func reword(said string) (msg, fix string) {
	for i := range wordings {
		w := &wordings[i]
		found := w.said.FindStringSubmatchIndex(said)
		if found == nil {
			continue
		}
		msg = string(w.said.ExpandString(nil, w.msg, said, found))
		if w.fix == "" {
			m := w.said.FindStringSubmatch(said)
			return msg, convert(m[2], m[3])
		}
		return msg, w.fix
	}
	return said, lookUp
}

// convert says how two types come together.
func convert(left, right string) string {
	for _, c := range []struct{ have, need, write string }{
		{"text", "number", "write number(…) around the text to calculate or compare, or string(…) around the number to put texts together"},
		{"date", "number", "write addDays(day, n) for another day, or daysUntil(day) for how many are left"},
		{"text", "date", "write date(…) around the text"},
		{"text", "true/false", "write the text in quotes, or true and false without"},
	} {
		if left == c.have && right == c.need || left == c.need && right == c.have {
			return c.write
		}
	}
	return fmt.Sprintf("make %s and %s one type: string(…), number(…), date(…)", left, right)
}
