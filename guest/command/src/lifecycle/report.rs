//! Plans and progress, for people.

use std::io;
use std::time::Duration;

use lambda_invocation_core::lifecycle::{
    ChangePlan, LifecycleEvent, PlanAction, PlannedRequest, Reason, ReplaceOrder,
};

use super::change::Change;
use crate::failure::Unanswered;
use crate::render::{Color, Streams, one_line};
use crate::state::Entry;

/// How an action is spoken of.
pub struct Words {
    action: PlanAction,
    symbol: &'static str,
    /// While it happens.
    pub doing: &'static str,
    /// When it has happened.
    pub done: &'static str,
    /// For its lines.
    pub color: Color,
}

const WORDS: [Words; 6] = {
    const fn words(
        action: PlanAction,
        symbol: &'static str,
        doing: &'static str,
        done: &'static str,
        color: Color,
    ) -> Words {
        Words {
            action,
            symbol,
            doing,
            done,
            color,
        }
    }
    use Color::{Green, Red, Yellow};
    [
        words(PlanAction::Create, "+", "creating", "created", Green),
        words(PlanAction::Update, "~", "updating", "updated", Yellow),
        words(PlanAction::Replace, "-/+", "replacing", "replaced", Yellow),
        words(PlanAction::Delete, "-", "deleting", "deleted", Red),
        words(PlanAction::Forget, ".", "forgetting", "forgotten", Red),
        words(PlanAction::NoOp, "", "keeping", "unchanged", Green),
    ]
};

/// How an action is spoken of.
pub fn words(action: PlanAction) -> &'static Words {
    let [.., no_op] = &WORDS;
    let mut all = WORDS.iter();
    all.find(|words| words.action == action).unwrap_or(no_op)
}

/// How many invocations an action has come to.
#[derive(Default)]
pub struct Tally(Vec<PlanAction>);

impl Tally {
    /// One more.
    pub fn count(&mut self, action: PlanAction) {
        self.0.push(action);
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `2 created, 1 unchanged`
    pub fn done(&self) -> String {
        let counts: Vec<String> = WORDS
            .iter()
            .map(|words| {
                let mine = self.0.iter().filter(|action| **action == words.action);
                (mine.count(), words.done)
            })
            .filter(|(count, _)| *count > 0)
            .map(|(count, done)| format!("{count} {done}"))
            .collect();
        if counts.is_empty() {
            "nothing to do".to_owned()
        } else {
            counts.join(", ")
        }
    }
}

/// What an apply would do and send, and why; and what has to be known before.
pub fn plan(
    changes: &[Change],
    unanswered: &[Unanswered],
    streams: &mut Streams<'_>,
) -> io::Result<()> {
    let mut tally = Tally::default();
    let mut requests = 0_usize;
    for change in changes {
        tally.count(change.plan.action);
        requests = requests.saturating_add(change.plan.requests.len());
        if change.plan.action == PlanAction::NoOp {
            continue;
        }
        let words = words(change.plan.action);
        let line = format!(
            "{:>3} {} will be {}{}",
            symbol(change, words),
            change.name,
            words.done,
            why(change)
        );
        streams.say(Some(words.color), &line)?;
        for request in &change.plan.requests {
            streams.say(None, &format!("      {}", sent(request)))?;
        }
        if change.plan.requests.is_empty() {
            streams.say(None, "      nothing is sent")?;
        }
    }
    let requests = match requests {
        1 => "1 request".to_owned(),
        n => format!("{n} requests"),
    };
    streams.say(None, &format!("plan: {}; {requests}", tally.done()))?;
    for one in unanswered {
        streams.say(Some(Color::Red), &format!("  ? {one}"))?;
        streams.say(None, &format!("      {}", one.advice()))?;
    }
    Ok(())
}

/// Which half of a replacement comes first shows in its symbol.
fn symbol(change: &Change, words: &Words) -> &'static str {
    let create_first = change
        .desired
        .as_ref()
        .is_some_and(|desired| desired.replace_order() == ReplaceOrder::CreateFirst);
    if change.plan.action == PlanAction::Replace && create_first {
        "+/-"
    } else {
        words.symbol
    }
}

fn why(change: &Change) -> String {
    let mut because: Vec<String> = Vec::new();
    let mut changed: Vec<String> = Vec::new();
    for reason in &change.plan.reasons {
        match reason {
            Reason::Imported => because.push("it was imported".to_owned()),
            Reason::Deposed => because.push("the deletion of its predecessor failed".to_owned()),
            Reason::Requested => because.push("you asked for it".to_owned()),
            Reason::Changed(attribute) | Reason::Unknown(attribute) => {
                changed.push(attribute.as_str().replace('-', "_"));
            }
        }
    }
    if !changed.is_empty() {
        because.push(format!("{} changed", changed.join(", ")));
    }
    if because.is_empty() {
        String::new()
    } else {
        format!(" because {}", because.join(", and "))
    }
}

fn sent(request: &PlannedRequest) -> String {
    /// Characters of a payload that still help a reader.
    const MOST: usize = 2_000;
    let mut to = vec![request.qualifier.clone()];
    to.extend(request.region.clone());
    let tenant = request.tenant_id.as_ref();
    to.extend(tenant.map(|tenant| format!("tenant {tenant}")));
    let payload = one_line(&request.payload);
    let payload = match payload.char_indices().nth(MOST) {
        _ if payload.is_empty() => "no payload".to_owned(),
        None => payload,
        Some((end, _)) => format!(
            "{}... ({} bytes in all; --output json has them)",
            payload.get(..end).unwrap_or_default(),
            request.payload.len()
        ),
    };
    format!(
        "{} to {} ({}): {payload}",
        request.event.as_str(),
        request.function_name,
        to.join(", ")
    )
}

/// `1.2s`. A float would bring 15 KB of formatting into the component.
pub fn seconds(took: Duration) -> String {
    format!("{}.{}s", took.as_secs(), took.subsec_millis() / 100)
}

/// What was done before a failure, and what comes next; nothing if nothing was.
pub fn half_done(name: &str, plan: &ChangePlan, completed: &[LifecycleEvent]) -> Option<String> {
    if completed.is_empty() {
        return None;
    }
    let done: Vec<&str> = completed.iter().map(|event| event.as_str()).collect();
    let next = match plan.requests.get(completed.len()) {
        Some(request) => format!("; the next apply begins with {}", request.event.as_str()),
        None => String::new(),
    };
    Some(format!(
        "{name}: before that, {} succeeded, and is saved{next}",
        done.join(" and ")
    ))
}

/// What a state holds.
pub fn entries(entries: &[(&String, &Entry)], streams: &mut Streams<'_>) -> io::Result<()> {
    for (name, entry) in entries {
        if let Some(intent) = &entry.intent {
            let (name, intent) = ((*name).clone(), intent.clone());
            streams.say(Some(Color::Red), &Unanswered { name, intent }.to_string())?;
        }
        let Some(state) = &entry.state else {
            continue;
        };
        let note = match (state.imported, &state.deposed) {
            (true, _) => ", imported and not applied yet".to_owned(),
            (false, Some(deposed)) => format!(", and {} still to be deleted", deposed.id),
            (false, None) => format!(", {} bytes of result", state.result.len()),
        };
        streams.say(None, &format!("{name}: {}{note}", state.id))?;
    }
    let line = match entries.len() {
        0 => "the state holds no invocations".to_owned(),
        1 => "1 invocation".to_owned(),
        n => format!("{n} invocations"),
    };
    streams.say(None, &line)
}
