// Files dropped anywhere on the page.

export function onDrop(take) {
  const sign = document.querySelector("#drop");
  document.ondragover = (event) => {
    event.preventDefault();
    sign.hidden = false;
  };
  document.ondragleave = (event) => {
    if (event.relatedTarget === null) sign.hidden = true; // left the page, not one of its parts
  };
  document.ondrop = (event) => {
    event.preventDefault();
    sign.hidden = true;
    const [file] = event.dataTransfer.files;
    if (file) take(file);
  };
}
