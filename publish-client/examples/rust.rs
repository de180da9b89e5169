//! usage: rust NAME INTERFACE
//!
//! Holds the name, and registers it again after phonebookd was away.
//!
//!     rustc rust.rs && ./rust www eth0

use std::io::{BufRead, BufReader, Error, ErrorKind, Result, Write};
use std::os::unix::net::UnixStream;
use std::{env, process, thread, time::Duration};

/// Connects, registers, and returns when the connection ends. The name is there until then.
fn hold(path: &str, name: &str, interface: &str) -> Result<()> {
    let mut connection = UnixStream::connect(path)?;
    writeln!(connection, "{} {}", name, interface)?;
    let mut reader = BufReader::new(connection);
    let mut reply = String::new();
    reader.read_line(&mut reply)?;
    print!("{}", reply);
    if !reply.starts_with("ok ") {
        return Err(Error::new(ErrorKind::Other, "refused"));
    }
    reader.read_line(&mut reply)?; // phonebookd says nothing more
    Err(ErrorKind::UnexpectedEof.into())
}

fn main() {
    let arguments: Vec<String> = env::args().collect();
    if arguments.len() != 3 {
        process::exit(100);
    }
    let runtime = env::var("PHONEBOOK_RUNTIME").unwrap_or("/run/phonebook".to_string());
    loop {
        if let Err(error) = hold(&(runtime.clone() + "/publish"), &arguments[1], &arguments[2]) {
            eprintln!("phonebookd: {}", error);
        }
        thread::sleep(Duration::from_secs(1));
    }
}
