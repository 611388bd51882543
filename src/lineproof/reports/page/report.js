// Checks the evidence that this file carries, with nothing but what the browser has. Every step is described
// in lineproof's documentation, page "Reports". Whoever can change this file can change this script as well:
// the authority is `lineproof verify FILE --key ledger.vkey`.
"use strict";

const LEAF_KEYS = ["commitment", "id", "ledger", "principal", "recorded", "size", "type", "v"];
const utf8 = (text) => new TextEncoder().encode(text);
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

function join(...parts) {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

// Base64 has one spelling here, so that no changed character goes unnoticed.
function fromBase64(text) {
  const binary = atob(text);
  if (btoa(binary) !== text) throw new Error("base64 in a spelling that is not canonical");
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts)));
}

async function named(text) {
  return "sha256:" + hex(await sha256(utf8(text)));
}

async function hmac(salt, message) {
  const key = await crypto.subtle.importKey("raw", salt, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, message));
}

// RFC 8785 for what documents hold: text, whole numbers, lists, objects with ASCII keys.
function canonical(value) {
  if (Array.isArray(value)) return "[" + value.map(canonical).join(",") + "]";
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.keys(value).sort().map((key) => JSON.stringify(key) + ":" + canonical(value[key]));
  return "{" + members.join(",") + "}";
}

// RFC 9162, section 2.1.3.2. Numbers are BigInt: shifts of plain ones stop at 32 bits.
async function rootFrom(leafHash, index, size, proof) {
  if (index < 0n || index >= size) throw new Error("the log has no entry of that number");
  const differing = index ^ (size - 1n);
  const inner = differing === 0n ? 0 : differing.toString(2).length;
  const border = (index >> BigInt(inner)).toString(2).replaceAll("0", "").length;
  if (proof.length !== inner + border) throw new Error("the inclusion proof has the wrong length");
  let result = leafHash;
  for (let level = 0; level < proof.length; level++) {
    if (proof[level].length !== 32) throw new Error("the inclusion proof holds something that is no hash");
    const isLeft = level < inner && ((index >> BigInt(level)) & 1n) === 0n;
    result = isLeft
      ? await sha256(Uint8Array.of(1), result, proof[level])
      : await sha256(Uint8Array.of(1), proof[level], result);
  }
  return result;
}

async function readKey(text) {
  const [name, id, ...rest] = text.split("+");
  const data = fromBase64(rest.join("+"));
  const digest = await sha256(utf8(name + "\n"), data);
  if (data.length !== 33 || data[0] !== 1) throw new Error("the verifier key is not an Ed25519 key");
  if (hex(digest.slice(0, 4)) !== id) throw new Error("the verifier key does not fit its id");
  return { name, id: digest.slice(0, 4), fingerprint: "sha256:" + hex(digest), bytes: data.slice(1) };
}

// Gives what the checkpoint says, and whether its signature holds: true, false, or null for "cannot tell".
async function readCheckpoint(note, key) {
  const parted = note.lastIndexOf("\n\n");
  const text = note.slice(0, parted + 1);
  const match = /^([^\n]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/]{43}=)\n$/.exec(text);
  if (parted < 0 || match === null) throw new Error("the checkpoint is malformed");
  if (match[1] !== key.name) throw new Error("the checkpoint is of another log than the key");
  const checkpoint = { origin: match[1], size: BigInt(match[2]), root: fromBase64(match[3]), signed: false };
  const lines = note.slice(parted + 2).split("\n");
  if (lines.pop() !== "") throw new Error("the checkpoint was cut");
  for (const line of lines) {
    const [dash, signer, encoded, ...more] = line.split(" ");
    if (dash !== "\u2014" || !encoded || more.length) throw new Error("a signature line is malformed");
    const bytes = fromBase64(encoded);
    if (signer !== key.name || hex(bytes.slice(0, 4)) !== hex(key.id)) continue;
    checkpoint.signed = await signatureHolds(key, bytes.slice(4), utf8(text));
    break;
  }
  return checkpoint;
}

async function signatureHolds(key, signature, text) {
  let imported;
  try {
    imported = await crypto.subtle.importKey("raw", key.bytes, { name: "Ed25519" }, false, ["verify"]);
  } catch {
    return null; // this browser has no Ed25519
  }
  return crypto.subtle.verify({ name: "Ed25519" }, imported, signature, text);
}

