// Files can be dropped on the form; without it the field for files does the same.
const form = document.querySelector("form.drop");
if (form) {
  const field = form.querySelector("input[type=file]");
  for (const kind of ["dragenter", "dragover"]) {
    form.addEventListener(kind, (event) => {
      event.preventDefault();
      form.classList.add("over");
    });
  }
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    field.files = event.dataTransfer.files;
    field.focus();
  });
}
