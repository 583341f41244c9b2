// The API by the types that OpenAPI Generator made of its description.
import java.util.List;
import java.util.Map;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.PatientsApi;
import org.openapitools.client.model.ApiError;
import org.openapitools.client.model.FieldFault;
import org.openapitools.client.model.PagePatient;
import org.openapitools.client.model.Patient;
import org.openapitools.client.model.PatientFields;

class Program {
  public static void main(String[] arguments) throws Exception {
    String tenant = System.getenv("TENANT");
    ApiClient client = new ApiClient();
    client.updateBaseUri(System.getenv("API"));
    client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + System.getenv("TOKEN")));
    PatientsApi patients = new PatientsApi(client);
    PagePatient listed = patients.listPatients(tenant, null, 2, null, null, null);
    Patient first = listed.getItems().get(0);
    Patient read = patients.getPatient(tenant, first.getId());
    int refused = 0;
    List<String> fields = List.of();
    try {
      patients.createPatient(tenant, new PatientFields().firstName("").lastName("Neri"), null);
    } catch (ApiException refusal) {
      refused = refusal.getCode();
      ApiError error = client.getObjectMapper().readValue(refusal.getResponseBody(), ApiError.class);
      fields = error.getFields().stream().map(FieldFault::getField).toList();
    }
    System.out.println(client.getObjectMapper().writeValueAsString(Map.of(
        "listed", listed.getItems().size(), "read", first.equals(read), "refused", refused, "fields", fields)));
  }
}
