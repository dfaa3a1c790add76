// The sum of the deals that are ticked, while one ticks them. Without scripts a button adds up.
(function () {
  "use strict";

  var sum = document.querySelector("[data-pay-sum]");
  if (!sum) return;
  var boxes = Array.from(document.querySelectorAll("[data-pay]"));
  var named = document.querySelector("[data-pay-amount]");
  var over = document.querySelector("[data-pay-over]");
  var digits = Number(sum.dataset.digits);
  var number = new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });

  function add() {
    var total = boxes.reduce(function (before, box) { return before + (box.checked ? Number(box.dataset.pay) : 0); }, 0);
    // The page's own way to write nothing, with the figure in its place.
    sum.textContent = sum.dataset.zero.replace(/0(\.0+)?$/, number.format(total / Math.pow(10, digits)));
    named.textContent = sum.textContent;
    over.hidden = total <= Number(sum.dataset.most);
  }

  document.querySelector("[data-pay-plain]").hidden = true;
  boxes.forEach(function (box) { box.addEventListener("change", add); });
  add();
})();
