//! Two texts of several lines as the lines that differ, with a little around them.

use super::super::style::{Paint, Style, escape};
use super::Detail;
use std::fmt::Write;

/// Lines around a difference that are shown with it.
const AROUND: usize = 2;
/// Lines of one text that are shown in a short plan.
const SHORT: usize = 24;
/// Above so many pairs of lines the middle is shown as all old, then all new: a table of all pairs would cost too much.
const MOST_PAIRS: usize = 1_000_000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Line<'a> {
    Same(&'a str),
    Old(&'a str),
    New(&'a str),
}

pub(super) fn lines(text: &mut String, before: &str, after: &str, detail: Detail, style: Style) {
    let compared = compare(before, after);
    let shown = near_a_difference(&compared);
    let limit = if detail == Detail::Full { usize::MAX } else { SHORT };
    let mut count = 0;
    let mut previous = None;
    for (index, line) in compared.iter().enumerate().filter(|(index, _)| shown.get(*index) == Some(&true)) {
        if count == limit {
            let rest = shown.iter().filter(|shown| **shown).count() - count;
            let _ = writeln!(text, "        … {rest} more lines (--verbose shows them)");
            break;
        }
        if previous.is_some_and(|previous| index > previous + 1) {
            let _ = writeln!(text, "        {}", style.paint(Paint::Faint, "…"));
        }
        (previous, count) = (Some(index), count + 1);
        let (paint, sign, line) = match line {
            Line::Same(line) => (Paint::Faint, ' ', line),
            Line::Old(line) => (Paint::Delete, '-', line),
            Line::New(line) => (Paint::Create, '+', line),
        };
        let line = format!("{sign} {}", escape(line));
        let _ = writeln!(text, "        {}", style.paint(paint, line.trim_end()));
    }
}

fn near_a_difference(compared: &[Line<'_>]) -> Vec<bool> {
    let mut near = vec![false; compared.len()];
    for (index, _) in compared.iter().enumerate().filter(|(_, line)| !matches!(line, Line::Same(_))) {
        let end = (index + AROUND + 1).min(near.len());
        if let Some(window) = near.get_mut(index.saturating_sub(AROUND)..end) {
            window.fill(true);
        }
    }
    near
}

fn compare<'a>(before: &'a str, after: &'a str) -> Vec<Line<'a>> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let head = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let most = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(old, new)| old == new).count();
    let same = |lines: &[&'a str]| lines.iter().map(|line| Line::Same(line)).collect::<Vec<_>>();
    let middle = |lines: &[&'a str]| lines.get(head..lines.len() - tail).unwrap_or_default().to_vec();
    let mut compared = same(old.get(..head).unwrap_or_default());
    compared.extend(longest_common(&middle(&old), &middle(&new)));
    compared.extend(same(old.get(old.len() - tail..).unwrap_or_default()));
    compared
}

/// The classic table of longest common subsequences, read from the front.
fn longest_common<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<Line<'a>> {
    let columns = new.len() + 1;
    let mut table = vec![0_u32; if old.len() * new.len() > MOST_PAIRS { 0 } else { (old.len() + 1) * columns }];
    let at = |table: &[u32], i: usize, j: usize| table.get(i * columns + j).copied().unwrap_or_default();
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            let length = if old.get(i) == new.get(j) {
                at(&table, i + 1, j + 1) + 1
            } else {
                at(&table, i + 1, j).max(at(&table, i, j + 1))
            };
            if let Some(cell) = table.get_mut(i * columns + j) {
                *cell = length;
            }
        }
    }
    let (mut i, mut j, mut lines) = (0, 0, Vec::new());
    loop {
        match (old.get(i), new.get(j)) {
            (Some(a), Some(b)) if a == b && !table.is_empty() => {
                lines.push(Line::Same(a));
                (i, j) = (i + 1, j + 1);
            }
            (Some(a), Some(_)) if at(&table, i + 1, j) >= at(&table, i, j + 1) => {
                lines.push(Line::Old(a));
                i += 1;
            }
            (_, Some(b)) => {
                lines.push(Line::New(b));
                j += 1;
            }
            (Some(a), None) => {
                lines.push(Line::Old(a));
                i += 1;
            }
            (None, None) => return lines,
        }
    }
}
