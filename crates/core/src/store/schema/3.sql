-- How long the last executions of a machine took.
CREATE INDEX executions_by_machine ON executions (place, machine_arn, started) WHERE standing = 1;
