//! The error of reading and deciding.

use crate::hotel::refusal::Refusal;
use crate::seam;

/// The reason why a command stopped while it was looking things up or deciding.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A read failed.
    #[error(transparent)]
    Seam(#[from] seam::Error),
    /// The decision was a refusal.
    #[error(transparent)]
    Refused(Box<Refusal>),
}

impl<R: Into<Refusal>> From<R> for Error {
    fn from(refusal: R) -> Self {
        Error::Refused(Box::new(refusal.into()))
    }
}
