"""Measures how long a process takes that sends no request.

Usage: start.py [RUNS]
"""

import os
import subprocess
import sys

from clock import interleaved, median, ms, note, row, run, spread
from hotel import ROOMKEY, TEMP, env_of


def hello():
    """Builds a Rust program that only prints a line, as a reference."""
    source, program = os.path.join(TEMP, "hello.rs"), os.path.join(TEMP, "hello")
    with open(source, "w", encoding="utf-8") as file:
        file.write('fn main() { println!("Hello, world!"); }\n')
    subprocess.run(["rustc", "-O", "-o", program, source], check=True)
    return program


def main(count):
    env = env_of(os.path.join(TEMP, "start"))
    commands = {
        "roomkey --version": [ROOMKEY, "--version"],
        "roomkey --help": [ROOMKEY, "--help"],
        "roomkey completions bash": [ROOMKEY, "completions", "bash"],
        "curl --version": ["curl", "--version"],
        "hello, world (`rustc -O`)": [hello()],
    }
    figures = interleaved(
        count, {name: lambda _, command=command: run(command, env).wall for name, command in commands.items()}
    )
    middle = {name: median(walls) for name, walls in figures.items()}
    for name, walls in figures.items():
        note(f"{name}: median {ms(middle[name])}, middle half {spread(walls)}")
    ours = [name for name in commands if name.startswith("roomkey")]
    for reference in (name for name in commands if name not in ours):
        for name in ours:
            row("start", f"`{name}`; {reference}", ms(middle[name]), ms(middle[reference]), middle[name] / middle[reference])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
