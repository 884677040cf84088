// From a folder on a disk a page may not read another page, so search results come without their excerpts.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

// Formulas are set after the browser has gone to the heading in the address, and would push it away.
addEventListener("load", async () => {
  await window.MathJax?.startup?.promise;
  document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
});

// What scrolls inside itself can be reached and scrolled with the keyboard.
const focusable = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
addEventListener("load", () => {
  document.querySelectorAll(".bd-article table, .bd-article div.math").forEach((wide) => focusable.observe(wide));
});
