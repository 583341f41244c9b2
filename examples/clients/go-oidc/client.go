// github.com/coreos/go-oidc/v3 beside x/oauth2: PKCE by two options, the nonce compared by hand.
package main

import (
	"bufio"
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

func main() {
	ctx := context.Background()
	provider, err := oidc.NewProvider(ctx, os.Getenv("ISSUER"))
	check(err)
	config := oauth2.Config{
		ClientID: os.Getenv("CLIENT_ID"), ClientSecret: os.Getenv("CLIENT_SECRET"), RedirectURL: os.Getenv("REDIRECT_URI"),
		Endpoint: provider.Endpoint(), Scopes: strings.Fields(os.Getenv("SCOPE")),
	}
	verifier, nonce := oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
	fmt.Println(config.AuthCodeURL("of this browser", oauth2.S256ChallengeOption(verifier), oidc.Nonce(nonce)))
	line, _ := bufio.NewReader(os.Stdin).ReadString('\n')
	answer, err := url.Parse(strings.TrimSpace(line))
	check(err)
	token, err := config.Exchange(ctx, answer.Query().Get("code"), oauth2.VerifierOption(verifier))
	check(err)
	raw, _ := token.Extra("id_token").(string)
	identity, err := provider.Verifier(&oidc.Config{ClientID: config.ClientID}).Verify(ctx, raw)
	check(err)
	if identity.Nonce != nonce {
		panic("the ID token is of another sign-in")
	}
	who, err := provider.UserInfo(ctx, config.TokenSource(ctx, token))
	check(err)
	fmt.Println("sub", who.Subject)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
