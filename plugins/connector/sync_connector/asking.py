"""Questions to a person, put so that they show up inside of Meltano as well.

A terminal's own prompt goes to standard error, and Meltano passes that on by whole lines; so a
question is a line of standard output, and the answer is typed below it.
"""

from __future__ import annotations

import click


def ask(question: str) -> str:
    """Ask for a text."""
    click.echo(f"{question}:")
    return str(click.prompt("", prompt_suffix="")).strip()


def ask_secret(question: str) -> str:
    """Ask for a text that isn't shown while it is typed."""
    click.echo(f"{question} (it isn't shown):")
    return str(click.prompt("", prompt_suffix="", hide_input=True)).strip()


def sure(question: str, *, abort: bool = False, err: bool = False) -> bool:
    """Ask for a yes; anything else is a no.

    Args:
        question: The question.
        abort: Whether a no ends the command.
        err: Whether standard output is kept for data.
    """
    click.echo(f"{question} [y/N]", err=err)
    return bool(click.confirm("", prompt_suffix="", show_default=False, abort=abort))
