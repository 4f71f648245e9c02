"""A contestant's process."""

import json
import pathlib
import re
import subprocess
import threading


class Failure(Exception):
    """Why a workload has no result."""


class Skipped(Exception):
    """Why a contestant does not take part."""


class Process:
    """A process that speaks the protocol of peers/protocol.py."""

    def __init__(self, label, command):
        self.label = label
        try:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        except OSError as error:
            raise Failure(f"{label}: {error}") from error
        try:
            self.introduction = self.answer()
        except Failure:
            self.quit()
            raise

    def answer(self):
        line = self.process.stdout.readline()
        try:
            message = json.loads(line)
        except ValueError:
            raise Failure(f"{self.label}: expected a line of JSON, found {line.strip()!r}") from None
        if not isinstance(message, dict) or "error" in message:
            raise Failure(f"{self.label}: {message.get('error') if isinstance(message, dict) else message}")
        if "skip" in message:
            raise Skipped(f"{self.label}: {message['skip']}")
        return message

    def ask(self, request, key, limit=None):
        """Sends a command; returns what its answer holds under a key.

        A process that has not answered after `limit` seconds is ended.
        """
        timer = threading.Timer(limit, self.process.kill) if limit else None
        if timer:
            timer.start()
        try:
            self.process.stdin.write(request + "\n")
            self.process.stdin.flush()
            message = self.answer()
        except BrokenPipeError:
            raise Failure(f"{self.label}: ended before `{request}`") from None
        except Failure:
            if timer and timer.finished.is_set():
                raise Failure(f"{self.label}: no answer to its first task within {limit} s") from None
            raise
        finally:
            if timer:
                timer.cancel()
        if key not in message:
            raise Failure(f"{self.label}: expected {key!r} in the answer to `{request}`, found {message}")
        return message[key]

    def memory(self):
        """The most memory that the process ever held, in bytes; None where the system does not say."""
        try:
            status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return None
        found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
        return int(found[1]) * 1024 if found else None

    def quit(self):
        try:
            self.process.stdin.write("quit\n")
            self.process.stdin.close()
            self.process.wait(timeout=10)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()

    @property
    def is_running(self):
        return self.process.poll() is None

    def versions(self):
        """Name, versions and threads on one line."""
        versions = ", ".join(f"{name} {version}" for name, version in self.introduction["versions"].items())
        return f"{self.introduction['name']} ({versions}; {self.introduction['threads']} threads)"
