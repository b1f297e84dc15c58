package salesforce

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxAhead is how far ahead a JWT may expire (OAuth 2.0 JWT Bearer Flow: three minutes).
const maxAhead = 3 * time.Minute

// claims are those the JWT bearer flow reads. Official samples write exp as a string,
// so both that and a number are taken.
type claims struct {
	Iss string          `json:"iss"`
	Sub string          `json:"sub"`
	Aud json.RawMessage `json:"aud"`
	Exp json.RawMessage `json:"exp"`
}

func (c claims) audiences() []string {
	var one string
	if json.Unmarshal(c.Aud, &one) == nil {
		return []string{one}
	}
	var many []string
	_ = json.Unmarshal(c.Aud, &many) // neither: no audience
	return many
}

// expires reads a NumericDate, which may have a fraction (RFC 7519, section 2).
func (c claims) expires() (time.Time, bool) {
	seconds, err := strconv.ParseFloat(strings.Trim(string(c.Exp), `"`), 64)
	if err != nil || seconds < 0 || seconds > maxSeconds {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(seconds * 1000)), true
}

// maxSeconds is the end of the year 9999, in seconds since 1970.
const maxSeconds = 253402300799

// audience is the literal host a JWT is for, whatever host it is posted to.
func (s *Server) audience() string {
	if s.opt.Test {
		return "https://test.salesforce.com"
	}
	return "https://login.salesforce.com"
}

// byJWT serves the JWT bearer flow (Salesforce Help, OAuth 2.0 JWT Bearer Flow).
func (s *Server) byJWT(assertion string) reply {
	key, err := s.key.get()
	if err != nil {
		return refused("server_error", err.Error())
	}
	c, err := verify(assertion, &key.PublicKey)
	if err != nil {
		return refused("invalid_grant", "invalid assertion")
	}
	if bad := s.checkClaims(c); bad != nil {
		return *bad
	}
	if !s.app.approves(c.Sub) {
		return refused("invalid_grant", "user hasn't approved this consumer")
	}
	user, bad := s.userOf(c.Sub)
	if bad != nil {
		return *bad
	}
	return s.issue(user, false, "")
}

func (s *Server) checkClaims(c claims) *reply {
	bad := func(code, why string) *reply { r := refused(code, why); return &r }
	expires, ok := c.expires()
	now := s.world.Now()
	switch {
	case c.Iss != ConsumerKey:
		return bad("invalid_client_id", "client identifier invalid")
	case !slices.Contains(c.audiences(), s.audience()):
		return bad("invalid_grant", "audience is invalid")
	case !ok || !now.Before(expires):
		return bad("invalid_grant", "expired authorization code")
	case expires.After(now.Add(maxAhead)):
		return bad("invalid_grant", "invalid assertion")
	}
	return nil
}

// verify reads a JWT that is signed with RS256 by the key.
func verify(assertion string, key *rsa.PublicKey) (claims, error) {
	var c claims
	parts := strings.Split(assertion, ".")
	if len(parts) != 3 {
		return c, errors.New("not three parts")
	}
	var header struct{ Alg string }
	if err := decodePart(parts[0], &header); err != nil || header.Alg != "RS256" {
		return c, errors.New("not signed with RS256")
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return c, err
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature); err != nil {
		return c, err
	}
	return c, decodePart(parts[1], &c)
}

func decodePart(part string, into any) error {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}
