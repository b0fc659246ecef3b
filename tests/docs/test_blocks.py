"""Every command and every YAML block in every text, held against the programs that would read it.

Commands are parsed by the command lines that they name, down to each option, and every job, plugin
and setting in them has to exist. Blind spot: whether a command does what the text around it says;
the demo, the round trips and the tests of each command show that.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import check_jsonschema
import click
import meltano.cli  # the groups of Meltano's command line register themselves when it is imported
import pytest
import yaml
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for
from markdown_it import MarkdownIt
from sync_connector.cli import main as connector
from sync_sandbox.__main__ import main as sandbox
from tap_journy.tap import TapJourny
from tap_pipedrive.tap import TapPipedrive
from target_journy.target import TargetJourny
from target_pipedrive.target import TargetPipedrive

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = {each.name: each for each in (TapPipedrive, TapJourny, TargetPipedrive, TargetJourny)}
#: Programs of the operating system: what they are given isn't ours to know.
SYSTEM = {
    "cat",
    "cd",
    "crontab",
    "curl",
    "echo",
    "export",
    "git",
    "journalctl",
    "jq",
    "mkdir",
    "pip",
}
SYSTEM |= {"pip", "psql", "python", "sudo", "systemctl", "tail", "useradd", "uv"}
#: What a YAML block at the top level of meltano.yml may begin with.
WHOLE = {"plugins", "jobs", "schedules", "environments", "env", "default_environment"}


class Block(NamedTuple):
    """A fenced block: where it stands, its language, its text."""

    place: str
    language: str
    text: str


def blocks() -> Iterator[Block]:
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in filter(None, names.split("\0")):
        if not (ROOT / name).is_file():
            continue
        for token in MarkdownIt().parse((ROOT / name).read_text("utf-8")):
            if token.type == "fence":
                place = f"{name}:{token.map[0] + 1}"
                yield Block(place, token.info.strip(), token.content)


BLOCKS = list(blocks())


def of(language: str) -> list[object]:
    return [pytest.param(each, id=each.place) for each in BLOCKS if each.language == language]


def commands(text: str) -> Iterator[tuple[dict[str, str], list[str]]]:
    """Each single command: the variables before it, and its words."""
    for line in text.replace("\\\n", " ").splitlines():
        part: list[str] = []
        for word in [*_words(line), ";"]:
            if word not in {"|", "||", "&&", ";", "&"}:
                part.append(word)
            elif part:
                yield _split(part)
                part = []


def _words(line: str) -> Iterator[str]:
    """The words as a shell has them, without comments and redirections."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|;&<>")
    lexer.whitespace_split = True
    into_file = False
    for word in lexer:
        if word.strip("<>&") == "" and word not in {"&", "&&"}:
            into_file = True
        elif not into_file:
            yield word
        else:
            into_file = False


def _split(words: list[str]) -> tuple[dict[str, str], list[str]]:
    variables = {}
    while words and re.match(r"[A-Z][A-Z0-9_]*=", words[0]):
        name, _, value = words.pop(0).partition("=")
        variables[name] = value
    if words[:1] == ["export"]:
        variables |= dict(word.partition("=")[::2] for word in words[1:])
    return variables, words


@cache
def definitions() -> dict[str, dict]:
    """Every plugin of the project by the name that an analyst uses."""
    found = {}
    for path in [*ROOT.glob("plugins/*/*.meltano.yml"), ROOT / "meltano.yml"]:
        for kind in (yaml.safe_load(path.read_text()).get("plugins") or {}).values():
            found.update({plugin["name"]: plugin for plugin in kind})
    return found


def settings(plugin: str) -> set[str]:
    """A plugin's own settings, or those of the one that it inherits from."""
    definition = definitions()[plugin]
    if "settings" not in definition and "inherit_from" in definition:
        return settings(definition["inherit_from"])
    return {each["name"] for each in definition.get("settings", ())}


@cache
def variables() -> set[str]:
    """Every environment variable that sets something of a plugin."""
    return {
        f"{plugin.removesuffix('--base').replace('-', '_')}_{setting}".upper()
        for plugin in definitions()
        for setting in settings(plugin)
    }


def parse(command: click.Command, name: str, words: list[str]) -> list[str]:
    """Read words as click would; gives the names of the commands, and the last one's arguments."""
    context = click.Context(command, info_name=name, **command.context_settings)
    given, rest, _ = command.make_parser(context).parse_args(list(words))
    if isinstance(command, click.Group):
        if not rest:
            return []
        found, inner, rest = command.resolve_command(context, rest)
        return [found, *parse(inner, found, rest)]
    arguments: list[str] = []
    for parameter in command.params:
        value = given.get(parameter.name) if isinstance(parameter, click.Argument) else None
        if isinstance(value, str):
            arguments.append(value)
        elif isinstance(value, tuple):
            arguments += value
    return arguments


def check_meltano(words: list[str]) -> None:
    verb, *arguments = parse(meltano.cli.cli, "meltano", words)
    checks: dict[str, Callable[[list[str]], None]] = {
        "run": check_blocks,
        "invoke": check_invoked,
        "config": check_config,
        "schedule": check_schedule,
    }
    checks.get(verb, lambda _: None)(arguments)


