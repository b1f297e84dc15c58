package adopt_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/desksync/desksync/helpdesk"
	"github.com/desksync/desksync/sync/adopt"
)

func TestCellsAreHarmlessInASpreadsheet(t *testing.T) {
	t.Parallel()
	for name, cell := range map[string]string{
		`=HYPERLINK("http://x")`: "\"'=HYPERLINK(\"\"http://x\"\")\"", "+1": "'+1", "-1": "'-1", "@x": "'@x", "'x": "''x", "Acme": "Acme", "12": "12", "7000000000101": "'7000000000101",
		"0012": "'0012", "1e5": "'1e5", "\tx": "'\tx",
	} {
		var file bytes.Buffer
		p := adopt.Proposal{Wanted: account("A1", "Acme"), Held: &adopt.Held{ID: "5", Name: name}}
		if err := adopt.Write(&file, []adopt.Proposal{p}); err != nil {
			t.Fatal(err)
		}
		_, row, _ := strings.Cut(file.String(), "\n")
		if want := "organization,A1,,Acme,5," + cell + ",,,\n"; row != want {
			t.Errorf("%q is written as %q, want %q", name, row, want)
		}
		rows, _, err := adopt.Read(&file)
		if err != nil || len(rows) != 1 || rows[0].TargetName != strings.TrimSpace(name) && name != "\tx" {
			t.Errorf("%q is read back as %+v (%v)", name, rows, err)
		}
	}
}

const head = "kind,account,contact,name,target_id,target_name,evidence,link,reason\n"

func TestWhatIsWrongWithAFileIsSaidByLine(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ file, want string }{
		"all is well":       {head + "organization,A1,,Acme,5,,,yes,\norganization,B1,,Bolt,,,,?,\n", ""},
		"semicolons":        {strings.ReplaceAll(head+"organization,A1,,Acme,5,,,Yes,\n", ",", ";"), ""},
		"tabs, in quotes":   {strings.ReplaceAll("\""+strings.ReplaceAll(strings.TrimSpace(head), ",", "\",\"")+"\"\norganization,A1,,Acme,5,,,Yes,\n", ",", "\t"), ""},
		"UTF-16":            {"\xff\xfek\x00i\x00n\x00d\x00", "it is written in UTF-16; save it as CSV in UTF-8"},
		"a line cut off":    {head + "organization,A1,,Acme,5\n", "2: the line ends before the column link"},
		"blanks cut off":    {head + "organization,A1,,Acme\n", ""},
		"a strange kind":    {head + "ticket,A1,,Acme,5,,,yes,\n", `2: kind "ticket" is neither organization nor user`},
		"no account":        {head + "organization,,,Acme,5,,,yes,\n", "2: the id of the account is missing"},
		"no contact":        {head + "user,A1,,Ann,5,,,yes,\n", "2: the id of the contact is missing"},
		"a strange answer":  {head + "organization,A1,,Acme,5,,,maybe,\n", `2: link "maybe" is not understood; write yes or no`},
		"yes to nothing":    {head + "organization,A1,,Acme,,,,yes,\n", "2: link says yes, and target_id is empty; write the id of the organization to link"},
		"a shortened id":    {head + "organization,A1,,Acme,7E+12,,,yes,\n", "2: target_id 7E+12 was shortened by a spreadsheet; format the column as text and write the id in full"},
		"an account twice":  {head + "organization,A1,,Acme,5,,,yes,\n,,,,,,,,\norganization,A1,,Acme,6,,,yes,\n", "4: account A1 is linked by line 2 already"},
		"a target twice":    {head + "organization,A1,,Acme,5,,,yes,\norganization,B1,,Bolt,5,,,yes,\n", "3: organization 5 is linked by line 2 already"},
		"a no does no harm": {head + "organization,A1,,Acme,5,,,no,\norganization,B1,,Bolt,5,,,yes,\n", ""},
		"lines in a name":   {head + "organization,A1,,\"Acme\nInc\",5,,,yes,\norganization,A1,,Acme,6,,,yes,\n", "4: account A1 is linked by line 2 already"},
		"another file":      {"Id,Name\n1,2\n", "it has no column kind, account, contact, target_id, target_name, link; it is not a file of desksync adopt"},
		"nothing":           {"", "it has no header line: EOF"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, problems, err := adopt.Read(strings.NewReader(tt.file))
			got := ""
			if err != nil {
				got = err.Error()
			}
			for _, p := range problems {
				got += fmt.Sprintf("%d: %s", p.Line, p.Text)
			}
			if got != tt.want {
				t.Errorf("Read(%q) says %q, want %q", tt.file, got, tt.want)
			}
		})
	}
}

