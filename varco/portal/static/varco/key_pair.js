// A key pair made in the browser (WebCrypto): the public half goes into the form, the private one into files that the person keeps.
// Nothing is sent from here, and the private half is never put into a field of the form.
"use strict";

const HASH = "SHA-256";
const RSA = { modulusLength: 3072, publicExponent: new Uint8Array([1, 0, 1]), hash: HASH };
const PAIRS = {
  ES256: { name: "ECDSA", namedCurve: "P-256" },
  PS256: { name: "RSA-PSS", ...RSA },
  RS256: { name: "RSASSA-PKCS1-v1_5", ...RSA },
};
// What a thumbprint is made of, in this order (RFC 7638 §3.2).
const THUMBPRINT = { EC: ["crv", "kty", "x", "y"], RSA: ["e", "kty", "n"] };
const PRIVATE = ["d", "p", "q", "dp", "dq", "qi"];

const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
const keyBase64url = (buffer) => base64(buffer).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const part = (jwk, names) => Object.fromEntries(names.filter((name) => name in jwk).map((name) => [name, jwk[name]]));
const pem = (pkcs8) => `-----BEGIN PRIVATE KEY-----\n${base64(pkcs8).match(/.{1,64}/g).join("\n")}\n-----END PRIVATE KEY-----\n`;
const json = (value) => JSON.stringify(value, null, 2);

async function makePair(alg) {
  const pair = await crypto.subtle.generateKey(PAIRS[alg], true, ["sign", "verify"]);
  const jwk = await crypto.subtle.exportKey("jwk", pair.privateKey);
  const members = part(jwk, THUMBPRINT[jwk.kty]);
  const digest = await crypto.subtle.digest(HASH, new TextEncoder().encode(JSON.stringify(members)));
  const open = { ...members, kid: keyBase64url(digest), use: "sig", alg };
  return {
    open,
    closed: json({ ...open, ...part(jwk, PRIVATE) }) + "\n",
    pem: pem(await crypto.subtle.exportKey("pkcs8", pair.privateKey)),
  };
}

// The set that stands in the field, or null where what stands there is none.
function keySet(text) {
  if (!text.trim()) return { keys: [] };
  try {
    const read = JSON.parse(text);
    return Array.isArray(read.keys) ? read : null;
  } catch {
    return null;
  }
}

function offer(link, text, type, name) {
  if (link.href) URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
}

document.querySelectorAll("[data-key-pair]").forEach((box) => {
  if (!globalThis.crypto?.subtle) return; // Only where the page came by TLS.
  const find = (name) => box.querySelector(`[data-pair-${name}]`);
  const field = document.getElementById(box.dataset.keyPair);
  const says = (name) => box.querySelectorAll("[data-pair-says]").forEach((line) => { line.hidden = line.dataset.pairSays !== name; });
  let owed = false; // A private key was made and not kept yet.
  box.hidden = false;

  find("make").addEventListener("click", async (event) => {
    const set = keySet(field.value);
    if (!set) { says("unread"); field.focus(); return; }
    if (set.keys.length >= Number(box.dataset.most)) { says("full"); return; }
    event.target.disabled = true;
    try {
      const made = await makePair(find("alg").value);
      field.value = json({ keys: [...set.keys, made.open] });
      offer(find("pem"), made.pem, "application/x-pem-file", `${made.open.kid}.pem`);
      offer(find("jwk"), made.closed, "application/json", `${made.open.kid}.json`);
      find("kid").textContent = made.open.kid;
      find("made").hidden = false;
      owed = true;
      says("");
      find("pem").focus();
    } catch {
      says("failed");
    }
    event.target.disabled = false;
  });
  [find("pem"), find("jwk")].forEach((link) => link.addEventListener("click", () => { owed = false; says(""); }));
  field.form.addEventListener("submit", (event) => {
    if (!owed) return;
    event.preventDefault();
    says("owed");
    find("pem").focus();
  });
});
