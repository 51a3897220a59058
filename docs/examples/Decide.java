import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Asks for one decision, again after a failure with the same id, and prints decision and receipt.
 *
 * java Decide.java GATEWAY TOKEN ROUTE VALUE...   (Java 17 or later, standard library only; an application would read the answer with its JSON library)
 */
public final class Decide {
    private static final Set<Integer> AGAIN = Set.of(429, 502, 503, 504);
    private static final int ATTEMPTS = 4;

    public static void main(String[] args) throws InterruptedException {
        String values = String.join(",", Arrays.copyOfRange(args, 3, args.length));
        String answer = decide(args[0], args[1], args[2], "customer-17", values, args.length - 3);
        System.out.println(
            first(answer, "\"(favourable|adverse|withheld)\"") + " " + first(answer, "\"audit_index\":(\\d+)") + " " + first(answer, "\"receipt\":\\[\"([0-9a-f]{64})\""));
    }

    /** The answer's JSON. One id for all attempts: the gateway answers it once, however often it is asked. */
    private static String decide(String gateway, String token, String route, String subject, String values, int count) throws InterruptedException {
        String body = """
            {"id":"%s","parameters":{"subject_id":"%s"},"inputs":[{"name":"features","shape":[1,%d],"datatype":"FP32","data":[%s]}]}""".formatted(UUID.randomUUID(), subject, count, values);
        HttpRequest request = HttpRequest.newBuilder(URI.create(gateway + "/v2/models/" + route + "/infer"))
            .header("Authorization", "Bearer " + token).header("Content-Type", "application/json")
            .timeout(Duration.ofSeconds(10)).POST(HttpRequest.BodyPublishers.ofString(body)).build();
        HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
        for (int attempt = 1; ; attempt++) {
            double wait = ThreadLocalRandom.current().nextDouble(0.25 * (1 << attempt));
            try {
                HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() == 200) {
                    return answer.body();
                }

                if (!AGAIN.contains(answer.statusCode()) || attempt == ATTEMPTS) {
                    throw stop(answer.statusCode() + ": " + first(answer.body(), "\"detail\":\"([^\"]*)\""));
                }

                wait = answer.headers().firstValue("Retry-After").map(Double::parseDouble).orElse(wait);
            } catch (IOException unreachable) {
                if (attempt == ATTEMPTS) {
                    throw stop("no answer: " + unreachable);
                }
            }

            Thread.sleep(Math.round(1000 * wait));
        }
    }

    private static String first(String json, String pattern) {
        Matcher found = Pattern.compile(pattern).matcher(json);
        return found.find() ? found.group(1) : "?";
    }

    private static RuntimeException stop(String why) {
        System.err.println(why);
        System.exit(1);
        return new IllegalStateException(why);
    }
}
