// Moves a baked explorable: picks the picture that belongs to the controls' positions. No kernel, no network.
window.dlcoreExplore ||= function (figure) {
  const { alt, controls, panels, interval } = JSON.parse(figure.querySelector("script").textContent);
  const inputs = [...figure.querySelectorAll("[data-control]")];
  const pictures = [...figure.querySelectorAll("img[data-panel]")];
  const board = figure.querySelector(".dlcore-panels");

  const position = (input) => (input.type === "checkbox" ? Number(input.checked) : Number(input.value));

  function setPosition(input, value) {
    if (input.type === "checkbox") input.checked = Boolean(value);
    else input.value = value;
  }

  function show() {
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
    pictures.forEach((picture, i) => {
      picture.src = "data:image/webp;base64," + panels[i].pictures[panels[i].index[frame]];
    });
    board.setAttribute("aria-label", `${alt}. ${state.join(", ")}`);
  }

  // Plays until its end, until pressed again, and until the reader moves anything.
  function play(button, input) {
    let timer = null;
    const stop = () => { clearInterval(timer); timer = null; button.textContent = "▶ play"; };
    const step = () => {
      if (Number(input.value) >= Number(input.max)) return stop();
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
  figure.querySelector("[data-reset]").addEventListener("click", () => {
    inputs.forEach((input, i) => setPosition(input, controls[i].start));
    show();
  });
  inputs.forEach((input, i) => setPosition(input, controls[i].start));
  show();
};
