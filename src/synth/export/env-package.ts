// An environment package for Python trainers that load environments in the style of `verifiers`: a folder to
// install, with the tasks as rows and a loader that runs each rollout in a session of a studio
// (`hadal synth serve`). The loader needs nothing but the trainer's own library; tools run, and verdicts
// are given, in the studio. Holds public parts only. Source: agents reference §2.1.

import type { ExportItem } from './export-format.js';
import { verifiersRows } from './verifiers.js';

/** Tasks beside the loader, a row a line. */
export const PACKAGE_TASKS = 'tasks.jsonl';

/** A name for a package from that of a folder. */
export function packageName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  return /^[a-z]/.test(name) ? name : `env_${name}`;
}

/** Files of the package besides its tasks, by path below its folder. */
export function packageFiles(
  name: string,
  { version, verifierUrl }: { readonly version: string; readonly verifierUrl: string },
): ReadonlyMap<string, string> {
  return new Map([
    ['pyproject.toml', project(name, version)],
    [`${name}/__init__.py`, loader(verifierUrl)],
  ]);
}

/** A row of the package's tasks: besides, whether a user takes part, who is asked in words. */
export function packageRow(item: ExportItem): object {
  const row = verifiersRows.toRow(item) as { readonly info: string };
  const info = JSON.parse(row.info) as object;
  return { ...row, info: JSON.stringify({ ...info, has_user: item.task.user !== undefined }) };
}

function project(name: string, version: string): string {
  return `[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "${name.replaceAll('_', '-')}"
version = "${version}"
description = "Executable environments with verified tasks, run in a Hadal studio"
requires-python = ">=3.10"
dependencies = ["verifiers>=0.1.8", "datasets"]

[tool.hatch.build.targets.wheel]
packages = ["${name}"]
`;
}

function loader(url: string): string {
  return `"""Rollouts in sessions of a studio (hadal synth serve): tools run there, verdicts come from there."""

import asyncio
import json
import os
import urllib.request
from pathlib import Path

import verifiers as vf
from datasets import Dataset

TASKS = Path(__file__).with_name("${PACKAGE_TASKS}")


def _plain(message):
    return message.model_dump(exclude_none=True) if hasattr(message, "model_dump") else dict(message)


class StudioEnv(vf.MultiTurnEnv):
    def __init__(self, url, key, **kwargs):
        super().__init__(**kwargs)
        self.url = url.rstrip("/")
        self.headers = {"content-type": "application/json"}
        if key:
            self.headers["authorization"] = f"Bearer {key}"

    async def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method, headers=self.headers)

        def send():
            with urllib.request.urlopen(request, timeout=60) as response:
                return json.load(response)

        return await asyncio.to_thread(send)

    async def setup_state(self, state, **kwargs):
        info = state["info"]
        info = json.loads(info) if isinstance(info, str) else info
        session = await self.ask("POST", "/v1/sessions", {"task_key": info["task_key"]})
        state["session"] = session["session_id"]
        state["oai_tools"] = session["tools"]
        normalize = getattr(self, "_normalize_tool_defs", lambda tools: tools)
        state["tool_defs"] = normalize([tool["function"] for tool in session["tools"]]) or []
        return await super().setup_state(state, **kwargs) or state

    async def env_response(self, messages, state, **kwargs):
        path = f"/v1/sessions/{state['session']}"
        last = _plain(messages[-1])
        replies = []
        for call in last.get("tool_calls") or []:
            call = json.loads(call) if isinstance(call, str) else _plain(call)
            function = _plain(call.get("function", call))
            try:
                arguments = json.loads(function["arguments"] or "{}")
                result = await self.ask("POST", f"{path}/tools", {"name": function["name"], "arguments": arguments})
                content = result["result"] if result["ok"] else {"error": result["error"]}
            except ValueError as error:
                content = {"error": {"code": "bad_arguments", "message": f"no JSON: {error}"}}
            replies.append({"role": "tool", "tool_call_id": call["id"], "content": json.dumps(content, ensure_ascii=False)})
        if replies:
            if (await self.ask("GET", path))["has_submission"]:
                state["final_env_response"] = replies
            return replies
        said = await self.ask("POST", f"{path}/user", {"message": last.get("content") or ""})
        return [{"role": "user", "content": said["message"]}]

    @vf.stop
    async def has_answered(self, state, **kwargs):
        """No tool is called, and no user takes part who could be asked."""
        messages = state["trajectory"][-1]["completion"] if state.get("trajectory") else state.get("completion")
        if not messages or _plain(messages[-1]).get("role") != "assistant":
            return False
        info = state["info"]
        info = json.loads(info) if isinstance(info, str) else info
        return not _plain(messages[-1]).get("tool_calls") and not info["has_user"]


async def verdict(completion, state, env, **kwargs):
    """The studio's reward; the session ends with it."""
    path = f"/v1/sessions/{state['session']}"
    judged = await env.ask("POST", f"{path}/verify", {"messages": [_plain(one) for one in completion]})
    await env.ask("DELETE", path)
    return float(judged["reward"])


def load_environment(url=None, split=None, max_turns=120, **kwargs):
    """url: of the studio, also HADAL_STUDIO_URL; its trainer key is HADAL_SYNTH_KEY. split: train, val or test."""
    rows = [json.loads(line) for line in TASKS.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if split is None or json.loads(row["info"])["split"] == split]
    rubric = vf.Rubric(funcs=[verdict], weights=[1.0])
    url = url or os.environ.get("HADAL_STUDIO_URL") or "${url}"
    env = StudioEnv(url, os.environ.get("HADAL_SYNTH_KEY"), dataset=Dataset.from_list(rows), rubric=rubric, max_turns=max_turns, **kwargs)
    rubric.add_class_object("env", env)
    return env
`;
}
