"""What the kernel is served with: where each package is, and which are served by the site."""

import json
import subprocess
import sys
from hashlib import sha256

import pytest

from bplab.course import CourseError
from bplab.course.site import kernel
from bplab.course.site.wheels import write_wheel

AWAY = "https://packages.invalid/pyodide/v{}/full/"
COMPILED = {
    "numpy": ([], ["numpy"]),
    "matplotlib": (["numpy", "cycler", "Pillow"], ["matplotlib", "mpl_toolkits"]),
    "Pillow": ([], ["PIL"]),
    "pandas": (["numpy"], ["pandas"]),
}


def bytes_of(name):
    return f"compiled {name}".encode()


@pytest.fixture(autouse=True)
def small(monkeypatch, tmp_path):
    """A distribution of four compiled packages, and the pure wheels that bplab needs."""
    lock = {
        "info": {"python": "3.14.2"},
        "packages": {
            name.lower(): {
                "name": name,
                "version": "1.0",
                "file_name": f"{name}-1.0-wasm32.whl",
                "install_dir": "site",
                "package_type": "package",
                "sha256": sha256(bytes_of(name)).hexdigest(),
                "imports": modules,
                "depends": needs,
            }
            for name, (needs, modules) in COMPILED.items()
        },
    }
    core = {
        "pyodide.mjs": f"x=`{AWAY.format('${U}')}`".encode(),
        "pyodide-lock.json": json.dumps(lock).encode(),
    }
    pure = {"ipywidgets": ["comm"], "comm": [], "platformdirs": [], "cycler": []}
    pure["jupyterlab-widgets"] = []

    def pure_wheels(folder):
        return [
            write_wheel(folder, name, {f"{name.replace('-', '_')}.py": b""}, needs)
            for name, needs in pure.items()
        ]

    def add_bytecode(folder, scratch, start, needed, mine):
        assert (folder / mine.path.name).is_file()
        assert {wheel.name for wheel in needed} == {"ipywidgets", "comm", "platformdirs", "cycler"}

    monkeypatch.setattr(kernel, "core", lambda scratch, given: core)
    monkeypatch.setattr(kernel, "add_bytecode", add_bytecode)
    monkeypatch.setattr(kernel, "pure_wheels", pure_wheels)


def served(tmp_path, **how):
    folder, scratch = tmp_path / "served", tmp_path / "scratch"
    scratch.mkdir()
    front_end = kernel.serve_kernel(folder, scratch, [], **how)
    assert front_end.name.startswith("jupyterlab_widgets")
    return folder, json.loads((folder / "pyodide-lock.json").read_text(encoding="utf-8"))


@pytest.fixture
def packages(tmp_path):
    folder = tmp_path / "packages"
    folder.mkdir()
    for name in COMPILED:
        (folder / f"{name}-1.0-wasm32.whl").write_bytes(bytes_of(name))
    return folder


def test_pure_wheels_come_from_the_site_and_compiled_ones_from_pyodides_own_address(tmp_path):
    folder, lock = served(tmp_path)
    files = {name: entry["file_name"] for name, entry in lock["packages"].items()}
    for name in ("numpy", "matplotlib", "pandas"):
        assert files.pop(name) == f"{AWAY.format(kernel.VERSION)}{name}-1.0-wasm32.whl"
    assert files.pop("pillow") == f"{AWAY.format(kernel.VERSION)}Pillow-1.0-wasm32.whl"
    assert {*files} == {
        "bplab",
        "bplab-unreachable",
        "comm",
        "cycler",
        "ipywidgets",
        "platformdirs",
    }
    for name, file in files.items():
        data = (folder / file).read_bytes()
        assert sha256(data).hexdigest() == lock["packages"][name]["sha256"]
    assert [path.name for path in folder.glob("*wasm32.whl")] == []


def test_what_jupyterlite_loads_pyodide_by_lies_beside_it(tmp_path):
    folder, _ = served(tmp_path)
    assert 'from "./pyodide.mjs"' in (folder / kernel.LOADER).read_text(encoding="utf-8")


def test_the_lock_says_what_bplab_needs_so_that_the_cell_that_imports_it_finds_it(tmp_path):
    _, lock = served(tmp_path)
    entry = lock["packages"]["bplab"]
    assert entry["imports"] == ["bplab"]
    assert set(entry["depends"]) == {"numpy", "matplotlib", "ipywidgets", "platformdirs"}
    assert lock["packages"]["ipywidgets"]["depends"] == ["comm"]


def test_packages_at_hand_are_served_by_the_site_but_only_those_that_bplab_needs(
    tmp_path, packages
):
    folder, lock = served(tmp_path, packages=packages)
    copied = {path.name for path in folder.glob("*wasm32.whl")}
    assert copied == {f"{name}-1.0-wasm32.whl" for name in ("numpy", "matplotlib", "Pillow")}
    assert lock["packages"]["numpy"]["file_name"] == "numpy-1.0-wasm32.whl"
    assert lock["packages"]["pandas"]["file_name"].startswith("https://")


def test_nothing_is_served_whose_hash_is_not_that_of_pyodides_lock(tmp_path, packages):
    (packages / "numpy-1.0-wasm32.whl").write_bytes(b"another numpy")
    with pytest.raises(CourseError, match=r"numpy-1\.0-wasm32\.whl is not that of Pyodide"):
        served(tmp_path, packages=packages)
    assert not [*(tmp_path / "served").glob("*.whl")]


def test_a_package_that_is_not_at_hand_is_named(tmp_path, packages):
    (packages / "Pillow-1.0-wasm32.whl").unlink()
    with pytest.raises(CourseError, match=r"has no Pillow-1\.0-wasm32\.whl, which Pyodide"):
        served(tmp_path, packages=packages)


def test_what_a_wheel_needs_and_nobody_has_is_named(tmp_path, monkeypatch):
    wheels = kernel.pure_wheels
    monkeypatch.setattr(
        kernel, "pure_wheels", lambda folder: [w for w in wheels(folder) if w.name != "comm"]
    )
    with pytest.raises(CourseError, match=r"ipywidgets.* needs comm, which is not there"):
        served(tmp_path)


SAYS = """
import sys
sys.path[:] = [path for path in sys.path if "site-packages" not in path]
sys.path.insert(0, {wheel!r})
before = {{*globals(), "before"}}
import zipfile
exec(zipfile.ZipFile({wheel!r}).read("bplab_start.py"))
assert {{*globals()}} == {{*before, "zipfile"}}
for name in ("numpy", "something_else"):
    try:
        __import__(name)
    except ModuleNotFoundError as error:
        print(*getattr(error, "_render_traceback_", lambda: [error])(), sep="\\n")
"""


def test_a_kernel_that_numpy_did_not_reach_says_so_and_where_it_would_come_from(tmp_path):
    folder, _ = served(tmp_path)
    [wheel] = folder.glob("bplab_unreachable*.whl")
    script = SAYS.format(wheel=str(wheel))
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"✗ numpy could not be loaded: it comes from {AWAY.format(kernel.VERSION)}, which this "
        "browser has not reached.",
        "Once it can be reached, run this cell again.",
        "No module named 'something_else'",
    ]


def test_a_site_that_serves_numpy_says_nothing_of_an_address(tmp_path, packages):
    folder, _ = served(tmp_path, packages=packages)
    [wheel] = folder.glob("bplab_unreachable*.whl")
    script = f"import sys; sys.path.insert(0, {str(wheel)!r}); import bplab_unreachable as b"
    script += "; print(b.MODULES.split())"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
