// Passkeys (WebAuthn): asks the browser, puts its answer into the form and sends it.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const base64url = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

// The server's options carry bytes as base64url text.
function prepared(options) {
  const key = { ...options.publicKey, challenge: bytes(options.publicKey.challenge) };
  if (key.user) key.user = { ...key.user, id: bytes(key.user.id) };
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

document.querySelectorAll("[data-passkey]").forEach((button) => {
  const fault = button.form.querySelector("[data-passkey-fault]");
  const options = JSON.parse(document.getElementById(button.dataset.options).textContent);
  button.hidden = false;
  button.addEventListener("click", async () => {
    fault.hidden = true;
    try {
      const credential = await navigator.credentials[button.dataset.passkey](prepared(options));
      document.getElementById(button.dataset.credential).value = JSON.stringify(answer(credential));
      button.form.submit();
    } catch {
      fault.hidden = false; // Refused, timed out, or no such key: the person chooses what to do.
    }
  });
});
