//! One integration binary; a module per command.
