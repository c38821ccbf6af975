"""Tests, laid out as the library is; what all of them share is in ``conftest``."""

import os

# Workers fill the cores: threads of numpy's products would only wait for each other.
for _threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

os.environ.pop("BPLAB_LANGUAGE", None)  # what is said is compared in English
