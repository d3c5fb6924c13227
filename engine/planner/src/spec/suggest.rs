//! "Did you mean …": the known word that is nearest to a mistyped one.

/// Most comparisons in one run. A thousand mistakes against a thousand names each stay below it; past it, no word is suggested,
/// so that a spec with many mistakes costs no more than twice a clean one.
const COMPARISONS: u32 = 200_000;

/// Longest word that is compared.
const LONGEST: usize = 64;

/// Finds near words until its budget is used up.
pub(crate) struct Suggestions {
    left: u32,
}

impl Suggestions {
    pub(crate) fn new() -> Self {
        Suggestions { left: COMPARISONS }
    }

    /// The word of `known` that `word` was probably meant to be: a third of its letters may be wrong, and one always.
    pub(crate) fn nearest<'k>(&mut self, word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
        if word.is_empty() || word.len() > LONGEST {
            return None;
        }
        let lower = word.to_ascii_lowercase();
        let allowed = (word.len() / 3).max(1);
        let mut best = None;
        for candidate in known {
            if candidate.len().abs_diff(word.len()) > allowed {
                continue;
            }
            let Some(left) = self.left.checked_sub(1) else { break };
            self.left = left;
            let distance = strsim::osa_distance(&lower, &candidate.to_ascii_lowercase());
            if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
                best = Some((distance, candidate));
            }
        }
        best.map(|(_, candidate)| candidate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_within_a_third_is_found() {
        let mut suggestions = Suggestions::new();
        let known = ["management", "service", "all-in-one"];
        assert_eq!(suggestions.nearest("managment", known.into_iter()), Some("management"));
        assert_eq!(suggestions.nearest("Service", known.into_iter()), Some("service"));
        assert_eq!(suggestions.nearest("worker", known.into_iter()), None);
    }

    #[test]
    fn the_search_stops_when_its_budget_is_used_up() {
        let mut suggestions = Suggestions { left: 1 };
        assert_eq!(suggestions.nearest("ab", ["xy", "ab"].into_iter()), None);
    }
}
