-- +goose Up
-- Times are microseconds since 1970-01-01 UTC, 0 is never. Days are YYYY-MM-DD, empty
-- is none. Codes: role 1 account, 2 contact, 3 subscription, 4 relation. Kind 1
-- organization, 2 user, 3 membership. Op 1 create, 2 update, 3 retire, 4 delete, 5 merge,
-- 6 note.

-- Facts about the journal itself: its instance id, and whether it came out of a backup.
CREATE TABLE meta (
	name  text NOT NULL PRIMARY KEY,
	value text NOT NULL
) WITHOUT ROWID;

-- Sources and targets by their names in the configuration, and the account behind each.
CREATE TABLE peer (
	id       integer PRIMARY KEY,
	side     text NOT NULL, -- source or target
	name     text NOT NULL,
	account  text NOT NULL DEFAULT '', -- empty: not bound yet
	bound_at integer NOT NULL DEFAULT 0,
	UNIQUE (side, name)
);

-- One source into one target under one mapping.
CREATE TABLE pipeline (
	id     integer PRIMARY KEY,
	name   text NOT NULL UNIQUE,
	source integer NOT NULL REFERENCES peer (id),
	target integer NOT NULL REFERENCES peer (id),
	digest text NOT NULL DEFAULT '', -- of the mapping of the last sealed run
	day    text NOT NULL DEFAULT '', -- of the last sealed run
	gen    integer NOT NULL DEFAULT 1 -- generation of dirty marks
);

-- Texts of configurations, each once.
CREATE TABLE config (
	digest text NOT NULL PRIMARY KEY,
	body   text NOT NULL,
	at     integer NOT NULL
);

-- Passes of a pipeline.
CREATE TABLE run (
	id          integer PRIMARY KEY,
	pipeline    integer NOT NULL REFERENCES pipeline (id),
	target      integer NOT NULL REFERENCES peer (id),
	parent      integer NOT NULL DEFAULT 0, -- the run that apply, approve or undo goes back to
	mode        text NOT NULL,
	cause       text NOT NULL DEFAULT '', -- who or what asked for it
	holder      text NOT NULL,
	day         text NOT NULL DEFAULT '',
	digest      text NOT NULL DEFAULT '', -- of the mapping
	config      text NOT NULL DEFAULT '', -- digest in config
	state       text NOT NULL,
	phase       text NOT NULL DEFAULT '',
	upto        integer NOT NULL DEFAULT 0, -- dirty marks up to this generation go when it seals
	started_at  integer NOT NULL,
	sealed_at   integer NOT NULL DEFAULT 0,
	finished_at integer NOT NULL DEFAULT 0,
	changeset   text NOT NULL DEFAULT '', -- digest of the sealed changeset
	totals      text NOT NULL DEFAULT '{}' CHECK (json_valid(totals)),
	done        integer NOT NULL DEFAULT 0,
	failed      integer NOT NULL DEFAULT 0,
	skipped     integer NOT NULL DEFAULT 0,
	error       text NOT NULL DEFAULT ''
);
CREATE INDEX run_pipeline ON run (pipeline, id);

-- One run per target at a time, over all machines. Run 0: free. The fence grows with every holder.
CREATE TABLE target_lock (
	target integer NOT NULL PRIMARY KEY REFERENCES peer (id),
	run    integer NOT NULL,
	holder text NOT NULL,
	fence  integer NOT NULL,
	since  integer NOT NULL,
	beat   integer NOT NULL
);

-- What the source last said: one row per account and role, all its records of that role packed.
CREATE TABLE stage (
	pipeline integer NOT NULL,
	role     integer NOT NULL,
	account  text NOT NULL,
	parent   text NOT NULL DEFAULT '', -- accounts: the parent account
	records  integer NOT NULL, -- those that are not lost
	body     blob NOT NULL, -- per record: id, parent, hash, run that read it, lost, columns
	PRIMARY KEY (pipeline, role, account)
) WITHOUT ROWID;
CREATE INDEX stage_parent ON stage (pipeline, parent) WHERE parent <> '';

-- Records of the stage that the read under way did not meet.
CREATE TABLE missing (
	pipeline integer NOT NULL,
	role     integer NOT NULL,
	account  text NOT NULL,
	id       text NOT NULL,
	PRIMARY KEY (pipeline, role, account, id)
) WITHOUT ROWID;

