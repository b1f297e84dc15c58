-- +goose Up
-- Calls of a source in each hour of the last day, whichever process made them. Hours are
-- counted since 1970; most is what the source said may be made in 24 hours, 0 if not heard.
CREATE TABLE calls (
	source integer NOT NULL,
	hour   integer NOT NULL,
	made   integer NOT NULL,
	most   integer NOT NULL,
	PRIMARY KEY (source, hour)
) WITHOUT ROWID;
