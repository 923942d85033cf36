//! The harness of the benchmarks: it starts a program as Lambda would, with the services behind TLS, and checks what the
//! program does. The parts of `make bench` are in the program, `main.rs`.

pub mod authority;
pub mod callgrind;
pub mod error;
pub mod front;
pub mod places;
pub mod process;
pub mod runtime_api;
pub mod scenario;
pub mod setup;
pub mod subject;

pub use error::Error;
