using System.Text.Json;
using Governance.Cli.Shell;
using Governance.Core;
using Governance.Core.Events;
using Governance.Core.State;
using Governance.Ledger;

namespace Governance.Cli.Verification;

/// <summary>A gateway's data folder, or a copy of it, read without touching it: the governance log's events and the artefacts they name.</summary>
internal sealed class DataCopy
{
    private DataCopy(string artifacts, GovernanceState state, IReadOnlyList<RecordedEvent> events) => (Artifacts, State, Events) = (artifacts, state, events);

    /// <summary>Folder of the artefacts.</summary>
    public string Artifacts { get; }

    /// <summary>The fold of all events.</summary>
    public GovernanceState State { get; }

    public IReadOnlyList<RecordedEvent> Events { get; }

    /// <exception cref="CliException">It is no data folder, or its log cannot be read.</exception>
    public static DataCopy Open(string folder)
    {
        var log = Path.Combine(folder, "ledger", "governance");
        if (!Directory.Exists(log))
        {
            throw CliException.NotFound($"{folder} is not a data folder: it has no ledger/governance.", "Give the folder the gateway was started with (--data), or a copy of it.");
        }

        try
        {
            using var reader = LedgerReader.Open(log);
            var events = new List<RecordedEvent>();
            var state = GovernanceState.Empty;
            foreach (var entry in reader.ReadFrom(0))
            {
                var recorded = GovernanceJson.Deserialize<RecordedEvent>(entry.Bytes.Span) with { Position = entry.Index };
                events.Add(recorded);
                state = state.Apply(recorded);
            }

            return new DataCopy(Path.GetFullPath(Path.Combine(folder, "artifacts")), state, events);
        }
        catch (Exception e) when (e is LedgerException or JsonException or NotSupportedException)
        {
            throw new CliException(ExitCodes.VerificationFailed, $"The governance log in {folder} cannot be read: {e.Message}", "gov ledger fsck says where it is damaged.", e);
        }
    }

    /// <summary>Content of an artefact; null when it is absent or not what its name says.</summary>
    public byte[]? Read(Digest digest)
    {
        var path = PathOf(digest);
        return File.Exists(path) && File.ReadAllBytes(path) is var content && Digest.Of(content) == digest ? content : null;
    }

    /// <summary>Where an artefact lies, if it is there.</summary>
    public string PathOf(Digest digest) => ArtifactPath.Of(Artifacts, digest);
}