def check_blocks(names: list[str]) -> None:
    jobs = {job["name"] for job in yaml.safe_load((ROOT / "meltano.yml").read_text())["jobs"]}
    known = jobs | definitions().keys()
    assert names
    for name in names:
        assert name in known or "=" in name, f"no job or plugin {name}"


def check_invoked(words: list[str]) -> None:
    name = words[0].partition(":")[0]
    assert name in definitions(), f"no plugin {name}"
    if name == "connector":
        parse(connector, "connector", words[1:])
    elif name == "sandbox":
        parse(sandbox, "sandbox", words[1:])


def check_config(words: list[str]) -> None:
    verb, plugin, *rest = words
    assert plugin in definitions(), f"no plugin {plugin}"
    if verb == "set":
        assert rest[0].partition(".")[0] in settings(plugin), f"{plugin} has no {rest[0]}"


def check_schedule(words: list[str]) -> None:
    known = {
        each["name"] for each in yaml.safe_load((ROOT / "meltano.yml").read_text())["schedules"]
    }
    if words[0] == "run":
        assert set(words[1:]) <= known


def check_make(words: list[str]) -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {word for word in words if "=" not in word and not word.startswith("-")} <= targets


def check_copy(words: list[str]) -> None:
    for source in words[:-1]:
        assert source.startswith("-") or (ROOT / source).exists(), f"no file {source}"


def check_pytest(words: list[str]) -> None:
    for word in words:
        if "/" in word:
            assert (ROOT / word.partition("::")[0]).exists(), f"no tests {word}"


PROGRAMS: dict[str, Callable[[list[str]], object]] = {
    "meltano": check_meltano,
    "connector": lambda words: parse(connector, "connector", words),
    "sandbox": lambda words: parse(sandbox, "sandbox", words),
    "make": check_make,
    "cp": check_copy,
    "pytest": check_pytest,
    **{name: (lambda words, name=name: parse(PLUGINS[name].cli, name, words)) for name in PLUGINS},
}


def test_a_block_says_its_language():
    known = {"sh", "yaml", "json", "python", "mermaid", "text"}
    assert {each.place: each.language for each in BLOCKS if each.language not in known} == {}


@pytest.mark.parametrize("block", of("sh"))
def test_every_command_is_one_that_its_program_takes(block):
    found = list(commands(block.text))
    assert found
    for given, words in found:
        ours = {name for name in given if name.startswith(("TAP_", "TARGET_", "CONNECTOR_"))}
        assert ours - {"CONNECTOR_REPOSITORY"} <= variables(), f"{block.place}: {ours}"
        if not words:
            continue
        program = Path(words[0]).name
        if program in SYSTEM:
            continue
        assert program in PROGRAMS, f"{block.place}: who is {program}?"
        try:
            PROGRAMS[program](words[1:])
        except click.ClickException as error:
            pytest.fail(f"{block.place}: {shlex.join(words)}: {error.format_message()}")


@cache
def schema_of_meltano_yml() -> Draft202012Validator:
    text = resources.files(check_jsonschema).joinpath("builtin_schemas/vendor/meltano.json")
    schema = json.loads(text.read_text("utf-8"))
    return validator_for(schema)(schema)


@pytest.mark.parametrize("block", of("yaml"))
def test_every_yaml_block_is_one_that_its_reader_takes(block):
    given = yaml.safe_load(block.text)
    if not given.keys() <= WHOLE:
        check_fragment(block, given)
        return
    schema_of_meltano_yml().validate(json.loads(json.dumps(given, default=str)))
    for kind in given.get("plugins", {}).values():
        for plugin in kind:
            check_plugin(plugin["name"], plugin.get("config", {}))
    for environment in given.get("environments", ()):
        for kind in environment.get("config", {}).get("plugins", {}).values():
            for plugin in kind:
                check_plugin(plugin["name"], plugin.get("config", {}))


def check_plugin(name: str, config: dict) -> None:
    base = next((each for each in PLUGINS if name.startswith(each)), None)
    if base is None:
        assert set(config) <= settings(name), name
        return
    schema = PLUGINS[base].config_jsonschema
    assert config.keys() <= schema["properties"].keys() | {"stream_maps", "batch_config"}
    known = {key: value for key, value in config.items() if "$" not in str(value)}
    partial = {key: value for key, value in schema.items() if key != "required"}
    Draft202012Validator(partial).validate(json.loads(json.dumps(known, default=str)))


def of_kind(schema: dict, value: object) -> bool:
    """Whether a value is a list, an object or a text where a setting is one."""
    kind = {"type": schema["type"]} if "type" in schema else {}
    return Draft202012Validator(kind).is_valid(json.loads(json.dumps(value, default=str)))


def check_fragment(block: Block, given: dict) -> None:
    """A part of one plugin's `config`: that of the first plugin that has all of its settings.

    A setting that several plugins have, such as `streams`, may be a list in one and an object in
    another. Or a file with the settings of each plugin, as the connector takes it.
    """
    if given.keys() <= PLUGINS.keys():
        for name, config in given.items():
            check_plugin(name, config)
        return
    for name, plugin in PLUGINS.items():
        known = plugin.config_jsonschema["properties"]
        if given.keys() <= known.keys() and all(of_kind(known[key], given[key]) for key in given):
            check_plugin(name, given)
            return
    pytest.fail(f"{block.place}: no plugin has the settings {', '.join(given)}")
