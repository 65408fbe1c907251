//! Who may do what: one table, and values that only this module can make.
//!
//! A use case that reads or changes anything takes an [`Authorized`] for its action as an argument, so an
//! unchecked call does not compile. [`TABLE`] is the whole policy: what it does not name is denied. Who calls is
//! found out by [`Principals::identify`] from a bearer token, of which only the SHA-256 is kept.
//!
//! While nobody has a token there is nobody to tell apart: whoever reaches the loopback address acts as the
//! operator ([`Caller::local`]). That is why any other address is refused without principals
//! ([`listen_rule`]) and why the `Host` header is checked ([`hosts`]): a page in the operator's browser reaches
//! the loopback address, too.
//!
//! Deliberately absent: sessions and passwords, and the signatures by which humans decide. What may happen to a packet is
//! decided in core, by what somebody is to that packet; the table only says who may ask.

pub mod hosts;
mod principal;
mod token;

use std::marker::PhantomData;
use std::net::SocketAddr;
use std::sync::Arc;

use probity_core::actor::Actor;
use probity_core::id::BadName;

pub use principal::{
    Addition, BadPrincipal, NotATokenHash, Principal, Principals, RESERVED, TokenHash, Unidentified,
    check_principal,
};
pub use probity_core::actor::{ActorKind as PrincipalKind, Role};
pub use token::NewToken;

/// The name of whoever runs this program.
pub const LOCAL: &str = "local";

mod sealed {
    pub trait Sealed {}
}

/// An action as a type, so that [`Authorized`] for one cannot be passed for another.
pub trait Permission: sealed::Sealed + Send + Sync + 'static {
    /// The same action as a value.
    const ACTION: Action;
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// Everything that somebody can be allowed to do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action { $($(#[$doc])* $name,)* }

        impl Action {
            /// Every action.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// As it is written in refusals and in the API's description.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }

        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub enum $name {}
            impl sealed::Sealed for $name {}
            impl Permission for $name {
                const ACTION: Action = Action::$name;
            }
        )*
    };
}

actions! {
    /// See connectors and connections with what they are granted.
    ReadConnections = "read-connections",
    /// See runs, their gaps and page manifests.
    ReadRuns = "read-runs",
    /// See evidence, its revisions and the way back to the bytes.
    ReadEvidence = "read-evidence",
    /// Open captured bytes.
    ReadCaptures = "read-captures",
    /// Ask a source whether a connection works, with the connection's credential.
    CheckConnection = "check-connection",
    /// Collect from a connection now.
    StartRun = "start-run",
    /// See the host's counters.
    ReadMetrics = "read-metrics",
    /// See packets, their ledgers, reports, exports and bundles.
    ReadPackets = "read-packets",
    /// Ask for something to happen to a packet; what may is decided by what the caller is to the packet.
    WritePackets = "write-packets",
    /// Follow what is recorded: that a page, the end of a run or a ledger entry was, not what it says.
    ReadChanges = "read-changes",
    /// See the board's intake queue.
    ReadQueue = "read-queue",
    /// Accept, bounce and decide submissions.
    DecideQueue = "decide-queue",
    /// See who is known and which keys are enrolled.
    ReadPeople = "read-people",
    /// Add and revoke principals, enrol and revoke keys.
    ManagePeople = "manage-people",
}

/// Those who work with the evidence.
const READERS: &[Role] =
    &[Role::Operator, Role::Author, Role::Reviewer, Role::ApprovalOwner, Role::Board, Role::Agent];

/// Those who work on packets. Who runs the host is not among them.
const WRITERS: &[Role] = &[Role::Author, Role::Reviewer, Role::ApprovalOwner, Role::Board, Role::Agent];

/// The whole policy. An action without a row is denied to everybody.
pub const TABLE: &[(Action, &[Role])] = &[
    (Action::ReadConnections, READERS),
    (Action::ReadRuns, READERS),
    (Action::ReadEvidence, READERS),
    (Action::ReadCaptures, READERS),
    (Action::CheckConnection, &[Role::Operator, Role::Author]),
    (Action::StartRun, &[Role::Operator, Role::Author, Role::Agent]),
    (Action::ReadMetrics, &[Role::Operator, Role::Monitor]),
    (Action::ReadPackets, READERS),
    (Action::WritePackets, WRITERS),
    (Action::ReadChanges, READERS),
    (Action::ReadQueue, READERS),
    (Action::DecideQueue, &[Role::Board]),
    (Action::ReadPeople, READERS),
    (Action::ManagePeople, &[Role::Operator]),
];

/// The roles that may do it.
pub fn allowed(action: Action) -> &'static [Role] {
    TABLE.iter().find(|(row, _)| *row == action).map_or(&[], |(_, roles)| roles)
}

/// Somebody whose identity is settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    id: Arc<str>,
    kind: PrincipalKind,
    role: Role,
}

impl Caller {
    /// Whoever runs this program, or reaches its loopback address while nobody has a token: the
    /// same person who could read the database file.
    pub fn local() -> Self {
        Self { id: LOCAL.into(), kind: PrincipalKind::Human, role: Role::Operator }
    }

