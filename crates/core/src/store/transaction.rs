//! Writes all waiting changes in one transaction.

use std::collections::HashMap;

use rusqlite::Connection;

use crate::domain::{ExecutionArn, ExecutionRecord, GatewayId};
use crate::store::lock_wait::LockWait;
use crate::store::write_queue::{Later, Order, Written};
use crate::store::writer_thread::Work;
use crate::store::{batches, change_log, executions, gateways, removal, starts, ui_choices};

impl Work {
    pub(super) fn write_all(
        &self,
        orders: &[Order],
        records: &HashMap<(GatewayId, ExecutionArn), ExecutionRecord>,
        lock_wait: LockWait<'_>,
    ) -> rusqlite::Result<Vec<Written>> {
        // These must survive a power failure before the next step.
        let is_urgent = orders.iter().any(|order| !matches!(order, Order::Later(_)));
        self.connection.pragma_update(None, "synchronous", if is_urgent { "FULL" } else { "NORMAL" })?;
        // Without a write-ahead log, readers delay the end of a transaction as well.
        lock_wait.wait(|| self.connection.execute_batch("BEGIN IMMEDIATE"))?;
        let written = change_log::latest(&self.connection).and_then(|before| {
            let written = self.write_each(orders, records)?;
            let is_news = change_log::latest(&self.connection)? != before;
            lock_wait.wait(|| self.connection.execute_batch("COMMIT"))?;
            Ok((written, is_news))
        });
        match written {
            Ok((written, is_news)) => {
                if is_news {
                    self.process.wake_others();
                }
                Ok(written)
            }
            Err(error) => {
                drop(self.connection.execute_batch("ROLLBACK"));
                Err(error)
            }
        }
    }

    fn write_each(
        &self,
        orders: &[Order],
        records: &HashMap<(GatewayId, ExecutionArn), ExecutionRecord>,
    ) -> rusqlite::Result<Vec<Written>> {
        let work = &self.connection;
        let mut written = Vec::with_capacity(orders.len());
        for order in orders {
            written.push(match order {
                // Its caller gave up while the transaction waited.
                order if order.is_abandoned() => Written::Done,
                Order::Plan(intents, phase, now, _) => {
                    let insert = |order| starts::insert(work, order, *phase, self.process.name(), *now);
                    Written::Ids(intents.iter().map(insert).collect::<rusqlite::Result<_>>()?)
                }
                Order::Begin(file, lines, now, _) => {
                    Written::Batch(batches::insert(work, file, lines, self.process.name(), *now)?)
                }
                Order::Claim(batch, _) => batches::claim(work, *batch, &self.process).map(Written::Claimed)?,
                Order::Sending(id, now, _) => {
                    starts::mark_sending(work, *id, self.process.name(), *now).map(|()| Written::Done)?
                }
                Order::Later(later) => {
                    write_later(work, later, self.process.name(), self.keeps_payloads).map(|()| Written::Done)?
                }
            });
        }
        for record in records.values() {
            executions::keep(work, record, self.keeps_payloads)?;
        }
        Ok(written)
    }
}

fn write_later(connection: &Connection, later: &Later, owner: &str, keeps_payloads: bool) -> rusqlite::Result<()> {
    match later {
        Later::Settle(id, by, settled, now) => starts::settle(connection, (*id, *by), settled, keeps_payloads, *now),
        Later::MarkUnsent(id) => starts::mark_unsent(connection, *id),
        Later::Stop(batch) => batches::stop(connection, *batch, owner),
        Later::Forget(batch, now) => batches::forget(connection, *batch, *now),
        Later::Remove(executions, now) => {
            executions.iter().try_for_each(|(gateway, arn)| removal::remove(connection, gateway, arn, *now))
        }
        Later::Restore(gateway, arn) => removal::restore(connection, gateway, arn),
        Later::Learn(gateway, facts) => gateways::learn(connection, gateway, *facts),
        Later::Choose(key, value) => ui_choices::set(connection, key, value.as_deref()),
        Later::Trust(now) => gateways::trust(connection, *now),
        // Done gradually, while idle.
        Later::Prune(..) => Ok(()),
        #[cfg(test)]
        Later::Break => panic!("a test kills the writer"),
    }
}
