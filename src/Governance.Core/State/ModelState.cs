using System.Collections.Immutable;
using Governance.Core.Events;
using Governance.Core.Inventory;

namespace Governance.Core.State;

/// <summary>A model and its versions. Immutable.</summary>
public sealed record ModelState
{
    public required ModelRegistration Registration { get; init; }

    public required string RegisteredBy { get; init; }

    public required DateTimeOffset RegisteredAt { get; init; }

    /// <summary>A validator confirmed the tier.</summary>
    public bool TierConfirmed { get; init; }

    public ImmutableSortedDictionary<int, VersionState> Versions { get; init; } = ImmutableSortedDictionary<int, VersionState>.Empty;

    public ImmutableSortedDictionary<string, FindingState> Findings { get; init; } = ImmutableSortedDictionary.Create<string, FindingState>(StringComparer.Ordinal);

    public ImmutableSortedDictionary<string, WaiverState> Waivers { get; init; } = ImmutableSortedDictionary.Create<string, WaiverState>(StringComparer.Ordinal);

    public string Id => Registration.Id;

    /// <summary>The version that answers the model's route; null when none does.</summary>
    public VersionState? Champion => Versions.Values.FirstOrDefault(v => v.Status == VersionStatus.Promoted);

    internal static ModelState Create(ModelRegistration registration, RecordedEvent recorded) =>
        new() { Registration = registration, RegisteredBy = recorded.Actor, RegisteredAt = recorded.Time };

    internal ModelState Confirm(TierConfirmed e) => this with { TierConfirmed = true, Registration = Registration with { Tier = e.Tier } };

    internal ModelState AddDeveloper(DeveloperAdded e) =>
        this with { Registration = Registration with { Developers = [.. Registration.Developers, e.Person] } };

    internal ModelState Submit(VersionSubmitted e, RecordedEvent recorded) =>
        this with { Versions = Versions.Add(e.Version.Number, VersionState.Create(e, recorded)) };
}
