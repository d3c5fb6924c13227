//! `vamp audit verify SPEC`: read the audit chains of a platform back, and say whether they are what was written.

use super::{Ended, runtime};
use crate::cli::{Format, Output, SpecFile, World};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::platform::{self, For};
use crate::prepare::{Prepared, prepare};
use crate::site::Site;
use crate::ui::Ui;
use clap::{Args, Subcommand};
use driver::audit::verify;
use model::audit::verify::Account;
use model::audit::{Chain, about};
use model::observation::Gap;
use planner::compile::audit::chains;
use planner::render::style::{Paint, Style, counted, escape};
use port::{Ledger, Observe};
use std::fmt::Write;

/// Look at what is recorded of applies
#[derive(Debug, Args)]
#[command(arg_required_else_help = true, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Verify(Verify),
}

/// Read the audit documents of every apply back, and say whether any was altered, taken out or put in
#[derive(Debug, Args)]
#[command(
    after_help = "Every step of an apply becomes a document in the Elasticsearch that takes the audit log of its environment; each \
    holds the digest of the one before it. The journal, which lies elsewhere, knows how far each chain was written: a chain \
    that was cut off at its end, or is gone as a whole, is found too. Exit code 1 if a chain is broken or cannot be read."
)]
struct Verify {
    #[command(flatten)]
    spec: SpecFile,
    #[command(flatten)]
    world: World,
    #[command(flatten)]
    output: Output,
}

impl Arguments {
    pub(crate) fn format(&self) -> Format {
        let What::Verify(arguments) = &self.what;
        arguments.output.format
    }

    pub(crate) fn world(&self) -> &World {
        let What::Verify(arguments) = &self.what;
        &arguments.world
    }
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Ended {
    let What::Verify(arguments) = &arguments.what;
    let prepared = prepare(&arguments.spec.spec, ui)?;
    let site = Site::of(&prepared, &arguments.world)?;
    site.check_credentials()?;
    let named = chains(&prepared.spec);
    let found = runtime()?.block_on(async {
        let mut platform = platform::open(&site, For::LookingBack).await?;
        let found = look(&mut platform, &prepared, &named, &site).await;
        platform::close(platform, found).await
    })?;
    match ui.format() {
        Format::Json => ui.json(&serde_json::json!({ "chains": found.iter().map(json).collect::<Vec<_>>() }))?,
        Format::Text if found.is_empty() => ui.line("No environment has an audit log."),
        Format::Text => ui.data(&text(&found, &named, ui.out()))?,
    }
    let is_whole = |(_, account): &Found| account.as_ref().is_ok_and(|account| account.faults.is_empty());
    if found.iter().all(is_whole) { Ok(Exit::Done) } else { Ok(Exit::Failed) }
}

/// A chain with what it was found to be, or why it could not be read.
type Found = (Chain, Result<Account, Gap>);

async fn look<P: Observe + Ledger>(
    platform: &mut P,
    prepared: &Prepared,
    named: &[Chain],
    site: &Site,
) -> Result<Vec<Found>, CommandError> {
    let site = site.with_former(&prepared.spec, platform.connections(&prepared.spec.platform.value).await?);
    platform.observe(&site.connections, &[]).await?;
    Ok(verify(platform, named.to_vec()).await?)
}

fn json((chain, account): &Found) -> serde_json::Value {
    let state = match account {
        Err(_) => "unknown",
        Ok(account) if !account.faults.is_empty() => "broken",
        Ok(_) => "intact",
    };
    let mut told = serde_json::json!({ "chain": chain, "state": state });
    match account {
        Err(why) => told["why"] = why.to_string().into(),
        Ok(account) => told["account"] = serde_json::json!(account),
    }
    told
}

/// A line for each chain, with what was found below it. `named` are those of the spec; others were written for what it no longer names.
fn text(found: &[Found], named: &[Chain], style: Style) -> String {
    let names: Vec<(String, String)> = found.iter().map(|(chain, _)| (about(&chain.scope), chain.store.to_string())).collect();
    let width = |part: fn(&(String, String)) -> &String| names.iter().map(|name| part(name).len()).max().unwrap_or(0);
    let (left, right) = (width(|name| &name.0), width(|name| &name.1));
    let mut text = String::new();
    for ((about, store), (chain, account)) in names.iter().zip(found) {
        let (paint, words, faults) = match account {
            Err(why) => (Paint::Warning, format!("cannot be read: {}", escape(&why.to_string())), &[][..]),
            Ok(account) if account.faults.is_empty() => (Paint::Good, whole(account), &[][..]),
            Ok(account) => (Paint::Error, broken(account), account.faults.as_slice()),
        };
        let _ = writeln!(text, "{about:<left$}  {store:<right$}  {}", style.paint(paint, &words));
        if account.is_err() && !named.contains(chain) {
            let index = escape(&chain.index);
            let words =
                format!("  the spec no longer asks for it, so the role that `vamp permissions` prints does not reach {index}");
            let _ = writeln!(text, "{}", style.paint(Paint::Faint, &words));
        }
        for fault in faults {
            let _ = writeln!(text, "  {}", escape(&fault.to_string()));
        }
        let gaps = account.iter().flat_map(|account| &account.gaps);
        for (from, until) in gaps {
            let words = format!("  no document was taken from {from} until {until}; those of that time were written afterwards");
            let _ = writeln!(text, "{}", style.paint(Paint::Faint, &escape(&words)));
        }
    }
    text
}

fn whole(account: &Account) -> String {
    let behind = match account.behind {
        0 => String::new(),
        behind => format!("; {} still to be written, by the next apply", counted(behind as usize, "is", "are")),
    };
    match (&account.first, &account.last) {
        (Some(first), Some(last)) => format!("intact: {}, from {first} to {last}{behind}", documents(account)),
        _ => format!("intact: no document so far{behind}"),
    }
}

fn broken(account: &Account) -> String {
    format!("broken in {}: {}", counted(account.faults.len(), "place", "places"), documents(account))
}

fn documents(account: &Account) -> String {
    counted(account.documents as usize, "document", "documents")
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::System;
    use model::resource::Scope;

    #[test]
    fn who_cannot_read_what_the_spec_no_longer_asks_for_hears_why_the_printed_role_does_not_help() {
        let chain = |environment: &str| Chain {
            store: System::Elasticsearch("central".into()),
            index: format!("acme-shop-{environment}-applies").into(),
            scope: Scope { tenant: Some("shop".into()), environment: Some(environment.into()), cluster: None },
        };
        let found = ["staging", "gone"].map(|name| (chain(name), Err(Gap::Unreachable("it answers 403".to_owned()))));
        let told = text(&found, &[chain("staging")], Style::PLAIN);
        assert_eq!(told.matches("cannot be read: it answers 403\n").count(), 2, "{told}");
        let hint = "asks for it, so the role that `vamp permissions` prints does not reach acme-shop-gone-applies\n";
        assert!(told.ends_with(hint) && told.matches("vamp permissions").count() == 1, "{told}");
    }
}
