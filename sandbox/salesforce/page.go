package salesforce

import (
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/desksync/desksync/sandbox/salesforce/org"
)

//go:embed page.html
var pages embed.FS

// pageData is what the page shows. Text of records is hostile: only html/template
// writes it.
type pageData struct {
	State    State
	Settings string
	Faults   []*Fault
	Kinds    []string
	Acts     []string
	Requests []Request
	Accounts []pageRow
	Key      string
	Said     string
}

type pageRow struct{ ID, Name, Stamp string }

func (s *Server) showPage(w http.ResponseWriter, r *http.Request) {
	t, err := template.ParseFS(pages, "page.html")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s.mu.Lock()
	data := s.pageData()
	s.mu.Unlock()
	data.Said = r.URL.Query().Get("said")
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'")
	_ = t.Execute(w, data) // the browser has gone: nobody is left to tell
}

func (s *Server) pageData() pageData {
	settings, _ := json.MarshalIndent(s.settings, "", "  ") // plain values
	d := pageData{State: s.state(), Settings: string(settings), Kinds: FaultKinds(), Key: ConsumerKey, Requests: orNone(s.log[max(0, len(s.log)-50):])}
	for _, f := range s.faults {
		shown := *f
		d.Faults = append(d.Faults, &shown)
	}
	slices.Reverse(d.Requests)
	for name := range acts() {
		d.Acts = append(d.Acts, name)
	}
	slices.Sort(d.Acts)
	plan, err := s.world.Plan("SELECT Id, Name, SystemModstamp FROM Account ORDER BY SystemModstamp DESC LIMIT 20", false)
	if err != nil { // no permission to see them: the page says so by showing none
		return d
	}
	for _, n := range plan.Run() {
		v := plan.Values(n)
		d.Accounts = append(d.Accounts, pageRow{csvText(plan.Columns[0].Field, v[0]), csvText(plan.Columns[1].Field, v[1]), csvText(plan.Columns[2].Field, v[2])})
	}
	return d
}

// fromPage does what a form asks for, and goes back to the page.
func (s *Server) fromPage(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	err := s.formed(r)
	s.mu.Unlock()
	said := "done"
	if err != nil {
		said = err.Error()
	}
	http.Redirect(w, r, "/?said="+template.URLQueryEscaper(said), http.StatusSeeOther)
}

func (s *Server) formed(r *http.Request) error {
	text := r.PostFormValue("json")
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	d.DisallowUnknownFields()
	switch r.PathValue("what") {
	case "settings":
		next := s.settings.clone()
		if err := d.Decode(&next); err != nil {
			return err
		}
		return s.apply(next)
	case "fault":
		_, err := s.addFault(Fault{Kind: r.PostFormValue("kind"), Path: r.PostFormValue("path"), Count: 1, Bytes: atoi(r.PostFormValue("bytes")), Skip: atoi(r.PostFormValue("skip"))})
		return err
	case "no-faults":
		s.faults = nil
	case "expire":
		clear(s.sessions)
	case "reset":
		s.reset()
	case "do":
		var a Act
		if err := d.Decode(&a); err != nil {
			return err
		}
		_, err := s.act(a)
		return err
	default:
		return org.NotFound()
	}
	return nil
}

func atoi(text string) int {
	n := 0
	for _, c := range text {
		if c < '0' || c > '9' || n > 1<<30 {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	return n
}
