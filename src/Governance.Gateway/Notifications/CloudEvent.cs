using System.Text.Json.Serialization;

namespace Governance.Gateway.Notifications;

/// <summary>A CloudEvent 1.0 in structured JSON mode. Immutable.</summary>
/// <param name="Id">Unique within the source.</param>
/// <param name="Source">The installation's log: a URI reference.</param>
/// <param name="Subject">What it is about, as the governance log names it.</param>
/// <param name="Time">When it happened, UTC.</param>
public sealed record CloudEvent<TData>(string Id, string Source, string Type, string? Subject, DateTimeOffset Time, TData Data)
{
    public const string ContentType = "application/cloudevents+json";

    [JsonPropertyName("specversion")]
    public string SpecVersion { get; } = "1.0";

    [JsonPropertyName("datacontenttype")]
    public string DataContentType { get; } = "application/json";
}

/// <summary>What a notice says beside its envelope. Immutable; holds nothing personal.</summary>
/// <param name="LedgerIndex">Entry of the governance log it follows from.</param>
/// <param name="Reference">The run, finding, waiver or monitor; null when the version says all.</param>
/// <param name="Message">One sentence; null when the type says all.</param>
public sealed record Notice(string ModelId, int? Version, long LedgerIndex, string? Reference = null, string? Message = null, double? Value = null, double? Limit = null);
