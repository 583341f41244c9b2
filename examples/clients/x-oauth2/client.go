// golang.org/x/oauth2: PKCE by two options.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"

	"golang.org/x/oauth2"
)

func main() {
	ctx, issuer := context.Background(), os.Getenv("ISSUER")
	config := oauth2.Config{
		ClientID: os.Getenv("CLIENT_ID"), ClientSecret: os.Getenv("CLIENT_SECRET"), RedirectURL: os.Getenv("REDIRECT_URI"),
		Endpoint: oauth2.Endpoint{AuthURL: issuer + "/oauth2/authorize", TokenURL: issuer + "/oauth2/token"},
		Scopes:   strings.Fields(os.Getenv("SCOPE")),
	}
	verifier := oauth2.GenerateVerifier()
	fmt.Println(config.AuthCodeURL("of this browser", oauth2.S256ChallengeOption(verifier)))
	line, _ := bufio.NewReader(os.Stdin).ReadString('\n')
	answer, err := url.Parse(strings.TrimSpace(line))
	check(err)
	token, err := config.Exchange(ctx, answer.Query().Get("code"), oauth2.VerifierOption(verifier))
	check(err)
	response, err := config.Client(ctx, token).Get(issuer + "/oauth2/userinfo")
	check(err)
	var who struct{ Sub string }
	check(json.NewDecoder(response.Body).Decode(&who))
	fmt.Println("sub", who.Sub)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
