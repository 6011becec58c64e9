//! The whole program but for the terminal: the model, the watcher and the clients, and what comes
//! back from them. The loop drives it with a real terminal; tests drive it with a made-up one.

use tokio::sync::mpsc;

use crate::app::{Model, Msg, Setup, update};
use crate::domain::{MachineType, Timestamp};
use crate::runtime::now;
use crate::runtime::perform::{Clients, Notification, Performer, Wish};
use crate::watch::{self, Report};

/// Messages that may wait; whoever sends more waits.
const WAITING_MESSAGES: usize = 256;

/// The program without a terminal.
pub struct Program {
    model: Model,
    performer: Performer,
    answers: mpsc::Receiver<Msg>,
    reports: mpsc::Receiver<Report>,
}

impl Program {
    /// Begins; the watcher runs from now on, and ends with this.
    pub fn begin(setup: Setup, clients: Clients, notification: Notification) -> Self {
        let (answering, answers) = mpsc::channel(WAITING_MESSAGES);
        let (commands, orders) = mpsc::channel(WAITING_MESSAGES);
        let (reporting, reports) = mpsc::channel(WAITING_MESSAGES);
        let sources = clients.iter().filter_map(|(name, client)| Some((name.clone(), client.clone().ok()?)));
        watch::spawn(sources, orders, reporting);
        let performer = Performer::new(clients, commands, answering, notification);
        Self { model: Model::new(setup), performer, answers, reports }
    }

    /// What there is to draw.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Waits for the next message from outside the terminal.
    pub async fn next(&mut self) -> Msg {
        tokio::select! {
            Some(message) = self.answers.recv() => message,
            Some(report) = self.reports.recv() => told(report),
        }
    }

    /// The next message from outside the terminal if there is one already.
    pub fn next_waiting(&mut self) -> Option<Msg> {
        self.answers.try_recv().ok().or_else(|| self.reports.try_recv().ok().map(told))
    }

    /// Takes messages that came until `now`, and returns what only the owner of the terminal can do.
    pub async fn take(&mut self, now: Timestamp, messages: impl IntoIterator<Item = Msg>) -> Vec<Wish> {
        let mut wishes = Vec::new();
        for message in std::iter::once(Msg::Clock(now)).chain(messages) {
            for effect in update(&mut self.model, message) {
                wishes.extend(self.performer.perform(effect).await);
            }
        }
        wishes
    }

    /// Starts in doubt must not be forgotten with the screen.
    pub fn last_words(&self) -> Vec<String> {
        let words = self.model.unsettled().map(|order| match order.machine_type {
            MachineType::Standard => {
                format!("this start may or may not have begun: {}", order.machine.execution(&order.name))
            }
            // The ARN of an EXPRESS execution is known only from the answer.
            MachineType::Express => {
                format!("this start may or may not have begun: {} of {}", order.name, order.machine)
            }
        });
        words.collect()
    }
}

fn told(report: Report) -> Msg {
    match report {
        // Reports may have waited while the terminal was somebody else's.
        Report::Asked { endpoint, at } => {
            let ago = i64::try_from(at.elapsed().as_millis()).unwrap_or(0);
            Msg::Asked(endpoint, Timestamp::from_millis(now().as_millis() - ago))
        }
        Report::Answered(answer) => Msg::Answered(answer),
    }
}
