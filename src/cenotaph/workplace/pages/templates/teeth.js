// A jaw to chart: every tooth is a button, and what is said of it is written into the field that the form sends.
const PLAIN = "VXJU/", SURFACES = "MODFL", MATERIALS = "ABCEGHNPRSTZ";

document.querySelectorAll("[data-jaw]").forEach((jaw) => {
  const field = document.getElementById(jaw.dataset.jaw);
  const teeth = [...jaw.querySelectorAll("[data-tooth]")];
  const panel = jaw.querySelector("fieldset");
  const [primary, material] = panel.querySelectorAll("select");
  const boxes = [...panel.querySelectorAll("input")];
  let chosen = null;

  const typed = () => new Map([...field.value.matchAll(/(\d\d)\s*[:=]?\s*([^\s,;]+)/g)].map((m) => [m[1], m[2].toUpperCase()]));
  const codeOf = (tooth) => typed().get(tooth.dataset.tooth) ?? tooth.dataset.recorded;

  function say(tooth, code) {
    const all = typed();
    if (code && code !== tooth.dataset.recorded) all.set(tooth.dataset.tooth, code);
    else all.delete(tooth.dataset.tooth);
    field.value = [...all].map((entry) => entry.join(" ")).join(", ");
    paint();
  }

  function paint() {
    const all = typed();
    for (const tooth of teeth) {
      const code = codeOf(tooth);
      const [look, restored] = lookOf(code);
      tooth.dataset.look = look;
      tooth.classList.toggle("typed", all.has(tooth.dataset.tooth));
      tooth.setAttribute("aria-label", `${tooth.dataset.name}: ${code || "/"}`);
      tooth.setAttribute("aria-pressed", String(tooth === chosen));
      tooth.tabIndex = tooth === (chosen ?? teeth[0]) ? 0 : -1;
      tooth.querySelector(".code").textContent = code;
      for (const face of tooth.querySelectorAll("[data-surface]"))
        face.classList.toggle("restored", restored.includes(face.dataset.surface));
    }
    if (!chosen) return;
    const [first, second] = partsOf(codeOf(chosen));
    panel.disabled = false;
    panel.querySelector("legend").textContent = chosen.dataset.name;
    primary.value = PLAIN.includes(first) ? first || "/" : "restored";
    material.value = second.length === 1 ? second : "";
    for (const box of boxes) {
      box.checked = !PLAIN.includes(first) && first.replace("I", "O").includes(box.value);
      box.disabled = PLAIN.includes(first);
    }
  }

  function choose(tooth) {
    chosen = tooth;
    paint();
  }

  jaw.addEventListener("focusin", (event) => {
    if (event.target.dataset.tooth) choose(event.target);
  });

  jaw.addEventListener("click", (event) => {
    const tooth = event.target.closest("[data-tooth]");
    if (!tooth) return;
    choose(tooth);
    if (event.detail === 0) primary.focus(); // Enter or the space bar: on to the list.
  });

  jaw.addEventListener("keydown", (event) => {
    const tooth = event.target.closest("[data-tooth]");
    if (!tooth || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -8, ArrowDown: 8 }[event.key];
    const key = event.key.toUpperCase();
    if (step) teeth[teeth.indexOf(tooth) + step]?.focus();
    else if (event.key === "Backspace" || event.key === "Delete") say(tooth, "");
    else if ((PLAIN + SURFACES + MATERIALS + "I").includes(key)) say(tooth, withLetter(codeOf(tooth), key, isFront(tooth)));
    else return;
    event.preventDefault();
  });

  panel.addEventListener("change", (event) => {
    const [first, second] = partsOf(codeOf(chosen));
    const front = isFront(chosen);
    if (event.target === material) say(chosen, joined(first || "V", material.value));
    else if (event.target === primary) say(chosen, primary.value !== "restored" ? primary.value : front ? "I" : "O");
    else say(chosen, withLetter(joined(first, second), event.target.value, front));
  });

  field.addEventListener("input", paint);
  jaw.hidden = false;
  paint();
});

function partsOf(code) {
  return [code.split("-")[0], code.split("-")[1] ?? ""];
}

function joined(first, second) {
  return second ? `${first}-${second}` : first;
}

function isFront(tooth) {
  return "123".includes(tooth.dataset.tooth[1]);
}

// A code with one more letter, or without it where it was there: primary and secondary codes share no letter.
function withLetter(code, letter, front) {
  const [first, second] = partsOf(code);
  if (PLAIN.includes(letter)) return letter;
  if (MATERIALS.includes(letter)) return first && !"JU/".includes(first) ? joined(first, toggled(second, letter, MATERIALS)) : code;
  const surfaces = PLAIN.includes(first) ? "" : first.replace("I", "O");
  const left = toggled(surfaces, letter.replace("I", "O"), SURFACES);
  return left ? joined(front ? left.replace("O", "I") : left, second) : "V";
}

function toggled(letters, one, order) {
  return [...order].filter((letter) => (letter === one) !== letters.includes(letter)).join("");
}

// How a code is drawn: the rule of `cenotaph.odontology.chart.state_of`.
function lookOf(code) {
  const [first, second] = partsOf(code);
  if (first === "J") return ["socket", ""];
  if (!first || first === "/") return ["unknown", ""];
  if (first === "U" || second.includes("B")) return ["unerupted", ""];
  if (first === "X" || /[PT]/.test(second)) return ["lost", ""];
  if (second.includes("C")) return ["there", SURFACES];
  return ["there", first === "V" ? "" : first.replace("I", "O")];
}
