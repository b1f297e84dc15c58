-- +goose Up
-- What is known of conditions worth telling, and what people were told of them.
CREATE TABLE alert (
	id       integer PRIMARY KEY,
	key      text NOT NULL UNIQUE,
	pipeline text NOT NULL, -- its name; empty: concerns them all
	kind     text NOT NULL,
	holds    integer NOT NULL,
	body     text NOT NULL CHECK (json_valid(body)), -- the state, as sync/alert writes it
	at       integer NOT NULL -- when it was last written
);

-- Messages to channels. One that was sent stays for the record.
CREATE TABLE outbox (
	id       integer PRIMARY KEY,
	message  text NOT NULL, -- the id that the receiver sees
	channel  text NOT NULL,
	body     text NOT NULL CHECK (json_valid(body)), -- the message, as sync/alert writes it
	state    text NOT NULL, -- waiting, sent, given up
	attempts integer NOT NULL DEFAULT 0,
	made_at  integer NOT NULL,
	next_at  integer NOT NULL, -- not to be tried before
	leased   integer NOT NULL DEFAULT 0, -- until then it is one process's
	claim    text NOT NULL DEFAULT '', -- that of the process
	done_at  integer NOT NULL DEFAULT 0,
	said     text NOT NULL DEFAULT '' -- how the last attempt failed
);
CREATE INDEX outbox_waiting ON outbox (channel, id) WHERE state = 'waiting';

-- How accounts stood when they were last compared.
CREATE TABLE standing (
	pipeline integer NOT NULL,
	account  text NOT NULL,
	ends     text NOT NULL, -- the day of the last charge; empty: none, or one without an end
	arr      real NOT NULL, -- in the base currency
	bare     integer NOT NULL, -- the run that made its organization, as long as it has no contact; 0: none
	PRIMARY KEY (pipeline, account)
) WITHOUT ROWID;
CREATE INDEX standing_ends ON standing (pipeline, ends) WHERE ends <> '';
CREATE INDEX standing_bare ON standing (pipeline, bare) WHERE bare > 0;
