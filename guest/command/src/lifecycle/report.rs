//! Plans and progress, for people.

use std::io;
use std::time::Duration;

use lambda_invocation_core::lifecycle::{
    ChangePlan, LifecycleEvent, PlanAction, PlannedRequest, Reason, ReplaceOrder,
};

use super::change::Change;
use super::difference::{self, Difference, Values};
use crate::failure::Unanswered;
use crate::render::{Color, Streams};
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
        self.text("")
    }

    /// `2 to be created, 1 unchanged`
    fn planned(&self) -> String {
        self.text("to be ")
    }

    fn text(&self, to_be: &str) -> String {
        let count = |words: &Words| {
            let mine = self.0.iter().filter(|action| **action == words.action);
            mine.count()
        };
        let to_be = |words: &Words| match words.action {
            PlanAction::NoOp => "",
            _ => to_be,
        };
        let counts: Vec<String> = WORDS
            .iter()
            .map(|words| (count(words), to_be(words), words.done))
            .filter(|(count, ..)| *count > 0)
            .map(|(count, to_be, done)| format!("{count} {to_be}{done}"))
            .collect();
        if counts.is_empty() {
            "nothing to do".to_owned()
        } else {
            counts.join(", ")
        }
    }
}

/// Where a plan goes: [`Streams::print`] or [`Streams::say`].
pub type Write<'s> = fn(&mut Streams<'s>, Option<Color>, &str) -> io::Result<()>;

/// What an apply would do and send, and why; and what has to be known before.
pub fn plan<'s>(
    changes: &[Change],
    unanswered: &[Unanswered],
    show_inputs: bool,
    streams: &mut Streams<'s>,
    write: Write<'s>,
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
        write(streams, Some(words.color), &line)?;
        let (prior, desired) = (change.prior.as_ref(), change.desired.as_ref());
        let differences = match (prior, desired) {
            (Some(prior), Some(desired)) => difference::of(prior, desired, show_inputs),
            _ => Vec::new(),
        };
        for Difference { name, values } in differences {
            let values = match values {
                Some(Values { old, new }) => format!("{old} -> {new}"),
                None => "changes (--show-inputs shows it)".to_owned(),
            };
            write(streams, None, &format!("      {name}: {values}"))?;
        }
        for request in &change.plan.requests {
            let line = format!("      {}", sent(request, show_inputs));
            write(streams, None, &line)?;
        }
        if change.plan.requests.is_empty() {
            write(streams, None, "      nothing is sent")?;
        }
    }
    let requests = match requests {
        1 => "1 request".to_owned(),
        n => format!("{n} requests"),
    };
    write(
        streams,
        None,
        &format!("plan: {}; {requests}", tally.planned()),
    )?;
    for one in unanswered {
        write(streams, Some(Color::Red), &format!("  ? {one}"))?;
        write(streams, None, &format!("      {}", one.advice()))?;
    }
    streams.out.flush()
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
                changed.push(difference::name(*attribute).to_owned());
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

fn sent(request: &PlannedRequest, show_inputs: bool) -> String {
    let mut to = vec![request.qualifier.clone()];
    to.extend(request.region.clone());
    let tenant = request.tenant_id.as_ref();
    to.extend(tenant.map(|tenant| format!("tenant {tenant}")));
    let payload = match request.payload.len() {
        0 => "no payload".to_owned(),
        _ if show_inputs => difference::short(&request.payload),
        length => format!("{length} bytes"),
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
            streams.print(Some(Color::Red), &Unanswered { name, intent }.to_string())?;
        }
        let Some(state) = &entry.state else {
            continue;
        };
        let note = match (state.imported, &state.deposed) {
            (true, _) => ", imported and not applied yet".to_owned(),
            (false, Some(deposed)) => format!(", and {} still to be deleted", deposed.id),
            (false, None) => format!(", {} bytes of result", state.result.len()),
        };
        streams.print(None, &format!("{name}: {}{note}", state.id))?;
    }
    let line = match entries.len() {
        0 => "the state holds no invocations".to_owned(),
        1 => "1 invocation".to_owned(),
        n => format!("{n} invocations"),
    };
    streams.print(None, &line)?;
    streams.out.flush()
}
