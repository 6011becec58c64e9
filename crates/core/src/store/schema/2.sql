-- Tells whether a file is the one that a batch was made of: a digest of place, machine and lines.
ALTER TABLE batches ADD COLUMN digest TEXT;
CREATE INDEX batches_by_digest ON batches (digest) WHERE digest IS NOT NULL;
