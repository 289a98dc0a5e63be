"""A stand-in for GitHub's runner, as far as `action.yml` needs one: runs the steps of a composite action with their real
expressions, environment files and workflow commands. It reads only the YAML and the expressions that the action uses and
stops at anything else, so that it cannot pass over what it does not know."""
import os
import re
import subprocess
import tempfile
from pathlib import Path


def scalar(text):
    text = text.strip()
    if text[:1] == '"':
        end = text.rindex('"')
        assert "\\" not in text and text[end + 1:].strip()[:1] in ("", "#"), text
        return text[1:end]
    assert text[:1] not in tuple("'|>[{&*!%@`"), f"not read by the stand-in: {text}"
    return re.sub(r"\s+#.*$", "", text)


def yaml(text):
    """Mappings, lists of mappings and one-line scalars, indented by two."""
    lines = [(len(raw) - len(raw.lstrip()), raw.strip()) for raw in text.splitlines()
             if raw.strip() and not raw.strip().startswith("#")]

    def block(at, indent):
        if lines[at][1].startswith("- "):
            items = []
            while at < len(lines) and lines[at][0] == indent and lines[at][1].startswith("- "):
                lines[at] = (indent + 2, lines[at][1][2:])
                item, at = block(at, indent + 2)
                items.append(item)
            return items, at
        mapping = {}
        while at < len(lines) and lines[at][0] == indent and not lines[at][1].startswith("- "):
            key, colon, rest = lines[at][1].partition(":")
            assert colon and key not in mapping, lines[at]
            at += 1
            if rest.strip():
                mapping[key] = scalar(rest)
            else:
                mapping[key], at = block(at, lines[at][0])
        assert at == len(lines) or lines[at][0] <= indent, lines[at]
        return mapping, at

    tree, end = block(0, 0)
    assert end == len(lines), lines[end]
    return tree


TOKEN = re.compile(r"\s*(\|\||&&|==|!=|!|\(|\)|'(?:[^']|'')*'|[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*)")


def evaluate(source, contexts):
    tokens, at = [], 0
    source = source.strip()
    while at < len(source):
        match = TOKEN.match(source, at)
        assert match, f"not an expression of the stand-in: {source[at:]}"
        tokens.append(match.group(1))
        at = match.end()

    def take():
        return tokens.pop(0)

    def primary():
        token = take()
        if token == "!":
            return not primary()
        if token == "(":
            value = either()
            assert take() == ")"
            return value
        if token[0] == "'":
            return token[1:-1].replace("''", "'")
        if tokens[:1] == ["("]:
            assert take() and take() == ")" and token == "cancelled", token
            return False
        value = contexts
        for name in token.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        return "" if value is None else value

    def equal():
        left = primary()
        while tokens[:1] and tokens[0] in ("==", "!="):
            same = take() == "=="
            left = (text(left).lower() == text(primary()).lower()) == same
        return left

    def both():
        left = equal()
        while tokens[:1] == ["&&"]:
            take()
            right = equal()
            left = right if left else left
        return left

    def either():
        left = both()
        while tokens[:1] == ["||"]:
            take()
            right = both()
            left = left or right
        return left

    value = either()
    assert not tokens, tokens
    return value


def text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def fill(value, contexts):
    return re.sub(r"\$\{\{(.*?)\}\}", lambda match: text(evaluate(match.group(1), contexts)), value)


class Result:
    """What a run of the action came to."""

    def __init__(self):
        self.steps, self.outputs, self.failed = {}, {}, False
        self.log, self.summary, self.uploads, self.raw_outputs = "", b"", [], {}
        self.commands = []  # (name, properties, data), as the runner takes them

    def annotations(self, kind):
        return [command for command in self.commands if command[0] == kind]


def commands(output):
    """What the runner obeys in an output: `::name properties::data` on a line of its own, or `##[name …]` anywhere."""
    found, stop = [], None
    for line in re.split(r"\r\n|\r|\n", output):
        stripped = line.lstrip()
        if stop:
            stop = None if stripped == f"::{stop}::" else stop
            continue
        match = re.match(r"::([A-Za-z-]+)(?: ([^:]*))?::(.*)$", stripped)
        if match and match.group(1) == "stop-commands":
            stop = match.group(3)
            assert len(stop) > 20, "a token that can be guessed"
        elif match:
            found.append((match.group(1), match.group(2) or "", match.group(3)))
        else:
            found += [(old.group(1), "", old.group(0)) for old in re.finditer(r"##\[([a-z-]+)[^\]]*\]", line)]
    assert stop is None, "workflow commands stay switched off"
    return found


