package mapping

import (
	"os"
	"strings"
	"testing"
)

func TestEveryFunctionStandsInTheReference(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range functions {
		if f.name != untilFunction && !strings.Contains(string(page), "`"+f.name+"(") {
			t.Errorf("docs/configuration.md does not say what %s gives", f.name)
		}
	}
}
