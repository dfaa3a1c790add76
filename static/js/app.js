// What the pages add when scripts run: the theme switch, questions before what can't be undone, one submit a click.
// Every page works without it.
(function () {
  "use strict";
  var root = document.documentElement;

  // --- Light and dark -------------------------------------------------------------------------------------------
  function chosenTheme() { return root.getAttribute("data-bs-theme") || "system"; }

  function showTheme() {
    document.querySelectorAll("[data-theme]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.dataset.theme === chosenTheme()));
    });
  }

  function setTheme(theme) {
    if (theme === "system") root.removeAttribute("data-bs-theme"); else root.setAttribute("data-bs-theme", theme);
    try {
      if (theme === "system") localStorage.removeItem("theme"); else localStorage.setItem("theme", theme);
    } catch (ignored) { /* the choice then lasts as long as the page */ }
    showTheme();
    document.dispatchEvent(new CustomEvent("themechange"));
  }

  // --- Questions before what can't be undone ----------------------------------------------------------------------
  function ask(question, label, alarming, then) {
    var dialog = document.getElementById("ask");
    var yes = dialog.querySelector("[data-ask-yes]");
    dialog.querySelector("h2").textContent = question;
    if (label) yes.textContent = label;
    yes.className = "btn " + (alarming ? "btn-alarm" : "btn-primary");
    dialog.returnValue = "no";
    dialog.addEventListener("close", function () { if (dialog.returnValue === "yes") then(); }, { once: true });
    dialog.showModal();
  }

  function submitAnyway(form, submitter) {
    form.dataset.confirmed = "yes";
    if (submitter) form.requestSubmit(submitter); else form.requestSubmit();
  }

  function confirmFirst(event) {
    var form = event.target, submitter = event.submitter;
    var question = (submitter && submitter.dataset.confirm) || form.dataset.confirm;
    if (!question || form.dataset.confirmed || !window.HTMLDialogElement) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(question, submitter && submitter.textContent.trim(), submitter && submitter.classList.contains("btn-alarm"),
      function () { submitAnyway(form, submitter); });
  }

  // --- One submit a click -------------------------------------------------------------------------------------------
  // The buttons go to sleep after the browser has read the form, so that the pressed one's name still travels with it.
  function sleepButtons(event) {
    var form = event.target;
    if (event.defaultPrevented || form.method === "dialog" || form.method === "get") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    setTimeout(function () {
      form.querySelectorAll("button[type=submit]").forEach(function (button) { button.disabled = true; });
    }, 0);
  }

  function wakeButtons() {
    document.querySelectorAll("form[data-sent]").forEach(function (form) {
      delete form.dataset.sent;
      delete form.dataset.confirmed;
      form.querySelectorAll("button[type=submit]").forEach(function (button) { button.disabled = false; });
    });
  }

  // --- Menus close when one looks elsewhere ----------------------------------------------------------------------
  function closeMenus(except) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) { if (menu !== except) menu.open = false; });
  }

  // --- A sheet over the page: open while htmx has put something into it ------------------------------------------------
  document.addEventListener("htmx:afterSwap", function (event) {
    var sheet = event.target;
    if (sheet.id !== "sheet" || !sheet.showModal) return;
    if (sheet.querySelector("form")) { if (!sheet.open) sheet.showModal(); return; }
    sheet.close();
    var back = document.getElementById(sheet.dataset.from || "");
    if (back) back.focus();
  });
  document.addEventListener("htmx:beforeRequest", function (event) {
    var sheet = document.getElementById("sheet");
    if (event.detail.target === sheet && !sheet.contains(event.target)) sheet.dataset.from = event.target.id;
  });

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-theme]");
    if (button) setTheme(button.dataset.theme);
    closeMenus(event.target.closest("details.menu"));
  });
  document.addEventListener("keydown", function (event) {
    var menu = document.querySelector("details.menu[open]");
    if (event.key !== "Escape" || !menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit();
  });
  document.addEventListener("submit", confirmFirst, true);
  document.addEventListener("submit", sleepButtons);
  window.addEventListener("pageshow", function (event) { if (event.persisted) wakeButtons(); });

  // --- Tabs that don't fit are moved until the current one shows -------------------------------------------------
  document.querySelectorAll(".tabs [aria-current]").forEach(function (tab) {
    var strip = tab.parentElement;
    if (strip.scrollWidth > strip.clientWidth) strip.scrollLeft = tab.offsetLeft - strip.offsetLeft - (strip.clientWidth - tab.offsetWidth) / 2;
  });

  showTheme();
  var problem = document.querySelector("[data-focus]");
  if (problem) problem.focus();
})();
