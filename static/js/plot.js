// Draws each plot from the table beside it, in the theme's colours, and again when the theme changes.
(function () {
  "use strict";
  var charts = [];

  // Chart.js can't read light-dark() from a variable: ask the browser what the colour has become.
  function fill(name) {
    var svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    var rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    svg.setAttribute("width", "0");
    svg.setAttribute("height", "0");
    rect.setAttribute("class", "fill-" + name);
    svg.appendChild(rect);
    document.body.appendChild(svg);
    var colour = getComputedStyle(rect).fill;
    svg.remove();
    return colour;
  }

  function cells(row, selector) { return Array.prototype.slice.call(row.querySelectorAll(selector)); }

  function series(table, kind) {
    var rows = cells(table, "tbody tr");
    return cells(table, "thead th[data-fill]").map(function (head, column) {
      var colour = fill(head.dataset.fill);
      return {
        label: head.textContent.trim(),
        data: rows.map(function (row) { return Number(row.querySelectorAll("td")[column].dataset.value); }),
        texts: rows.map(function (row) { return row.querySelectorAll("td")[column].textContent.trim(); }),
        backgroundColor: colour, borderColor: colour, borderWidth: kind === "line" ? 2.5 : 0, borderRadius: 3,
        pointRadius: 0, pointHitRadius: 12, tension: 0.25, maxBarThickness: 36,
      };
    });
  }

  function options(figure, many) {
    var ink = fill("ink-2"), line = fill("hairline");
    var stacked = "stacked" in figure.dataset;
    return {
      animation: false, maintainAspectRatio: false, interaction: { mode: "index", intersect: false },
      font: { family: getComputedStyle(document.body).fontFamily },
      plugins: {
        legend: { display: many, align: "end", labels: { color: ink, boxWidth: 12, boxHeight: 12, useBorderRadius: true, borderRadius: 3 } },
        tooltip: { callbacks: { label: function (item) { return item.dataset.label + " " + item.dataset.texts[item.dataIndex]; } } },
      },
      scales: {
        x: { stacked: stacked, grid: { display: false }, border: { color: line }, ticks: { color: ink, maxRotation: 0 } },
        y: { stacked: stacked, beginAtZero: true, grid: { color: line }, border: { display: false }, ticks: { color: ink, maxTicksLimit: 5 } },
      },
    };
  }

  function draw(figure) {
    var table = figure.querySelector("table"), kind = figure.dataset.plot;
    var labels = cells(table, "tbody th").map(function (head) { return head.textContent.trim(); });
    var found = series(table, kind);
    charts.push(new window.Chart(figure.querySelector("canvas"), {
      type: kind, data: { labels: labels, datasets: found }, options: options(figure, found.length > 1),
    }));
  }

  function drawAll() {
    charts.forEach(function (chart) { chart.destroy(); });
    charts = [];
    window.Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    window.Chart.defaults.font.size = 13;
    document.querySelectorAll("[data-plot]").forEach(draw);
  }

  drawAll();
  document.addEventListener("themechange", drawAll);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
})();