// Checks one entry; gives its payload, or null where the file does not hold it.
async function checkEntry(entry, checkpoint) {
  const leaf = JSON.parse(entry.leaf);
  const spelled = "{" + LEAF_KEYS.map((key) => JSON.stringify(key) + ":" + JSON.stringify(leaf[key])).join(",") + "}";
  if (spelled !== entry.leaf) throw new Error("its leaf is not canonical");
  if (checkpoint !== null) {
    if ("lineproof.local/" + leaf.ledger !== checkpoint.origin) throw new Error("its leaf is of another log");
    const leafHash = await sha256(Uint8Array.of(0), utf8(entry.leaf));
    const root = await rootFrom(leafHash, BigInt(entry.entry), checkpoint.size, entry.proof.map(fromBase64));
    if (hex(root) !== hex(checkpoint.root)) throw new Error("leaf and inclusion proof do not lead to the signed root");
  }
  if (entry.left_out !== undefined) {
    if (entry.payload !== undefined || entry.salt !== undefined) throw new Error("its payload is both here and left out");
    return null;
  }
  const payload = fromBase64(entry.payload);
  const salt = fromBase64(entry.salt);
  if (payload.length !== leaf.size) throw new Error("its payload has another length than the leaf says");
  if (salt.length !== 32 || hex(await hmac(salt, payload)) !== leaf.commitment) {
    throw new Error("its payload is not the one the leaf commits to");
  }
  return payload;
}

function citedBy(value, found = new Set()) {
  if (Array.isArray(value)) value.forEach((one) => citedBy(one, found));
  else if (value !== null && typeof value === "object") {
    for (const [key, one] of Object.entries(value)) {
      if (key === "entries") one.forEach((number) => found.add(number));
      else citedBy(one, found);
    }
  }
  return found;
}

// All text of an element in order, a space where an element begins or ends; see the documentation.
function visibleText(element) {
  const pieces = [];
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) pieces.push(node.data);
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    pieces.push(" ");
    if (!["script", "style"].includes(node.localName)) node.childNodes.forEach(walk);
    pieces.push(" ");
  };
  walk(element);
  return pieces.join("").replace(/[ \t\n\f\r]+/g, " ").replace(/^ | $/g, "");
}

async function checkSections(claimed, failed) {
  const main = document.querySelector("main");
  const seen = [];
  let outside = main.cloneNode(true);
  outside.querySelectorAll("section").forEach((one) => one.remove());
  if (visibleText(outside) !== "" || document.querySelectorAll("main").length !== 1) {
    failed("the page", "text stands outside the sections");
  }
  for (const section of main.querySelectorAll("section")) {
    seen.push(section.id);
    if (!Object.hasOwn(claimed, section.id)) failed("section " + section.id, "the recorded report has no such section");
    else if ((await named(visibleText(section))) !== claimed[section.id]) {
      failed("section " + section.id, "its visible text is not the recorded one");
    }
  }
  for (const id of Object.keys(claimed)) {
    if (seen.filter((one) => one === id).length !== 1) failed("section " + id, "it is missing, or there twice");
  }
  return seen.length;
}

// Pictures are compared as drawn: their text alone would let a line lead elsewhere.
function checkPictures(content, failed) {
  for (const section of content.sections) {
    const recorded = section.blocks.filter((block) => block.type === "figure").map((block) => {
      const parsed = document.createElement("template");
      parsed.innerHTML = block.svg;
      return parsed.innerHTML;
    });
    const drawn = Array.from(document.getElementById(section.id)?.querySelectorAll("figure > div") ?? [], (one) => one.innerHTML);
    if (JSON.stringify(recorded) !== JSON.stringify(drawn)) failed("section " + section.id, "its picture is not the recorded one");
  }
}

async function check(evidenceText, documentText) {
  const failures = [];
  const failed = (where, what) => failures.push({ where, what });
  const result = { failures, entries: 0, sections: 0, leftOut: 0, key: null, checkpoint: null, payloads: new Map() };
  const evidence = JSON.parse(evidenceText);
  const content = JSON.parse(documentText);
  // 1. One spelling of the evidence: a change that JSON would overlook is a change.
  if (JSON.stringify(evidence).replaceAll("<", "\\u003c") !== evidenceText) failed("the evidence", "it was re-written");
  // 2. The key and the checkpoint it signed.
  let checkpoint = null;
  try {
    result.key = await readKey(evidence.key);
    checkpoint = result.checkpoint = await readCheckpoint(evidence.checkpoint, result.key);
    if (checkpoint.signed === false) throw new Error("its signature does not hold");
  } catch (error) {
    failed("the checkpoint", error.message);
    checkpoint = null;
  }
  // 3. Every entry: canonical leaf, in the tree under the signed root, payload as committed to.
  let before = -1;
  for (const entry of evidence.entries) {
    const name = "entry:" + entry.entry;
    try {
      if (!(entry.entry > before)) throw new Error("it is out of order");
      before = entry.entry;
      const payload = await checkEntry(entry, checkpoint);
      if (payload === null) result.leftOut += 1;
      else result.payloads.set(entry.entry, payload);
      result.entries += 1;
    } catch (error) {
      failed(name, error.message);
    }
  }
  // 4. What the document cites is there.
  for (const number of citedBy(content)) {
    if (!evidence.entries.some((entry) => entry.entry === number)) failed("entry:" + number, "cited, but its evidence is missing");
  }
  // 5. The report's own entry says what this file must hold: the document, and the text you see.
  const payload = result.payloads.get(evidence.report);
  const own = evidence.entries.find((entry) => entry.entry === evidence.report);
  if (payload === undefined || JSON.parse(own.leaf).type !== "report") {
    failed("entry:" + evidence.report, "it does not hold as the entry of this report");
    return result;
  }
  const claim = JSON.parse(new TextDecoder().decode(payload));
  if ((await named(canonical(content))) !== claim.content_sha256) failed("the document", "its content is not the recorded one");
  result.sections = await checkSections(claim.sections, failed);
  checkPictures(content, failed);
  return result;
}

