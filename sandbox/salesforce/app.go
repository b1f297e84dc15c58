package salesforce

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"sync"

	"github.com/desksync/desksync/sandbox/salesforce/org"
)

// app is the connected app: who may log in through it, and who the client credentials
// flow runs as.
type app struct {
	approved map[string]bool // usernames, in lower case
	runAs    string
}

func newApp() app {
	return app{approved: map[string]bool{org.Username(0): true}, runAs: org.Username(0)}
}

// approves says whether a user is pre-authorised.
func (a app) approves(username string) bool { return a.approved[strings.ToLower(username)] }

// keyPair is made when it is first asked for: most tests never sign.
type keyPair struct {
	once sync.Once
	key  *rsa.PrivateKey
	err  error
}

func (k *keyPair) get() (*rsa.PrivateKey, error) {
	k.once.Do(func() { k.key, k.err = rsa.GenerateKey(rand.Reader, 2048) })
	return k.key, k.err
}

// PrivateKey is the key whose certificate the connected app holds: what a client signs
// its JWT with.
func (s *Server) PrivateKey() (*rsa.PrivateKey, error) { return s.key.get() }

// PrivatePEM is that key as a file holds it.
func (s *Server) PrivatePEM() ([]byte, error) {
	key, err := s.key.get()
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}
