//! `probity packet …`: the readiness loop on the command line.
//!
//! Reading needs nobody's leave: whoever runs the program can read the database as well. Changing a packet is done by a known
//! caller ([`super::acting`]), on the head that is shown; what only a person may decide goes through a statement and their
//! key ([`signing`]). Each command makes one core command and hands it to the use case; nothing here judges.

mod bundle;
mod decide;
mod desk;
mod diff;
mod dissent;
mod draft;
mod export;
mod filings;
mod handoff;
mod ledger;
mod list;
mod open;
mod people;
mod picture;
mod readiness;
mod remote;
mod said;
mod show;
mod signing;
mod words;

use std::path::Path;

use clap::Subcommand;

use super::Exit;
use super::output::Output;
use desk::Desk;

/// What the loop looks like from the command line: who does what, in order.
pub const LOOP: &str = "\
The loop, and who does what:
  author    open → claim → propose, accept → name-reviewer    what is asked for, and on what it rests
  reviewer  show → remark, object → review                    challenge it, down to the raw bytes
  author    answer, reaffirm, follow-up                       answer, and keep the claims in date
  reviewer  withdraw                                          only who raised an objection does
  owner     own, condition, accept-risk                       own the approval, say on what condition
  author    sign                                              say that it is ready; then the owner:
  owner     sign → hand-off --dry-run → hand-off              to the board (`probity queue`)
  agent     propose, claim, answer, remark                    drafts, until a human accepts them
  anybody   readiness                                         what is missing, and who can clear it

PROBITY_TOKEN_FILE (or PROBITY_TOKEN) says who acts; looking needs neither. Decisions are signed
with --key FILE, an SSH key enrolled for you. PROBITY_PACKET names the packet for all commands.";

#[derive(Debug, Subcommand)]
pub enum PacketCommand {
    /// Open a packet: what is asked for, of whom, until when.
    Open(open::OpenArguments),
    /// List packets, newest first.
    List(list::ListArguments),
    /// Show a packet: language, claims, objections, people, what is still a draft.
    Show(show::ShowArguments),
    /// Whether it may go to the board, and exactly what stands in the way.
    Readiness(readiness::ReadinessArguments),
    /// What differs between two places of its ledger.
    Diff(diff::DiffArguments),
    /// What happened, entry by entry.
    Ledger(ledger::LedgerArguments),

    /// Make a claim and cite what it rests on.
    Claim(draft::ClaimArguments),
    /// Stand by a claim whose evidence has newer revisions.
    Reaffirm(draft::ReaffirmArguments),
    /// Take a claim out of the packet.
    Retract(draft::RetractArguments),
    /// Propose words for a section.
    Propose(draft::ProposeArguments),
    /// Make proposed words packet language, or an agent's claim yours.
    Accept(draft::AcceptArguments),
    /// Turn proposed words down, with a reason.
    Decline(draft::DeclineArguments),

    /// Name a reviewer for a discipline.
    NameReviewer(people::NameReviewerArguments),
    /// Release a reviewer.
    ReleaseReviewer(people::ReleaseReviewerArguments),
    /// Remark on something; it does not block.
    Remark(dissent::RemarkArguments),
    /// Object. Nobody but you can take it back.
    Object(dissent::ObjectArguments),
    /// Answer an objection, citing evidence.
    Answer(dissent::AnswerArguments),
    /// Pause the packet for more evidence.
    Hold(dissent::HoldArguments),
    /// End a hold.
    Release(dissent::ReleaseArguments),
    /// Declare immediate exposure: the packet is frozen until its owner resumes it.
    Expose(dissent::ExposeArguments),

    /// State the exact condition for handing over.
    Condition(draft::ConditionArguments),
    /// Schedule what must happen after the handoff.
    FollowUp(people::FollowUpArguments),
    /// Say that a follow-up is done.
    FollowUpDone(people::FollowUpDoneArguments),

    /// Record your review of exactly this text (signed).
    Review(decide::ReviewArguments),
    /// Withdraw an objection you raised (signed).
    Withdraw(decide::WithdrawArguments),
    /// Carry the residual risk of an objection (signed).
    AcceptRisk(decide::RiskArguments),
    /// Take the approval you were named for or offered, or offer it to somebody (signed).
    Own(decide::OwnArguments),
    /// Replace an owner who cannot act; for the board (signed).
    ReplaceOwner(decide::ReplaceOwnerArguments),
    /// Let a frozen packet go on after the incident (signed).
    Resume(decide::ResumeArguments),
    /// Accept readiness: the author first, then the owner (signed).
    Sign(decide::SignArguments),
    /// Hand it to the board's intake (signed); --dry-run shows what would go.
    HandOff(handoff::HandOffArguments),

    /// Where a package that was handed off is on its way to the board's intake.
    Filings(filings::FilingsArguments),
    /// Take up a filing that stopped, once its cause is mended; for the author or the owner.
    FileAgain(filings::FileAgainArguments),

    /// Write the package as Markdown, HTML or OSCAL.
    Export(export::ExportArguments),
    /// Write everything it rests on into one file, for `probity verify`.
    Bundle(bundle::BundleArguments),

