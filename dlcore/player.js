// Moves a baked explorable: picks the picture that belongs to the controls' positions. No kernel, no other host.
// In the book the pictures are in a file beside the page, asked for when the figure comes near or is touched.
window.dlcoreExplore ||= function (figure) {
  const { alt, controls, interval, file, ...data } = JSON.parse(figure.querySelector("script").textContent);
  const inputs = [...figure.querySelectorAll("[data-control]")];
  const pictures = [...figure.querySelectorAll("img[data-panel]")];
  const board = figure.querySelector(".dlcore-panels");
  let panels = data.panels, asked = false;

  const position = (input) => (input.type === "checkbox" ? Number(input.checked) : Number(input.value));

  function setPosition(input, value) {
    if (input.type === "checkbox") input.checked = Boolean(value);
    else input.value = value;
  }

  // What the controls say, in words, and the number of the picture that belongs to it.
  function tell() {
    let frame = 0;
    const state = inputs.map((input, i) => {
      const { name, texts } = controls[i];
      const text = texts[position(input)];
      frame = frame * texts.length + position(input);
      if (input.type === "range") {
        input.setAttribute("aria-valuetext", text);
        input.parentElement.querySelector("output").textContent = text;
      }
      return `${name} = ${text}`;
    });
    board.setAttribute("aria-label", `${alt}. ${state.join(", ")}`);
    return frame;
  }

  function show() {
    const frame = tell();
    if (!panels) return load();
    pictures.forEach((picture, i) => {
      picture.src = "data:image/webp;base64," + panels[i].pictures[panels[i].index[frame]];
    });
  }

  function reset() {
    inputs.forEach((input, i) => setPosition(input, controls[i].start));
  }

  // A script and not a request: it works from a folder on a disk as well.
  function load() {
    if (asked) return;
    asked = true;
    figure.ariaBusy = "true";
    const script = document.createElement("script");
    script.onload = () => { panels = script.panels; panels ? arrived() : missing(); };
    script.onerror = missing;
    script.src = file;
    document.head.append(script);
  }

  function arrived() {
    figure.ariaBusy = null;
    show();
  }

  function missing() {
    figure.ariaBusy = null;
    reset();
    tell();
    figure.querySelectorAll("input, select, button").forEach((control) => { control.disabled = true; });
    const told = document.createElement("p");
    told.setAttribute("role", "alert");
    told.textContent = `This figure cannot move: its file ${file.split("?")[0]}, which belongs beside this page, could not be loaded.`;
    figure.append(told);
  }

  // Plays until its end, until pressed again, and until the reader moves anything.
  function play(button, input) {
    let timer = null;
    const stop = () => { clearInterval(timer); timer = null; button.textContent = "▶ play"; };
    const step = () => {
      if (button.disabled || Number(input.value) >= Number(input.max)) return stop();
      if (!panels) return;
      input.value = Number(input.value) + 1;
      show();
    };
    button.addEventListener("click", () => {
      if (timer) return stop();
      if (Number(input.value) >= Number(input.max)) input.value = 0;
      timer = setInterval(step, interval);
      button.textContent = "⏸ pause";
      show();
    });
    figure.addEventListener("input", stop);
    figure.querySelector("[data-reset]").addEventListener("click", stop);
  }

  inputs.forEach((input) => input.addEventListener("input", show));
  figure.querySelectorAll("[data-play]").forEach((button) => play(button, inputs[button.dataset.play]));
  figure.querySelector("[data-reset]").addEventListener("click", () => { reset(); show(); });
  reset();
  if (panels) return show();
  tell();
  const near = new IntersectionObserver(([entry]) => {
    if (!entry.isIntersecting) return;
    near.disconnect();
    load();
  }, { rootMargin: "50% 0px" });
  near.observe(figure);
};
