// A bone is dragged into an individual or out of it: the page is then asked of it, as by its form.
const dragged = { way: "" };

document.addEventListener("DOMContentLoaded", () => {
  for (const zones of document.querySelectorAll(".drops")) zones.hidden = false;
});

document.addEventListener("dragstart", (event) => {
  const row = event.target.closest && event.target.closest("[data-bone]");
  if (!row) return;
  dragged.way = row.dataset.way;
  event.dataTransfer.setData("text/plain", row.dataset.bone);
  event.dataTransfer.effectAllowed = "link";
  mark(true);
});

document.addEventListener("dragend", () => mark(false));

document.addEventListener("dragover", (event) => {
  if (!zoneOf(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "link";
});

document.addEventListener("drop", (event) => {
  if (!zoneOf(event)) return;
  event.preventDefault();
  const form = document.getElementById("ask");
  form.elements.bone.value = event.dataTransfer.getData("text/plain");
  form.requestSubmit();
});

// Only the zone of the bone's own way takes it: what is inside goes out, what is outside comes in.
function zoneOf(event) {
  const zone = event.target.closest && event.target.closest("[data-drop]");
  return zone && zone.dataset.drop === dragged.way ? zone : null;
}

function mark(isUnderWay) {
  for (const zone of document.querySelectorAll("[data-drop]")) {
    zone.classList.toggle("takes", isUnderWay && zone.dataset.drop === dragged.way);
  }
}
