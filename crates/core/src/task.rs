//! Tasks of the runtime, all of one type: the runtime's own code is compiled for each type of task, twice if it is a
//! future. With 107 types, that was an eighth of the code that the root package hands to LLVM.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinHandle;

/// A future as a task.
pub type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Spawns a task.
pub fn spawn(future: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    spawn_boxed(Box::pin(future))
}

/// Runs a future in a task of its own, which continues if the caller is dropped. A panic of the future is an error.
pub async fn run<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> io::Result<T> {
    let result = Slot::default();
    let slot = result.clone();
    let task = spawn(async move { slot.fill(future.await) });
    result.taken(task).await
}

/// Runs work that may block on a thread for such work. A panic of the work is an error.
pub async fn run_blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
    let result = Slot::default();
    let slot = result.clone();
    let task = spawn_blocking_boxed(Box::new(move || slot.fill(work())));
    result.taken(task).await
}

#[expect(clippy::disallowed_methods, reason = "every task is spawned here")]
fn spawn_boxed(future: Boxed<()>) -> JoinHandle<()> {
    tokio::spawn(future)
}

#[expect(clippy::disallowed_methods, reason = "every task is spawned here")]
fn spawn_blocking_boxed(work: Box<dyn FnOnce() + Send>) -> JoinHandle<()> {
    tokio::task::spawn_blocking(work)
}

/// Where a task leaves its result.
struct Slot<T>(Arc<Mutex<Option<T>>>);

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Clone for Slot<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Slot<T> {
    fn fill(&self, result: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
    }

    async fn taken(&self, task: JoinHandle<()>) -> io::Result<T> {
        task.await.map_err(io::Error::other)?;
        let result = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        result.ok_or_else(|| io::Error::other("the task has no result"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_result_comes_back_and_a_panic_is_an_error() {
        assert_eq!(run(async { 1 }).await.ok(), Some(1));
        assert_eq!(run_blocking(|| 2).await.ok(), Some(2));
        let broken = run(async { panic!("broken") }).await.map(|(): ()| ()).expect_err("it panicked");
        assert!(broken.to_string().contains("broken"), "{broken}");
        let broken = run_blocking(|| panic!("broken")).await.map(|(): ()| ()).expect_err("it panicked");
        assert!(broken.to_string().contains("broken"), "{broken}");
    }

    #[tokio::test]
    async fn a_task_continues_without_its_caller() {
        let (begin, beginning) = tokio::sync::oneshot::channel::<()>();
        let (end, ending) = tokio::sync::oneshot::channel();
        let mut waiting = Box::pin(run(async move {
            let _ = beginning.await;
            let _ = end.send(1);
        }));
        let polled =
            std::future::poll_fn(|context| std::task::Poll::Ready(waiting.as_mut().poll(context).is_pending()));
        assert!(polled.await);
        drop(waiting);
        begin.send(()).expect("it waits");
        assert_eq!(ending.await, Ok(1));
    }
}
