//! A service that works for long, with faults: every answer is accounted for, and memory and file
//! handles do not grow.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::load::Caller;
use crate::service::Service;

/// How long an invocation may take in the service: less than the slow one takes.
pub const TIMEOUT_MS: u32 = 500;

/// How long what is being closed may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// How the names of the faults begin whose callers do not wait.
const LEAVES: &str = "a caller who leaves";
/// One in so many requests has a fault.
const FAULTS: u64 = 20;

/// What a fault is: its name, the function, the payload, and the status that it must have.
const KINDS: &[(&str, &str, &str, u16)] = &[
    (
        "throttled by Lambda",
        "throttle",
        r#"{"retry_after":1}"#,
        429,
    ),
    (
        "an error within Lambda",
        "flaky",
        r#"{"fail":1000000000,"status":500}"#,
        424,
    ),
    (
        "a broken connection",
        "flaky",
        r#"{"fail":1000000000,"drop":true}"#,
        424,
    ),
    ("a function that fails", "fail", "{}", 502),
    ("a function that is too slow", "sleep", r#"{"ms":900}"#, 424),
    ("no such function", "nothing", "{}", 404),
    ("no JSON", "identity", "{", 400),
    ("a wrong token", "identity", "{}", 401),
    (
        "a caller who leaves within the payload",
        "identity",
        "{}",
        0,
    ),
    (
        "a caller who leaves while the function runs",
        "sleep",
        r#"{"ms":50}"#,
        0,
    ),
];

/// What came of it.
#[derive(Debug)]
pub struct Report {
    /// Requests by kind.
    pub requests: BTreeMap<&'static str, u64>,
    /// What was answered otherwise than it must be.
    pub wrong: Vec<String>,
    /// Requests that the service says it has seen to their end.
    pub counted: u64,
    /// Resident memory in KB: after the first fifth of the time, and at the end.
    pub memory: (u64, u64),
    /// Open files: before the first caller came, and when the last had left.
    pub handles: (u64, u64),
    /// How long it took.
    pub took: Duration,
}

impl Report {
    /// All requests.
    pub fn total(&self) -> u64 {
        self.requests.values().sum()
    }

    /// Whether the service has counted every request. What a caller who left had sent may have
    /// been thrown away before the service could read it.
    pub fn is_counted(&self) -> bool {
        let left = self
            .requests
            .iter()
            .filter(|(kind, _)| kind.starts_with(LEAVES));
        let left: u64 = left.map(|(_, many)| many).sum();
        (self.total() - left..=self.total()).contains(&self.counted)
    }
}

/// Calls a service, which must have the local endpoint behind it, [`TIMEOUT_MS`] and a page with
/// its numbers.
///
/// # Panics
///
/// When the service cannot be watched.
pub fn soak(service: &Service, token: &str, callers: u64, duration: Duration) -> Report {
    let started = Instant::now();
    // What is opened once is open.
    let first_call = Caller::of(service.url()).exchange(&request("identity", token, "{}"));
    assert!(matches!(first_call, Ok((200, _))), "{}", shown(&first_call));
    let handles = handles_left(service, 0);
    let requests = Mutex::new(BTreeMap::new());
    let wrong = Mutex::new(Vec::new());
    let first = AtomicU64::new(0);
    thread::scope(|scope| {
        for seed in 0..callers {
            let (requests, wrong) = (&requests, &wrong);
            scope.spawn(move || {
                let mut own = BTreeMap::<&'static str, u64>::new();
                let mut caller = Caller::of(service.url());
                let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
                while started.elapsed() < duration {
                    let (kind, outcome) = one(&mut caller, token, &mut random);
                    *own.entry(kind).or_default() += 1;
                    if let Err(what) = outcome {
                        wrong.lock().expect("a sound lock").push(what);
                    }
                }
                let mut all = requests.lock().expect("a sound lock");
                for (kind, many) in own {
                    *all.entry(kind).or_default() += many;
                }
            });
        }
        scope.spawn(|| {
            thread::sleep(duration / 5);
            first.store(memory(service.process_id()), Ordering::Relaxed);
        });
    });
    // The first call has been counted, too.
    *requests
        .lock()
        .expect("a sound lock")
        .entry("answered")
        .or_default() += 1;
    let last = memory(service.process_id());
    let requests = requests.into_inner().expect("a sound lock");
    // Who left at the end may not even have been accepted yet.
    let total = requests.values().sum();
    let late = Instant::now() + PATIENCE;
    while counted(service) < total && Instant::now() < late {
        thread::sleep(Duration::from_millis(20));
    }
    service.wait_for_metric("lambda_invocation_requests_in_flight", 0.0);
    service.wait_for_metric("lambda_invocation_connections", 0.0);
    Report {
        requests,
        wrong: wrong.into_inner().expect("a sound lock"),
        counted: counted(service),
        memory: (first.into_inner(), last),
        handles: (handles, handles_left(service, handles)),
        took: started.elapsed(),
    }
}

/// A request of some kind, and what is wrong with its answer.
fn one(
    caller: &mut Caller,
    token: &str,
    random: &mut Random,
) -> (&'static str, Result<(), String>) {
    let fault = random.below(FAULTS) == 0;
    let at = usize::try_from(random.below(KINDS.len() as u64)).unwrap_or(0);
    let Some(&(kind, function, payload, status)) = KINDS.get(at).filter(|_| fault) else {
        let length = usize::try_from(random.below(2_000)).unwrap_or(0);
        let payload = format!("\"{}\"", "x".repeat(length));
        let answer = caller.exchange(&request("identity", token, &payload));
        let outcome = match answer {
            Ok((200, body)) if body == payload.as_bytes() => Ok(()),
            other => Err(format!("an answer: {}", shown(&other))),
        };
        return ("answered", outcome);
    };
    let token = match status {
        401 => "a-token-that-nobody-has",
        _ => token,
    };
    let mut request = request(function, token, payload);
    if status == 0 {
        if function == "identity" {
            request.pop();
        }
        let left = caller.leave(&request);
        return (kind, left.map_err(|error| format!("{kind}: {error}")));
    }
    let outcome = match caller.exchange(&request) {
        Ok((got, _)) if got == status => Ok(()),
        other => Err(format!("{kind}: {}", shown(&other))),
    };
    (kind, outcome)
}

fn shown(answer: &io::Result<(u16, Vec<u8>)>) -> String {
    match answer {
        Ok((status, body)) => format!("{status} {}", String::from_utf8_lossy(body)),
        Err(error) => error.to_string(),
    }
}

fn request(function: &str, token: &str, payload: &str) -> Vec<u8> {
    format!(
        "POST /invoke/{function} HTTP/1.1\r\nhost: service\r\nauthorization: Bearer {token}\r\ncontent-length: {}\r\n\r\n{payload}",
        payload.len()
    )
    .into_bytes()
}

/// All the requests that a service has counted.
fn counted(service: &Service) -> u64 {
    let page = service.metrics();
    let lines = page
        .lines()
        .filter(|line| line.starts_with("lambda_invocation_requests_total{"));
    let numbers = lines.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok());
    numbers.sum()
}

/// Resident memory of a process that is not that of a file, in KB.
///
/// # Panics
///
/// When the system does not tell.
pub fn memory(process_id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process_id}/status")).expect("a process");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    let digits = line.expect("RssAnon").trim().trim_end_matches(" kB");
    digits.parse().expect("a number")
}

fn handles(process_id: u32) -> u64 {
    let files = fs::read_dir(format!("/proc/{process_id}/fd")).expect("a process");
    files.count() as u64
}

/// Those that stay when every caller has left, but for connections that are kept for later calls.
fn handles_left(service: &Service, before: u64) -> u64 {
    let started = Instant::now();
    loop {
        let kept = service.metric("lambda_invocation_pool_connections") as u64;
        // The connection of that question is closed by then.
        thread::sleep(Duration::from_millis(100));
        let left = handles(service.process_id()).saturating_sub(kept);
        if left <= before || started.elapsed() > PATIENCE {
            return left;
        }
    }
}

/// xorshift64: no more is needed for a mix that is the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end.max(1)
    }
}
