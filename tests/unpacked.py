"""bplab out of a wheel, in a folder of its own, as an installer leaves it there."""

import os
import shutil
import zipfile
from importlib.util import cache_from_source
from pathlib import Path

ROOT = Path(__file__).parents[1]


def unpack(wheel: Path, folder: Path) -> Path:
    """Unpack a wheel. What is the same text as here, and compiled here, is not compiled again."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    for there in folder.rglob("*.py"):
        here = ROOT / there.relative_to(folder)
        compiled = Path(cache_from_source(here))
        if compiled.is_file() and here.is_file() and here.read_bytes() == there.read_bytes():
            written = here.stat()  # by its time Python knows of which text a compiled form is
            os.utime(there, ns=(written.st_atime_ns, written.st_mtime_ns))
            place = Path(cache_from_source(there))
            place.parent.mkdir(exist_ok=True)
            shutil.copy(compiled, place)
    return folder
