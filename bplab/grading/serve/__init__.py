"""Judge submissions as students hand them in: ``bplab serve``.

============  ============================================================================
``serving``   `Serving`: the main loop; looks, judges what is new, returns feedback
``inboxes``   where submissions arrive: ``submitted/``, another folder, nbgrader's exchange
``arrivals``  which submissions are complete; nothing is taken while it is still being copied
``turns``     whose submission is judged next, and whose has to wait
============  ============================================================================
"""

from bplab.grading.serve.inboxes import Exchange, Inbox, Submitted, Watched
from bplab.grading.serve.serving import Serving

__all__ = ["Exchange", "Inbox", "Serving", "Submitted", "Watched"]
