package org

// samePerson moves the stamps of a person account with those of its contact: both show
// one record.
func (tx *Tx) samePerson(contact rec) {
	v := tx.newest()
	if account, ok := v.follow(contact, contact.t.obj.field("AccountId")); ok && v.path(account, "PersonContactId") == contact.id() {
		tx.set(account, nil)
	}
}

// moved keeps the direct relation of a contact true to its account: the row of the old
// account goes, and there is one for the new (Object Reference, AccountContactRelation).
// before is the account it had.
func (tx *Tx) moved(r rec, before any) {
	if r.t.obj.Name != "Contact" {
		return
	}
	tx.samePerson(r)
	v := tx.newest()
	after := v.path(r, "AccountId")
	if before == after {
		return
	}
	t := tx.w.table("AccountContactRelation")
	l := link{t, t.obj.field("ContactId")}
	found := false
	for _, row := range v.children(r, l) {
		switch {
		case v.state(row) != live:
		case v.path(row, "AccountId") == after:
			tx.set(row, map[string]any{"IsDirect": true})
			found = true
		case v.path(row, "IsDirect") == true:
			tx.vanish(row)
		}
	}
	if after != nil && !found {
		tx.insert(t, map[string]any{"ContactId": r.id(), "AccountId": after, "IsDirect": true, "IsActive": true})
	}
}
