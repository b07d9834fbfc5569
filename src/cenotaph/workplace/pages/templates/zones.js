// The scheme of a bone's zones fills as they are ticked, and ticks what is pressed on it.
document.querySelectorAll(".zoned").forEach((zoned) => {
  const boxes = new Map([...zoned.querySelectorAll("input[name=zone]")].map((box) => [box.value, box]));
  for (const zone of zoned.querySelectorAll("[data-zone]")) {
    const box = boxes.get(zone.dataset.zone);
    if (!box) continue;
    box.addEventListener("change", () => zone.classList.toggle("there", box.checked));
    zone.addEventListener("click", () => box.click());
    zone.classList.add("pressed");
  }
});
