using Governance.Core.Events;

namespace Governance.Core.State;

/// <summary>An alert about live traffic that is open. Immutable.</summary>
public sealed record LiveAlertState(LiveAlertRaised Raised, DateTimeOffset Time, long Position)
{
    /// <summary>What tells it from others: one of a key is open at a time.</summary>
    public string Key => KeyOf(Raised.ModelId, Raised.Version, Raised.Monitor, Raised.About);

    public static string KeyOf(string modelId, int version, string monitor, string about) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{modelId}/{version}/{monitor}/{about}");
}