    /// Change what is asked for: system, credential, expiry.
    Terms(open::TermsArguments),
    /// Give the packet to another author.
    ChangeAuthor(open::ChangeAuthorArguments),
    /// Go on from a granted exception: a new packet that carries its dissent.
    Renew(open::RenewArguments),
    /// Take the whole packet back; nothing follows.
    WithdrawPacket(open::WithdrawPacketArguments),
}

pub async fn run(file: &Path, command: PacketCommand, output: &Output) -> anyhow::Result<Exit> {
    // Asked over REST it needs no configuration here.
    let command = match command {
        PacketCommand::Readiness(arguments) => return readiness::run(file, arguments, output).await,
        command => command,
    };
    let desk = Desk::open(file, *output).await?;
    dispatch(&desk, command).await
}

async fn dispatch(desk: &Desk, command: PacketCommand) -> anyhow::Result<Exit> {
    match command {
        PacketCommand::Open(arguments) => open::open(desk, arguments).await,
        PacketCommand::List(arguments) => list::run(desk, arguments).await,
        PacketCommand::Show(arguments) => show::run(desk, arguments).await,
        PacketCommand::Readiness(arguments) => readiness::here(desk, &arguments).await,
        PacketCommand::Diff(arguments) => diff::run(desk, arguments).await,
        PacketCommand::Ledger(arguments) => ledger::run(desk, arguments).await,
        PacketCommand::Claim(arguments) => draft::claim(desk, arguments).await,
        PacketCommand::Reaffirm(arguments) => draft::reaffirm(desk, arguments).await,
        PacketCommand::Retract(arguments) => draft::retract(desk, arguments).await,
        PacketCommand::Propose(arguments) => draft::propose(desk, arguments).await,
        PacketCommand::Accept(arguments) => draft::accept(desk, arguments).await,
        PacketCommand::Decline(arguments) => draft::decline(desk, arguments).await,
        PacketCommand::NameReviewer(arguments) => people::name_reviewer(desk, arguments).await,
        PacketCommand::ReleaseReviewer(arguments) => people::release_reviewer(desk, arguments).await,
        PacketCommand::Remark(arguments) => dissent::remark(desk, arguments).await,
        PacketCommand::Object(arguments) => dissent::object(desk, arguments).await,
        PacketCommand::Answer(arguments) => dissent::answer(desk, arguments).await,
        PacketCommand::Hold(arguments) => dissent::hold(desk, arguments).await,
        PacketCommand::Release(arguments) => dissent::release(desk, arguments).await,
        PacketCommand::Expose(arguments) => dissent::expose(desk, arguments).await,
        PacketCommand::Condition(arguments) => draft::condition(desk, arguments).await,
        PacketCommand::FollowUp(arguments) => people::follow_up(desk, arguments).await,
        PacketCommand::FollowUpDone(arguments) => people::follow_up_done(desk, arguments).await,
        PacketCommand::Review(arguments) => decide::review(desk, arguments).await,
        PacketCommand::Withdraw(arguments) => decide::withdraw(desk, arguments).await,
        PacketCommand::AcceptRisk(arguments) => decide::accept_risk(desk, arguments).await,
        PacketCommand::Own(arguments) => decide::own(desk, arguments).await,
        PacketCommand::ReplaceOwner(arguments) => decide::replace_owner(desk, arguments).await,
        PacketCommand::Resume(arguments) => decide::resume(desk, arguments).await,
        PacketCommand::Sign(arguments) => decide::sign(desk, arguments).await,
        PacketCommand::HandOff(arguments) => handoff::run(desk, arguments).await,
        PacketCommand::Filings(arguments) => filings::list(desk, arguments).await,
        PacketCommand::FileAgain(arguments) => filings::again(desk, arguments).await,
        PacketCommand::Export(arguments) => export::run(desk, arguments).await,
        PacketCommand::Bundle(arguments) => bundle::run(desk, arguments).await,
        PacketCommand::Terms(arguments) => open::terms(desk, arguments).await,
        PacketCommand::ChangeAuthor(arguments) => open::change_author(desk, arguments).await,
        PacketCommand::Renew(arguments) => open::renew(desk, arguments).await,
        PacketCommand::WithdrawPacket(arguments) => open::withdraw_packet(desk, arguments).await,
    }
}

#[cfg(test)]
mod tests {
    use clap::Subcommand as _;

    use super::{LOOP, PacketCommand};

    #[test]
    fn every_command_the_loop_names_is_there() {
        let command = PacketCommand::augment_subcommands(clap::Command::new("packet"));
        command.clone().debug_assert();
        let there: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
        let mut told = 0;
        for line in LOOP.lines().skip(1).take_while(|line| line.starts_with("  ")) {
            let columns: Vec<&str> = line.trim().split("  ").filter(|column| !column.is_empty()).collect();
            for step in columns[1].split(['→', ',']) {
                let name = step.split_whitespace().next().unwrap();
                assert!(there.contains(&name), "`{name}` in `{line}` is no command");
                told += 1;
            }
        }
        assert!(told > 20, "{told}");
    }
}