def values(raw):
    """The outputs in a file: only the form with a delimiter is accepted."""
    found, lines = {}, raw.decode().split("\n")
    assert lines.pop() == ""
    while lines:
        name, between, end = lines.pop(0).partition("<<")
        assert between and len(end) > 20 and name not in found, name
        at = lines.index(end)
        found[name] = "\n".join(lines[:at])
        del lines[:at + 1]
    return found


def run(action, workspace, event_name, event, inputs, path, upload="success", env=None, actor="dev", repository="org/shop"):
    """Runs the action in folder `action` for one event. `upload` is what the upload of SARIF comes to."""
    definition = yaml((Path(action) / "action.yml").read_text())
    unknown = set(inputs) - set(definition["inputs"])
    assert not unknown, unknown
    result, temp = Result(), Path(tempfile.mkdtemp(dir=Path(workspace).parent, prefix="runner-"))
    github = {"token": "secret-token", "action_repository": "", "event": event, "event_name": event_name}
    contexts = {"github": github, "steps": {}}
    contexts["inputs"] = {name: inputs.get(name, fill(each["default"], contexts)) for name, each in definition["inputs"].items()}
    for number, step in enumerate(definition["runs"]["steps"]):
        assert not set(step) - {"name", "id", "if", "shell", "run", "env", "uses", "with", "continue-on-error"}, step
        name = step.get("id", f"step-{number}")
        condition = re.sub(r"^\$\{\{(.*)\}\}$", r"\1", step.get("if", "''==''"))
        state = contexts["steps"][name] = {"outputs": {}, "outcome": "skipped"}
        if (result.failed and "cancelled()" not in condition) or not evaluate(condition, contexts):
            continue
        if "uses" in step:
            assert re.search(r"@[0-9a-f]{40}$", step["uses"]), "not pinned"
            result.uploads.append({key: fill(value, contexts) for key, value in step["with"].items()})
            state["outcome"] = upload
        else:
            assert step["shell"] == "bash" and "${{" not in step["run"]
            files = {"GITHUB_OUTPUT": temp / f"output-{number}", "GITHUB_STEP_SUMMARY": temp / f"summary-{number}",
                     "GITHUB_ENV": temp / f"env-{number}", "GITHUB_PATH": temp / f"path-{number}"}
            for file in files.values():
                file.write_bytes(b"")
            environment = {
                "PATH": path, "HOME": str(temp), "LANG": "C.UTF-8", "CI": "true", "GITHUB_ACTIONS": "true",
                "GITHUB_WORKSPACE": str(workspace), "GITHUB_ACTION_PATH": str(action), "GITHUB_EVENT_NAME": event_name,
                "GITHUB_REPOSITORY": repository, "GITHUB_ACTOR": actor, "GITHUB_SERVER_URL": "https://127.0.0.1:9",
                "RUNNER_TEMP": str(temp), "RUNNER_TOOL_CACHE": str(temp / "tools"), "RUNNER_OS": "Linux", "RUNNER_ARCH": "X64",
                **{key: str(file) for key, file in files.items()}, **(env or {}),
                **{key: fill(value, contexts) for key, value in step.get("env", {}).items()},
            }
            process = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], cwd=workspace,
                                     env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT, timeout=120)
            said = process.stdout.decode(errors="replace")
            result.log += said
            result.commands += commands(said)
            assert not files["GITHUB_ENV"].read_bytes() and not files["GITHUB_PATH"].read_bytes(), "leaks into later steps"
            assert files["GITHUB_STEP_SUMMARY"].stat().st_size <= 1 << 20, "the summary would be dropped"
            result.summary += files["GITHUB_STEP_SUMMARY"].read_bytes()
            result.raw_outputs[name] = files["GITHUB_OUTPUT"].read_bytes()
            state["outputs"] = values(result.raw_outputs[name])
            state["outcome"] = "success" if process.returncode == 0 else "failure"
        result.steps[name] = state["outcome"]
        if state["outcome"] == "failure" and fill(step.get("continue-on-error", "false"), contexts) != "true":
            result.failed = True
    result.outputs = {name: fill(each["value"], contexts) for name, each in definition["outputs"].items()}
    for kind in ("error", "warning", "notice"):
        assert len(result.annotations(kind)) <= 10, f"{kind}: the rest would be dropped"
    extra = {command[0] for command in result.commands} - {"error", "warning", "notice"}
    assert not extra, f"obeyed by the runner: {extra}"
    assert "secret-token" not in result.log, "the token is in the log"
    return result
