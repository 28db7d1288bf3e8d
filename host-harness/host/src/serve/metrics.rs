//! Numbers in the text format of Prometheus.
//!
//! Fixed labels and a dozen numbers need no crate: the usual one brings five more.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::outcome::Outcome;
use super::route::Route;

/// Upper bounds of the buckets of the histogram, in seconds: from a warm function to the longest
/// that there is.
const BUCKETS: [f64; 15] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0,
];

/// What is counted while requests are answered.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    requests: [[AtomicU64; Outcome::ALL.len()]; Route::ALL.len()],
    pub(super) in_flight: AtomicU64,
    buckets: [AtomicU64; BUCKETS.len()],
    calls: AtomicU64,
    microseconds: AtomicU64,
    attempts: AtomicU64,
    throttles: AtomicU64,
    pub(super) connections: AtomicU64,
    pub(super) connections_refused: AtomicU64,
}

/// What others count.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Others {
    pub(super) spare_instances: u64,
    pub(super) pool_made: u64,
    pub(super) pool_open: u64,
    pub(super) lines_lost: u64,
}

impl Metrics {
    /// Counts a request that is over.
    pub(super) fn finished(&self, route: Route, outcome: Outcome, took: Duration) {
        let of_route = self.requests.get(route as usize);
        if let Some(count) = of_route.and_then(|all| all.get(outcome as usize)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        if !route.is_call() {
            return;
        }
        let seconds = took.as_secs_f64();
        let bucket = BUCKETS.iter().position(|bound| seconds <= *bound);
        if let Some(count) = bucket.and_then(|at| self.buckets.get(at)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.calls.fetch_add(1, Ordering::Relaxed);
        let microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.microseconds.fetch_add(microseconds, Ordering::Relaxed);
    }

    /// Counts what one of them sent to Lambda.
    pub(super) fn sent(&self, attempts: u32, throttled: u32) {
        self.attempts.fetch_add(attempts.into(), Ordering::Relaxed);
        self.throttles
            .fetch_add(throttled.into(), Ordering::Relaxed);
    }

    /// The page that Prometheus reads.
    pub(super) fn page(&self, others: Others) -> String {
        let mut page = Page(String::new());
        let get = |count: &AtomicU64| count.load(Ordering::Relaxed);
        page.kind(
            "requests_total",
            "counter",
            "Requests that are over, by what they asked for and what became of them.",
        );
        for (route, counts) in Route::ALL.iter().zip(&self.requests) {
            for (outcome, count) in Outcome::ALL.iter().zip(counts) {
                let (route, outcome) = (route.name(), outcome.name());
                let labels = format!("{{route=\"{route}\",outcome=\"{outcome}\"}}");
                page.sample("requests_total", &labels, get(count));
            }
        }
        page.single(
            "requests_in_flight",
            "gauge",
            "Requests under way.",
            get(&self.in_flight),
        );
        page.kind(
            "request_duration_seconds",
            "histogram",
            "Time from the head of a request for an invocation to the end of its answer.",
        );
        let mut sum = 0_u64;
        for (bound, count) in BUCKETS.iter().zip(&self.buckets) {
            sum = sum.saturating_add(get(count));
            let labels = format!("{{le=\"{bound}\"}}");
            page.sample("request_duration_seconds_bucket", &labels, sum);
        }
        let calls = get(&self.calls);
        page.sample("request_duration_seconds_bucket", "{le=\"+Inf\"}", calls);
        let seconds = Duration::from_micros(get(&self.microseconds)).as_secs_f64();
        page.sample("request_duration_seconds_sum", "", seconds);
        page.sample("request_duration_seconds_count", "", calls);
        for (name, kind, help, value) in [
            (
                "attempts_total",
                "counter",
                "Requests sent to Lambda.",
                get(&self.attempts),
            ),
            (
                "throttles_total",
                "counter",
                "Answers of Lambda that ask to slow down.",
                get(&self.throttles),
            ),
            (
                "connections",
                "gauge",
                "Open connections of callers.",
                get(&self.connections),
            ),
            (
                "connections_refused_total",
                "counter",
                "Connections of callers beyond the limit.",
                get(&self.connections_refused),
            ),
            (
                "pool_connections",
                "gauge",
                "Open connections with Lambda.",
                others.pool_open,
            ),
            (
                "pool_connections_made_total",
                "counter",
                "Connections made with Lambda.",
                others.pool_made,
            ),
            (
                "spare_instances",
                "gauge",
                "Instances of the component that wait for a request.",
                others.spare_instances,
            ),
            (
                "log_lines_lost_total",
                "counter",
                "Lines of the logs that could not be written.",
                others.lines_lost,
            ),
        ] {
            page.single(name, kind, help, value);
        }
        page.process();
        page.0
    }
}

/// The page, as it is put together.
struct Page(String);

impl Page {
    fn kind(&mut self, name: &str, kind: &str, help: &str) {
        self.line(format_args!("# HELP lambda_invocation_{name} {help}"));
        self.line(format_args!("# TYPE lambda_invocation_{name} {kind}"));
    }

    fn sample(&mut self, name: &str, labels: &str, value: impl std::fmt::Display) {
        self.line(format_args!("lambda_invocation_{name}{labels} {value}"));
    }

    fn single(&mut self, name: &str, kind: &str, help: &str, value: u64) {
        self.kind(name, kind, help);
        self.sample(name, "", value);
    }

    /// What Prometheus's own libraries say of a process, as far as Linux tells it.
    fn process(&mut self) {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let resident = status.lines().find_map(|line| {
            let kilobytes = line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?;
            kilobytes.parse::<u64>().ok()?.checked_mul(1024)
        });
        let files = std::fs::read_dir("/proc/self/fd").map(Iterator::count).ok();
        for (name, help, value) in [
            (
                "process_resident_memory_bytes",
                "Resident memory size in bytes.",
                resident,
            ),
            (
                "process_open_fds",
                "Number of open file descriptors.",
                files.and_then(|files| u64::try_from(files).ok()),
            ),
        ] {
            if let Some(value) = value {
                self.line(format_args!("# HELP {name} {help}\n# TYPE {name} gauge"));
                self.line(format_args!("{name} {value}"));
            }
        }
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_route_outcome_and_time() {
        let metrics = Metrics::default();
        metrics.finished(Route::Invoke, Outcome::Ok, Duration::from_millis(7));
        metrics.finished(Route::Invoke, Outcome::Ok, Duration::from_secs(1_000));
        metrics.finished(Route::Health, Outcome::Ok, Duration::from_millis(1));
        metrics.sent(3, 2);
        let page = metrics.page(Others {
            pool_open: 5,
            ..Others::default()
        });
        for line in [
            "lambda_invocation_requests_total{route=\"invoke\",outcome=\"ok\"} 2",
            "lambda_invocation_requests_total{route=\"healthz\",outcome=\"ok\"} 1",
            "lambda_invocation_requests_total{route=\"api\",outcome=\"trapped\"} 0",
            "lambda_invocation_request_duration_seconds_bucket{le=\"0.005\"} 0",
            "lambda_invocation_request_duration_seconds_bucket{le=\"0.01\"} 1",
            "lambda_invocation_request_duration_seconds_bucket{le=\"900\"} 1",
            "lambda_invocation_request_duration_seconds_bucket{le=\"+Inf\"} 2",
            "lambda_invocation_request_duration_seconds_sum 1000.007",
            "lambda_invocation_attempts_total 3",
            "lambda_invocation_throttles_total 2",
            "lambda_invocation_pool_connections 5",
        ] {
            assert!(page.lines().any(|l| l == line), "{line}\n{page}");
        }
        // Every name is explained before its samples.
        for line in page.lines().filter(|line| !line.starts_with('#')) {
            let name = line.split(['{', ' ']).next().unwrap();
            let name = ["_bucket", "_sum", "_count"]
                .iter()
                .find_map(|end| name.strip_suffix(end))
                .unwrap_or(name);
            assert!(page.contains(&format!("# TYPE {name} ")), "{name}");
        }
    }
}
