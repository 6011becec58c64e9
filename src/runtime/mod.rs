//! The shell around the core: the terminal, the keyboard, the clock, the signals, and the loop that
//! turns all of them into messages and performs the effects.

mod editor;
mod input;
mod perform;
mod signals;
mod terminal;

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crossterm::event::EventStream;
use futures_util::{FutureExt, StreamExt};
use tokio::sync::mpsc;

use crate::app::{Model, Msg, Setup, update};
use crate::domain::{EndpointName, Failure, Timestamp};
use crate::gateway::Client;
use crate::ui::{self, Theme};
use crate::watch::{self, Report};

use perform::{Performer, Wish};
use signals::Signals;
use terminal::Screen;

pub use perform::Notification;
pub use terminal::{background_panics, is_light_background};

/// Messages that may wait for the loop; whoever sends more waits.
const WAITING_MESSAGES: usize = 256;
/// Messages that are taken before the screen is drawn again.
const MESSAGES_A_FRAME: usize = 1_024;

/// What a session of the terminal UI needs.
pub struct Session {
    /// What the model begins with; its clock and size are set here.
    pub setup: Setup,
    /// The colours.
    pub theme: Theme,
    /// What to do when an execution ends that is not being looked at.
    pub notification: Notification,
    /// A client for each endpoint, or why there is none.
    pub clients: HashMap<EndpointName, Result<Arc<Client>, Failure>>,
    /// Whether F12 panics: for the test that the terminal comes back.
    pub panic_key: bool,
}

/// Why a session ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// The user wanted it.
    Quit,
    /// A signal, by its number.
    Signal(i32),
    /// The configuration is to be read again.
    Reload,
}

/// How a session ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Why.
    pub exit: Exit,
    /// What the user should know now that the screen is gone, such as starts without an answer.
    pub last_words: Vec<String>,
}

/// The time now.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Runs the terminal UI until somebody ends it. The terminal is as before when this returns.
pub async fn run(session: Session) -> io::Result<Ended> {
    let mut screen = Screen::enter()?;
    let (answers, mut inbox) = mpsc::channel(WAITING_MESSAGES);
    let (commands, orders) = mpsc::channel(WAITING_MESSAGES);
    let (reports, mut watched) = mpsc::channel(WAITING_MESSAGES);
    let sources = session.clients.iter().filter_map(|(name, client)| Some((name.clone(), client.clone().ok()?)));
    watch::spawn(sources.collect(), orders, reports);
    let performer = Performer::new(session.clients, commands, answers, session.notification);

    let mut model = Model::new(Setup { now: now(), size: screen.size()?, ..session.setup });
    let mut signals = Signals::listen()?;
    let mut keys = Some(EventStream::new());
    let mut ended = None;
    while ended.is_none() {
        screen.draw(|frame| ui::view(&model, &session.theme, frame))?;
        let wake = model.next_wake().map(|wake| wake.since(now()));
        let Some(stream) = &mut keys else { break };
        let mut messages = Vec::new();
        tokio::select! {
            event = stream.next() => match event {
                Some(event) => messages.extend(input::message(event?)),
                // The terminal is gone.
                None => ended = Some(Exit::Quit),
            },
            Some(message) = inbox.recv() => messages.push(message),
            Some(report) = watched.recv() => messages.push(told(report)),
            signal = signals.next() => {
                ended = Some(Exit::Signal(signal));
                messages.push(Msg::Quit);
            }
            () = tokio::time::sleep(wake.unwrap_or(Duration::MAX)), if wake.is_some() => {}
        }
        // Everything that is there already goes into the same frame.
        while messages.len() < MESSAGES_A_FRAME {
            if let Some(Some(event)) = stream.next().now_or_never() {
                messages.extend(input::message(event?));
            } else if let Ok(message) = inbox.try_recv() {
                messages.push(message);
            } else if let Ok(report) = watched.try_recv() {
                messages.push(told(report));
            } else {
                break;
            }
        }
        if session.panic_key && messages.iter().any(input::is_panic_key) {
            panic!("the panic key was pressed");
        }
        let mut effects = update(&mut model, Msg::Clock(now()));
        for message in messages {
            effects.extend(update(&mut model, message));
        }
        for effect in effects {
            match performer.perform(effect).await {
                Wish::Nothing => {}
                Wish::Quit => ended = ended.or(Some(Exit::Quit)),
                Wish::Reload => ended = Some(Exit::Reload),
                Wish::Write(text) => screen.write(&text)?,
                Wish::Suspend => {
                    lend(&mut screen, &mut keys, async { signals::stop_this_process() }).await?;
                    resize(&screen, &mut model)?;
                }
                Wish::Edit(text) => {
                    let result = lend(&mut screen, &mut keys, editor::edit(&text)).await?;
                    resize(&screen, &mut model)?;
                    update(&mut model, Msg::Edited(result));
                }
            }
        }
    }
    screen.leave();
    Ok(Ended { exit: ended.unwrap_or(Exit::Quit), last_words: last_words(&model) })
}

/// Gives screen and keyboard to somebody else for a while.
async fn lend<T>(screen: &mut Screen, keys: &mut Option<EventStream>, other: impl Future<Output = T>) -> io::Result<T> {
    // The stream reads the keyboard on a thread of its own until it is dropped.
    drop(keys.take());
    screen.leave();
    let result = other.await;
    screen.take()?;
    *keys = Some(EventStream::new());
    Ok(result)
}

/// The terminal may have another size when it comes back.
fn resize(screen: &Screen, model: &mut Model) -> io::Result<()> {
    let size = screen.size()?;
    update(model, Msg::Resized(size.width, size.height));
    Ok(())
}

fn told(report: Report) -> Msg {
    match report {
        Report::Asked { endpoint } => Msg::Asked(endpoint),
        Report::Answered { endpoint, id, answer, verdict } => Msg::Answered { endpoint, id, answer, verdict },
    }
}

/// Starts that nobody has answered yet must not be forgotten with the screen.
fn last_words(model: &Model) -> Vec<String> {
    let words = model.starts.iter().map(|start| {
        let arn = start.order.machine.execution(&start.order.name);
        format!("a start was still on its way, and may or may not have begun: {arn}")
    });
    words.collect()
}
