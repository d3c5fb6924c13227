//! The page of a rule as markup: as much of Markdown as those pages use, which is headings, paragraphs, lists, code.

use crate::render::page::escaped;
use std::fmt::Write;

/// What a rule's page says between its severity and how the rule is waived.
pub(super) fn page(markdown: &str) -> String {
    let body =
        markdown.split_once("\nSeverity:").and_then(|(_, rest)| rest.split_once("\n\n")).map_or(markdown, |(_, rest)| rest);
    let body = body.split("\n## How to let it pass").next().unwrap_or_default();
    let mut text = String::new();
    let mut blocks = body.split("\n\n").peekable();
    while let Some(block) = blocks.next() {
        // A block of code may hold empty lines.
        let mut block = block.trim_start_matches('\n').to_owned();
        while block.starts_with("```") && block.matches("```").count() < 2 {
            let Some(more) = blocks.next() else { break };
            let _ = write!(block, "\n\n{more}");
        }
        text += &one(&block);
    }
    text
}

fn one(block: &str) -> String {
    let block = block.trim_end();
    if let Some(title) = block.strip_prefix("## ") {
        return format!("<h5>{}</h5>\n", inline(title));
    }
    if let Some(code) = block.strip_prefix("```") {
        let code = code.split_once('\n').map_or("", |(_, code)| code).trim_end_matches("```");
        return format!("<pre tabindex=\"0\"><code>{}</code></pre>\n", escaped(code.trim_end()));
    }
    if block.starts_with("* ") || block.starts_with("- ") {
        let items = block.replace("\n- ", "\n* ");
        let items = items[2..].split("\n* ").map(|item| format!("<li>{}</li>\n", inline(item)));
        return format!("<ul>\n{}</ul>\n", items.collect::<String>());
    }
    if block.is_empty() { String::new() } else { format!("<p>{}</p>\n", inline(block)) }
}

/// A line of text; what stands between backticks is code.
pub(super) fn inline(text: &str) -> String {
    let pieces = text.split('`').enumerate();
    let piece = |(index, piece): (usize, &str)| match index % 2 {
        0 => escaped(piece),
        _ => format!("<code>{}</code>", escaped(piece)),
    };
    pieces.map(piece).collect()
}
