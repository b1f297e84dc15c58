-- +goose Up
-- No query looks into packed columns. Statistics of them would never be asked, and to
-- gather them costs more than those of all other columns.
ALTER TABLE stage ALTER COLUMN body SET STATISTICS 0;
ALTER TABLE mapped ALTER COLUMN claims SET STATISTICS 0;
ALTER TABLE claim_todo ALTER COLUMN was SET STATISTICS 0;
ALTER TABLE stranger ALTER COLUMN fields SET STATISTICS 0, ALTER COLUMN claims SET STATISTICS 0;
ALTER TABLE object ALTER COLUMN last SET STATISTICS 0, ALTER COLUMN have SET STATISTICS 0,
	ALTER COLUMN basis SET STATISTICS 0, ALTER COLUMN corrected SET STATISTICS 0;
ALTER TABLE change ALTER COLUMN body SET STATISTICS 0;
