//! A line of a configuration as words (HAProxy configuration manual, 2.2 "Quoting and escaping").

/// The words of a line, without quotes and without a comment.
///
/// # Errors
/// A quote that is not closed.
pub(super) fn words(line: &str) -> Result<Vec<String>, &'static str> {
    if !line.contains(['\'', '"', '\\', '#']) {
        return Ok(line.split_whitespace().map(str::to_owned).collect());
    }
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = line.chars();
    let mut quote = None;
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (Some('\''), _) => word.get_or_insert_default().push(character),
            (_, '\\') => word.get_or_insert_default().extend(characters.next()),
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, '#') => break,
            (None, _) if character.is_whitespace() => words.extend(word.take()),
            (_, _) => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    if quote.is_some() { Err("unmatched quote") } else { Ok(words) }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn quotes_escapes_and_comments_are_heeded() {
        assert_eq!(words("  a 'b # c' \"d e\" f\\ g # h").unwrap(), ["a", "b # c", "d e", "f g"]);
        assert_eq!(words("it'\\''s").unwrap_err(), "unmatched quote");
        assert_eq!(words("x '' y").unwrap(), ["x", "", "y"]);
        assert_eq!(words("# only a comment").unwrap(), Vec::<String>::new());
    }
}
