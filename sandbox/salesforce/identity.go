package salesforce

import (
	"net/http"
	"net/url"
)

// identity tells who is logged in (Identity URLs).
func (s *Server) identity(q *request) reply {
	login, ok := s.authenticate(q)
	if !ok {
		return reply{status: http.StatusForbidden, kind: "text/html", body: []byte("Bad_OAuth_Token")}
	}
	user, err := s.world.Get("User", login.user, []string{"Username", "Name", "Email", "IsActive"})
	if err != nil {
		return failure(err)
	}
	return jsonReply(http.StatusOK, map[string]any{
		"id": s.login + "/id/" + s.world.ID + "/" + login.user, "user_id": login.user, "organization_id": s.world.ID,
		"username": user.Cells[0].Value, "display_name": user.Cells[1].Value, "email": user.Cells[2].Value, "active": user.Cells[3].Value,
		"urls": map[string]string{"rest": s.instance + "/services/data/v{version}/", "query": s.instance + "/services/data/v{version}/query/"},
	})
}

// revoke ends a session (Revoke OAuth Tokens).
func (s *Server) revoke(q *request) reply {
	token := q.query.Get("token")
	if form, err := url.ParseQuery(string(q.body)); err == nil && form.Get("token") != "" {
		token = form.Get("token")
	}
	if s.sessions[token] == nil && s.refresh[token] == "" {
		return refused("unsupported_token_type", "this token is not known")
	}
	delete(s.sessions, token)
	delete(s.refresh, token)
	return reply{status: http.StatusOK}
}
