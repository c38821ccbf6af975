"""The command line: ``bplab = "bplab.cli.base:main"``.

==============  ===========================================================================
``base``        where it begins; what the base install can do: ``bplab equations | --version``
``main``        all commands together; ``bplab lab`` itself: copies the notebooks, opens JupyterLab
``plain``       what is printed as plain text: the equation map
``shared``      what several of them share: an option, where tables are printed
``start``       what is tested before that, and before ``make`` installs anything
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
