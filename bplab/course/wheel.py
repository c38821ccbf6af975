"""Make a wheel of this bplab from the package as it runs, in a clone as well as in an install.

It is used where bplab cannot come from a package index: in a browser, and on a grading platform.
"""

import base64
import hashlib
import zipfile
from collections.abc import Collection, Sequence
from pathlib import Path

import bplab

__all__ = ["pack_wheel", "package_files", "write_archive"]

_PACKAGE = Path(bplab.__file__).parent


def package_files(without: Collection[str] = ()) -> dict[str, bytes]:
    """Return the files of this package, by their paths in a wheel.

    Parameters
    ----------
    without : collection of str
        Folders of the package to leave out, such as ``"cli"``.
    """
    return {
        path.relative_to(_PACKAGE.parent).as_posix(): path.read_bytes()
        for path in sorted(_PACKAGE.rglob("*"))
        if path.is_file()
        and "__pycache__" not in path.parts
        and path.relative_to(_PACKAGE).parts[0] not in without
    }


def pack_wheel(
    folder: Path, name: str, files: dict[str, bytes], needed: Sequence[str] = ()
) -> Path:
    """Write a pure wheel with bplab's version; the same files give the same bytes.

    Parameters
    ----------
    folder : Path
    name : str
    files : dict
        The contents of its files, by their paths in the wheel.
    needed : sequence of str
        Its requirements, as in ``pyproject.toml``.
    """
    stem = f"{name.replace('-', '_')}-{bplab.__version__}"
    info = f"{stem}.dist-info"
    needs = "".join(f"Requires-Dist: {one}\n" for one in needed)
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {bplab.__version__}\n{needs}"
    kind = "Wheel-Version: 1.0\nGenerator: bplab\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    whole = {
        **files,
        f"{info}/METADATA": metadata.encode(),
        f"{info}/WHEEL": kind.encode(),
    }
    record = "".join(f"{path},{_digest(data)},{len(data)}\n" for path, data in whole.items())
    whole[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    path = folder / f"{stem}-py3-none-any.whl"
    write_archive(path, whole)
    return path


def write_archive(path: Path, files: dict[str, bytes]) -> None:
    """Write a zip file; the same files give the same bytes."""
    with zipfile.ZipFile(path, "w") as archive:
        for file, data in files.items():
            archive.writestr(zipfile.ZipInfo(file), data, zipfile.ZIP_DEFLATED)  # dated 1980


def _digest(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest())
    return f"sha256={digest.decode().rstrip('=')}"
