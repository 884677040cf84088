// From a folder on a disk a page may not read another page, so search results come without their excerpts.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

// Formulas are set after the browser has gone to the heading in the address, and would push it away.
addEventListener("load", async () => {
  await window.MathJax?.startup?.promise;
  document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
});
