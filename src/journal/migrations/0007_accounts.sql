-- The account of the operating system that ran the command; the operator is whoever the desk says.
ALTER TABLE operations ADD COLUMN account TEXT;
