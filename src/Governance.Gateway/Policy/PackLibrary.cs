using System.Collections.Concurrent;
using Governance.Core;
using Governance.Core.Gates;
using Governance.Core.State;
using Governance.Policy.Gates;
using Governance.Policy.Life;
using Governance.Storage;

namespace Governance.Gateway.Policy;

/// <summary>Packs by the archive of their files, compiled once. Content never changes under a digest. Thread-safe.</summary>
public sealed class PackLibrary(ArtifactStore artifacts)
{
    private const int Most = 64;
    private readonly ConcurrentDictionary<Digest, PolicyPack> packs = new();

    /// <exception cref="PolicyUnavailableException">Its files are missing, altered, or no longer a pack: nothing is decided under it.</exception>
    public PolicyPack Get(PolicyRelease release)
    {
        var archive = release.Archive ?? throw new PolicyUnavailableException($"The files of the policy pack {release.Name} {release.PackVersion} were never stored.");
        if (packs.TryGetValue(archive, out var known))
        {
            return known;
        }

        if (Open(archive)?.Load().Pack is not { } pack || pack.Digest != release.Policy || pack.ParamsDigest != release.Params)
        {
            throw new PolicyUnavailableException($"The files of the policy pack {release.Name} {release.PackVersion} are missing or were altered.");
        }

        if (packs.Count >= Most)
        {
            packs.Clear();
        }

        return packs.GetOrAdd(archive, pack);
    }

    /// <summary>Null when there is no such archive, or it was altered.</summary>
    public PackArchive? Open(Digest archive)
    {
        try
        {
            return artifacts.Read(archive) is { } bytes ? PackArchive.Parse(bytes) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
