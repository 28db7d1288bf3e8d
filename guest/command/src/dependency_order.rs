//! In which order invocations come: dependencies first, and by name where nothing
//! else decides, so that the same file always gives the same order.

/// Names, sorted, each with those it depends on. Names that are not among the first
/// are ignored.
pub type Dependencies<'a> = [(&'a str, &'a [String])];

/// All names, each after those it depends on.
///
/// # Errors
///
/// The names on a cycle, the first one again at the end.
pub fn order<'a>(dependencies: &Dependencies<'a>) -> Result<Vec<&'a str>, Vec<&'a str>> {
    let sorted = Sorted::new(dependencies);
    match sorted.waiting() {
        None => Ok(sorted.order),
        Some(first) => Err(sorted.cycle(first)),
    }
}

/// As [`order`], and names on a cycle at the end: for what was stored in several
/// steps and need not be consistent.
pub fn order_lenient<'a>(dependencies: &Dependencies<'a>) -> Vec<&'a str> {
    let mut sorted = Sorted::new(dependencies);
    for (n, (name, _)) in dependencies.iter().enumerate() {
        if !sorted.is_done(n) {
            sorted.order.push(name);
        }
    }
    sorted.order
}

struct Sorted<'a, 'd> {
    dependencies: &'d Dependencies<'a>,
    /// By the position of a name.
    done: Vec<bool>,
    order: Vec<&'a str>,
}

impl<'a, 'd> Sorted<'a, 'd> {
    /// Takes the first name that waits for nothing, again and again. Quadratic, which
    /// is nothing beside the invocations themselves.
    fn new(dependencies: &'d Dependencies<'a>) -> Self {
        let mut sorted = Self {
            dependencies,
            done: vec![false; dependencies.len()],
            order: Vec::with_capacity(dependencies.len()),
        };
        while let Some((n, name)) = sorted.ready() {
            if let Some(done) = sorted.done.get_mut(n) {
                *done = true;
            }
            sorted.order.push(name);
        }
        sorted
    }

    fn ready(&self) -> Option<(usize, &'a str)> {
        let mut names = self.dependencies.iter().enumerate();
        names
            .find(|(n, _)| !self.is_done(*n) && self.waits_for(*n).is_none())
            .map(|(n, (name, _))| (n, *name))
    }

    fn is_done(&self, n: usize) -> bool {
        self.done.get(n).copied().unwrap_or(true)
    }

    /// What a name waits for.
    fn waits_for(&self, n: usize) -> Option<usize> {
        let (_, on) = self.dependencies.get(n)?;
        on.iter()
            .filter_map(|on| {
                let find = |(name, _): &(&str, _)| name.cmp(&on.as_str());
                self.dependencies.binary_search_by(find).ok()
            })
            .find(|n| !self.is_done(*n))
    }

    /// The first name that was never ready.
    fn waiting(&self) -> Option<usize> {
        self.done.iter().position(|done| !done)
    }

    /// Each of those waits for another one, so whoever follows them comes by a place
    /// twice.
    fn cycle(&self, first: usize) -> Vec<&'a str> {
        let mut path = Vec::new();
        let mut next = Some(first);
        while let Some(n) = next {
            let start = path.iter().position(|seen| *seen == n);
            path.push(n);
            if let Some(start) = start {
                path.drain(..start);
                break;
            }
            next = self.waits_for(n);
        }
        let names = path.into_iter().filter_map(|n| self.dependencies.get(n));
        names.map(|(name, _)| *name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a:b,c d` stands for a that depends on b and c, and d on nothing.
    fn sorted(text: &str) -> Result<String, String> {
        let mut lists: Vec<(&str, Vec<String>)> = text
            .split_whitespace()
            .map(|one| {
                let (name, on) = one.split_once(':').unwrap_or((one, ""));
                let on = on.split(',').filter(|on| !on.is_empty());
                (name, on.map(str::to_owned).collect())
            })
            .collect();
        lists.sort();
        let dependencies = lists.iter().map(|(name, on)| (*name, on.as_slice()));
        let dependencies: Vec<_> = dependencies.collect();
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
        let names: Vec<String> = (0..2_000).map(|n| format!("{n:05}")).collect();
        let dependencies: Vec<_> = names
            .iter()
            .enumerate()
            .map(|(n, name)| (name.as_str(), names.get(n + 1..n + 2).unwrap_or_default()))
            .collect();
        let order = order(&dependencies).unwrap();
        assert!(order.iter().rev().eq(names.iter()));
    }
}
