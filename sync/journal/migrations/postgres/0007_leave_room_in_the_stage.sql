-- +goose Up
-- A changed row takes another place. Where its page has room for it, the index need not be
-- written, and the next who comes by takes the old place away (src/backend/access/heap/README.HOT).
ALTER TABLE stage SET (fillfactor = 50);
