// Keys for whoever reviews many things: j and k go through a queue's rows; a and r lead to the buttons of a decision.
// No key decides anything by itself: it moves the focus, and Enter does the rest.
(function () {
  "use strict";

  function typing(target) {
    return target.closest("input, textarea, select, [contenteditable]") !== null;
  }

  function step(by) {
    var links = Array.from(document.querySelectorAll("[data-queue-row] th a"));
    if (!links.length) return false;
    var here = links.indexOf(document.activeElement);
    var next = here < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(here + by, 0), links.length - 1);
    links[next].focus();
    return true;
  }

  function lead(selector) {
    var found = document.querySelector(selector);
    if (found) found.focus();
    return found !== null;
  }

  var keys = {
    j: function () { return step(1); },
    k: function () { return step(-1); },
    a: function () { return lead("button[name=verdict][value=accept]"); },
    r: function () { return lead("textarea[name=reason]"); }
  };

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    var act = keys[event.key];
    if (act && act()) event.preventDefault();
  });
})();
