"""The command line: ``bplab = "bplab.cli.main:main"``.

==========  ==============================================================================
``main``    all commands together; ``bplab lab`` itself: copies the notebooks, opens JupyterLab
``start``   what is tested before that, and before ``make`` installs anything
``course``  ``bplab check | course build | demo class | equations``
``grade``   ``bplab grade | regrade``
``report``  ``bplab report | export | feedback``
``bench``   ``bplab bench …``: the project's benchmarks, in a clone
==========  ==============================================================================
"""
