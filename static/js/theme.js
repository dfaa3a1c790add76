// Runs before the first paint: the reader's choice of light or dark, and the sign that scripts run at all.
(function () {
  "use strict";
  var root = document.documentElement, choice = null;
  root.classList.add("js");
  try { choice = window.localStorage.getItem("theme"); } catch (ignored) { /* storage is closed: follow the system */ }
  if (choice === "light" || choice === "dark") root.setAttribute("data-bs-theme", choice);
})();
