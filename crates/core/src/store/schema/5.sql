-- The member `stateMachineArn` as it was received; `machine_arn` is what was asked for, with version or alias.
ALTER TABLE executions ADD COLUMN state_machine_arn TEXT;
-- The members of the last responses that have no column of their own: a JSON object.
ALTER TABLE payloads ADD COLUMN members TEXT;
