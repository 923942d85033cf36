//! The control endpoint: its documents, its server and its typed client.

pub mod client;
pub mod documents;
pub mod server;
