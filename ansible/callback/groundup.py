"""Ansible callback: a heading per task with the seconds so far, every change, and every failure in full.

The same headings go to the file that GROUNDUP_PROGRESS names, which `groundup up` shows while it waits.
"""

import os
import time

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: groundup
type: stdout
short_description: Headings, changes and failures, nothing else
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "groundup"

    def __init__(self):
        super().__init__()
        self._started = time.monotonic()
        self._progress = os.environ.get("GROUNDUP_PROGRESS")
        self._phase = os.environ.get("GROUNDUP_PHASE", "")

    def _heading(self, task):
        if task.action in ("meta", "ansible.builtin.meta", "set_fact", "ansible.builtin.set_fact"):
            return
        name = task.get_name().split(" : ")[-1]
        self._display.display("[%5.1f s] %s" % (time.monotonic() - self._started, name))
        if self._progress:
            with open(self._progress, "a", encoding="utf-8") as file:
                file.write("%s: %s\n" % (self._phase, name))

    def v2_playbook_on_task_start(self, task, is_conditional):
        self._heading(task)

    def v2_playbook_on_handler_task_start(self, task):
        self._heading(task)

    def v2_runner_on_ok(self, result):
        if result._result.get("changed"):
            self._display.display("            changed on %s" % result._host.get_name())
        self._warnings(result)

    def _warnings(self, result):
        stderr = result._result.get("stderr", "").strip()
        for line in stderr.splitlines() if not result._task.no_log else []:
            self._display.display("            %s: %s" % (result._host.get_name(), line))

    def v2_runner_on_failed(self, result, ignore_errors=False):
        if ignore_errors:
            return
        self._explain(result, "FAILED")

    def v2_runner_on_unreachable(self, result):
        self._explain(result, "UNREACHABLE")

    def _explain(self, result, what):
        answer = self._clean(result)
        self._display.display("%s on %s: %s" % (what, result._host.get_name(), answer.pop("msg", "")))
        for part in ("stdout", "stderr", "module_stdout", "module_stderr", "exception"):
            text = str(answer.get(part) or "").strip()
            if text:
                self._display.display("%s:\n%s" % (part, text))

    @staticmethod
    def _clean(result):
        if result._task.no_log:
            return {"msg": "what it said may hold secrets and is not shown"}
        return dict(result._result)

    def v2_playbook_on_stats(self, stats):
        self._display.display("[%5.1f s] done" % (time.monotonic() - self._started))
        for host in sorted(stats.processed):
            counts = stats.summarize(host)
            shown = " ".join("%s=%d" % (name, counts[name]) for name in ("ok", "changed", "failures", "unreachable"))
            self._display.display("%s: %s " % (host, shown))
