#:package Governance.Client@1.0.0
#:property PublishAot=false

// Asks for one decision with the package Governance.Client, which asks again with the same id; prints decision and receipt.
//
// dotnet run Decide.cs GATEWAY TOKEN ROUTE VALUE...
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Client;
using Governance.Client.Contracts;
using Governance.Client.Tokens;

var (gateway, token, route) = (args[0], args[1], args[2]);
float[] values = [.. args[3..].Select(v => float.Parse(v, CultureInfo.InvariantCulture))];
using var http = GovernanceClient.CreateHttpClient(new Uri(gateway));
var client = new GovernanceClient(http, new FixedToken(token));
try
{
    var answer = await client.InferAsync(route, null, new InferRequest
    {
        Id = Guid.NewGuid().ToString(),
        Parameters = new JsonObject { ["subject_id"] = "customer-17" },
        Inputs = [new InferTensor("features", [1, values.Length], "FP32", JsonSerializer.SerializeToElement(values))],
    }, CancellationToken.None);
    var decision = answer.Outputs.First(o => o.Name == "decision").Data[0];
    Console.WriteLine($"{decision} {answer.Parameters["audit_index"]} {answer.Parameters["receipt"]![0]}");
    return 0;
}
catch (GovernanceException e)
{
    Console.Error.WriteLine($"{e.Status}: {e.Message}");
    return 1;
}