-- How reads ended: the last one, and the last complete one.
CREATE TABLE reading (
	pipeline    integer NOT NULL,
	role        integer NOT NULL,
	complete    integer NOT NULL,
	run         integer NOT NULL,
	records     integer NOT NULL,
	fingerprint text NOT NULL,
	at          integer NOT NULL,
	PRIMARY KEY (pipeline, role, complete)
);

-- Accounts to map and compare, by the generation of the mark.
CREATE TABLE dirty (
	pipeline integer NOT NULL,
	account  text NOT NULL,
	gen      integer NOT NULL,
	PRIMARY KEY (pipeline, account)
) WITHOUT ROWID;

-- What mapping an account told: the next day the clock alone changes it, and what it claims.
CREATE TABLE mapped (
	pipeline integer NOT NULL,
	account  text NOT NULL,
	next_day text NOT NULL DEFAULT '',
	claims   blob NOT NULL, -- per claim: kind, value, ref
	PRIMARY KEY (pipeline, account)
) WITHOUT ROWID;
CREATE INDEX mapped_next ON mapped (pipeline, next_day) WHERE next_day <> '';

-- Accounts whose claims changed since claim was brought up to date, with the claims it knows.
CREATE TABLE claim_todo (
	pipeline integer NOT NULL,
	account  text NOT NULL,
	was      blob NOT NULL,
	PRIMARY KEY (pipeline, account)
) WITHOUT ROWID;

-- Index of claims by a hash of their value. Pipeline 0: a stranger, whose target id is in ref.
CREATE TABLE claim (
	target   integer NOT NULL,
	kind     integer NOT NULL, -- 1 name, 2 domain, 3 e-mail, 4 an override acts
	hash     integer NOT NULL, -- FNV-1a, 64 bits, of the folded value
	pipeline integer NOT NULL,
	account  text NOT NULL,
	ref      text NOT NULL, -- e-mails: the contact
	PRIMARY KEY (target, kind, hash, pipeline, account, ref)
) WITHOUT ROWID;

-- Objects of a target that carry no CRM key.
CREATE TABLE stranger (
	target    integer NOT NULL,
	kind      integer NOT NULL,
	target_id text NOT NULL,
	fields    blob NOT NULL,
	claims    blob NOT NULL,
	PRIMARY KEY (target, kind, target_id)
) WITHOUT ROWID;

-- Objects of ours: what was last written, and what the target held when last looked at.
CREATE TABLE object (
	target     integer NOT NULL,
	kind       integer NOT NULL,
	key        text NOT NULL, -- account id, contact id, or account/contact
	account    text NOT NULL,
	target_id  text NOT NULL,
	pipeline   integer NOT NULL, -- that wrote it last
	last       blob, -- packed fields; null: never written
	have       blob, -- packed fields; null: see have_state
	have_state integer NOT NULL, -- 0 never seen, 1 the same as last, 2 differs, 3 gone
	run        integer NOT NULL,
	at         integer NOT NULL,
	basis      blob, -- 16 bytes of the source rows' digest, 16 of the mapping's
	marked     text NOT NULL DEFAULT '', -- day since which it is marked for deletion
	corrected  blob, -- recent corrections of drift: field, time
	PRIMARY KEY (target, kind, key)
) WITHOUT ROWID;
CREATE INDEX object_target_id ON object (target, kind, target_id) WHERE kind < 3; -- memberships are many and rarely asked for so

-- Where each target's feed goes on, and its full listings.
CREATE TABLE feed (
	target    integer NOT NULL,
	kind      integer NOT NULL,
	place     text NOT NULL DEFAULT '', -- the target's cursor
	listing   integer NOT NULL DEFAULT 0, -- the run whose full listing is under way
	listed_at integer NOT NULL DEFAULT 0, -- end of the last full listing
	PRIMARY KEY (target, kind)
);

-- What the full listing under way has met.
CREATE TABLE seen (
	target   integer NOT NULL,
	kind     integer NOT NULL,
	stranger integer NOT NULL,
	id       text NOT NULL, -- key, or target id of a stranger
	PRIMARY KEY (target, kind, stranger, id)
) WITHOUT ROWID;

