-- The business date on which the stay of an operation's keys began: nights are counted from it, whatever was changed
-- in between.
ALTER TABLE operations ADD COLUMN arrival TEXT;
CREATE INDEX steps_credential ON steps (acs_credential_id) WHERE acs_credential_id IS NOT NULL;
