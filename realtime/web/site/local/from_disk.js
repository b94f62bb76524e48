// No module: a page that was opened as a file may run nothing else, and would stand there without a word.

if (location.protocol === "file:") {
  document.querySelector("#notice").textContent = "This page needs a web server: run `python -m http.server -b localhost` in its folder, and open localhost:8000.";
}