-- Changes of runs. id = run * 2^36 + rank * 2^32 + sequence: the order of applying.
CREATE TABLE change (
	id      integer PRIMARY KEY,
	account text NOT NULL,
	kind    integer NOT NULL,
	key     text NOT NULL,
	op      integer NOT NULL,
	class   integer NOT NULL, -- bits of the guards' classes
	hold    text NOT NULL DEFAULT '', -- why it waits
	dropped text NOT NULL DEFAULT '', -- why it left the changeset
	arr     real NOT NULL DEFAULT 0,
	body    blob NOT NULL -- the change with its deltas, packed
);

-- Sums over the changes of sealed runs.
CREATE TABLE total (
	run      integer NOT NULL,
	kind     integer NOT NULL,
	op       integer NOT NULL,
	class    integer NOT NULL,
	held     integer NOT NULL,
	changes  integer NOT NULL,
	accounts integer NOT NULL,
	arr      real NOT NULL,
	PRIMARY KEY (run, kind, op, class, held)
);

-- Stretches of changes that went out: after from_id, up to to_id.
CREATE TABLE batch (
	run     integer NOT NULL,
	number  integer NOT NULL,
	from_id integer NOT NULL,
	to_id   integer NOT NULL,
	tokens  blob, -- the target's handles for work in flight, packed
	sent_at integer NOT NULL,
	done_at integer NOT NULL DEFAULT 0,
	PRIMARY KEY (run, number)
);

-- What was not plainly applied. A change in a settled batch without a row here was.
CREATE TABLE outcome (
	id        integer PRIMARY KEY, -- that of the change
	change_id text NOT NULL, -- digest of what the change does
	state     text NOT NULL,
	token     text NOT NULL DEFAULT '',
	fault     text NOT NULL DEFAULT '',
	said      text NOT NULL DEFAULT '',
	at        integer NOT NULL
);

-- Drift, held changes, conflicts, findings and guards that wait for a person's look.
CREATE TABLE item (
	id        integer PRIMARY KEY,
	pipeline  integer NOT NULL,
	ident     blob NOT NULL, -- digest of class, code, kind, key, field and value
	class     text NOT NULL,
	code      text NOT NULL,
	account   text NOT NULL,
	kind      integer NOT NULL,
	key       text NOT NULL,
	field     text NOT NULL,
	value     text NOT NULL,
	body      blob,
	said      text NOT NULL,
	since     integer NOT NULL,
	first_run integer NOT NULL,
	last_run  integer NOT NULL,
	over_at   integer NOT NULL DEFAULT 0, -- 0: open
	UNIQUE (pipeline, ident)
);
CREATE INDEX item_open ON item (pipeline, account) WHERE over_at = 0;

-- What people decided: keep, revert, reject, adopt, snooze, undo, override.
CREATE TABLE decision (
	id          integer PRIMARY KEY,
	pipeline    integer NOT NULL,
	account     text NOT NULL,
	kind        integer NOT NULL,
	key         text NOT NULL,
	field       text NOT NULL,
	action      text NOT NULL,
	want        text NOT NULL, -- the want it was decided against, as type:text
	value       text NOT NULL, -- overrides: the value, as type:text
	from_day    text NOT NULL,
	until_day   text NOT NULL, -- inclusive
	reason      text NOT NULL,
	author      text NOT NULL,
	at          integer NOT NULL,
	item        integer NOT NULL,
	run         integer NOT NULL,
	released_at integer NOT NULL DEFAULT 0,
	why         text NOT NULL DEFAULT '' -- it was released
);
CREATE INDEX decision_account ON decision (pipeline, account);

-- Who did what.
CREATE TABLE audit (
	id     integer PRIMARY KEY,
	at     integer NOT NULL,
	who    text NOT NULL,
	what   text NOT NULL,
	ref    text NOT NULL,
	detail text NOT NULL
);

-- Proofs that persons were forgotten. They hold nothing of the person.
CREATE TABLE receipt (
	id     integer PRIMARY KEY,
	at     integer NOT NULL,
	who    text NOT NULL,
	reason text NOT NULL,
	counts text NOT NULL CHECK (json_valid(counts))
);
