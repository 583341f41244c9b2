// The script of a single-page application: oidc-client-ts as its documentation shows, a button for each thing it does, and what
// came of it as JSON on the page. Every path serves this page, so it is at home at its redirect URIs as well.
const { IndexedDbDPoPStore, UserManager, WebStorageStateStore } = globalThis.oidc
const { dpop, api_url: api, ...settings } = await (await fetch('/settings.json')).json()

const manager = new UserManager({
  ...settings,
  redirect_uri: `${location.origin}/callback`,
  post_logout_redirect_uri: `${location.origin}/bye`,
  userStore: new WebStorageStateStore({ store: sessionStorage }),
  automaticSilentRenew: false,
  ...(dpop && { dpop: { bind_authorization_code: true, store: new IndexedDbDPoPStore() } }),
})

let count = 0
const tell = (what) => {
  count += 1
  document.querySelector('#told').textContent = JSON.stringify({ count, ...what })
}
const about = (user) => user && {
  scope: user.scope,
  token_type: user.token_type,
  profile: user.profile,
  access_token: user.access_token,
  refresh_token: user.refresh_token,
}

// Where the API wants a nonce in the proof it says so, and which (RFC 9449 section 9).
const who = async (nonce) => {
  const user = await manager.getUser()
  const address = `${api}/v2/userinfo`
  const headers = { Authorization: `${user.token_type} ${user.access_token}` }
  if (dpop) headers.DPoP = await manager.dpopProof(address, user, 'GET', nonce)
  const response = await fetch(address, { headers })
  const wanted = response.headers.get('DPoP-Nonce')
  if (response.status === 401 && wanted && !nonce) return who(wanted)
  return { status: response.status, challenge: response.headers.get('WWW-Authenticate'), v2: await response.json() }
}

const acts = {
  'sign-in': () => manager.signinRedirect(),
  'sign-in-popup': async () => ({ user: about(await manager.signinPopup()) }),
  refresh: async () => ({ user: about(await manager.signinSilent()) }),
  'renew-in-frame': async () => ({ user: about(await manager.signinSilent({ forceIframeAuth: true })) }),
  who,
  revoke: async () => ({ revoked: await manager.revokeTokens(['access_token', 'refresh_token']) ?? true }),
  'sign-out': () => manager.signoutRedirect(),
}
const attempt = async (act) => {
  try {
    tell(await act() ?? {})
  } catch (fault) {
    tell({ fault: fault.name, error: fault.error ?? fault.message })
  }
}

for (const [id, act] of Object.entries(acts)) {
  document.getElementById(id).addEventListener('click', () => attempt(() => act()))
}
if (location.pathname === '/callback') {
  await attempt(async () => ({ user: about(await manager.signinCallback()) }))
} else if (location.pathname === '/bye') {
  await attempt(async () => ({ left: await manager.signoutCallback() ?? true, user: about(await manager.getUser()) }))
} else {
  tell({ ready: true })
}
history.replaceState(null, '', '/')
