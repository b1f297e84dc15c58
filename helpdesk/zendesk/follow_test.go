package zendesk

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/desksync/desksync/helpdesk"
)

const (
	usersAt     = "GET incremental/users?per_page=1000&start_time="
	usersSince  = "GET incremental/users/cursor?per_page=1000&start_time="
	usersBehind = "GET incremental/users/cursor?cursor=%s&per_page=1000"
)

func userAt(id int64, stamp string) string {
	return fmt.Sprintf(`{"id":%d,"name":"P","external_id":"003%d","role":"end-user","active":true,"updated_at":%q}`, id, id, stamp)
}

func usersBy(end, cursor string, more bool, list ...string) reply {
	return reply{body: fmt.Sprintf(`{"users":[%s],"end_time":%s,"after_cursor":%s,"end_of_stream":%v}`, strings.Join(list, ","), end, cursor, !more)}
}

// TestManyChangesOfUsersAreReadByCursor: a second in which more of them changed than a page
// holds is no reason to list everybody, and where the reading ended it goes on in time.
func TestManyChangesOfUsersAreReadByCursor(t *testing.T) {
	t.Parallel()
	at := noon.Add(-time.Hour).Unix()
	a, b := userAt(1, "2026-11-21T11:00:00Z"), userAt(2, "2026-11-21T11:00:00Z")
	c, d := userAt(3, "2026-11-21T11:00:00Z"), userAt(4, "2026-11-21T11:00:07Z")
	end := noon.Add(-time.Hour + 7*time.Second).Unix()
	s := start(t, map[string][]reply{
		usersAt + fmt.Sprint(at):       {usersBy(fmt.Sprint(at), "null", true, a, b)},
		usersSince + fmt.Sprint(at):    {usersBy("null", `"AA"`, true, a, b)},
		fmt.Sprintf(usersBehind, "AA"): {usersBy("null", `"BB"`, true, c)},
		fmt.Sprintf(usersBehind, "BB"): {usersBy("null", `"CC"`, false, d)},
		usersAt + fmt.Sprint(end):      {usersBy(fmt.Sprint(end), "null", false, d, userAt(5, "2026-11-21T11:00:07Z"))},
	})
	target := s.target(nil)
	shown, last := follow(t, target, helpdesk.User, cursorAt(at))
	if shown != "0031=1 0032=2 0033=3 0034=4" || last.Next != cursorAt(end) || last.Complete {
		t.Errorf("it shows %q and goes on at %q, want each user once and %q", shown, last.Next, cursorAt(end))
	}
	if shown, _ := follow(t, target, helpdesk.User, last.Next); shown != "0035=5" {
		t.Errorf("behind it %q is shown, want what changed in the last second and was not shown", shown)
	}
}

func TestAnExportThatGoesNowhereIsRefused(t *testing.T) {
	t.Parallel()
	at := noon.Add(-time.Hour).Unix()
	a := userAt(1, "2026-11-21T11:00:00Z")
	for name, script := range map[string]map[string][]reply{
		"no cursor": {usersSince + fmt.Sprint(at): {usersBy("null", "null", true, a)}},
		"the same":  {usersSince + fmt.Sprint(at): {usersBy("null", `"AA"`, true, a)}, fmt.Sprintf(usersBehind, "AA"): {usersBy("null", `"AA"`, true, a)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script[usersAt+fmt.Sprint(at)] = []reply{usersBy(fmt.Sprint(at), "null", true, a)}
			var failed error
			for p, err := range start(t, script).target(nil).Objects(t.Context(), helpdesk.User, cursorAt(at)) {
				if failed = err; err == nil && p.Next != cursorAt(at) {
					t.Errorf("it goes on at %q", p.Next)
				}
			}
			if failed == nil || !strings.Contains(failed.Error(), "and not where") {
				t.Errorf("it ends with %v", failed)
			}
		})
	}
}
