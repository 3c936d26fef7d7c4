import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import salesforce.client.ApiClient;
import salesforce.client.ApiException;
import salesforce.client.ApiResponse;
import salesforce.client.api.ConnectionsApi;
import salesforce.client.api.ExecutionsApi;
import salesforce.client.model.*;

/**
 * Queries, creates an account once although it asks twice, and meets both kinds of error: a request that is refused, and an
 * execution that failed. It runs on every active connection. ../README.md says how to build it.
 */
public class Example {
    private static final ObjectMapper JSON = ApiClient.createDefaultObjectMapper()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS); // a double would round amounts

    private final ExecutionsApi executions;
    private final String connection;

    public static void main(String[] arguments) throws Exception {
        String token = System.getenv("HARNESS_TOKEN");
        if (arguments.length != 1 || token == null) {
            System.err.println("expected: HARNESS_TOKEN=TOKEN java Example URL");
            System.exit(2);
        }
        ApiClient server = new ApiClient(ApiClient.createDefaultHttpClientBuilder(), JSON, arguments[0]);
        server.setRequestInterceptor(request -> request.setHeader("Authorization", "Bearer " + token));

        ConnectionsApi connections = new ConnectionsApi(server);
        for (var entry : connections.listConnections(50, null).getItems()) {
            System.out.printf("connection: %s is %s%n", entry.getName(), entry.getState());
            if (entry.getState() == ConnectionState.ACTIVE) {
                new Example(new ExecutionsApi(server), entry.getId()).run();
            }
        }
        try {
            connections.getConnection(UUID.randomUUID().toString());
        } catch (ApiException refused) {
            ProblemBody problem = JSON.readValue(refused.getResponseBody(), ProblemBody.class);
            System.out.printf("problem: %d %s: %s%n", problem.getStatus(), problem.getType(), problem.getDetail());
        }
    }

    private Example(ExecutionsApi executions, String connection) {
        this.executions = executions;
        this.connection = connection;
    }

    private void run() throws ApiException {
        Page page = query("SELECT Name, AnnualRevenue FROM Account LIMIT 2", Map.of());
        for (Object entry : (List<?>) page.getRecords()) {
            Map<?, ?> row = (Map<?, ?>) entry;
            System.out.printf("row: %s, %s%n", row.get("Name"), row.get("AnnualRevenue"));
        }

        String name = "Made in Java " + UUID.randomUUID();
        var account = new CreateOrUpdateRecordInput()._object("Account")
                .target(new TargetArgument("create")).fields(Map.of("Name", name));
        Submit create = new Submit().connection(connection).action("create-or-update-record").input(account);
        String key = UUID.randomUUID().toString(); // store it before the first attempt: a repeat needs the same one
        for (int attempt = 1; attempt <= 2; attempt++) {
            ApiResponse<ExecutionView> answer = executions.runActionWithHttpInfo(create, key);
            Saved saved = JSON.convertValue(answer.getData().getResult(), Saved.class);
            boolean replayed = answer.getHeaders().containsKey("idempotency-replayed");
            System.out.printf("create: %s, created %s, replayed %s%n", answer.getData().getState(), saved.getCreated(), replayed);
        }
        page = query("SELECT COUNT() FROM Account WHERE Name = :name", Map.of("name", name));
        System.out.println("accounts of this name: " + page.getTotalSize());

        // A failed execution is an answer with status 200, so no exception: look at its state.
        query("SELECT Nope FROM Account", Map.of());
    }

    /** The first page, or null if there is none: why is printed. */
    private Page query(String soql, Map<String, Object> parameters) throws ApiException {
        var input = new SoqlQueryInput().query(new QueryArgument().soql(soql).parameters(parameters));
        ExecutionView execution =
                executions.runAction(new Submit().connection(connection).action("soql-query").input(input), null);
        if (execution.getState() != ExecutionState.SUCCEEDED) {
            Object retryable = JSON.convertValue(execution.getError(), Map.class).get("retryable");
            System.out.printf("%s: %s, outcome %s, retryable %s%n",
                    execution.getState(), execution.getErrorKind(), execution.getOutcome(), retryable);
            return null;
        }
        return JSON.convertValue(execution.getResult(), Page.class);
    }
}