function say(state, headline, lines, failures = []) {
  const panel = document.getElementById("verification");
  panel.dataset.state = state;
  const title = document.createElement("p");
  title.className = "headline";
  title.textContent = headline;
  const list = document.createElement("ul");
  for (const failure of failures) {
    const item = document.createElement("li");
    item.textContent = failure.where + ": " + failure.what;
    list.append(item);
  }
  const rest = lines.map((line) => {
    const paragraph = document.createElement("p");
    paragraph.textContent = line;
    return paragraph;
  });
  panel.replaceChildren(title, ...(failures.length ? [list] : []), ...rest);
}

function tell(result) {
  const lines = [];
  const { failures, key, checkpoint } = result;
  if (key !== null) lines.push("Fingerprint of the key in this file: " + key.fingerprint + ". Compare it with the one you were given by another way.");
  if (result.leftOut > 0) lines.push(result.leftOut + " of the cited payloads are not in this file: destroyed, or too large. Their entries are.");
  if (failures.length > 0) {
    say("failed", "NOT VERIFIED: this file is not what was recorded", lines, failures);
    return;
  }
  const what = result.entries + " entries with their proofs and payloads, the document and the text of " + result.sections + " sections agree with the checkpoint of " + checkpoint.size + " entries";
  if (checkpoint.signed === null) {
    say("partly", "Partly checked: signature not checked in this browser", [what + ". This browser has no Ed25519.", ...lines]);
  } else {
    say("verified", "Verified in this browser", [what + " that the key signed.", ...lines]);
  }
}

// Spreadsheets run what begins like a formula: such text gets an apostrophe in front, numbers do not.
function csvField(text) {
  const risky = /^[=+\-@\t\r]/.test(text) && !/^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$/.test(text);
  return '"' + (risky ? "'" : "") + text.replaceAll('"', '""') + '"';
}

function csvOf(table) {
  const lines = Array.from(table.rows, (row) => Array.from(row.cells, (cell) => csvField(visibleText(cell))).join(","));
  return "\ufeff" + lines.join("\r\n") + "\r\n";
}

function save(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

function offerTables() {
  for (const button of document.querySelectorAll("button[data-table]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      save(button.dataset.table + ".csv", "text/csv;charset=utf-8", csvOf(document.getElementById("table-" + button.dataset.table)));
    });
  }
}

// A picture larger than its frame starts at what was asked about.
function centrePictures() {
  for (const frame of document.querySelectorAll("figure .wide")) {
    const asked = frame.querySelector("g.asked")?.getBoundingClientRect();
    if (asked === undefined) continue;
    const seen = frame.getBoundingClientRect();
    frame.scrollLeft += asked.left + asked.width / 2 - seen.left - seen.width / 2;
    frame.scrollTop += asked.top + asked.height / 2 - seen.top - seen.height / 2;
  }
}

// The payload of a cited entry, as recorded, in a dialog.
function offerPayloads(evidence, payloads) {
  const dialog = document.getElementById("payload");
  for (const button of document.querySelectorAll("button[data-entry]")) {
    const number = Number(button.dataset.entry);
    if (!payloads.has(number)) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      const text = new TextDecoder().decode(payloads.get(number));
      let pretty = text;
      try {
        pretty = JSON.stringify(JSON.parse(text), null, 2);
      } catch {
        // not JSON: shown as it is
      }
      document.getElementById("payload-title").textContent = "Payload of entry:" + number;
      document.getElementById("payload-text").textContent = pretty;
      document.getElementById("payload-leaf").textContent = evidence.entries.find((one) => one.entry === number).leaf;
      dialog.showModal();
    });
  }
}

async function start() {
  offerTables();
  centrePictures();
  if (!globalThis.crypto || !crypto.subtle) {
    say("unchecked", "Not checked: this browser gives no cryptography to this page", ["Open it as a file or over https, or use lineproof verify."]);
    return;
  }
  try {
    const evidenceText = document.getElementById("evidence").textContent;
    const result = await check(evidenceText, document.getElementById("document").textContent);
    tell(result);
    offerPayloads(JSON.parse(evidenceText), result.payloads);
  } catch (error) {
    say("failed", "NOT VERIFIED: this file is damaged", [], [{ where: "the evidence", what: String(error.message) }]);
  }
}

start();
