//! The hub of the site's own.

#[derive(Debug, Clone, Copy, Default)]
pub struct Hub {
    /// Default: where `http.public_url` is written.
    pub enabled: bool,
    pub signature: Signature,
}

/// How deliveries to subscribers with a secret are signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Signature {
    Sha1,
    #[default]
    Sha256,
    Sha384,
    Sha512,
}

impl Signature {
    /// Each by its name.
    pub const ALL: [(&str, Signature); 4] = [
        ("sha256", Signature::Sha256),
        ("sha384", Signature::Sha384),
        ("sha512", Signature::Sha512),
        ("sha1", Signature::Sha1),
    ];

    /// As the configuration and the header have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Signature::Sha1 => "sha1",
            Signature::Sha256 => "sha256",
            Signature::Sha384 => "sha384",
            Signature::Sha512 => "sha512",
        }
    }
}
