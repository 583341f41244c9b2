// github.com/zitadel/oidc/v3: PKCE by two options.
package main

import (
	"bufio"
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/client/rp"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"golang.org/x/oauth2"
)

func main() {
	ctx := context.Background()
	party, err := rp.NewRelyingPartyOIDC(
		ctx, os.Getenv("ISSUER"), os.Getenv("CLIENT_ID"), os.Getenv("CLIENT_SECRET"), os.Getenv("REDIRECT_URI"),
		strings.Fields(os.Getenv("SCOPE")),
	)
	check(err)
	verifier := oauth2.GenerateVerifier()
	fmt.Println(rp.AuthURL("of this browser", party, rp.WithCodeChallenge(oidc.NewSHACodeChallenge(verifier))))
	line, _ := bufio.NewReader(os.Stdin).ReadString('\n')
	answer, err := url.Parse(strings.TrimSpace(line))
	check(err)
	tokens, err := rp.CodeExchange[*oidc.IDTokenClaims](ctx, answer.Query().Get("code"), party, rp.WithCodeVerifier(verifier))
	check(err)
	who, err := rp.Userinfo[*oidc.UserInfo](ctx, tokens.AccessToken, tokens.TokenType, tokens.IDTokenClaims.Subject, party)
	check(err)
	fmt.Println("sub", who.Subject)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
