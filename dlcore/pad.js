// A pad to draw on with mouse, pen, finger or keys. `pixels` holds a byte of ink for each of its 28 x 28 squares.
const SIDE = 28, PEN = 0.8, SOFT = 0.9;         // in squares: full ink up to PEN from the line, none from PEN + SOFT on
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function element(tag, parent, settings) {
  return parent.appendChild(Object.assign(document.createElement(tag), settings));
}

// The distance from a point to the line between two others.
function distance([x, y], [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const along = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}

function render({ model, el }) {
  const canvas = element("canvas", el, { width: SIDE, height: SIDE, tabIndex: 0 });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "A pad to draw a digit on: arrow keys move the pen, with shift they draw");
  canvas.style.cssText = "width: 224px; height: 224px; border: 1px solid #888; background: white; cursor: crosshair; "
    + "image-rendering: pixelated; touch-action: none; display: block; margin-bottom: 4px";
  const context = canvas.getContext("2d");
  let ink = new Uint8ClampedArray(SIDE * SIDE), last = null, waiting = false;
  const before = [];                            // for undo: the ink at the start of each stroke

  function show(cursor) {
    const image = context.createImageData(SIDE, SIDE);
    ink.forEach((amount, i) => image.data.set([255 - amount, 255 - amount, 255 - amount, 255], 4 * i));
    context.putImageData(image, 0, 0);
    if (cursor) {
      context.fillStyle = "#e69f00";
      context.fillRect(Math.floor(cursor[0]), Math.floor(cursor[1]), 1, 1);
    }
  }

  function send() {                             // at most once a frame, however fast the pen moves
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      model.set("pixels", new DataView(Uint8Array.from(ink).buffer));
      model.save_changes();
    });
  }

  function line(from, to, cursor) {
    for (let y = 0; y < SIDE; y++)
      for (let x = 0; x < SIDE; x++) {
        const share = (PEN + SOFT - distance([x + 0.5, y + 0.5], from, to)) / SOFT;
        ink[y * SIDE + x] = Math.max(ink[y * SIDE + x], 255 * Math.min(1, share));
      }
    show(cursor);
    send();
  }

  function place(event) {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.x) / box.width * SIDE, (event.clientY - box.y) / box.height * SIDE];
  }

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    before.push(ink.slice());
    last = place(event);
    line(last, last);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last || !event.buttons) return;
    const here = place(event);
    line(last, here);
    last = here;
  });
  canvas.addEventListener("pointerup", () => { last = null; });

  let cursor = [SIDE / 2, SIDE / 2];
  canvas.addEventListener("keydown", (event) => {
    const step = ARROWS[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const next = cursor.map((n, i) => Math.max(0.5, Math.min(SIDE - 0.5, n + step[i])));
    if (event.shiftKey) {
      if (!event.repeat) before.push(ink.slice());
      line(cursor, next, next);
    } else show(next);
    cursor = next;
  });
  canvas.addEventListener("blur", () => show());

  function replace(other) {
    ink = other;
    show();
    send();
  }
  element("button", el, { textContent: "undo", type: "button" }).onclick = () => before.length && replace(before.pop());
  element("button", el, { textContent: "clear", type: "button" }).onclick = () => {
    before.push(ink.slice());
    replace(new Uint8ClampedArray(SIDE * SIDE));
  };
  for (const button of el.querySelectorAll("button")) button.className = "jupyter-button";

  function take() {                             // what Python put on the pad
    const { buffer, byteOffset } = model.get("pixels");
    ink = new Uint8ClampedArray(buffer.slice(byteOffset, byteOffset + SIDE * SIDE));
    show();
  }
  model.on("msg:custom", () => { before.push(ink.slice()); take(); });
  take();
}

export default { render };
