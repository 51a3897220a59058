using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Governance.Core;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Inventory;
using Governance.Core.Serving;
using Governance.Ledger;
using Governance.Models;
using Governance.Models.Onnx;
using Governance.Storage;

namespace Governance.Benchmarks.Serving;

/// <summary>What every server of the comparison serves and is asked: a logistic model of ten features, rows of one applicant each.</summary>
internal static class ServingCase
{
    public const string Durable = "credit";
    public const string Bounded = "credit-async";
    private const string Input = "features";
    private static readonly string[] Features = [.. Enumerable.Range(0, 10).Select(i => $"feature_{i}")];

    public static byte[] Model { get; } = OnnxWriter.Write(new LogisticModel(Features, -0.4, [.. Features.Select((_, i) => 0.1 * (i - 4.5))]), "serving");

    public static OnnxScorer Scorer() => new(OnnxScanner.Scan(Model, OnnxLimits.Default).Model!, Features);

    public static float[] Rows(int count) => [.. Enumerable.Range(0, count * Features.Length).Select(i => MathF.Round((i * 37 % 200 / 100f) - 1, 2))];

    /// <summary>A gateway's data folder with the model promoted to routes, each in its audit mode.</summary>
    public static async Task PrepareAsync(string dataFolder, IReadOnlyList<string> routes)
    {
        var digest = await Artifacts(dataFolder).PutAsync(Model, CancellationToken.None);
        await AppendAsync(dataFolder, [
            .. new[] { DatasetUse.Training, DatasetUse.Evaluation }.Select(use => ("dataset/" + use, (IEnumerable<GovernanceEvent>)[Dataset(use, Digest.Of("no file: nothing is checked here"u8))])),
            .. routes.Select(route => ("model/" + route, Events(route, digest, route == Bounded ? AuditMode.AsyncBounded : AuditMode.SyncDurable))),
        ]);
    }

    public static ArtifactStore Artifacts(string dataFolder) => new(Path.Combine(dataFolder, "artifacts"));

    /// <summary>Appends to the governance log of a gateway that does not run.</summary>
    public static async Task AppendAsync(string dataFolder, IEnumerable<(string Stream, IEnumerable<GovernanceEvent> Events)> streams)
    {
        var folder = Path.Combine(dataFolder, "ledger", "governance");
        Directory.CreateDirectory(folder);
        using var signer = EcdsaNoteSigner.FromFile("governance.local/governance", Path.Combine(dataFolder, "keys", "governance-log.pem"));
        await using var log = LedgerLog.Open(folder, new LedgerOptions { Signers = [signer] });
        using var store = new FileEventStore(log);
        foreach (var (stream, events) in streams)
        {
            await AppendAsync(store, stream, events);
        }
    }

    /// <summary>The bytes of an HTTP request; each of its rows is about another person.</summary>
    /// <param name="isBinary">Values as FP32 after the JSON, and outputs likewise.</param>
    public static byte[] Request(string path, string? token, int rows, bool isBinary) => Request(path, token, Input, Rows(rows), rows, isBinary, "");

    /// <param name="input">Name of the model's input tensor.</param>
    /// <param name="values">Row-major.</param>
    /// <param name="more">Further parameters, each after a comma.</param>
    public static byte[] Request(string path, string? token, string input, float[] values, int rows, bool isBinary, string more)
    {
        var subjects = rows == 1
            ? $"\"subject_id\":\"S-{LoadGenerator.Marker}\""
            : $"\"subject_ids\":[{string.Join(',', Enumerable.Repeat($"\"S-{LoadGenerator.Marker}\"", rows))}]";
        var data = string.Join(',', values.Select(v => v.ToString("R", CultureInfo.InvariantCulture)));
        var json = Encoding.ASCII.GetBytes(
            $"{{\"parameters\":{{{subjects}{more}{(isBinary ? ",\"binary_data_output\":true" : "")}}},\"inputs\":[{{\"name\":\"{input}\",\"shape\":[{rows},{values.Length / rows}],\"datatype\":\"FP32\","
            + (isBinary ? $"\"parameters\":{{\"binary_data_size\":{4 * values.Length}}}}}]}}" : $"\"data\":[{data}]}}]}}"));
        var tail = new byte[isBinary ? 4 * values.Length : 0];
        for (var i = 0; 4 * i < tail.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(tail.AsSpan(4 * i), values[i]);
        }

        var head = $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {(isBinary ? "application/octet-stream" : "application/json")}\r\n"
            + (isBinary ? $"Inference-Header-Content-Length: {json.Length}\r\n" : "")
            + (token is null ? "" : $"Authorization: Bearer {token}\r\n") + $"Content-Length: {json.Length + tail.Length}\r\n\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. json, .. tail];
    }

    private static async Task AppendAsync(FileEventStore store, string stream, IEnumerable<GovernanceEvent> events)
    {
        var recorded = events.Select((e, i) => new RecordedEvent { Stream = stream, Version = i + 1, Time = DateTimeOffset.UnixEpoch, Actor = "olivia", Event = e });
        if (await store.AppendAsync(stream, 0, [.. recorded], CancellationToken.None) is not AppendOutcome.Appended)
        {
            throw new InvalidOperationException("The log could not be filled.");
        }
    }

    private static DatasetRegistered Dataset(DatasetUse use, Digest digest) => new(new DatasetRegistration
    {
        Id = use.ToString(), Name = "Applications", Use = use, Digest = digest, SchemaDigest = digest, Rows = 1, Features = Features, Label = "default",
        Protected = new Dictionary<string, string>(StringComparer.Ordinal), LegalBasis = "contract", RetentionMonths = 12,
    });

    private static IEnumerable<GovernanceEvent> Events(string id, Digest model, AuditMode audit)
    {
        yield return new ModelRegistered(new ModelRegistration
        {
            Id = id, Name = "Scorecard", Use = "Decides applications", Tier = Tier.One, Owner = "olivia", Developers = ["dana"], Jurisdictions = ["EU"], Automation = Automation.Sole,
        });
        yield return new VersionSubmitted(id, new VersionSubmission
        {
            Number = 1, Artifact = model, Description = "First", Features = Features, TrainingDataset = nameof(DatasetUse.Training), EvaluationDataset = nameof(DatasetUse.Evaluation), Threshold = 0.5, FavourablePrediction = 0,
        });
        yield return new VersionPromoted(id, 1, id, PromotionTarget.Champion, null, model);
        if (audit != RouteSettings.Default.Audit)
        {
            yield return new RouteConfigured(id, new RouteSettings { Audit = audit });
        }
    }
}
