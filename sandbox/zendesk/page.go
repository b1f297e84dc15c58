package zendesk

import (
	"embed"
	"encoding/json"
	"errors"
	"html/template"
	"net/http"
	"slices"
	"strconv"

	"github.com/desksync/desksync/sandbox/zendesk/account"
)

//go:embed page.html
var pages embed.FS

// pageData is what the page shows. Text of records is hostile: only html/template
// writes it.
type pageData struct {
	State         State
	Settings      string
	Faults        []Fault
	Kinds         []string
	Requests      []Request
	Organizations []organization
	Users         []user
	Jobs          []jobStatus
	Client        string
	Email         string
	Query         string
	Said          string
}

// shownRows is how many rows each table of the page has at most.
const shownRows = 20

func (s *Sandbox) showPage(w http.ResponseWriter, r *http.Request) {
	t, err := template.ParseFS(pages, "page.html")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s.mu.Lock()
	s.account.Advance()
	data := s.pageData(r)
	s.mu.Unlock()
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'")
	_ = t.Execute(w, data) // the browser has gone: nobody is left to tell
}

func (s *Sandbox) pageData(r *http.Request) pageData {
	settings, _ := json.MarshalIndent(s.settings, "", "  ") // plain values
	d := pageData{
		State: s.state(), Settings: string(settings), Kinds: FaultKinds(), Client: ClientID, Email: AdminEmail, Query: r.URL.Query().Get("q"),
		Said: r.URL.Query().Get("said"),
	}
	for _, f := range s.faults {
		d.Faults = append(d.Faults, *f)
	}
	calls := s.log.calls()
	d.Requests = calls[max(0, len(calls)-50):]
	slices.Reverse(d.Requests)
	c := &call{base: ""}
	for _, o := range s.account.Latest(d.Query, shownRows) {
		d.Organizations = append(d.Organizations, s.organization(c, o))
	}
	for _, u := range s.account.LatestUsers(shownRows) {
		d.Users = append(d.Users, s.user(c, u))
	}
	jobs := s.account.Jobs()
	for _, j := range slices.Backward(jobs[max(0, len(jobs)-shownRows):]) {
		d.Jobs = append(d.Jobs, s.job(c, j))
	}
	return d
}

// fromPage does what a form asks for, and goes back to the page.
func (s *Sandbox) fromPage(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.account.Advance()
	err := s.formed(r)
	s.post()
	s.mu.Unlock()
	said := "done"
	if err != nil {
		said = err.Error()
	}
	http.Redirect(w, r, "/?said="+template.URLQueryEscaper(said)+"&q="+template.URLQueryEscaper(r.PostFormValue("q")), http.StatusSeeOther)
}

func (s *Sandbox) formed(r *http.Request) error {
	switch r.PathValue("what") {
	case "settings":
		next := s.settings
		if err := json.Unmarshal([]byte(r.PostFormValue("json")), &next); err != nil {
			return err
		}
		if err := next.check(); err != nil {
			return err
		}
		s.apply(next)
	case "fault":
		return s.formedFault(r)
	case "no-faults":
		s.faults = nil
	case "expire":
		clear(s.tokens)
	case "reset":
		s.reset()
	case "organization":
		return s.formedOrganization(r)
	default:
		return errors.New("there is no such form")
	}
	return nil
}

func (s *Sandbox) formedFault(r *http.Request) error {
	f := Fault{Kind: r.PostFormValue("kind"), Path: r.PostFormValue("path"), Count: 1}
	for key, into := range map[string]*int{"skip": &f.Skip, "count": &f.Count, "status": &f.Status} {
		if text := r.PostFormValue(key); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil {
				return err
			}
			*into = n
		}
	}
	_, err := s.arm(f)
	return err
}

// formedOrganization writes one attribute or field, adds a tag, or deletes.
func (s *Sandbox) formedOrganization(r *http.Request) error {
	id, err := strconv.ParseInt(r.PostFormValue("id"), 10, 64)
	if err != nil {
		return err
	}
	a := Act{Do: r.PostFormValue("do"), ID: id}
	key := r.PostFormValue("key")
	value, err := json.Marshal(r.PostFormValue("value"))
	if err != nil {
		return err
	}
	switch {
	case a.Do == "add_tags" || a.Do == "remove_tags":
		a.Tags = []string{r.PostFormValue("value")}
	case s.account.Field(0, key) != nil:
		inner, err := json.Marshal(account.Patch{key: value})
		if err != nil {
			return err
		}
		a.Fields = account.Patch{"organization_fields": inner}
	default:
		a.Fields = account.Patch{key: value}
	}
	_, err = s.act(a)
	return err
}
