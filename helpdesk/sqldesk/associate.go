package sqldesk

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/desksync/desksync/helpdesk/domains"
	"github.com/desksync/desksync/internal/dbx"
)

// AssociationOf says where a new user with this address would go.
func (s *Store) AssociationOf(ctx context.Context, email string) (Association, error) {
	var a Association
	err := s.db.Tx(ctx, "sqldesk.associate", func(tx *dbx.Tx) (err error) {
		a, err = s.associate(&txn{Tx: tx, ctx: ctx}, email)
		return err
	})
	return a, err
}

// associate finds the longest domain that an address ends with, label by label, and
// settles it if several organizations hold it.
func (s *Store) associate(t *txn, email string) (Association, error) {
	suffixes := suffixesOf(s.emailDomain(email))
	if len(suffixes) == 0 {
		return Association{}, nil
	}
	var rows []holderRow
	const q = `
		SELECT ` + namedColumns + `, d.domain
		FROM   organization_domain d JOIN organization o ON o.id = d.organization_id
		WHERE  d.domain IN (?)
		ORDER  BY o.id`
	if err := t.list(&rows, q, suffixes); err != nil || len(rows) == 0 {
		return Association{}, err
	}
	longest := slices.MaxFunc(rows, func(a, b holderRow) int { return cmp.Compare(len(a.Domain), len(b.Domain)) }).Domain
	rows = slices.DeleteFunc(rows, func(r holderRow) bool { return r.Domain != longest })
	a := Association{Domain: longest}
	if len(rows) == 1 {
		a.Organization = rows[0].named()
		return a, nil
	}
	for _, r := range rows {
		a.Tied = append(a.Tied, r.named())
	}
	a.Organization, _ = domains.Winner(s.opt.Tie, a.Tied, Named.claim)
	return a, nil
}

type holderRow struct {
	namedRow
	Domain string `db:"domain"`
}

// emailDomain returns the domain of an address in the form in which organizations
// hold domains.
func (s *Store) emailDomain(email string) string {
	domain := domainOf(email)
	if clean, err := s.opt.CleanDomain(domain); err == nil && strings.HasSuffix(domain, clean) {
		return domain
	} else if err == nil {
		return clean
	}
	return domain
}

// suffixesOf returns a domain and what it ends with, label by label.
func suffixesOf(domain string) []string {
	var out []string
	for domain != "" {
		out = append(out, domain)
		_, domain, _ = strings.Cut(domain, ".")
	}
	return out
}
