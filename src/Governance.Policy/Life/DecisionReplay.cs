using System.Text.Json;
using System.Text.Json.Nodes;
using Governance.Core;
using Governance.Core.Events;
using Governance.Core.Gates;
using Governance.Policy.Gates;

namespace Governance.Policy.Life;

/// <summary>
/// Computes a recorded decision again from what was stored with it: the input, the pack's files, and nothing else. Every digest on the way is
/// checked, and the bytes of the decision are compared. Pure but for reading artefacts.
/// </summary>
public static class DecisionReplay
{
    public const int MostMismatches = 50;
    private const string NotKept = "\"missing or altered\"";

    /// <param name="read">Content of an artefact, verified; null when it is absent or altered.</param>
    /// <param name="archiveOf">Archive of the pack with these digests of policy and parameters; null when it was not kept.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static ReplayVerdict Replay(
        PastDecision past, Func<Digest, byte[]?> read, Func<Digest, Digest, Digest?> archiveOf, CancellationToken cancellationToken = default)
    {
        var e = past.Event;
        var (recorded, input) = Documents(e, read);
        if (recorded is null || input is null)
        {
            var lost = recorded is null ? new ReplayMismatch("document", Quoted(e.Document), NotKept) : new ReplayMismatch("inputDigest", Quoted(e.Input), NotKept);
            return new ReplayVerdict(past.Position, false, recorded, [lost]);
        }

        var (pack, fault) = Pack(e, read, archiveOf);
        if (pack is null)
        {
            return new ReplayVerdict(past.Position, false, recorded, [fault!]);
        }

        GateDecision again;
        try
        {
            again = GateEvaluator.Evaluate(pack, e.Gate, input, cancellationToken);
        }
        catch (GateInputException x)
        {
            return new ReplayVerdict(past.Position, false, recorded, [new ReplayMismatch("inputDigest", Quoted(e.Input), JsonSerializer.Serialize(x.Message))]);
        }

        var mismatches = new List<ReplayMismatch>();
        Compare("", JsonNode.Parse(GovernanceJson.Serialize(recorded)), JsonNode.Parse(GovernanceJson.Serialize(again)), mismatches);
        Compare("event.", Facts(e), Facts(e with
        {
            Status = again.Status,
            Policy = again.PolicyDigest,
            Params = again.ParamsDigest,
            Input = again.InputDigest,
            Document = Digest.Of(GovernanceJson.Serialize(again)),
            Blocking = [.. again.Rules.Where(r => r.Blocks).Select(r => r.Rule).Take(GateDecided.MostBlocking)],
            WaitingFor = again.WaitingFor,
        }), mismatches);
        return new ReplayVerdict(past.Position, mismatches.Count == 0, recorded, mismatches);
    }

    /// <summary>The recorded decision and its input; each null when it was not kept, was altered, or cannot be read.</summary>
    internal static (GateDecision? Decision, JsonObject? Input) Documents(GateDecided e, Func<Digest, byte[]?> read)
    {
        try
        {
            var decision = read(e.Document) is { } document ? GovernanceJson.Deserialize<GateDecision>(document) : null;
            return (decision, read(e.Input) is { } input ? JsonNode.Parse(input) as JsonObject : null);
        }
        catch (JsonException)
        {
            return (null, null);
        }
    }

    private static (PolicyPack? Pack, ReplayMismatch? Fault) Pack(GateDecided e, Func<Digest, byte[]?> read, Func<Digest, Digest, Digest?> archiveOf)
    {
        try
        {
            if (archiveOf(e.Policy, e.Params) is not { } archive || read(archive) is not { } bytes)
            {
                return (null, new ReplayMismatch("policyDigest", Quoted(e.Policy), NotKept));
            }

            var load = PackArchive.Parse(bytes).Load();
            return load.Pack is { } pack ? (pack, null) : (null, new ReplayMismatch("policyDigest", Quoted(e.Policy), JsonSerializer.Serialize(load.Issues[0].ToString())));
        }
        catch (FormatException x)
        {
            return (null, new ReplayMismatch("policyDigest", Quoted(e.Policy), JsonSerializer.Serialize(x.Message)));
        }
    }

    private static JsonNode? Facts(GateDecided e) => JsonNode.Parse(GovernanceJson.Serialize(e));

    private static string Quoted(Digest digest) => $"\"{digest}\"";

    private static void Compare(string path, JsonNode? recorded, JsonNode? again, List<ReplayMismatch> mismatches)
    {
        if (mismatches.Count >= MostMismatches)
        {
            return;
        }

        switch (recorded, again)
        {
            case (JsonObject old, JsonObject now):
                foreach (var name in old.Select(m => m.Key).Union(now.Select(m => m.Key), StringComparer.Ordinal))
                {
                    Compare(path.Length == 0 || path.EndsWith('.') ? path + name : $"{path}.{name}", old[name], now[name], mismatches);
                }

                break;
            case (JsonArray old, JsonArray now):
                for (var i = 0; i < Math.Max(old.Count, now.Count); i++)
                {
                    var (left, right) = (i < old.Count ? old[i] : null, i < now.Count ? now[i] : null);
                    Compare($"{path}[{Name(left ?? right) ?? i.ToString(System.Globalization.CultureInfo.InvariantCulture)}]", left, right, mismatches);
                }

                break;
            default:
                if (recorded?.ToJsonString() != again?.ToJsonString())
                {
                    mismatches.Add(new ReplayMismatch(path, recorded?.ToJsonString(), again?.ToJsonString()));
                }

                break;
        }
    }

    private static string? Name(JsonNode? item) => item is JsonObject json && json["rule"] is JsonValue rule ? rule.ToString() : null;
}
