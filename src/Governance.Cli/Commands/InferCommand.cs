using System.CommandLine;
using System.Text.Json;
using Governance.Cli.Rendering;
using Governance.Cli.Shell;
using Governance.Client.Contracts;

namespace Governance.Cli.Commands;

/// <summary><c>gov infer</c>: asks a route, as a bank application does.</summary>
internal static class InferCommand
{
    public static Command Create(CommandFactory factory)
    {
        var route = new Argument<string>("route") { Description = "Route: the model's id" };
        var input = new Option<string>("--input") { Description = "Open Inference Protocol v2 request as JSON; '-' for standard input", Required = true, HelpName = "file" };
        var version = Values.Optional<int?>("--model-version", "Ask for this version; refused when it is not the promoted one");
        return factory.Leaf("infer", "Ask a route for decisions (client)",
            ["gov infer home-loans --input request.json --as loans-app", "echo '{\"parameters\":{\"subject_id\":\"c-17\"},\"inputs\":[{\"name\":\"features\",\"shape\":[1,3],\"datatype\":\"FP32\",\"data\":[0.1,2,3]}]}' | gov infer home-loans --input -"],
            [route, input, version],
            async (run, cancellationToken) =>
            {
                var request = await InputFiles.ReadJsonAsync<InferRequest>(run.Get(input), run.Terminal.In, cancellationToken);
                run.Output.Result(
                    await run.Client.InferAsync(run.Get(route), run.Get(version), request, cancellationToken),
                    static (console, response) =>
                    {
                        Draw.Title(console, $"{response.ModelName} version {response.ModelVersion}");
                        Draw.Rows(console, ["output", "values"], response.Outputs.Select(o => (IReadOnlyList<string>)[o.Name, Shorten(o.Data)]));
                        Draw.Rows(console, ["parameter", "value"], response.Parameters.Select(p => (IReadOnlyList<string>)[p.Key, p.Value?.ToJsonString() ?? "null"]));
                    });
                return ExitCodes.Ok;
            });
    }

    private static string Shorten(JsonElement data)
    {
        var text = data.GetRawText();
        return text.Length <= 200 ? text : text[..200] + "…";
    }
}
