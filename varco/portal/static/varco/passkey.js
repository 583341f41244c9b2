// Passkeys (WebAuthn): asks the browser, puts its answer into the form and sends it.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const base64url = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

// The server's options carry bytes as base64url text.
function prepared(options) {
  const key = { ...options.publicKey, challenge: bytes(options.publicKey.challenge) };
  if (key.user) {
    key.user = { ...key.user, id: bytes(key.user.id) };
    // One that the device can find by itself signs in without an address (Web Authentication §5.4.6).
    key.authenticatorSelection = { ...key.authenticatorSelection, residentKey: "preferred", requireResidentKey: false };
  }
  for (const list of ["excludeCredentials", "allowCredentials"]) {
    if (key[list]) key[list] = key[list].map((item) => ({ ...item, id: bytes(item.id) }));
  }
  return { publicKey: key };
}

function answer(credential) {
  const { response } = credential;
  const sent = { clientDataJSON: base64url(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) sent[name] = base64url(response[name]);
  }
  if (response.getTransports) sent.transports = response.getTransports();
  return {
    id: credential.id,
    rawId: base64url(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: sent,
  };
}

// They stand in the page, or are asked for when the button is pressed: each has a challenge that the server remembers.
async function optionsOf({ options, optionsAt }) {
  if (options) return JSON.parse(document.getElementById(options).textContent);
  const told = await fetch(optionsAt, { headers: { Accept: "application/json" } });
  return (await told.json()).request_options;
}

document.querySelectorAll("[data-passkey]").forEach((button) => {
  if (!window.PublicKeyCredential) return;
  const fault = button.form.querySelector("[data-passkey-fault]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    fault.hidden = true;
    try {
      const credential = await navigator.credentials[button.dataset.passkey](prepared(await optionsOf(button.dataset)));
      document.getElementById(button.dataset.credential).value = JSON.stringify(answer(credential));
      HTMLFormElement.prototype.submit.call(button.form);
    } catch {
      fault.hidden = false; // Refused, timed out, or no such key: the person chooses what to do.
    }
  });
});
