// Sends the authorization response on by itself (OAuth 2.0 Form Post Response Mode §2); the button does it without scripts.
"use strict";

document.querySelector("form[data-form-post]").requestSubmit();
