package mapping_test

import (
	"testing"

	"github.com/desksync/desksync/mapping"
)

func TestFaultsOfExpressionsAreSaidInPlainWordsWithARemedy(t *testing.T) {
	t.Parallel()
	const (
		compare = `compare it with something, as in account.Name == "Acme"`
		lookUp  = "expressions and their functions stand in docs/configuration.md"
	)
	tests := map[string]struct{ text, msg, fix string }{
		"one = alone":                   {`account.Name = "x"`, "a single = compares nothing", "write == to compare"},
		"an end too early":              {`account.Name ==`, "the expression ends too early", "write what is missing at the end, or close the bracket that is open"},
		"an open bracket":               {`(account.Name`, "the expression ends too early", "write what is missing at the end, or close the bracket that is open"},
		"a bracket too many":            {`account.Name)`, "the bracket ) is one too many here, or something is missing before it", "close each bracket once"},
		"a text and a number":           {`account.Name + 5`, "+ cannot take text on its left and number on its right", "write number(…) around the text to calculate or compare, or string(…) around the number to put texts together"},
		"a day and a number":            {`account.Contract_End__c + 3`, "+ cannot take date on its left and number on its right", "write addDays(day, n) for another day, or daysUntil(day) for how many are left"},
		"a day and a text":              {`account.Contract_End__c > "2020-01-01"`, "> cannot take date on its left and text on its right", "write date(…) around the text"},
		"text joined by and":            {`account.Name && 5`, "&& joins true/false, and is given text and number", compare},
		"not of a text":                 {`not account.Name`, "not takes true/false, and is given text", compare},
		"minus a text":                  {`-account.Name`, "- cannot take text", "convert it first: number(…) makes a number of a text"},
		"a question about a text":       {`account.Name ? 1 : 2`, "what stands before ? is text, and true or false is due", compare},
		"a filter by a number":          {`filter(contacts, 5)`, "the condition on the elements is number, and true or false is due", compare},
		"a text that is not closed":     {`"abc`, "a text is not closed", "write the quote at its end"},
		"curly quotes":                  {"“x”", "the character “ means nothing here", "put texts in straight quotes, and take it out elsewhere"},
		"one & alone":                   {`account.Name & "x"`, "there is no operator &", "write and, or or"},
		"an operator of another tongue": {`account.Name like "x"`, "nobody expects like here", "an operator or a comma is missing before it, or it stands in for a text: put texts in quotes"},
		"a function without arguments":  {`lower()`, "lower is given too little", lookUp},
		"a function with too many":      {`lower("a", "b")`, "lower is given too much", lookUp},
		"a function of another type":    {`lower(5)`, "lower takes text and is given number", "convert it first: string(…) makes text, number(…) a number, date(…) a day"},
		"the length of a number":        {`len(5)`, "len cannot take number", lookUp},
		"a field of a text":             {`account.Name.foo`, "text has no field foo", "a value has no fields: take the last step away"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, problems := mapping.Compile(small("account_owner", tt.text), schema(), caps(), catalogue(t))
			if len(problems) != 1 || problems[0].Msg != tt.msg || problems[0].Fix != tt.fix {
				t.Errorf("Compile(%q)\n got %+v\nwant %q; %q", tt.text, problems, tt.msg, tt.fix)
			}
		})
	}
}
