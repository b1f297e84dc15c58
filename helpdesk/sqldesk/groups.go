package sqldesk

// group returns the id of a usergroup, made if it does not exist.
func (t *txn) group(name string) (int64, error) {
	if err := t.exec(`INSERT INTO usergroup (name) VALUES (?) ON CONFLICT (name) DO NOTHING`, name); err != nil {
		return 0, err
	}
	var id int64
	err := t.get(&id, `SELECT id FROM usergroup WHERE name = ?`, name)
	return id, err
}
