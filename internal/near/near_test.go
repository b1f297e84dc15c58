package near_test

import (
	"testing"

	"github.com/desksync/desksync/internal/near"
)

func TestMeant(t *testing.T) {
	t.Parallel()
	columns := []string{"CARR_This_Account__c", "Name", "Restricted_Account__c", "Type"}
	tests := map[string]struct{ name, want string }{
		"a letter is missing":        {"CARR_This_Acount__c", "; did you mean CARR_This_Account__c?"},
		"only the case differs":      {"NAME", "; did you mean Name?"},
		"two letters are swapped":    {"Tpye", "; did you mean Type?"},
		"at the end, in other case":  {"NAem", "; did you mean Name?"},
		"two letters are others":     {"Tiqe", ""},
		"custom fields are alike":    {"Account_Owner_Calc__c", ""},
		"nothing is like it":         {"Zebra", ""},
		"nothing was written at all": {"", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := near.Meant(tt.name, columns); got != tt.want {
				t.Errorf("Meant(%q) = %q, want %q", tt.name, got, tt.want)
			}
		})
	}
}

func TestKnown(t *testing.T) {
	t.Parallel()
	all := []string{"customers", "partners"}
	for name, want := range map[string]string{"custmers": "; did you mean customers?", "x": "; known are: customers, partners"} {
		if got := near.Known(name, all); got != want {
			t.Errorf("Known(%q) = %q, want %q", name, got, want)
		}
	}
}
