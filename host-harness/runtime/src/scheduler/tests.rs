//! Turns, counted.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

use super::*;

fn tenant(name: &str) -> Option<Arc<str>> {
    Some(name.into())
}

/// Yields until it is told to stop, using up its allowance in every turn.
async fn spin(stop: Arc<AtomicUsize>, turns: Arc<AtomicUsize>) {
    while stop.load(Ordering::Relaxed) == 0 {
        turns.fetch_add(1, Ordering::Relaxed);
        let began = Instant::now();
        while began.elapsed() < line::LIGHT {
            std::hint::spin_loop();
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn s07_a_quiet_tenants_work_ends_while_another_spins_in_every_place() {
    let scheduler = Scheduler::for_processors(2).unwrap();
    let (stop, turns) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let spinning: Vec<_> = (0..16)
        .map(|_| {
            let (scheduler, work) = (scheduler.clone(), spin(Arc::clone(&stop), Arc::clone(&turns)));
            tokio::spawn(async move { scheduler.run(tenant("busy"), work).await })
        })
        .collect();
    while turns.load(Ordering::Relaxed) < 32 {
        tokio::task::yield_now().await;
    }
    for number in 0..100 {
        let answer = scheduler.run(tenant("quiet"), async move { number }).await;
        assert_eq!(answer, Some(number));
    }
    stop.store(1, Ordering::Relaxed);
    for spun in spinning {
        assert_eq!(spun.await.unwrap(), Some(()));
    }
}

#[tokio::test]
async fn s07_heavy_work_never_has_all_processors() {
    let scheduler = Scheduler::for_processors(3).unwrap();
    let (at_once, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let heavy = |rounds: usize| {
        let (at_once, most) = (Arc::clone(&at_once), Arc::clone(&most));
        async move {
            for round in 0..rounds {
                // The first turn is light: nobody knows yet.
                if round > 0 {
                    most.fetch_max(at_once.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                }
                let began = processor_time_of_this_thread();
                while processor_time_of_this_thread() - began < 2 * line::LIGHT {
                    std::hint::spin_loop();
                }
                if round > 0 {
                    at_once.fetch_sub(1, Ordering::SeqCst);
                }
                tokio::task::yield_now().await;
            }
        }
    };
    let all: Vec<_> = (0..8)
        .map(|number| {
            let (scheduler, work) = (scheduler.clone(), heavy(4));
            tokio::spawn(async move { scheduler.run(tenant(&number.to_string()), work).await })
        })
        .collect();
    for one in all {
        assert_eq!(one.await.unwrap(), Some(()));
    }
    assert!(most.load(Ordering::SeqCst) <= 2, "{most:?}");
}

fn processor_time_of_this_thread() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap())
}

#[tokio::test]
async fn s07_what_nobody_waits_for_any_more_goes() {
    /// Tells when it is dropped.
    struct Held(Arc<Notify>);
    impl Drop for Held {
        fn drop(&mut self) {
            self.0.notify_one();
        }
    }
    let scheduler = Scheduler::for_processors(1).unwrap();
    let gone = Arc::new(Notify::new());
    let held = Held(Arc::clone(&gone));
    let waiting = scheduler.run(tenant("one"), async move {
        let _held = held;
        std::future::pending::<()>().await;
    });
    assert!(tokio::time::timeout(Duration::from_millis(1), waiting).await.is_err());
    gone.notified().await;
    // So does what spins.
    let held = Held(Arc::clone(&gone));
    let spinning = scheduler.run(tenant("one"), async move {
        let _held = held;
        loop {
            tokio::task::yield_now().await;
        }
    });
    let _: Result<Option<()>, _> = tokio::time::timeout(Duration::from_millis(1), spinning).await;
    gone.notified().await;
}

#[tokio::test]
async fn a_panic_is_no_answer_and_the_next_work_runs() {
    let scheduler = Scheduler::for_processors(1).unwrap();
    let panics = async {
        assert!(std::hint::black_box(false), "on purpose");
    };
    assert_eq!(scheduler.run(tenant("one"), panics).await, None);
    assert_eq!(scheduler.run(tenant("one"), async { 1 }).await, Some(1));
}

#[tokio::test]
async fn timers_and_sockets_of_work_are_the_callers_runtimes() {
    let scheduler = Scheduler::for_processors(1).unwrap();
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let work = async move {
        tokio::time::sleep(Duration::from_millis(1)).await;
        tokio::net::TcpStream::connect(address).await.is_ok()
    };
    assert_eq!(scheduler.run(tenant("one"), work).await, Some(true));
}
