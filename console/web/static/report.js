// The report of a call: the whole page from what stands in the file itself.

import "./call-page.js";

const report = JSON.parse(document.getElementById("report").textContent);
document.querySelector("call-page").show(report.view, { read: async (number) => report.messages[number] ?? [] });
