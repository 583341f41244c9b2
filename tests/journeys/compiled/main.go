// The API by the types that oapi-codegen made of its description.
package main

import (
	"context"
	"encoding/json"
	"net/http"
	"os"

	"varco.example/client/api"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	tenant, ctx := os.Getenv("TENANT"), context.Background()
	token := api.WithRequestEditorFn(func(_ context.Context, request *http.Request) error {
		request.Header.Set("Authorization", "Bearer "+os.Getenv("TOKEN"))
		return nil
	})
	client, err := api.NewClientWithResponses(os.Getenv("API"), token)
	must(err)
	limit := int32(2)
	listed, err := client.ListPatientsWithResponse(ctx, tenant, &api.ListPatientsParams{Limit: &limit})
	must(err)
	first := listed.JSON200.Items[0]
	read, err := client.GetPatientWithResponse(ctx, tenant, first.Id)
	must(err)
	added, err := client.CreatePatientWithResponse(ctx, tenant, nil, api.PatientFields{FirstName: "", LastName: "Neri"})
	must(err)
	fields := []string{}
	for _, fault := range *added.JSON422.Fields {
		fields = append(fields, fault.Field)
	}
	must(json.NewEncoder(os.Stdout).Encode(map[string]any{
		"listed": len(listed.JSON200.Items), "read": read.JSON200.Id == first.Id, "refused": added.StatusCode(), "fields": fields,
	}))
}
