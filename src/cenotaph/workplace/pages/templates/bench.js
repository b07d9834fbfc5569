// Keys at the bench: a side is one key, an element's beginning is completed, a value out of its range is told at once.
document.addEventListener("input", (event) => {
  const field = event.target;
  const keys = field.dataset && field.dataset.oneKey;
  if (!keys || !field.value) return;
  const key = field.value.slice(-1).toUpperCase();
  field.value = keys.includes(key) ? key : "";
  if (!field.value) return;
  const fields = [...field.form.elements].filter((one) => one.type !== "hidden");
  fields[fields.indexOf(field) + 1].focus();
});

document.addEventListener("change", (event) => {
  const field = event.target;
  if (!field.dataset) return;
  if ("complete" in field.dataset) complete(field);
  if (field.dataset.least) judge(field);
});

function complete(field) {
  const typed = field.value.trim().toLowerCase().replace(/[\s-]+/g, "_");
  const names = [...field.list.options].map((one) => one.value);
  const near = names.filter((name) => name.startsWith(typed));
  if (typed && !names.includes(typed) && near.length === 1) field.value = near[0];
}

function judge(field) {
  const hint = document.getElementById(field.getAttribute("aria-describedby"));
  const value = Number(field.value.replace(",", "."));
  const doubt = field.value !== "" && !(value >= Number(field.dataset.least) && value <= Number(field.dataset.most));
  const words = hint.dataset.alert;
  hint.classList.toggle("doubt", doubt);
  hint.textContent = (doubt ? words : "") + hint.textContent.replace(words, "");
}
