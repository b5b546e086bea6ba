# SPDX-License-Identifier: Apache-2.0
"""The servers of the test: a Lapwing daemon and a Prosody in a folder of their own, on
loopback and free ports, stopped by pid."""
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until(check, seconds, what):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if check():
            return
        time.sleep(0.05)
    raise AssertionError(f"timed out: {what}")


class House:
    def __init__(self, run, bindir, plugins):
        self.run = pathlib.Path(run)
        self.bindir, self.plugins = pathlib.Path(bindir), plugins
        self.home = self.run / "lapwing"
        self.port = free_port()
        self.daemon = self.prosody = None
        subprocess.run([self.bindir / "lapwing", "init", self.home], check=True,
                       stdout=subprocess.DEVNULL)

    # ---- the daemon ----
    def policy(self, text):
        (self.home / "policy.yaml").write_text(text)

    def ctl(self, *args):
        """(exit code, parsed JSON or None)."""
        r = subprocess.run([self.bindir / "lapwing", *args, "--json", "-c",
                            self.home / "lapwing.yaml"], capture_output=True, text=True)
        return r.returncode, json.loads(r.stdout) if r.returncode == 0 else None

    def start_daemon(self):
        log = open(self.run / "lapwingd.log", "ab")
        self.daemon = subprocess.Popen(
            [self.bindir / "lapwingd", "--config", self.home / "lapwing.yaml"],
            stdout=log, stderr=log)
        wait_until(lambda: self.ctl("ctl", "status")[0] == 0, 20, "daemon up")

    def kill_daemon(self, sig=signal.SIGKILL):
        self.daemon.send_signal(sig)
        self.daemon.wait(timeout=20)
        self.daemon = None

    def cases(self):
        code, cases = self.ctl("queue", "list")
        assert code == 0, "queue list failed"
        return cases

    def sessions(self):
        _code, status = self.ctl("ctl", "status")
        return status["sessions"] if status else 0

    # ---- Prosody ----
    def start_prosody(self, mode, users):
        text = (HERE / "prosody.cfg.lua.in").read_text()
        for name, value in (("RUN", self.run), ("PLUGINS", self.plugins), ("PORT", self.port),
                            ("SOCKET", self.home / "run" / "plugin.sock"), ("MODE", mode)):
            text = text.replace(f"@{name}@", str(value))
        config = self.run / "prosody.cfg.lua"
        config.write_text(text)
        (self.run / "data").mkdir(exist_ok=True)
        for user in users:
            subprocess.run(["prosodyctl", "--root", "--config", config, "register", user,
                            "localhost", "pw"], check=True, stdout=subprocess.DEVNULL)
        out = open(self.run / "prosody.out", "ab")
        self.prosody = subprocess.Popen(["prosody", "--config", config, "-F"],
                                        stdout=out, stderr=out)
        wait_until(self.accepts, 20, "prosody up")

    def accepts(self):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self):
        for proc in (self.prosody, self.daemon):
            if proc is None or proc.poll() is not None:
                continue
            proc.terminate()
            try:
                proc.wait(timeout=15)
            except subprocess.TimeoutExpired:
                proc.kill()
                proc.wait()
        self.prosody = self.daemon = None
