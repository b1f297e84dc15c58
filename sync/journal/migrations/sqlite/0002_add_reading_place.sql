-- +goose Up
-- Where a delta read goes on, and when it was noted: of a complete read. Empty: read in
-- full.
ALTER TABLE reading ADD COLUMN place text NOT NULL DEFAULT '';
ALTER TABLE reading ADD COLUMN placed_at integer NOT NULL DEFAULT 0;