    /// Their name, for the record of who did it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether it is a person.
    pub const fn kind(&self) -> PrincipalKind {
        self.kind
    }

    /// What they are there for.
    pub const fn role(&self) -> Role {
        self.role
    }

    /// As an actor on a packet.
    pub fn actor(&self) -> Result<Actor, BadName> {
        Ok(Actor { id: self.id.parse()?, kind: self.kind, role: self.role })
    }

    /// Permission to do `P`, if the table gives it.
    pub fn authorize<P: Permission>(&self) -> Result<Authorized<P>, Denied> {
        if allowed(P::ACTION).contains(&self.role) {
            Ok(Authorized { caller: self.clone(), permission: PhantomData })
        } else {
            Err(Denied { caller: self.id.to_string(), role: self.role, action: P::ACTION })
        }
    }
}

/// Proof that the table lets `caller` do `P`. Only [`Caller::authorize`] makes one.
#[derive(Debug)]
pub struct Authorized<P: Permission> {
    caller: Caller,
    permission: PhantomData<P>,
}

impl<P: Permission> Authorized<P> {
    /// Who may do it.
    pub const fn caller(&self) -> &Caller {
        &self.caller
    }
}

/// The table does not let them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{caller}` has the role {role}, which may not {action}", role = .role.as_str(), action = .action.as_str())]
pub struct Denied {
    pub caller: String,
    pub role: Role,
    pub action: Action,
}

/// Listening there would open the host to everybody.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "will not listen on {address}: without principals anybody who reaches that address would act as the operator. \
     Add one who has a token with `probity principal add`, or configure a `[[principal]]` (with the SHA-256 of its \
     bearer token), or set `serve.listen` to a loopback address such as 127.0.0.1:7171"
)]
pub struct Exposed {
    pub address: SocketAddr,
}

/// Whether the host may listen there: on loopback always, elsewhere only when callers are asked who they are.
pub fn listen_rule(address: SocketAddr, principals: &Principals) -> Result<(), Exposed> {
    if address.ip().to_canonical().is_loopback() || principals.ask_who_calls() {
        Ok(())
    } else {
        Err(Exposed { address })
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, Caller, Principals, Role, StartRun, TABLE, allowed, listen_rule};

    #[test]
    fn every_action_has_exactly_one_row() {
        for action in Action::ALL {
            assert_eq!(TABLE.iter().filter(|(row, _)| row == action).count(), 1, "{action:?}");
        }
        assert_eq!(TABLE.len(), Action::ALL.len());
    }

    /// Whoever changes the policy changes it here as well, and means it.
    #[test]
    fn the_table_is_the_one_that_was_agreed() {
        const AGREED: &str = "\
read-connections: operator author reviewer approval-owner board agent
read-runs: operator author reviewer approval-owner board agent
read-evidence: operator author reviewer approval-owner board agent
read-captures: operator author reviewer approval-owner board agent
check-connection: operator author
start-run: operator author agent
read-metrics: operator monitor
read-packets: operator author reviewer approval-owner board agent
write-packets: author reviewer approval-owner board agent
read-changes: operator author reviewer approval-owner board agent
read-queue: operator author reviewer approval-owner board agent
decide-queue: board
read-people: operator author reviewer approval-owner board agent
manage-people: operator
";
        let row = |action: &Action| {
            let roles: Vec<_> = allowed(*action).iter().map(|role| role.as_str()).collect();
            format!("{}: {}\n", action.as_str(), roles.join(" "))
        };
        assert_eq!(Action::ALL.iter().map(row).collect::<String>(), AGREED);
    }

    #[test]
    fn a_monitor_sees_nothing_but_counters() {
        let may: Vec<_> =
            Action::ALL.iter().filter(|action| allowed(**action).contains(&Role::Monitor)).collect();
        assert_eq!(may, [&Action::ReadMetrics]);
    }

    #[test]
    fn a_refusal_names_who_and_what() {
        let reviewer = Caller { role: Role::Reviewer, ..Caller::local() };
        assert_eq!(
            reviewer.authorize::<StartRun>().unwrap_err().to_string(),
            "`local` has the role reviewer, which may not start-run"
        );
        assert!(Caller::local().authorize::<StartRun>().is_ok());
    }

    #[test]
    fn only_loopback_is_open_without_principals() {
        let nobody = Principals::none();
        for loopback in ["127.0.0.1:0", "127.8.8.8:1", "[::1]:0", "[::ffff:127.0.0.1]:1"] {
            assert!(listen_rule(loopback.parse().unwrap(), &nobody).is_ok(), "{loopback}");
        }
        for open in ["0.0.0.0:80", "[::]:80", "192.0.2.1:80", "[2001:db8::1]:80", "[::ffff:192.0.2.1]:80"] {
            let refused = listen_rule(open.parse().unwrap(), &nobody).unwrap_err().to_string();
            assert!(refused.contains("`[[principal]]`") && refused.contains("`serve.listen`"), "{refused}");
        }
    }
}
