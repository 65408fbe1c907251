//! Telling the one 403 from the other.
//!
//! DefectDojo answers 403 without `WWW-Authenticate` to a missing, a wrong and a wrongly presented token, and to
//! a good one that may not read. Everybody may read their own profile, so that is asked when in doubt.

use probity_sdk::prelude::*;

use crate::{Config, scope};

const REFUSED: &str = "DefectDojo does not accept the credential, not even for `user_profile/`: give it the API v2 \
                       key of a user (40 hexadecimal digits), presented as `Authorization: Token …`";

/// What works, one line each.
pub(crate) fn probe(cx: &Context<Config>) -> Result<Vec<String>> {
    if cx.get("user-profile").accept(&[401, 403]).send()?.status() >= 400 {
        return Err(Failure::auth(REFUSED));
    }
    let mut works = vec!["DefectDojo accepts the credential.".to_owned()];
    if let Some(product) = scope::product(cx)? {
        works.push(format!(
            "The product `{}` is number {product}.",
            cx.config.product.as_deref().unwrap_or_default()
        ));
    }
    for (endpoint, what) in [("findings", "findings"), ("risk-acceptances", "risk acceptances")] {
        let listing = cx.get(endpoint).query("limit", 1).json::<Counted>()?;
        works.push(format!("The credential may read {} {what}, all products together.", listing.value.count));
    }
    Ok(works)
}

/// A failure as it is, or what it is once the profile was asked.
pub(crate) fn explained(cx: &Context<Config>, failure: Failure) -> Failure {
    if failure.kind != FailureKind::Permission {
        return failure;
    }
    match cx.get("user-profile").accept(&[401, 403]).send() {
        Ok(profile) if profile.status() >= 400 => Failure::auth(REFUSED),
        _ => failure,
    }
}

#[derive(Deserialize)]
struct Counted {
    count: u64,
}
