"""The command line: ``bplab = "bplab.cli.main:main"``.

==========  ==============================================================================
``main``    all commands together, and ``bplab lab``
``start``   what would stop JupyterLab, or its install, said before either begins
``course``  ``bplab check | course build | demo class | equations``
``grade``   ``bplab grade | regrade``
``report``  ``bplab report | export | feedback``
``bench``   ``bplab bench …``: the project's benchmarks, in a clone
==========  ==============================================================================
"""
