//! `roomkey`: arguments in, exit code out.

fn main() -> std::process::ExitCode {
    roomkey::main(std::env::args_os())
}
