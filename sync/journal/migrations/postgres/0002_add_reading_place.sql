-- +goose Up
-- Where a delta read goes on, and when it was noted: of a complete read. Empty: read in
-- full.
ALTER TABLE reading ADD COLUMN place text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE reading ADD COLUMN placed_at bigint NOT NULL DEFAULT 0;
