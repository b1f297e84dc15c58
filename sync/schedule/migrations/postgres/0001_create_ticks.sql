-- +goose Up
-- Times are microseconds since 1970-01-01 UTC, 0 is never.

-- Times at which pipelines were to run. One that was there before its pipeline was
-- known to this entry is done from the start: nothing before it was missed.
CREATE TABLE tick (
	pipeline text NOT NULL,
	kind     text NOT NULL, -- delta, full, audit
	nominal  bigint NOT NULL,
	due      bigint NOT NULL, -- nominal and jitter
	spec     text NOT NULL, -- the cron entry and its zone
	done     bigint NOT NULL DEFAULT 0,
	run      bigint NOT NULL DEFAULT 0, -- the pass that answered it
	outcome  text NOT NULL DEFAULT '',
	PRIMARY KEY (pipeline, kind, nominal)
);
CREATE INDEX tick_open ON tick (due) WHERE done = 0;

-- Who works at a pipeline's ticks. The fence grows with every holder; beat is by the
-- clock of the database.
CREATE TABLE turn (
	pipeline   text NOT NULL PRIMARY KEY,
	holder     text NOT NULL DEFAULT '', -- empty: nobody
	fence      bigint NOT NULL DEFAULT 0,
	since      bigint NOT NULL DEFAULT 0,
	beat       bigint NOT NULL DEFAULT 0,
	phase      text NOT NULL DEFAULT '',
	failures   integer NOT NULL DEFAULT 0, -- in a row
	error      text NOT NULL DEFAULT '', -- the last
	not_before bigint NOT NULL DEFAULT 0, -- when the next try is due, by the clock of the database
	rescued    integer NOT NULL DEFAULT 0 -- how often it was taken from a holder that was silent
);
