//! Instances that calls share which the host sends.
//!
//! Such a call needs an instance between its attempts only: to sign, and to read what came
//! back. So it holds none while it waits; the instance that has begun it keeps its state,
//! some kilobytes, and works for others meanwhile. Only calls with the same credentials share
//! one.
//!
//! An instance that traps, or is stopped, is lost for all calls that it had begun. One that
//! has served [`MAX_USES`] calls, or grown beyond [`MAX_KEPT_MEMORY`], begins no further
//! ones.

use std::mem;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::Mutex as AsyncMutex;
use tokio::time::timeout;
use wasmtime::Store;
use wasmtime::component::ResourceAny;

use crate::bindings::exports::lambda::invocation::exchange::Guest;
use crate::instances::{MAX_KEPT_MEMORY, MAX_USES, Owner};
use crate::plugin::{Callee, Plugin, PluginPre};
use crate::state::State;

/// Most instances that rest, none of their calls being under way.
pub(crate) const MAX_RESTING: u32 = 16;

/// How long one function of the component may take: it signs, or reads an answer.
pub(crate) const STEP: Duration = Duration::from_secs(5);

/// Why an instance did not do what it was asked.
pub(crate) enum Stop {
    /// It trapped, or could not be made.
    Trapped(wasmtime::Error),
    /// It needed more memory than it may have.
    Memory,
    /// It took longer than [`STEP`].
    Time,
    /// It had stopped before, for another call.
    Lost,
}

/// The instances, by whom they work for.
pub(crate) struct SharedInstances {
    /// For one owner: more would wait for a processor.
    most_per_owner: usize,
    longest_rest: Duration,
    all: Mutex<Vec<Member>>,
}

struct Member {
    owner: Owner,
    instance: Arc<Shared>,
    /// When a call last asked for it.
    asked: Instant,
}

impl Member {
    fn is_resting(&self) -> bool {
        Arc::strong_count(&self.instance) == 1
    }
}

impl SharedInstances {
    pub(crate) fn new(longest_rest: Duration) -> Self {
        Self {
            most_per_owner: thread::available_parallelism().map_or(1, NonZero::get),
            longest_rest,
            all: Mutex::default(),
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    /// An instance for a call of this owner: one that does nothing right now, a new one, or
    /// the one with the fewest calls.
    pub(crate) fn join(&self, owner: Owner) -> Arc<Shared> {
        let now = Instant::now();
        let mut all = self.lock();
        self.sweep(&mut all, now);
        let mut own: Vec<&mut Member> = all.iter_mut().filter(|one| one.owner == owner).collect();
        let free = own.iter().position(|one| one.instance.is_free());
        let found = free.or_else(|| {
            let fewest = |(_, one): &(usize, &&mut Member)| Arc::strong_count(&one.instance);
            let full = own.len() >= self.most_per_owner;
            let fullest = own.iter().enumerate().min_by_key(fewest);
            fullest.filter(|_| full).map(|(place, _)| place)
        });
        if let Some(member) = found.and_then(|place| own.get_mut(place)) {
            member.asked = now;
            return Arc::clone(&member.instance);
        }
        let instance = Arc::new(Shared::default());
        all.push(Member {
            owner,
            instance: Arc::clone(&instance),
            asked: now,
        });
        instance
    }

    /// Gives up what begins no further calls, and what rests too long or is too much.
    fn sweep(&self, all: &mut Vec<Member>, now: Instant) {
        all.retain(|one| {
            let stale = one.is_resting() && now.duration_since(one.asked) > self.longest_rest;
            !stale && !one.instance.is_done.load(Ordering::Relaxed)
        });
        let resting = || all.iter().enumerate().filter(|(_, one)| one.is_resting());
        if resting().count() > usize::try_from(MAX_RESTING).unwrap_or(usize::MAX)
            && let Some((oldest, _)) = resting().min_by_key(|(_, one)| one.asked)
        {
            all.swap_remove(oldest);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Member>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One instance.
#[derive(Default)]
pub(crate) struct Shared {
    place: AsyncMutex<Place>,
    /// Calls that were dropped.
    abandoned: Mutex<Vec<ResourceAny>>,
    /// Calls that it has begun.
    uses: AtomicU32,
    /// Whether it is to begin no further ones.
    is_done: AtomicBool,
}

#[derive(Default)]
#[allow(
    clippy::large_enum_variant,
    reason = "it is mostly the large one, and lies behind a pointer already"
)]
enum Place {
    /// Nobody has needed it yet.
    #[default]
    Empty,
    Ready(Store<State>, Plugin),
    /// It was stopped in the middle.
    Lost,
}

impl Shared {
    fn is_free(&self) -> bool {
        self.place.try_lock().is_ok()
    }

    /// Has it begin no further call.
    pub(crate) fn retire(&self) {
        self.is_done.store(true, Ordering::Relaxed);
    }

    /// Counts a call that it begins.
    pub(crate) fn begin(&self) {
        if self.uses.fetch_add(1, Ordering::Relaxed) >= MAX_USES.saturating_sub(1) {
            self.retire();
        }
    }

    /// A call that is over before its end.
    pub(crate) fn abandon(&self, call: ResourceAny) {
        let mut abandoned = self
            .abandoned
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        abandoned.push(call);
    }

    /// Runs functions of the component, when it is this call's turn.
    pub(crate) async fn run<R>(
        &self,
        plugin: &PluginPre,
        new_store: impl FnOnce() -> Store<State>,
        functions: impl AsyncFnOnce(&mut Store<State>, &Guest) -> wasmtime::Result<R>,
    ) -> Result<R, Stop> {
        let mut place = self.place.lock().await;
        // Where this future is dropped half-way, so it stays.
        let (mut store, mut instance) = match mem::replace(&mut *place, Place::Lost) {
            Place::Ready(store, instance) => (store, Some(instance)),
            Place::Empty => (new_store(), None),
            Place::Lost => {
                self.retire();
                return Err(Stop::Lost);
            }
        };
        // At each tick it gives way, so that the time limit is looked at.
        store.set_epoch_deadline(1);
        let abandoned = mem::take(
            &mut *self
                .abandoned
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
        let running = async {
            let instance = match &mut instance {
                Some(instance) => instance,
                none => none.insert(plugin.instantiate(&mut store).await?),
            };
            for call in abandoned {
                call.resource_drop_async(&mut store).await?;
            }
            let callee = Callee {
                store: &mut store,
                plugin: instance,
                pre: plugin,
            };
            let (store, guest) = callee.exchange()?;
            functions(store, guest).await
        };
        let stop = match timeout(STEP, running).await {
            Ok(Ok(answer)) => {
                if store.data().limits.grown > MAX_KEPT_MEMORY {
                    self.retire();
                }
                if let Some(instance) = instance {
                    *place = Place::Ready(store, instance);
                }
                return Ok(answer);
            }
            Ok(Err(_)) if store.data().limits.exceeded => Stop::Memory,
            Ok(Err(error)) => Stop::Trapped(error),
            Err(_) => Stop::Time,
        };
        self.retire();
        Err(stop)
    }
}
