"""A JupyterHub set up as ``course/hub.md`` says, with users of this machine."""

import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "course" / "hub.md"
TEACHER, ADA, BEN = USERS = ("bplab-teacher", "bplab-ada", "bplab-ben")
PROGRAMS = (
    *("jupyterhub", "configurable-http-proxy", "node", "gitpuller"),  # the last is nbgitpuller's
    *("useradd", "chpasswd", "su"),
)


def missing() -> str:
    """Return why no hub can be set up here, or an empty string."""
    if os.geteuid():
        return "a hub that starts servers of several users needs root"
    path = search_path()
    lacking = [name for name in PROGRAMS if not shutil.which(name, path=path)]
    return f"not installed: {', '.join(lacking)}" if lacking else ""


def search_path() -> str:
    """Where programs are: first those of the hub's environment, if ``BPLAB_HUB`` names it."""
    return os.pathsep.join(filter(None, [os.environ.get("BPLAB_HUB"), os.environ["PATH"]]))


def files_of_the_guide() -> dict[str, str]:
    """Return what stands in the guide's blocks, by the path above each."""
    found = re.findall(r"^`([/~]\S+)`\n\n```\w+\n(.*?)```", GUIDE.read_text("utf-8"), re.M | re.S)
    return dict(found)


@dataclass
class Hub:
    """A hub that runs, and its users.

    Parameters
    ----------
    folder : Path
        In the place of ``/srv``; all users can read it.
    """

    folder: Path
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12))

    def start(self) -> None:
        for user in USERS:
            subprocess.run(["useradd", "--create-home", "--shell", "/bin/bash", user], check=True)
        subprocess.run(
            ["chpasswd"],
            input="".join(f"{u}:{self.password}\n" for u in USERS),
            text=True,
            check=True,
        )
        self.exchange = self.folder / "nbgrader" / "exchange"
        self.exchange.mkdir(parents=True)
        self.exchange.chmod(0o777)
        for name, text in files_of_the_guide().items():
            self._write(name, text)
        port, inner, api = _free_ports(3)
        self.url = f"http://127.0.0.1:{port}"
        home = self.folder / "jupyterhub"
        with (home / "jupyterhub_config.py").open("a") as config:
            config.write(
                f"c.JupyterHub.bind_url = {self.url!r}\nc.JupyterHub.hub_port = {inner}\n"
                f"c.ConfigurableHTTPProxy.api_url = 'http://127.0.0.1:{api}'\n"
                "c.PAMAuthenticator.open_sessions = False\n"  # containers have none
                "c.JupyterHub.cleanup_servers = False\n"  # stop() ends them, and does not wait
            )
        self.log = home / "hub.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                ["jupyterhub"],
                cwd=home,
                env={**os.environ, "PATH": search_path()},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        for _ in range(600):
            with suppress(OSError):
                urllib.request.urlopen(f"{self.url}/hub/login", timeout=1).close()
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(f"JupyterHub did not start:\n{self.log.read_text()[-3000:]}")

    def _write(self, name: str, text: str) -> None:
        text = text.replace("/srv/", f"{self.folder}/").replace('"teacher"', f'"{TEACHER}"')
        if name.startswith("~/"):
            path, owner = home_of(TEACHER) / name[2:], TEACHER
        else:
            path, owner = self.folder / Path(name).relative_to("/srv"), "root"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        for one in (path, path.parent):
            shutil.chown(one, owner, owner)

    def run(self, user: str, command: str, *, check: bool = True) -> str:
        """Run a command as in a terminal of the user's server; return all that it printed."""
        instructor = user == TEACHER
        folders = ["class"] if instructor else ["students", "class"]
        config = os.pathsep.join(str(self.folder / "jupyterhub" / name) for name in folders)
        before = f"export PATH={search_path()} JUPYTER_CONFIG_PATH={config}; "
        done = subprocess.run(
            ["su", "-", user, "-c", before + command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if check and done.returncode:
            raise AssertionError(f"{user}: {command}\n{done.stdout}")
        return done.stdout

    def stop(self) -> None:
        """End the hub, all that its users run, and the users."""
        if hasattr(self, "process"):
            self.process.terminate()  # it ends its proxy itself, when it needs it no more
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=120)
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        for user in USERS:
            with suppress(KeyError):
                _end_all_of(pwd.getpwnam(user).pw_uid)
                subprocess.run(["userdel", "--remove", user], check=True, capture_output=True)


def home_of(user: str) -> Path:
    return Path(pwd.getpwnam(user).pw_dir)


def _end_all_of(uid: int) -> None:
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):
            if folder.stat().st_uid == uid:
                os.kill(int(folder.name), signal.SIGKILL)
    time.sleep(1)


def _free_ports(many: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(many)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
