// Choosing the part of a picture to show, with Cropper.js. Without scripts the server takes the middle.
(function () {
  "use strict";
  var STEP = 10, FAR = 50;

  function Field(root) {
    var find = function (name) { return root.querySelector("[data-crop-" + name + "]"); };
    this.root = root;
    this.file = find("file");
    this.value = find("value");
    this.work = find("work");
    this.stage = find("stage");
    this.image = find("image");
    this.error = find("error");
    this.cropper = null;
  }

  Field.prototype.say = function (text) {
    this.error.textContent = text;
    this.error.classList.toggle("d-block", Boolean(text));
    this.file.classList.toggle("is-invalid", Boolean(text));
  };

  Field.prototype.close = function () {
    if (this.cropper) this.cropper.destroy();
    this.cropper = null;
    this.value.value = "";
    this.work.hidden = true;
    this.image.removeAttribute("src");
  };

  Field.prototype.drop = function (why) {
    this.close();
    this.file.value = "";
    this.say(why || "");
  };

  Field.prototype.choose = function () {
    var chosen = this.file.files[0], said = this.root.dataset, field = this, reader;
    this.close();
    this.say("");
    if (!chosen) return;
    if (chosen.size > Number(said.most)) { this.drop(said.tooLarge); return; }
    if (chosen.type && this.file.accept.split(",").indexOf(chosen.type) < 0) { this.drop(said.wrongKind); return; }
    reader = new FileReader();
    reader.onload = function () { if (field.file.files[0] === chosen) field.show(reader.result); };
    reader.onerror = function () { field.drop(said.damaged); };
    reader.readAsDataURL(chosen);
  };

  Field.prototype.show = function (address) {
    var field = this, said = this.root.dataset;
    this.image.onerror = function () { field.drop(said.damaged); };
    this.image.onload = function () { field.image.onload = null; field.open(); };
    this.image.src = address;
  };

  Field.prototype.open = function () {
    var field = this, said = this.root.dataset;
    this.work.hidden = false;
    this.image.onerror = null;
    this.cropper = new window.Cropper(this.image, {
      aspectRatio: Number(said.across) / Number(said.down),
      viewMode: 1, dragMode: "move", autoCropArea: 1,
      cropBoxMovable: false, cropBoxResizable: false, toggleDragModeOnDblclick: false,
      zoomOnWheel: false, guides: false, center: false, background: false,
      checkOrientation: false, checkCrossOrigin: false,
      minContainerWidth: 120, minContainerHeight: 90,
      zoom: function (event) { if (field.tooNear(event.detail.ratio)) event.preventDefault(); },
      crop: function () { field.keep(); }
    });
    document.getElementById("live").textContent = said.chosen;
  };

  // Nearer than the smallest size that is kept would only show blur.
  Field.prototype.tooNear = function (ratio) {
    return this.cropper && this.cropper.getCropBoxData().width / ratio < Number(this.root.dataset.least);
  };

  Field.prototype.keep = function () {
    var part = this.cropper && this.cropper.getData(true);
    if (part && part.width > 0) this.value.value = [part.x, part.y, part.width, part.height].join(",");
  };

  Field.prototype.act = function (name) {
    if (name === "drop") { this.drop(); this.file.focus(); }
    if (!this.cropper) return;
    if (name === "in") this.cropper.zoom(0.1);
    if (name === "out") this.cropper.zoom(-0.1);
    if (name === "centre") this.cropper.reset();
  };

  Field.prototype.key = function (event) {
    var far = event.shiftKey ? FAR : STEP;
    var moves = { ArrowLeft: [-far, 0], ArrowRight: [far, 0], ArrowUp: [0, -far], ArrowDown: [0, far] };
    var acts = { "+": "in", "=": "in", "-": "out", "_": "out", "0": "centre" };
    if (!this.cropper || event.ctrlKey || event.metaKey || event.altKey) return;
    if (moves[event.key]) this.cropper.move(moves[event.key][0], moves[event.key][1]);
    else if (acts[event.key]) this.act(acts[event.key]);
    else return;
    event.preventDefault();
  };

  document.querySelectorAll("[data-crop]").forEach(function (root) {
    var field = new Field(root);
    field.file.addEventListener("change", function () { field.choose(); });
    field.stage.addEventListener("keydown", function (event) { field.key(event); });
    root.addEventListener("click", function (event) {
      var button = event.target.closest("[data-crop-do]");
      if (button) field.act(button.dataset.cropDo);
    });
    if (field.file.files.length) field.choose();
  });
})();
