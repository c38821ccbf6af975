// What the theme leaves out for those who hear a page, or use it by keyboard.
document.addEventListener("DOMContentLoaded", () => {
  const names = { ".sidebar-drawer": "All pages", ".toc-drawer": "On this page" };
  for (const [part, name] of Object.entries(names))
    document.querySelector(part)?.setAttribute("aria-label", name);
  const wide = "pre, .table-wrapper, .cell_output .output";
  const reachable = () => {
    for (const part of document.querySelectorAll(wide))
      if (part.scrollWidth > part.clientWidth) part.tabIndex = 0;
  };
  reachable();
  addEventListener("resize", reachable);
  addEventListener("toggle", reachable, true); // an answer that is unfolded
});
