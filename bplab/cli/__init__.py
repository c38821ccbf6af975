"""The command line: ``bplab = "bplab.cli.base:main"``.

==============  ===========================================================================
``base``        the entry point; with the base install alone: ``bplab equations | --version``
``main``        all commands together; ``bplab lab``, which copies notebooks and opens JupyterLab
``plain``       what is printed as plain text: the equation map
``shared``      what several commands share: the option ``--course``, the console for tables
``start``       what is checked before ``bplab lab``, and before ``make`` installs anything
``course``      ``bplab course new | course build | demo class | equations``
``check``       ``bplab check``
``collect``     ``bplab collect``
``extend``      ``bplab extend``
``grade``       ``bplab grade | regrade``
``gradescope``  ``bplab gradescope build | try``
``report``      ``bplab report | export | feedback``
``serve``       ``bplab serve``
``bench``       ``bplab bench …``: the project's benchmarks, in a clone
==============  ===========================================================================
"""
