// JupyterLite loads Pyodide by this file. Each look among a learner's files, and Python takes one
// for every import, is a request to the page: so the kernel is imported before they are there, and
// what is imported later is looked for among them last.

import { loadPyodide as load, version } from "./pyodide.mjs";

export { version };

export async function loadPyodide(options) {
  const pyodide = await load(options);
  pyodide.runPython("import sys; sys.path.remove(''); sys.path.append('')");
  pyodide.runPython("import piplite.piplite, pyodide_kernel");
  return pyodide;
}
