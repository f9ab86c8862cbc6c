"""Operators sign in to the admin at their own identity provider (OpenID Connect). Off unless `ORDINAUT_OIDC_ISSUER` is given.

The library leads the browser through the flow (authorization code, state, nonce, PKCE). What an ID token must prove, and who may
come in with it, is decided here. Agents have nothing to do with it: no session opens the API, no agent's token the admin.
"""
