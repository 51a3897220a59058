using System.Collections.Immutable;

namespace Governance.Core.State;

/// <summary>What seals the keys of one replica's payloads, as recorded. Immutable.</summary>
/// <param name="Key">Name of the key.</param>
/// <param name="Epoch">First epoch it sealed.</param>
/// <param name="Retired">Keys of before that are not known to be destroyed.</param>
/// <param name="RolledAt">UTC.</param>
public sealed record PayloadKeyState(string Key, long Epoch, ImmutableList<string> Retired, DateTimeOffset RolledAt)
{
    internal PayloadKeyState Without(IReadOnlyList<string> destroyed) => this with { Retired = Retired.RemoveAll(destroyed.Contains) };
}
