-- +goose Up
-- Calls of a source in each hour of the last day, whichever process made them. Hours are
-- counted since 1970; most is what the source said may be made in 24 hours, 0 if not heard.
CREATE TABLE calls (
	source bigint NOT NULL,
	hour   bigint NOT NULL,
	made   bigint NOT NULL,
	most   bigint NOT NULL,
	PRIMARY KEY (source, hour)
);

COMMENT ON TABLE calls IS 'Calls of sources in each hour of the last day, whichever process made them.';
