//! In which order invocations come: dependencies first, and by name where nothing
//! else decides, so that the same file always gives the same order.

use std::collections::{BTreeMap, BTreeSet};

/// What each name depends on. Names that are no key are ignored.
pub type Dependencies<'a> = BTreeMap<&'a str, &'a [String]>;

/// All names, each after those it depends on.
///
/// # Errors
///
/// The names on a cycle, the first one again at the end.
pub fn order<'a>(dependencies: &Dependencies<'a>) -> Result<Vec<&'a str>, Vec<&'a str>> {
    let (order, waiting) = sort(dependencies);
    if waiting.is_empty() {
        Ok(order)
    } else {
        Err(cycle(&waiting))
    }
}

/// As [`order`], and names on a cycle at the end: for what was stored in several
/// steps and need not be consistent.
pub fn order_lenient<'a>(dependencies: &Dependencies<'a>) -> Vec<&'a str> {
    let (mut order, waiting) = sort(dependencies);
    order.extend(waiting.keys());
    order
}

type Waiting<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// Kahn's algorithm: the order, and those that still wait for each other.
fn sort<'a>(dependencies: &Dependencies<'a>) -> (Vec<&'a str>, Waiting<'a>) {
    let mut waiting: Waiting<'a> = dependencies
        .iter()
        .map(|(name, on)| {
            let known = on.iter().map(String::as_str);
            (*name, known.filter(|on| dependencies.contains_key(on)).collect())
        })
        .collect();
    let mut dependents: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, on) in &waiting {
        for on in on {
            dependents.entry(on).or_default().push(name);
        }
    }
    let mut ready: BTreeSet<&str> = waiting
        .iter()
        .filter(|(_, on)| on.is_empty())
        .map(|(name, _)| *name)
        .collect();
    let mut order = Vec::with_capacity(waiting.len());
    while let Some(name) = ready.pop_first() {
        waiting.remove(name);
        order.push(name);
        for dependent in dependents.get(name).into_iter().flatten() {
            if let Some(on) = waiting.get_mut(dependent) {
                on.remove(name);
                if on.is_empty() {
                    ready.insert(dependent);
                }
            }
        }
    }
    (order, waiting)
}

/// One cycle among those that wait: each of them waits for another one, so whoever
/// follows them comes by a place twice.
fn cycle<'a>(waiting: &Waiting<'a>) -> Vec<&'a str> {
    let mut path: Vec<&str> = Vec::new();
    let mut next = waiting.keys().next().copied();
    while let Some(name) = next {
        if let Some(start) = path.iter().position(|seen| *seen == name) {
            let mut cycle = path.split_off(start);
            cycle.push(name);
            return cycle;
        }
        path.push(name);
        next = waiting.get(name).and_then(|on| on.first()).copied();
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a:b,c d` stands for a that depends on b and c, and d on nothing.
    fn sorted(text: &str) -> Result<String, String> {
        let lists: Vec<(&str, Vec<String>)> = text
            .split_whitespace()
            .map(|one| {
                let (name, on) = one.split_once(':').unwrap_or((one, ""));
                let on = on.split(',').filter(|on| !on.is_empty());
                (name, on.map(str::to_owned).collect())
            })
            .collect();
        let dependencies = lists.iter().map(|(name, on)| (*name, on.as_slice()));
        let dependencies: Dependencies<'_> = dependencies.collect();
        assert_eq!(order_lenient(&dependencies).len(), lists.len());
        order(&dependencies)
            .map(|order| order.join(" "))
            .map_err(|cycle| cycle.join(" "))
    }

    #[test]
    fn dependencies_come_first_and_names_decide_the_rest() {
        for (text, expected) in [
            ("", Ok("")),
            ("c a b", Ok("a b c")),
            ("a:b b:c c", Ok("c b a")),
            ("a:b,c b:d c:d d", Ok("d b c a")),
            ("a:z b z", Ok("b z a")),
            ("a:unknown b", Ok("a b")),
            ("a:b,b b", Ok("b a")),
            ("a:a", Err("a a")),
            ("a:b b:a", Err("a b a")),
            ("a:b b:c c:b d", Err("b c b")),
            ("a:b,c b c:d d:a", Err("a c d a")),
        ] {
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(sorted(text), expected, "{text}");
        }
    }

    #[test]
    fn a_long_chain_does_not_exhaust_the_stack() {
        let names: Vec<String> = (0..20_000).map(|n| format!("{n:05}")).collect();
        let dependencies: Dependencies<'_> = names
            .iter()
            .enumerate()
            .map(|(n, name)| (name.as_str(), names.get(n + 1..n + 2).unwrap_or_default()))
            .collect();
        let order = order(&dependencies).unwrap();
        assert!(order.iter().rev().eq(names.iter()));
    }
}
