// A slider beside each number of "what if"; without it the field alone does the same.
for (const field of document.querySelectorAll('.questions input[inputmode="decimal"]')) {
  const value = Number(field.value);
  if (!field.value || !Number.isFinite(value)) continue;
  const slider = document.createElement("input");
  slider.type = "range";
  const reach = Math.abs(value) || 100;
  const places = (field.value.split(".")[1] ?? "").length;
  slider.min = String(value >= 0 ? 0 : value - reach);
  slider.max = String(value + reach);
  slider.step = String(10 ** -places);
  slider.value = field.value;
  slider.setAttribute("aria-label", field.labels[0].textContent.trim());
  slider.addEventListener("input", () => {
    field.value = Number(slider.value).toFixed(places);
  });
  field.addEventListener("input", () => {
    slider.value = field.value;
  });
  field.after(slider);
}