func TestWhatMovedSinceTheReviewIsRefused(t *testing.T) {
	t.Parallel()
	wanted := []adopt.Wanted{account(acme, "Acme"), account(bolt, "Bolt"), contact("003A", acme, "ann@acme.example")}
	row := func(id, name, target, targetName string) adopt.Row {
		return adopt.Row{Line: 2, Kind: helpdesk.Organization, Account: id, Name: name, TargetID: target, TargetName: targetName, Link: adopt.Yes}
	}
	tests := map[string]struct {
		row  adopt.Row
		held []adopt.Held
		want string
	}{
		"nothing moved":             {row(acme, "Acme", "5", "ACME"), []adopt.Held{{ID: "5", Name: "Acme"}}, "linked"},
		"done already":              {row(acme, "Acme", "5", "x"), []adopt.Held{{ID: "5", Key: acme}}, "already"},
		"a target written by hand":  {row(acme, "Acme", "5", ""), []adopt.Held{{ID: "5", Name: "Whatever"}}, "linked"},
		"the account is gone":       {row("001Zz", "Acme", "5", ""), []adopt.Held{{ID: "5"}}, "account 001Zz is not one that the rules want"},
		"the organization is gone":  {row(acme, "Acme", "9", ""), []adopt.Held{{ID: "5"}}, "the helpdesk has no organization 9"},
		"linked elsewhere":          {row(acme, "Acme", "5", ""), []adopt.Held{{ID: "5"}, {ID: "6", Key: acme}}, "account " + acme + " is linked to organization 6 already"},
		"somebody else's":           {row(acme, "Acme", "5", ""), []adopt.Held{{ID: "5", Key: bolt}}, "organization 5 belongs to account " + bolt + ", and is never taken from it"},
		"renamed in the CRM":        {row(acme, "Apex", "5", "Acme"), []adopt.Held{{ID: "5", Name: "Acme"}}, "account " + acme + " is called Acme now, and was Apex; look again"},
		"renamed in the helpdesk":   {row(acme, "Acme", "5", "Acme"), []adopt.Held{{ID: "5", Name: "Apex"}}, "organization 5 is called Apex now, and was Acme; look again"},
		"renamed, and it has an id": {row(acme, "Apex", "5", "Acme"), []adopt.Held{{ID: "5", Name: "Apex", FieldID: acme}}, "linked"},
		"another program's id":      {row(acme, "Acme", "5", ""), []adopt.Held{{ID: "5", Key: "billing-17"}}, "linked"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := adopt.Choose([]adopt.Row{tt.row}, wanted, map[helpdesk.Kind][]adopt.Held{helpdesk.Organization: tt.held})
			got := map[bool]string{true: "linked"}[len(c.Links) == 1] + map[bool]string{true: "already"}[c.Already == 1]
			for _, r := range c.Refused {
				got += r.Text
			}
			if got != tt.want {
				t.Errorf("Choose(%+v, %+v) = %q, want %q", tt.row, tt.held, got, tt.want)
			}
		})
	}
}

func TestAnAgentIsNotLinkedEvenIfTheFileSaysSo(t *testing.T) {
	t.Parallel()
	row := adopt.Row{Line: 2, Kind: helpdesk.User, Account: acme, Contact: "003A", TargetID: "5", Link: adopt.Yes}
	held := map[helpdesk.Kind][]adopt.Held{helpdesk.User: {{ID: "5", Spared: "user 5 is an agent"}}}
	c := adopt.Choose([]adopt.Row{row}, []adopt.Wanted{contact("003A", acme, "ann@acme.example")}, held)
	if len(c.Links) != 0 || !slices.Equal(c.Refused, []adopt.Problem{{2, "user 5 is an agent"}}) {
		t.Errorf("linked %v, refused %v", c.Links, c.Refused)
	}
}
