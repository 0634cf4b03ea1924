//! `roomkey` issues, joins, updates and revokes ASSA ABLOY Visionline mobile keys through the Seam API.
//!
//! The library is not a public API: it exists so that tests and benches can reach inside the binary.
#![doc(hidden)]

pub mod app;
pub mod batch;
pub mod cli;
pub mod clock;
pub mod config;
pub mod defect;
pub mod doors;
pub mod failure;
pub mod home;
pub mod output;
pub mod sandbox;
pub mod seam;
pub mod stay;
pub mod workflow;

pub use cli::main;
