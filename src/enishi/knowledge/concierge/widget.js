/* Enishi: a button for other sites that opens the desk for residents in a frame.
   <script src="https://enishi.example.lg.jp/ask/widget.js" data-desk="aoba" data-lang="ja" defer></script>
   data-label says something else on the button; where scripts are off, the link in <noscript> leads to the same desk. */
(function () {
  "use strict";
  var script = document.currentScript;
  if (!script || !/^[a-z0-9-]{1,40}$/.test(script.dataset.desk || "")) { return; }
  var origin = new URL(script.src).origin;
  var labels = {
    ja: ["たずねる", "閉じる"], "ja-easy": ["きく", "しめる"], en: ["Ask", "Close"],
    zh: ["提问", "关闭"], ko: ["질문하기", "닫기"], vi: ["Hỏi", "Đóng"]
  };
  // Without a wish, the desk speaks as the browser does, and so does the button.
  var wish = labels[script.dataset.lang] ? script.dataset.lang : "";
  var spoken = wish || (navigator.languages || []).map(function (code) { return code.split("-")[0]; }).filter(function (code) { return labels[code]; })[0] || "ja";
  var label = script.dataset.label || labels[spoken][0];
  var address = origin + "/ask/" + script.dataset.desk + "/frame/" + (wish ? "?lang=" + wish : "");

  function dress(element, looks) { Object.keys(looks).forEach(function (name) { element.style[name] = looks[name]; }); }

  var box = document.createElement("div");
  box.id = "enishi-desk";
  dress(box, { position: "fixed", right: "16px", bottom: "16px", zIndex: "2147483000", maxWidth: "calc(100vw - 32px)", textAlign: "right" });
  var button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  button.lang = { "ja-easy": "ja", zh: "zh-Hans" }[spoken] || spoken;
  button.setAttribute("aria-expanded", "false");
  dress(button, { font: "700 16px/1.5 sans-serif", padding: "12px 20px", minHeight: "44px", color: "#ffffff", background: "#0017c1", border: "2px solid #ffffff", borderRadius: "8px", cursor: "pointer" });
  var frame = null;

  function open() {
    if (!frame) {
      frame = document.createElement("iframe");
      frame.id = "enishi-desk-frame";
      frame.title = label;
      frame.src = address;
      frame.referrerPolicy = "no-referrer";
      frame.setAttribute("sandbox", "allow-forms allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation");
      dress(frame, { display: "block", width: "400px", maxWidth: "100%", height: "min(640px, 75vh)", marginBottom: "8px", border: "1px solid #767676", borderRadius: "8px", background: "#ffffff" });
      box.insertBefore(frame, button);
    }
    button.setAttribute("aria-controls", "enishi-desk-frame");
    frame.hidden = false;
    frame.style.display = "block";
    button.setAttribute("aria-expanded", "true");
    button.textContent = labels[spoken][1];
    frame.focus();
  }
  function close() {
    frame.hidden = true;
    frame.style.display = "none";
    button.setAttribute("aria-expanded", "false");
    button.textContent = label;
    button.focus();
  }
  button.addEventListener("click", function () { if (button.getAttribute("aria-expanded") === "true") { close(); } else { open(); } });
  document.addEventListener("keydown", function (event) { if (event.key === "Escape" && frame && !frame.hidden) { close(); } });
  box.appendChild(button);
  document.body.appendChild(box);
})();
