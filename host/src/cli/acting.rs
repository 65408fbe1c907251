//! Who acts in commands that change packets.
//!
//! Whoever runs a command on the host's own machine may manage the host, but a packet's ledger names people. So these commands ask for the
//! person's own token, and take it from a file or the environment: arguments are shown to everybody by the process list.
//!
//! Deliberately absent: acting for somebody else, and tokens that are kept between commands.

use std::path::Path;

use anyhow::{Context as _, bail};
use zeroize::Zeroizing;

use super::host::Host;
use crate::authz::Caller;
use crate::casework::IdentifyError;
use crate::secret::Secret;

/// Names the file of the token.
const FILE_VARIABLE: &str = "PROBITY_TOKEN_FILE";
/// The token itself.
const VARIABLE: &str = "PROBITY_TOKEN";

/// The longest file that is read for a token.
const LONGEST: u64 = 4 * 1024;

/// The person who runs the command, by the token that the environment names.
pub async fn caller(host: &Host) -> anyhow::Result<Caller> {
    let token = in_environment()?;
    let casework = host.casework();
    if !casework.who_may_call().await?.ask_who_calls() {
        bail!(
            "nobody has a token on this host yet, so nobody can act on packets; add yourself with \
             `probity principal add NAME --kind human --role author --token-file FILE`"
        );
    }
    match casework.identify(Some(&token)).await {
        Ok(caller) => Ok(caller),
        Err(IdentifyError::Unidentified(_)) => bail!(
            "the token is nobody's: it was never given out here, or its principal was revoked; \
             `probity principal list` shows who is known"
        ),
        Err(IdentifyError::Store(error)) => Err(error).context("cannot look up whose token it is"),
    }
}

/// The token that the environment names, for another host; none where nothing is set.
pub fn token() -> anyhow::Result<Option<Secret>> {
    if std::env::var_os(FILE_VARIABLE).is_none() && std::env::var_os(VARIABLE).is_none() {
        return Ok(None);
    }
    in_environment().map(|token| Some(Secret::new(token.as_str())))
}

fn in_environment() -> anyhow::Result<Zeroizing<String>> {
    one_token(std::env::var_os(FILE_VARIABLE).as_deref().map(Path::new), std::env::var(VARIABLE).ok())
}

/// The one token there is.
fn one_token(file: Option<&Path>, text: Option<String>) -> anyhow::Result<Zeroizing<String>> {
    let text = text.map(Zeroizing::new);
    let token = match (file, text) {
        (Some(_), Some(_)) => {
            bail!("{FILE_VARIABLE} and {VARIABLE} are both set, so it is unclear who acts; unset one of them")
        }
        (Some(file), None) => read(file)?,
        (None, Some(text)) => text,
        (None, None) => bail!(
            "this command acts on a packet as a person, and it is not known as whom; set {FILE_VARIABLE} to the file \
             with your token (export {FILE_VARIABLE}=~/.probity-token), or {VARIABLE} to the token itself. \
             `probity principal add` makes one"
        ),
    };
    let trimmed = Zeroizing::new(token.trim().to_owned());
    if trimmed.is_empty() {
        bail!("the token is empty; put it alone on one line");
    }
    Ok(trimmed)
}

fn read(file: &Path) -> anyhow::Result<Zeroizing<String>> {
    use std::io::Read as _;
    let attempt = || format!("cannot read the token in {}, which {FILE_VARIABLE} names", file.display());
    let mut text = Zeroizing::new(String::new());
    std::fs::File::open(file)
        .and_then(|file| file.take(LONGEST).read_to_string(&mut text))
        .with_context(attempt)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::one_token;

    #[test]
    fn a_token_comes_from_one_place_and_the_error_says_from_which() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        std::fs::write(&file, "probity_x\n").unwrap();
        assert_eq!(one_token(Some(&file), None).unwrap().as_str(), "probity_x");
        assert_eq!(one_token(None, Some("probity_y".to_owned())).unwrap().as_str(), "probity_y");
        for (file, text, said) in [
            (None, None, "PROBITY_TOKEN_FILE"),
            (Some(file.as_path()), Some("probity_y"), "unset one"),
            (None, Some(" \n"), "empty"),
            (Some(folder.path()), None, "cannot read the token"),
        ] {
            let error = format!("{:#}", one_token(file, text.map(str::to_owned)).unwrap_err());
            assert!(error.contains(said) && !error.contains("probity_y"), "{error}");
        }
    }
}
