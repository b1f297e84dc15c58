package main

import (
	"fmt"
	"path"
)

const module = "github.com/desksync/desksync/"

// arrows are imports that must not be: from a room, what. A room of files (a
// vocabulary with adapters below it) ends without /planted; what is imported there
// has no offence of its own, or the planted imports would run in a circle.
var arrows = []struct{ room, imports string }{
	{"internal/fault/planted", module + "internal/dbx"},
	{"internal/planted", module + "helpdesk/sqldesk"},
	{"config/planted", module + "sla"},
	{"crm", module + "sla"},
	{"crm", "net/http"},
	{"crm/planted", module + "helpdesk/sqldesk"},
	{"crm/planted", module + "crm/csvfile"},
	{"sla/planted", module + "mapping"},
	{"sla/planted", "os"},
	{"mapping/planted", module + "sync/changeset"},
	{"mapping/planted", "github.com/rs/zerolog"},
	{"helpdesk", module + "crm"},
	{"helpdesk", "os"},
	{"helpdesk/domains/planted", module + "helpdesk"},
	{"helpdesk/domains/planted", "net"},
	{"helpdesk/planted", module + "helpdesk/sqldesk"},
	{"helpdesk/planted", module + "crm"},
	{"helpdesk/zendesk/planted", module + "sandbox/zendesk"},
	{"helpdesk/zendesk/planted", module + "sync/journal"},
	{"sync/changeset/planted", module + "mapping"},
	{"sync/changeset/planted", "log/slog"},
	{"sync/changeset/planted", "database/sql"},
	{"sync/adopt/planted", module + "sync/journal"},
	{"sync/adopt/planted", "os"},
	{"sync/journal/planted", module + "sync/changeset"},
	{"sync/reconcile/planted", module + "helpdesk/sqldesk"},
	{"sync/reconcile/planted", module + "config"},
	{"sync/alert/planted", module + "sync/reconcile"},
	{"web/planted", module + "mapping"},
	{"sync/schedule/planted", module + "web"},
	{"sync/metrics/planted", module + "sync/reconcile"},
	{"sync/trace/planted", module + "sync/journal"},
	{"sandbox/planted", module + "internal/fault"},
	{"sandbox/zendesk/planted", module + "sandbox/salesforce"},
	{"sandbox/zendesk/account/planted", "net/http"},
	{"examples/planted", module + "internal/fault"},
	{"cmd/planted", module + "helpdesk/helpdesktest"},
	{"sync/reconcile/planted", module + "internal/dbx/dbtest"},
	{"cmd/planted", "math/rand"},
}

// forbidden is what the planted source calls.
var forbidden = []string{"fmt.Println", "log.Printf", "os.Exit", "panic", "time.Now"}

// calls is a source that calls all of forbidden.
const calls = `// Package planted calls what it must not.
package planted

import (
	"fmt"
	"log"
	"os"
	"time"
)

// Offend calls everything forbidden.
func Offend() time.Time {
	fmt.Println()
	log.Printf("x")
	if len(os.Args) > 9 {
		os.Exit(1)
	}
	if len(os.Args) > 8 {
		panic("x")
	}
	return time.Now()
}
`

// offences returns the files of the planted module by path.
func offences() map[string]string {
	files := map[string]string{"sla/calls/planted.go": calls}
	for i, a := range arrows {
		name := path.Base(a.room)
		files[a.room+"/stub.go"] = stub(name)
		files[fmt.Sprintf("%s/offence%02d.go", a.room, i)] = fmt.Sprintf("package %s\n\nimport _ %q\n", name, a.imports)
		if ours, ok := trim(a.imports); ok {
			files[ours+"/stub.go"] = stub(path.Base(ours))
		}
	}
	return files
}

func stub(name string) string {
	return fmt.Sprintf("// Package %s is a stub.\npackage %s\n", name, name)
}
