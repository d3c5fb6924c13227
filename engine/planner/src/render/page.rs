//! A page for a browser that needs nothing but itself: no script, no font, nothing that leads out of it. Here is what all pages share:
//! the frame, the colours, and how headings, tables and verdicts look.

pub use super::markup::{escaped, escaped_by};

const STYLE: &str = include_str!("page.css");

/// The page `title`, with what it adds to the common style, and `body` between `main` and its end. `body` is markup already.
///
/// The page forbids itself everything but its own style, so that nothing that slips through does any harm.
pub fn page(title: &str, style: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}</title>\n<style>\n{STYLE}{style}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n",
        escaped(title)
    )
}
