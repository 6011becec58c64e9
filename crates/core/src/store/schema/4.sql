-- When the first attempt was sent: whose execution a name belongs to is decided by it.
ALTER TABLE starts ADD COLUMN first_sent INTEGER;
-- Identifies the input's JSON value, so that what the execution received can be compared without keeping payloads.
ALTER TABLE starts ADD COLUMN input_digest TEXT;
ALTER TABLE executions ADD COLUMN input_digest TEXT;
-- 0: `machine_type` is an assumption.
ALTER TABLE starts ADD COLUMN type_known INTEGER NOT NULL DEFAULT 0;
-- What is suspicious about an execution: a warning as JSON.
ALTER TABLE executions ADD COLUMN warning TEXT;
-- What was sent, where the execution received another input.
ALTER TABLE payloads ADD COLUMN sent TEXT;
CREATE INDEX starts_by_arn ON starts (place, arn) WHERE arn IS NOT NULL;

-- What responses have shown about gateways.
CREATE TABLE gateways (
    place     TEXT PRIMARY KEY,
    names     TEXT NOT NULL CHECK (names IN ('unknown', 'passed-on', 'ignored')),
    output    TEXT NOT NULL CHECK (output IN ('unknown', 'returned', 'omitted')),
    stop_date TEXT NOT NULL CHECK (stop_date IN ('unknown', 'returned', 'omitted'))
) STRICT, WITHOUT ROWID;

-- The type of machines, as ARNs of their executions have shown it.
CREATE TABLE machines (
    place        TEXT NOT NULL,
    machine_arn  TEXT NOT NULL,
    machine_type TEXT NOT NULL CHECK (machine_type IN ('STANDARD', 'EXPRESS')),
    PRIMARY KEY (place, machine_arn, machine_type)
) STRICT, WITHOUT ROWID;
INSERT INTO machines SELECT DISTINCT place, machine_arn, iif(arn LIKE 'arn:%:express:%', 'EXPRESS', 'STANDARD')
    FROM executions;

-- The last moment at which this machine's clock was known to be right.
CREATE TABLE clock (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    trusted INTEGER NOT NULL
) STRICT;
CREATE INDEX executions_by_end ON executions (coalesce(stopped, answered, started)) WHERE standing <> 0;
